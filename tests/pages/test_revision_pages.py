"""A report of late changes on the pages: making it, reading it, accepting, taking back; who may not see what."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.urls import reverse

from backend.core import work
from backend.core.clock import TOKYO
from backend.ledger import services
from backend.ledger.models import Disaster, Household, Person, Protection, RevisionReport
from backend.ledger.opening import services as opening
from backend.registry.services import take_file
from tests.conftest import OCCURRED
from tests.unit.registry.commands import tasuki
from tests.unit.registry.files import CHANGE, change, person, write

pytestmark = pytest.mark.django_db

FAMILY = [
    person("1001"),
    person("900", household_no="502", name="潮田 清", birth="1950-01-01", address="大浜市東町２番地"),
]
MOVED = {
    "effective": "2026-11-10",
    "household_no": "502",
    "name": "潮田 清",
    "birth": "1950-01-01",
    "address": "大浜市港町５番地",
}


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def ledger(tmp_path) -> Disaster:
    take_file(path=write(tmp_path / "full.csv", FAMILY), kind="full", as_of=date(2026, 11, 7), by=None)
    return opening.open_disaster(
        code="2026", name="大浜沖地震", occurred_at=OCCURRED.astimezone(TOKYO), by=None
    ).disaster


@pytest.fixture
def late(tmp_path, ledger):
    rows = [change("900", **MOVED), change("1001", effective="2026-11-09", name="髙橋 一郎")]
    take_file(path=write(tmp_path / "late.csv", rows, CHANGE), kind="change", by=None)
    return ledger


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def make(client, disaster):
    return client.post(reverse("ledger:revisions", args=[disaster.pk]), {"token": work.new_token()}, follow=True)


def test_from_the_disasters_page_to_the_accepted_report(late, staff, sign_in):
    clerk = staff("register", display_name="記録 係")
    services.write_by_hand(
        by=clerk, household=Household.objects.get(household_no="502"), kind="telephone", text="000-1111"
    )
    client = sign_in(clerk)
    assert "ファイルが<b>1件</b>あります" in text_of(client.get(reverse("ledger:disaster", args=[late.pk])))
    page = make(client, late)
    text = text_of(page)
    for word in ("大浜市東町２番地", "大浜市港町５番地", "髙橋", "電話番号", "000-1111", "すべて受け入れる"):
        assert word in text
    report = RevisionReport.objects.get()
    ask = client.get(reverse("ledger:accept_all", args=[report.pk]))
    assert "2件を台帳に受け入れますか" in text_of(ask)
    done = client.post(reverse("ledger:accept_all", args=[report.pk]), {"token": work.new_token()}, follow=True)
    assert "2件を台帳に受け入れました" in text_of(done)
    assert "記録 係" in text_of(done)
    assert Person.objects.get(atena_no="900").address == "大浜市港町５番地"


def test_one_household_is_accepted_and_taken_back_where_it_stands(late, staff, sign_in):
    client = sign_in(staff("register"))
    make(client, late)
    report = RevisionReport.objects.get()
    line = next(row for row in report.lines.all() if row.changes.get().atena_no == "900")
    accepted = client.post(reverse("ledger:accept_line", args=[report.pk, line.pk]), {"kind": "changed"}, follow=True)
    assert "台帳に受け入れました" in text_of(accepted)
    assert "kind=changed" in accepted.request["QUERY_STRING"]
    again = client.post(reverse("ledger:accept_line", args=[report.pk, line.pk]), follow=True)
    assert "すでに受け入れられています" in text_of(again)
    undone = client.post(reverse("ledger:undo_line", args=[report.pk, line.pk]), follow=True)
    assert "受入を取り消しました" in text_of(undone)
    assert Person.objects.get(atena_no="900").address == "大浜市東町２番地"


def test_households_of_protected_people_are_counted_and_not_shown(late, staff, sign_in):
    Protection.objects.create(atena_no="900", source="register")
    client = sign_in(staff("register"))
    make(client, late)
    report = RevisionReport.objects.get()
    text = text_of(client.get(reverse("ledger:revision", args=[report.pk])))
    assert "ほか1件（秘匿）" in text
    assert "潮田" not in text
    assert "港町" not in text
    line = next(row for row in report.lines.all() if row.changes.get().atena_no == "900")
    assert client.post(reverse("ledger:accept_line", args=[report.pk, line.pk])).status_code == 404
    sees = sign_in(staff("register", sees_protected=True))
    assert "潮田" in text_of(sees.get(reverse("ledger:revision", args=[report.pk])))


def test_an_older_report_says_that_there_is_a_newer_one(late, staff, sign_in):
    client = sign_in(staff("register"))
    make(client, late)
    older = RevisionReport.objects.get()
    client.post(reverse("ledger:revisions", args=[late.pk]), {"token": work.new_token(), "anew": "1"})
    text = text_of(client.get(reverse("ledger:revision", args=[older.pk])))
    assert "新しい報告があります" in text
    assert "受け入れる</button>" not in text


def test_who_only_reads_the_register_sees_the_report_without_buttons(late, staff, sign_in):
    make(sign_in(staff("register")), late)
    report = RevisionReport.objects.get()
    client = sign_in(staff("auditor"))
    text = text_of(client.get(reverse("ledger:revision", args=[report.pk])))
    assert "潮田" in text
    assert "受け入れる</button>" not in text
    assert client.post(reverse("ledger:accept_all", args=[report.pk])).status_code == 403
    assert sign_in(staff("tax")).get(reverse("ledger:revision", args=[report.pk])).status_code == 403


def test_who_left_stands_on_the_household_page_with_the_end(tmp_path, ledger, staff, sign_in):
    rows = [change("900", "転出", **{**MOVED, "address": "大浜市東町２番地"})]
    take_file(path=write(tmp_path / "late.csv", rows, CHANGE), kind="change", by=None)
    code, said = tasuki("revise_ledger", "2026", "--accept")
    assert (code, said["status"], said["accepted"], said["open"], said["kinds"]) == (0, "done", 1, 0, {"left": 1})
    home = Household.objects.get(household_no="502")
    text = text_of(sign_in(staff("register")).get(reverse("desk:household", args=[home.pk])))
    assert "台帳から外れた方" in text
    assert "転出 2026-11-10" in text


def test_the_command_says_what_it_found_and_doing_it_again_changes_nothing(late):
    code, said = tasuki("revise_ledger", "2026")
    assert (code, said["lines"], said["accepted"], said["open"], said["revision"]) == (0, 2, 0, 2, 2)
    code, said = tasuki("revise_ledger", "2026", "--accept")
    assert (code, said["again"], said["accepted"], said["open"]) == (0, True, 2, 0)
    assert tasuki("revise_ledger", "2026", "--accept")[1]["accepted"] == 0
    assert tasuki("revise_ledger", "2099")[0] == 2
