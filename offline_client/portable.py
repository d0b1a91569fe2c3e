"""The laptop as a folder for Windows 11 (x64) that is copied and started: from wheels and Python's embeddable zip.

    python -m offline_client.portable WHEELS PYTHON.zip FOLDER
    python -m offline_client.portable --renew WHEELS       writes wheels.json anew, after requirements.lock has changed

Both are given as files; nothing is fetched. WHEELS holds those that wheels.json names, byte for byte, and Tasuki's own
(`pip wheel --no-deps .`). Nothing is installed on the machine, and nobody needs to be its administrator.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from pathlib import Path

LIST = Path(__file__).with_name("wheels.json")
PACKAGES = "packages"
START = """@echo off
chcp 65001 >nul
"%~dp0python.exe" -m offline_client %*
"""


class Unfit(Exception):
    """The files given make no laptop; the message says which and why."""


def named() -> list[dict[str, str | int]]:
    """The wheels that a Windows laptop is made of: file, sha256, bytes."""
    return list(json.loads(LIST.read_text(encoding="utf-8"))["wheels"])


def build(wheels: Path, python: Path, folder: Path) -> None:
    """Make the folder. Raises `Unfit` before anything is written."""
    found = [_checked(wheels, str(row["file"]), str(row["sha256"])) for row in named()]
    own = sorted(wheels.glob("tasuki-*-py3-none-any.whl"))
    if not own:
        raise Unfit(f"Tasuki's own wheel is not in {wheels} (make it with: pip wheel --no-deps .)")
    if folder.exists() and any(folder.iterdir()):
        raise Unfit(f"{folder} is not empty")
    with zipfile.ZipFile(python) as archive:
        paths = [name for name in archive.namelist() if name.endswith("._pth")]
        if "python.exe" not in archive.namelist() or len(paths) != 1:
            raise Unfit(f"{python.name} is no embeddable Python for Windows")
        archive.extractall(folder)
    for wheel in [*found, own[-1]]:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder / PACKAGES)
    place = folder / paths[0]
    lines = [line for line in place.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    place.write_text("\n".join([*lines, PACKAGES]) + "\n", encoding="utf-8")
    (folder / "tasuki-shelter.cmd").write_bytes(START.replace("\n", "\r\n").encode())


def _checked(wheels: Path, name: str, sha256: str) -> Path:
    path = wheels / name
    if not path.exists():
        raise Unfit(f"{name} is not in {wheels}")
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise Unfit(f"{name} is not the file that wheels.json names")
    return path


def renew(wheels: Path) -> None:
    rows = [
        {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}
        for path in sorted(wheels.glob("*.whl"))
        if not path.name.startswith("tasuki-")
    ]
    LIST.write_text(json.dumps({"python": "3.13", "wheels": rows}, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m offline_client.portable", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("wheels", type=Path)
    parser.add_argument("python", type=Path, nargs="?")
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--renew", action="store_true", help="write wheels.json anew from the wheels in that folder")
    asked = parser.parse_args()
    if asked.renew:
        renew(asked.wheels)
        return 0
    if asked.python is None or asked.folder is None:
        parser.error("WHEELS, PYTHON.zip and FOLDER are needed")
    try:
        build(asked.wheels, asked.python, asked.folder)
    except (Unfit, OSError, zipfile.BadZipFile) as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
