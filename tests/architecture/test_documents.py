"""What docs/formats.md says of our formats is what the code reads and writes."""

from __future__ import annotations

import configparser

import pytest

from .house import ROOT, table

FORMATS = "docs/formats.md"
COLUMNS = {
    name.strip(): {"full": cells[1], "change": cells[2]}
    for cells in table(FORMATS, "1. Register file")
    for name in cells[0].split(",")
}


def test_the_columns_of_a_register_file_are_all_described_in_their_order():
    from backend.registry import layout

    assert list(COLUMNS) == list(layout.COLUMNS)


@pytest.mark.parametrize("kind", ["full", "change"])
def test_the_required_columns_are_those_that_are_called_so(kind):
    from backend.registry import layout

    said = {name for name, needs in COLUMNS.items() if needs[kind] == "required" or needs[kind] == name}
    assert said == set(layout.REQUIRED[kind])


def test_the_columns_of_a_set_aside_file_are_named():
    from backend.registry import layout

    text = (ROOT / FORMATS).read_text(encoding="utf-8")
    assert [name for name in layout.SET_ASIDE_COLUMNS if f"`{name}`" not in text] == []


def test_every_kind_of_entry_is_described_with_its_payload():
    from backend.journal.kinds import all_kinds

    said = {cells[0].strip("`"): set(cells[2].split(", ")) for cells in table(FORMATS, "Kinds of entries")}
    assert said == {name: set(kind.schema) for (name, _), kind in all_kinds().items()}


def test_the_manual_for_staff_names_every_division():
    from backend.accounts.models import Division

    rows = table("docs/user/職員と権限.md", "班とできること")
    named = {name for cells in rows for name in cells[0].split("・")} | {cells[0] for cells in rows}
    assert [label for label in Division.labels if label not in named] == []


def test_the_account_of_every_division_that_has_a_demo_account_is_on_the_first_screen():
    for readme in ("README.md", "README.ja.md"):
        text = (ROOT / readme).read_text(encoding="utf-8")
        for account in ("register", "shelter", "tax", "welfare", "publicity", "admin", "auditor"):
            assert f"| `{account}` |" in text


def test_the_architecture_shows_every_room_in_the_row_that_imports_are_checked_by():
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    checked = [
        {name.strip().removeprefix("backend.") for name in row.split("|")}
        for row in reversed(config["importlinter:contract:house"]["layers"].strip().splitlines())
    ]
    shown: dict[int, set[str]] = {}
    for row, room, _ in table("docs/architecture.md", "The rooms"):
        shown.setdefault(int(row), set()).add(room.strip("`"))
    rooms = [row for row in checked if not row & {"settings", "urls"}]
    assert [shown[row] for row in sorted(shown)] == rooms


@pytest.mark.parametrize(("heading", "kind"), [("House roll", "house"), ("Income roll", "income")])
def test_the_columns_of_the_tax_rolls_are_described_in_their_order(heading, kind):
    from backend.registry.rolls.layouts import LAYOUTS

    said = [(name.strip(), cells[1]) for cells in table(FORMATS, heading) for name in cells[0].split(",")]
    assert said == [(column.header, "required" if column.required else "") for column in LAYOUTS[kind].columns]
