"""The tax clerk's pages of the rolls; other divisions never come near an income."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backend.accounts.models import AccessLog, AuditRow
from backend.registry.rolls.models import HouseRow, IncomeRow, RollFile

HEADER = "物件番号,所在地,床面積,個人番号"
GOOD, BAD = "H001,大浜市西町1番地,80,123456789012", "H002,大浜市西町2番地,広い,123456789013"


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def clerk(staff, sign_in):
    return sign_in(staff("tax"))


def csv_file(*lines, name="kaoku.csv"):
    return SimpleUploadedFile(name, "\r\n".join(lines).encode("cp932"), content_type="text/csv")


def send(client, file, kind="house", year="R8"):
    return client.post(reverse("rolls:upload"), {"kind": kind, "year": year, "file": file})


def take(client, file, **said):
    token = send(client, file, **said).url.rstrip("/").rsplit("/", 1)[-1]
    return client.post(reverse("rolls:start", args=[token]), follow=True).content.decode()


def test_the_clerk_sees_how_the_roll_is_read_before_anything_is_taken(clerk):
    page = clerk.get(send(clerk, csv_file(HEADER, GOOD, BAD)).url).content.decode()
    assert "令和8年1月1日現在" in page
    assert "個人番号のため破棄します" in page
    assert "面積（平方メートル）ではありません" in page
    assert "123456789012" not in page
    assert not RollFile.objects.exists()
    assert AccessLog.objects.filter(what="list", subject="roll_upload", hits=2).exists()


def test_a_roll_is_taken_and_its_wrong_row_comes_back_corrected(clerk):
    assert "1行は取り置きました" in take(clerk, csv_file(HEADER, GOOD, BAD))
    file = RollFile.objects.get()
    assert AuditRow.objects.get(act="registry.take_house_roll").detail["accepted"] == 1
    text = clerk.get(reverse("rolls:set_aside", args=[file.pk])).content.decode("utf-8-sig")
    corrected = SimpleUploadedFile("fixed.csv", text.replace("広い", "75.5").encode())
    assert "取り置いた行はありません" in take(clerk, corrected, kind="correction", year="")
    assert HouseRow.objects.filter(property_no="H002", year=2026).exists()
    assert "何も変わりません" in take(clerk, csv_file(HEADER, GOOD, BAD))


@pytest.mark.parametrize("lines", [["名前", "あ"], ["物件番号,所在地"], ["宛名番号,年度,合計所得金額", "1,2026,0"]])
def test_a_file_that_is_no_house_roll_is_refused_on_the_form(clerk, lines):
    answer = send(clerk, csv_file(*lines))
    assert answer.status_code == 422
    assert "このファイルは取り込めません" in answer.content.decode()


def test_a_year_that_is_none_is_said_at_its_field(clerk):
    answer = send(clerk, csv_file(HEADER, GOOD), year="八年")
    assert (answer.status_code, "年度ではありません" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("division", ["register", "shelter", "welfare", "housing", "accounting", "publicity"])
def test_other_divisions_do_not_come_to_the_rolls(staff, sign_in, clerk, division):
    take(clerk, csv_file("宛名番号,年度,合計所得金額", "0001001,2026,9876543"), kind="income")
    assert IncomeRow.objects.get().total_income == 9_876_543
    other = sign_in(staff(division))
    for name in ("rolls:index", "rolls:upload"):
        assert other.get(reverse(name)).status_code == 403
    assert other.get(reverse("rolls:file", args=[RollFile.objects.get().pk])).status_code == 403
    assert "課税台帳" not in other.get(reverse("desk:home")).content.decode()


def test_the_auditor_reads_and_takes_nothing(staff, sign_in, clerk):
    take(clerk, csv_file(HEADER, GOOD))
    auditor = sign_in(staff("auditor"))
    assert "kaoku.csv" in auditor.get(reverse("rolls:index")).content.decode()
    assert send(auditor, csv_file(HEADER, GOOD)).status_code == 403
