"""The laptop as a thing: what its base depends on, how large that is, and the folder that Windows starts."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
import tomllib
import zipfile

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from offline_client import portable

from .processes import ROOT, SERVER_ONLY

pytestmark = pytest.mark.once
WINDOWS = {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64"}
MOST_OF_WHEELS, MOST_INSTALLED = 30_000_000, 130_000_000
ONLY_ON_WINDOWS = {"colorama"}  # not installed here: it depends on nothing


def base(environment: dict[str, str]) -> set[str]:
    """The names of all packages that the base of pyproject.toml brings."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found: set[str] = set()
    waiting = [Requirement(text) for text in project["dependencies"]]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if name in found and not wanted.extras:
            continue
        found.add(name)
        if name in ONLY_ON_WINDOWS:
            continue
        for text in importlib.metadata.requires(name) or []:
            other = Requirement(text)
            extras = ["", *wanted.extras]
            if other.marker is None or any(other.marker.evaluate(environment | {"extra": e}) for e in extras):
                waiting.append(other)
    return found


def test_every_package_of_the_base_has_a_wheel_for_windows_and_they_are_small():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    listed = {}
    for row in portable.named():
        name, version, _, tags = parse_wheel_filename(row["file"])
        assert any(tag.platform in ("any", "win_amd64") for tag in tags), row["file"]
        pinned = re.search(rf"^{re.escape(name)}==(\S+)(.*?)(?=^\S|\Z)", lock, re.MULTILINE | re.DOTALL)
        assert pinned, name
        assert (pinned[1], row["sha256"] in pinned[0]) == (str(version), True), f"{name}: renew wheels.json"
        listed[name] = row["bytes"]
    assert set(listed) == base(default_environment() | WINDOWS | {"python_version": "3.13"})
    own = 2_000_000
    assert sum(listed.values()) + own < MOST_OF_WHEELS


def test_what_the_base_installs_is_small_and_nothing_of_the_servers():
    names = base(default_environment())
    assert not names & {"psycopg2-binary", "typst", "gunicorn", "rapidfuzz", "fonttools", "pillow", "django-axes"}
    assert SERVER_ONLY
    size = 0
    for name in names:
        for file in importlib.metadata.files(name) or []:
            path = file.locate()
            size += path.stat().st_size if path.exists() else 0
    own = sum(
        p.stat().st_size for part in ("backend", "frontend", "offline_client") for p in (ROOT / part).rglob("*.*")
    )
    assert size + own < MOST_INSTALLED


def wheel(folder, name: str, content: dict[str, str]) -> dict[str, str | int]:
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in content.items():
            archive.writestr(inside, text)
    return {"file": name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "bytes": path.stat().st_size}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Wheels, the list that names them, and Python's zip."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    rows = [wheel(wheels, "django-5.2-py3-none-any.whl", {"django/__init__.py": "VERSION = 5"})]
    wheel(wheels, "tasuki-0.1.0-py3-none-any.whl", {"offline_client/__main__.py": "print(1)"})
    named = tmp_path / "wheels.json"
    named.write_text(json.dumps({"wheels": rows}))
    monkeypatch.setattr(portable, "LIST", named)
    python = tmp_path / "python.zip"
    with zipfile.ZipFile(python, "w") as archive:
        archive.writestr("python.exe", "MZ")
        archive.writestr("python313._pth", "python313.zip\n.\n\n# import site\n")
    return wheels, python, tmp_path / "out"


def test_a_folder_for_windows_is_made_of_wheels_and_a_zip(files):
    wheels, python, out = files
    portable.build(wheels, python, out)
    assert (out / "packages/django/__init__.py").exists()
    assert (out / "packages/offline_client/__main__.py").exists()
    assert (out / "python313._pth").read_text() == "python313.zip\n.\npackages\n"
    assert b"-m offline_client %*\r\n" in (out / "tasuki-shelter.cmd").read_bytes()


@pytest.mark.parametrize("wrong", ["missing", "altered", "no tasuki", "no python", "full"])
def test_wrong_files_are_named_before_anything_is_written(files, wrong):
    wheels, python, out = files
    if wrong == "missing":
        (wheels / "django-5.2-py3-none-any.whl").unlink()
    elif wrong == "altered":
        (wheels / "django-5.2-py3-none-any.whl").write_bytes(b"PK")
    elif wrong == "no tasuki":
        (wheels / "tasuki-0.1.0-py3-none-any.whl").unlink()
    elif wrong == "no python":
        with zipfile.ZipFile(python, "w") as archive:
            archive.writestr("readme.txt", "")
    else:
        out.mkdir()
        (out / "mine.txt").write_text("kept")
    with pytest.raises(portable.Unfit):
        portable.build(wheels, python, out)
    assert not out.exists() or [path.name for path in out.iterdir()] == ["mine.txt"]
