"""Tasuki's own wheel: made without a network, small, and enough by itself, with whatever it needs beside its code."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from offline_client import portable

from .processes import PASSPHRASE, ROOT

pytestmark = pytest.mark.once
MOST_OF_WHEELS = 30_000_000
PACKAGES = ("backend", "fixtures", "frontend", "offline_client")
# On a machine that has the wheel and what it depends on: a laptop's database is made, its pages and all they show are there.
USE = """
import json, os, pathlib
os.environ["DJANGO_SETTINGS_MODULE"] = "offline_client.settings"
import django
django.setup()
import backend
from django.conf import settings
from django.core.management import call_command
from django.template.loader import get_template
from django.test import Client
from offline_client import keyring
from offline_client.models import State
assert keyring.unlock(os.environ["TASUKI_SHELTER_PASSPHRASE"])
call_command("migrate", verbosity=0)
from backend.core.fields import uuid7
State.objects.create(url="https://example.lg.jp", secret="s" * 40, terminal=uuid7(), name="西町小学校 1号",
    facility=uuid7(), municipality="999999")
client = Client(HTTP_HOST="127.0.0.1")
page = client.get("/desk/accounts/login/")
links = __import__("re").findall(r'(?:href|src)="(/static/[^"]+)"', page.content.decode())
statics = {}
for link in links:
    answer = client.get(link)
    statics[link] = (answer.status_code, len(b"".join(answer)))
folder = pathlib.Path(settings.TEMPLATES[0]["DIRS"][0])
for path in folder.rglob("*.html"):
    if path.parts[len(folder.parts)] in ("laptop", "shelters", "supplies", "accounts", "layout", "components", "journal"):
        get_template(str(path.relative_to(folder)))
print(json.dumps({"from": backend.__file__, "login": page.status_code, "statics": statics}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    # Whatever would fetch something finds no way out.
    env = os.environ | {"PIP_NO_INDEX": "1", "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr[-2000:]
    [path] = out.glob("tasuki-*-py3-none-any.whl")
    return path


def test_every_file_of_the_program_is_in_it(wheel):
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        [points] = [name for name in inside if name.endswith("entry_points.txt")]
        assert "tasuki-shelter = offline_client.__main__:main" in archive.read(points).decode()
    files = (path for name in PACKAGES for path in (ROOT / name).rglob("*") if path.is_file())
    wanted = {path.relative_to(ROOT).as_posix() for path in files if path.suffix != ".pyc"}
    assert len(wanted) > 500
    assert wanted - inside == set()


def test_with_it_the_wheels_of_a_laptop_are_small(wheel):
    assert sum(int(row["bytes"]) for row in portable.named()) + wheel.stat().st_size < MOST_OF_WHEELS


def test_a_laptop_runs_from_it_in_an_empty_folder(wheel, tmp_path):
    packages, empty = tmp_path / "packages", tmp_path / "empty"
    empty.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(packages)
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("TASUKI_", "DJANGO_", "DATABASE_"))
    }
    env |= {
        "PYTHONPATH": str(packages),
        "TASUKI_SHELTER_HOME": str(tmp_path / "home"),
        "TASUKI_SHELTER_PASSPHRASE": PASSPHRASE,
    }

    def run(*arguments: str, expect: int = 0) -> dict:
        done = subprocess.run([sys.executable, *arguments], cwd=empty, env=env, capture_output=True, text=True)
        assert done.returncode == expect, done.stdout[-2000:] + done.stderr[-2000:]
        return json.loads(done.stdout.splitlines()[-1])

    refused = run("-m", "offline_client", "status", "--json", expect=2)
    assert "まだ登録されていません" in refused["message"]
    said = run("-c", USE)
    assert Path(said["from"]).is_relative_to(packages)
    assert said["login"] == 200
    assert len(said["statics"]) >= 3
    assert all(status == 200 and size for status, size in said["statics"].values()), said["statics"]
    stands = run("-m", "offline_client", "status", "--json")
    assert (stands["name"], stands["unsent"]) == ("西町小学校 1号", 0)
    assert list(empty.iterdir()) == []
