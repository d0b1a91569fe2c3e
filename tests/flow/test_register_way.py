"""From files to the ledger in processes of their own: killed in the middle, stopped, two at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.flow.installation import Installation, finished, install, wait_for
from tests.unit.registry.files import CHANGE, change, person, read, write

PEOPLE = 3000
KILL = "def hook(count):\n    if count == 1500: os.kill(os.getpid(), signal.SIGKILL)\n"
CTRL_C = "def hook(count):\n    if count == 1500: os.kill(os.getpid(), signal.SIGINT)\n"
POLITE_KILL = "def hook(count):\n    if count == 1500: os.kill(os.getpid(), signal.SIGTERM)\n"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An empty installation; every test brings files of its own."""
    return install(tmp_path_factory.mktemp("town"))


def export(folder: Path, mark: str) -> Path:
    rows = [person(f"{mark}{n:05}", household_no=f"{n // 3:05}") for n in range(PEOPLE)]
    return write(folder / f"full-{mark}.csv", rows)


def changes(folder: Path, mark: str) -> Path:
    return write(folder / f"changes-{mark}.csv", [change(f"{mark}{n:05}", "転入") for n in range(PEOPLE)], CHANGE)


STOPS = [(KILL, -9), (CTRL_C, 130), (POLITE_KILL, 130)]


@pytest.mark.parametrize(("hook", "code"), STOPS, ids=["kill", "ctrl-c", "polite-kill"])
def test_an_export_stopped_in_the_middle_leaves_nothing_and_the_next_run_completes(town, tmp_path, hook, code):
    turn = STOPS.index((hook, code)) + 1
    line = ["import_register", export(tmp_path, f"1{turn}"), "--kind", "full", "--as-of", f"2026-10-0{turn}"]
    stopped, said = town.run(*line, hook=hook)
    assert stopped == code
    assert said.get("status") == ("stopped" if code == 130 else None)
    code, said = town.run(*line)
    assert (code, said["status"], said["accepted"]) == (0, "done", PEOPLE)
    assert not said["files"][0]["again"]


@pytest.mark.parametrize(("hook", "code"), STOPS, ids=["kill", "ctrl-c", "polite-kill"])
def test_changes_stopped_in_the_middle_leave_nothing_and_the_next_run_completes(town, tmp_path, hook, code):
    line = ["import_register", changes(tmp_path, f"2{STOPS.index((hook, code))}"), "--kind", "change"]
    stopped, said = town.run(*line, hook=hook)
    assert stopped == code
    assert said.get("status") == ("stopped" if code == 130 else None)
    code, said = town.run(*line)
    assert (code, said["status"], said["accepted"]) == (0, "done", PEOPLE)


def test_two_who_take_the_same_file_at_once_take_it_once(town, tmp_path):
    path = changes(tmp_path, "3")
    waits = (
        "def hook(count):\n"
        "    if count == 1500:\n"
        f"        Path('{tmp_path}/half').touch()\n"
        f"        while not Path('{tmp_path}/go').exists(): time.sleep(0.05)\n"
    )
    announces = (
        "def announced(method):\n"
        "    def call(*args, **named):\n"
        f"        Path('{tmp_path}/second').touch()\n"
        "        return method(*args, **named)\n"
        "    return call\n"
        "services.layouts.open_file = announced(services.layouts.open_file)\n"
        "def hook(count): pass\n"
    )
    line = ["import_register", path, "--kind", "change", "--json"]
    first = town.start(*line, hook=waits)
    wait_for(tmp_path / "half")
    second = town.start(*line, hook=announces)
    wait_for(tmp_path / "second")
    (tmp_path / "go").touch()
    results = [finished(first), finished(second)]
    assert [code for code, _ in results] == [0, 2]
    assert "同じファイル" in results[1][1]["message"]
    code, said = town.run("import_register", path, "--kind", "change")
    assert (code, said["unchanged"]) == (0, PEOPLE)


def test_a_disaster_stopped_while_it_is_opened_is_not_open_and_then_opens_once(town, tmp_path):
    assert town.run("import_register", export(tmp_path, "4"), "--kind", "full", "--as-of", "2026-11-07")[0] == 0
    opening = ["open_disaster", "2026", "--name", "大浜沖地震", "--occurred-at", "2026-11-18T05:46:00+09:00"]
    hook = "def hook(count):\n    if count == 500: os.kill(os.getpid(), signal.SIGKILL)\n"
    assert town.run(*opening, hook=hook)[0] == -9
    assert town.run("export_register", "--disaster", "2026", "-o", tmp_path / "a.csv")[0] == 2
    assert not (tmp_path / "a.csv").exists()
    code, said = town.run(*opening)
    assert (code, said["status"]) == (0, "done")
    assert said["persons"] >= PEOPLE
    assert set(said) >= {"households", "persons", "flagged", "revision", "seconds"}
    code, again = town.run(*opening)
    assert (code, again["status"]) == (2, "refused")
    given = tmp_path / "given.csv"
    code, gave = town.run("export_register", "--disaster", "2026", "-o", given)
    assert (code, gave["rows"]) == (0, said["persons"])
    assert len(read(given)) == said["persons"]
