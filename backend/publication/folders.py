"""A folder of files that is renewed as a whole: whoever reads it sees the old one or the new one, never half of each."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
import time
from pathlib import Path
from types import TracebackType

from backend.core.errors import Refused

OURS = {"index.html", "shelters", "open", "assets"}
# What file managers leave behind without being asked.
LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
_STALE = 24 * 60 * 60  # seconds
_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD


class Draft:
    """The new folder, written beside the old one; `put()` changes places with it.

    On leaving the block, what is no longer needed goes; if it is left by an exception, the old folder is back.
    """

    def __init__(self, files: dict[str, bytes], to: Path) -> None:
        self.files = files
        self.to = checked(to)
        self.was_there = self.to.exists()
        self.is_put = False

    def __enter__(self) -> Draft:
        try:
            self.to.parent.mkdir(parents=True, exist_ok=True)
            _sweep(self.to)
            self.path = Path(tempfile.mkdtemp(prefix=_prefix(self.to), dir=self.to.parent))
        except OSError as error:
            raise _unwritable(self.to) from error
        try:
            _write(self.files, self.path)
        except BaseException as error:
            shutil.rmtree(self.path, ignore_errors=True)
            if isinstance(error, OSError):
                raise _unwritable(self.to) from error
            raise
        return self

    def put(self) -> None:
        """From here on readers see the new folder. Raises Refused if the place can't be renewed; the old one stays."""
        try:
            self.to.mkdir(exist_ok=True)
            exchange(self.path, self.to)
        except OSError as error:
            raise _unwritable(self.to) from error
        self.is_put = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None and self.is_put:
            exchange(self.path, self.to)
        shutil.rmtree(self.path, ignore_errors=True)
        if kind is not None and not self.was_there and self.to.is_dir() and not any(self.to.iterdir()):
            self.to.rmdir()


def checked(to: Path) -> Path:
    """The folder meant, links followed. Refused where renewing it would take away what is not ours."""
    to = to.expanduser().resolve()
    if to.exists() and not to.is_dir():
        raise Refused(f"「{to.name}」はフォルダーではありません。書き出すフォルダーを指定してください。")
    if os.path.ismount(to):
        raise Refused("公表先がディスクの最上位です。その中に作るフォルダーを指定してください。")
    foreign = sorted(path.name for path in to.iterdir() if path.name not in OURS | LITTER) if to.is_dir() else []
    if foreign:
        raise Refused(
            f"フォルダー「{to.name}」には公表したファイルでないものがあります（{'、'.join(foreign[:3])}）。"
            "消さないよう、公表しませんでした。空のフォルダーか新しい名前を指定してください。"
        )
    return to


def exchange(one: Path, other: Path) -> None:
    """Two folders change places in one step; where the system can't do that, in three, between which a reader may find none."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 and renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE) == 0:
        return
    aside = one.with_name(f"{one.name}-old")
    other.rename(aside)
    try:
        one.rename(other)
    except OSError:
        aside.rename(other)
        raise
    aside.rename(one)


def _write(files: dict[str, bytes], folder: Path) -> None:
    folder.chmod(0o755)  # mkdtemp makes it for us alone
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _prefix(to: Path) -> str:
    return f".{to.name}.new-"


def _sweep(to: Path) -> None:
    """Take away what a run that was killed has left, once nobody can be writing it any more."""
    for path in to.parent.iterdir():
        if path.name.startswith(_prefix(to)) and time.time() - path.stat().st_mtime > _STALE:
            shutil.rmtree(path, ignore_errors=True)


def _unwritable(to: Path) -> Refused:
    return Refused(
        f"フォルダー「{to.name}」に書き込めません。空き容量と権限を確認してください。前の公表はそのままです。"
    )
