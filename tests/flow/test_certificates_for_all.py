"""Certificates for everybody by a command that is killed at the worst moments, and gone on with."""

from __future__ import annotations

import csv
from pathlib import Path

import pypdf
import pytest

from tests.flow.installation import Installation, open_town

HOMES = 12
# When a file's papers have just been numbered; inside that transaction; when the file is there and nobody has been told.
DYING = """
from backend.damage.certificates.bulk import services as bulk
from backend.damage.models import BulkFile
calls = []
def dying(act, before):
    def call(*args, **named):
        calls.append(1)
        if len(calls) == 2 and before: os.kill(os.getpid(), signal.SIGKILL)
        result = act(*args, **named)
        if len(calls) == 2: os.kill(os.getpid(), signal.SIGKILL)
        return result
    return call
{what}
def hook(count): pass
"""
MOMENTS = {
    "numbered": "bulk.number_block = dying(bulk.number_block, False)",
    "while numbering": "BulkFile.objects.create = dying(BulkFile.objects.create, True)",
    "written": "bulk.note_written = dying(bulk.note_written, True)",
}


@pytest.fixture
def town(tmp_path: Path) -> Installation:
    return open_town(tmp_path, homes=HOMES)


def test_killed_again_and_again_it_ends_with_every_number_once_and_every_household_served(town, tmp_path):
    out = tmp_path / "out"
    line = ["issue_hisai", "--disaster", "2026", "--all", "-o", out, "--workers", "1", "--pages", "6"]
    for what in MOMENTS.values():
        assert town.run(*line, hook=DYING.replace("{what}", what))[0] == -9
    code, said = town.run(*line)
    assert (code, said["status"], said["held"]) == (0, "done", 0)
    with (out / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["文書番号"][-7:-1]) for row in rows] == list(range(1, HOMES + 1))
    assert len({row["り災番号"] for row in rows}) == HOMES
    for name in {row["ファイル"] for row in rows}:
        pages = pypdf.PdfReader(out / name).pages
        for row in rows:
            if row["ファイル"] == name:
                paper = pages[int(row["ページ"])].extract_text()  # the one after its address
                assert row["文書番号"][-13:] in paper.replace(" ", "")
    assert not list(out.glob(".*"))
    code, again = town.run(*line)
    assert (code, again["certificates"], again["files"]) == (0, 0, 0)
