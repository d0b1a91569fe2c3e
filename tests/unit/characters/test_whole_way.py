"""A name is the same code points from the vendor's file to the paper and back into a file, and is found by its plain form."""

from __future__ import annotations

import csv
import io
import json
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.urls import reverse
from pypdf import PdfReader

from backend.damage.certificates import queries as damage
from backend.damage.certificates import services
from backend.documents.fonts import Held
from backend.documents.held import queries as held
from backend.ledger.matching import services as matching
from backend.ledger.models import Person, SameAs
from backend.ledger.queries import Asked, search

IVS = "葛\U000e0100城 辻\U000e0100子"  # two variation sequences that fonts of ours have
PRIVATE = "\ue000西 花子"  # the vendor's own character
PLANE_2 = "𠮷田 一郎"
NAMES = [IVS, PRIVATE, PLANE_2]
COLUMNS = ["宛名番号", "世帯番号", "氏名", "氏名カナ", "生年月日", "性別", "続柄", "住所"]


def run(*words: object) -> dict[str, object]:
    out = io.StringIO()
    call_command(*map(str, words), "--json", stdout=out)
    return json.loads(out.getvalue())


@pytest.fixture
def filled(tmp_path, db):
    path = tmp_path / "full.csv"
    rows = [
        [str(1001 + i), str(501 + i), name, "カナ カナ", "1970-01-02", "1", "世帯主", "大浜市西町１番地"]
        for i, name in enumerate(NAMES)
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])
    run("import_register", path, "--kind", "full", "--as-of", "2026-11-01")
    run("open_disaster", "2026", "--name", "大浜沖地震", "--occurred-at", "2026-11-18T05:46:00+09:00")
    return tmp_path


def found(text, clerk):
    event = Person.objects.first().disaster
    return [person.name for person in search(Asked(text=text), disaster=event, staff=clerk).people]


def certificate(name, clerk):
    home = Person.objects.get(name=name).household
    issue = services.issue_hisai(by=clerk, household_id=home.pk, purpose="保険", id_checked="licence")
    _, data = damage.paper(issue.pk, clerk, copy=1)
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_a_name_stays_itself_from_the_file_to_the_paper_and_back(filled, staff, sign_in):
    clerk = staff("tax")
    assert set(Person.objects.values_list("name", flat=True)) == set(NAMES)
    assert found("葛城辻子", clerk) == [IVS]
    assert found("吉田", clerk) == [PLANE_2]

    home = Person.objects.get(name=IVS).household
    page = sign_in(clerk).get(reverse("desk:household", args=[home.pk])).content.decode()
    assert "葛\U000e0100城" in page
    assert "葛\U000e0100城 辻\U000e0100子" in certificate(IVS, clerk)
    assert "𠮷田 一郎" in certificate(PLANE_2, clerk)

    given = filled / "given.csv"
    run("export_register", "--disaster", "2026", "-o", given)
    with given.open(encoding="utf-8", newline="") as file:
        assert [row["氏名"] for row in csv.DictReader(file)] == NAMES


def test_a_vendors_character_is_held_until_its_map_comes_and_then_printed_exactly(filled, staff):
    clerk = staff("tax")
    with pytest.raises(Held):
        certificate(PRIVATE, clerk)
    assert len(held.lines(clerk)) == 2  # head and member
    assert [m["codes"] for m in run("check_fonts")["missing"]] == ["U+E000"]

    table = filled / "gaiji.csv"
    table.write_text("コード,文字\nU+E000,葛 U+E0100\n".replace("葛 U+E0100", "U+845B U+E0100"), encoding="utf-8")
    assert run("load_gaiji_map", table)["refolded"] == 1
    assert run("check_fonts")["missing"] == []
    assert found("葛西", clerk) == [PRIVATE]
    assert "葛\U000e0100西 花子" in certificate(PRIVATE, clerk)
    assert Person.objects.get(name=PRIVATE).name == PRIVATE
    assert held.lines(clerk) == []


def test_an_export_in_shift_jis_lists_what_it_could_not_carry(filled):
    given = filled / "given.csv"
    assert run("export_register", "--disaster", "2026", "-o", given, "--encoding", "shift_jis")["lost"] == 3
    text = given.read_text(encoding="cp932")
    assert "〓城 〓子" in text
    assert "〓田 一郎" in text
    assert "\ue000西" in text  # the user-defined area of Shift_JIS carries it
    losses = (filled / "given-losses.csv").read_text(encoding="utf-8-sig")
    assert "U+845B U+E0100" in losses
    assert "U+20BB7" in losses


def test_a_ledger_that_is_filled_after_the_map_came_finds_them_at_once(tmp_path, filled):
    table = tmp_path / "gaiji.csv"
    table.write_text("コード,文字\nU+E000,葛\n", encoding="utf-8")
    run("load_gaiji_map", table)
    run("open_disaster", "2027", "--name", "次の地震", "--occurred-at", "2026-11-19T05:46:00+09:00")
    person = Person.objects.get(disaster__code="2027", name=PRIVATE)
    assert person.family_key == "葛西"


def test_somebody_typed_in_plain_characters_is_matched_by_the_map(filled, load):
    record = uuid4()
    row = {"id": record, "name": "髙西 花子", "birth": "1970-01-02", "address": "西町1"}
    matching.take_records(room="shelters", rows=[row])
    assert not SameAs.objects.exists()
    load("コード,文字\nU+E000,髙\n")
    link = SameAs.objects.get(record=record, until=None)
    assert link.into.name == PRIVATE
    assert "氏名が同じ" in link.ground


def test_a_vendors_character_that_was_typed_is_read_by_the_map_too(filled, load):
    record = uuid4()
    row = {"id": record, "name": "\ue001田 一郎", "birth": "1970-01-02", "address": "西町1"}
    matching.take_records(room="shelters", rows=[row])
    load("コード,文字\nU+E001,𠮷\n", source="typed")
    assert SameAs.objects.get(record=record, until=None).into.name == PLANE_2
