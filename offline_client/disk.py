"""When the laptop's disk is full: what was not written is said so, and the way on."""

from __future__ import annotations

import shutil

from . import home

LITTLE = 500 * 1024 * 1024
FULL = (
    "端末のディスクがいっぱいで、書き込めませんでした。紙に書き、要らないファイルを消すか、"
    "USB メモリーに移してから、もう一度押してください。これまでの記録は残っています。"
)


def is_full(error: BaseException | None) -> bool:
    """Whether this, or what it follows from, is the database's word for a full disk."""
    while error is not None:
        if "disk is full" in str(error) or "disk I/O error" in str(error) or getattr(error, "errno", None) == 28:
            return True
        error = error.__cause__ or error.__context__
    return False


def free() -> int:
    """Bytes that are free where the records are."""
    return shutil.disk_usage(home.folder()).free
