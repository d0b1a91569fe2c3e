"""A thousand bad files: never a traceback, never a half import, every row accounted for, nothing that runs in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import transaction

from backend.core.errors import Refused
from backend.core.spreadsheets import as_was, harmless
from backend.registry import preview, staging
from backend.registry.models import ChangeRow, FullRow, RegisterFile, SetAsideRow
from backend.registry.services import Taken, take_file
from backend.registry.set_aside import write_set_aside_rows
from tests.unit.registry.files import CHANGE, FULL, change, person, write
from tests.unit.registry.mutations import FORMULAS, mutated

pytestmark = pytest.mark.django_db

FILES = 1000
BATCHES = 4
MODELS = (RegisterFile, FullRow, ChangeRow, SetAsideRow)
EVIL = person("1006", name=FORMULAS[0], address=FORMULAS[4])
PEOPLE = [person(), person("1002", sex="2", relationship="妻"), person("1003", protection="1"), person("1004"), EVIL]
CHANGES = [
    change(),
    change("1002", "死亡"),
    change("1009", "転入", protection="1"),
    change("1004", "氏名変更", name=FORMULAS[1]),
]
JUKI = ["宛名番号", "世帯番号", "氏名", "性別", "生年月日", "続柄コード1", "住民状態", "住所", "個人番号", "地区"]
FACTS = ["氏名", "生年月日", "住所", "性別"]


def table(rows, columns):
    return [list(columns), *([row.get(name, "") for name in columns] for row in rows)]


def good_files():
    mine = [{**row, "続柄コード1": "02", "住民状態": "1", "個人番号": "123456789018", "地区": "東"} for row in PEOPLE]
    return [
        ("full", "canonical", table(PEOPLE, FULL)),
        ("change", "canonical", table(CHANGES, CHANGE)),
        ("full", "juki-standard", table(mine, JUKI)),
        ("full", "four-facts", table(PEOPLE, FACTS)),
    ]


def counted():
    return [model.objects.count() for model in MODELS]


def opens_harmlessly(taken: Taken) -> None:
    """The rows that come back to the clerk: no cell begins like a formula, and none is another one afterwards."""
    out = io.StringIO(newline="")
    write_set_aside_rows(out, taken.set_aside, taken.set_aside_origin)
    names, *rows = csv.reader(io.StringIO(out.getvalue(), newline=""), strict=True)
    assert len(rows) == len(taken.set_aside)
    for cell in (cell for row in [names, *rows] for cell in row):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")), cell[:40]
    for row, aside in zip(rows, taken.set_aside, strict=True):
        found = dict(zip(map(as_was, names), map(as_was, row), strict=True))
        assert {name: found[name] for name in aside.values} == aside.values


@pytest.mark.parametrize("batch", range(BATCHES))
def test_no_file_however_bad_does_harm(tmp_path, settings, batch):
    settings.DATA_DIR = tmp_path
    take_file(path=write(tmp_path / "base.csv", PEOPLE), kind="full", by=None, as_of=date(2026, 10, 1))
    before, ends = counted(), Counter()
    for number in range(batch, FILES, BATCHES):
        kind, layout_name, good = good_files()[number // BATCHES % 4]
        content = mutated(number, good)
        path = tmp_path / "bad.csv"
        path.write_bytes(content)
        day = date(2026, 11, 1) + timedelta(days=number) if kind == "full" else None
        refused = ""
        with transaction.atomic():
            try:
                taken = take_file(path=path, kind=kind, by=None, as_of=day, layout_name=layout_name)
            except Refused as refusal:
                refused = refusal.message
                assert any("ぁ" <= letter <= "龥" for letter in refused), f"seed {number}"
                assert counted() == before, f"seed {number}: refused, and something stayed"
                ends["refused"] += 1
            else:
                file = RegisterFile.objects.get(pk=taken.file.pk)
                assert file.rows == file.accepted + file.unchanged + file.pending + file.set_aside, f"seed {number}"
                if kind == "full":
                    assert file.full_rows.count() == file.accepted, f"seed {number}"
                else:
                    assert file.change_rows.count() == file.accepted + file.pending, f"seed {number}"
                assert file.set_aside_rows.count() == file.set_aside
                opens_harmlessly(taken)
                ends["set aside" if taken.set_aside else "taken"] += 1
            transaction.set_rollback(True)
        if number % 10 == 0:
            look_at(content, kind, day, layout_name, refused)
    assert counted() == before
    assert min(ends[end] for end in ("refused", "set aside", "taken")) > FILES / BATCHES / 20, ends


def look_at(content, kind, day, layout_name, refused) -> None:
    """The page before taking it, too: a refusal at most."""
    staged = staging.stage(pieces=[content], name="bad.csv", kind=kind, as_of=day, owner="1", layout=layout_name)
    try:
        found = preview.look(staged)
        assert found.looked_at == found.good_count + found.wrong_count
    except Refused:
        assert refused
    finally:
        staging.remove(staged)


@pytest.mark.parametrize("cell", [*FORMULAS, "", "'", "''", "'abc", "''=1", "山田", "1-1", " =1", "-", "\n"])
def test_what_a_spreadsheet_must_not_run_comes_back_as_it_was(cell):
    assert as_was(harmless(cell)) == cell
    assert not harmless(cell).startswith(tuple("=+-@\t\r\n＝＋－＠"))
