"""The press makes print files from frozen papers and knows no database.

A file is written beside its place, brought to the disk, and put there in one step: a file that is there is whole.
The command `press` does this in a process of its own, for `presses`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import Any


def work(job: dict[str, Any]) -> dict[str, Any]:
    """Make what the job asks for; says on which page each paper begins, and how large and which the file is."""
    from .pdf import Posted, render_many

    target = Path(job["target"])
    papers = [Posted(paper["content"], paper.get("to") or {}, paper.get("copies", 1)) for paper in job["papers"]]
    how = {
        "at": datetime.fromisoformat(job["at"]),
        "post": job["post"],
        "seals": {key: base64.b64decode(image) for key, image in job.get("seals", {}).items()},
    }
    beside = _beside(target)
    if not job["split"]:
        data, begins = render_many(papers, title=job["title"], **how)
        put(beside, data)
        os.replace(beside, target)
        settle(target.parent)
        return {"begins": begins, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    beside.mkdir()
    begins, size, digest = [1], 0, hashlib.sha256()
    for paper, name in zip(papers, job["names"], strict=True):
        data, pages = render_many([paper], **how)
        put(beside / name, data)
        begins.append(begins[-1] + pages[-1] - 1)
        size += len(data)
        digest.update(hashlib.sha256(data).digest())
    settle(beside)
    if target.exists():
        shutil.rmtree(target)
    os.replace(beside, target)
    settle(target.parent)
    return {"begins": begins, "size": size, "sha256": digest.hexdigest()}


def _beside(target: Path) -> Path:
    """Where to write it until it is whole; what presses left there that did not come to their end is removed. One of them
    may still be at it, its worker killed: with its name gone it ends without a harm."""
    for left in target.parent.glob(f".{target.name}.*part"):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink(missing_ok=True)
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def put(path: Path, data: bytes) -> None:
    """The file, on the disk when this returns; readable for nobody else."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def settle(folder: Path) -> None:
    """What was put into a folder or renamed in it stays there after a power cut."""
    at = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(at)
    finally:
        os.close(at)
