"""Which way imports go: the contracts hold, and they would notice what they forbid."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .house import ROOMS, ROOT

CONTRACTS = ROOT / ".importlinter"


def lint(config: Path, path: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--config", config, "--no-cache"],
        cwd=path,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
    )


def layers() -> list[list[str]]:
    config = configparser.ConfigParser()
    config.read(CONTRACTS, encoding="utf-8")
    rows = config["importlinter:contract:house"]["layers"].strip().splitlines()
    return [[room.strip() for room in row.split("|")] for row in rows]


@pytest.fixture
def model_house(tmp_path):
    """A house of empty rooms under the real layers; `write(room, code)` puts code into one."""
    for room in (name for row in layers() for name in row):
        folder = tmp_path / room.replace("backend", "model_house").replace(".", "/")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "__init__.py").touch()
    (tmp_path / "model_house/__init__.py").touch()
    rows = "\n".join("    " + " | ".join(row) for row in layers()).replace("backend", "model_house")
    config = tmp_path / "contracts"
    config.write_text(
        "[importlinter]\nroot_package = model_house\n"
        f"[importlinter:contract:house]\nname = house\ntype = layers\nlayers =\n{rows}\n"
    )

    def check(room: str, code: str) -> int:
        (tmp_path / "model_house" / room / "services.py").write_text(code)
        return lint(config, tmp_path).returncode

    return check


def test_the_contracts_hold():
    result = lint(CONTRACTS, ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_room_has_its_place_in_the_house():
    placed = {room for row in layers() for room in row}
    assert {f"backend.{room.name}" for room in ROOMS} - placed == set()


def test_a_room_may_use_a_room_above_it(model_house):
    assert model_house("ledger", "import model_house.registry\n") == 0


@pytest.mark.parametrize(
    ("room", "imported"), [("ledger", "shelters"), ("shelters", "damage"), ("core", "ledger"), ("documents", "ledger")]
)
def test_a_room_may_not_use_a_room_below_or_beside_it(model_house, room, imported):
    assert model_house(room, f"import model_house.{imported}\n") == 1
