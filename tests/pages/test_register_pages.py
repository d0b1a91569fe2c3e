"""The register clerk's pages: look at a file first, take it, see what was set aside, correct it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import path, reverse

from backend.accounts.models import AccessLog
from backend.core import work
from backend.registry import api, staging
from backend.registry.models import ChangeRow, FullRow, RegisterFile

FULL = ["宛名番号,世帯番号,氏名,氏名カナ,生年月日,性別,続柄,住所,個人番号,地区班"]
GOOD = "1001,501,高橋　一郎,タカハシ　イチロウ,S45.1.2,1,世帯主,大浜市西町１番地,123456789012,東"
BAD_DAY = "0001002,501,高橋　花子,タカハシ　ハナコ,1971-02-30,2,妻,大浜市西町１番地,123456789013,東"
CHANGE = ["宛名番号,世帯番号,氏名,住所,異動事由,異動年月日,処理日時"]

urlpatterns = [path("", api.RegisterFiles.as_view())]


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def clerk(staff, sign_in):
    return sign_in(staff("register"))


def csv_file(*lines, name="zenken.csv", encoding="utf-8"):
    return SimpleUploadedFile(name, "\r\n".join(lines).encode(encoding), content_type="text/csv")


def send(client, file, kind="full", as_of="R8.11.7"):
    return client.post(reverse("registry:upload"), {"kind": kind, "as_of": as_of, "file": file})


def text_of(response):
    return response.content.decode()


def take(client, file, **said):
    """Upload, look, take; return the page that the clerk ends on."""
    preview = send(client, file, **said)
    token = preview.url.rstrip("/").rsplit("/", 1)[-1]
    return client.post(reverse("registry:start", args=[token]), follow=True)


def test_the_clerk_sees_how_the_file_is_read_before_anything_is_taken(clerk):
    page = text_of(clerk.get(send(clerk, csv_file(*FULL, GOOD, BAD_DAY, encoding="cp932")).url))
    assert "Shift_JIS" in page
    assert "個人番号のため破棄します" in page
    assert "対応のない列" in page
    assert "1970-01-02" in page
    assert "実在しない日付" in page
    assert "取り込める 1行" in page
    assert "ファイルにない列" in page
    assert "123456789012" not in page
    assert not RegisterFile.objects.exists()
    assert AccessLog.objects.filter(what="list", subject="register_upload", hits=2).exists()


def test_a_file_is_taken_and_its_wrong_row_comes_back_corrected(clerk):
    page = take(clerk, csv_file(*FULL, GOOD, BAD_DAY))
    assert "1行は取り置きました" in text_of(page)
    assert "実在しない日付" in text_of(page)
    file = RegisterFile.objects.get()
    assert (file.rows, file.accepted, file.set_aside) == (2, 1, 1)
    assert "0001002" in text_of(page)  # a number of somebody, not an amount

    download = clerk.get(reverse("registry:set_aside", args=[file.pk]))
    text = download.content.decode("utf-8-sig")
    assert AccessLog.objects.filter(what="export", hits=1).exists()
    row = next(csv.DictReader(io.StringIO(text)))
    assert (row["行番号"], row["元ファイルの指紋"], "個人番号" in row) == ("3", file.fingerprint, False)

    corrected = SimpleUploadedFile("fixed.csv", text.replace("1971-02-30", "1971-02-28").encode())
    page = text_of(take(clerk, corrected, kind="correction", as_of=""))
    assert "取り置いた行はありません" in page
    assert FullRow.objects.filter(atena_no="0001002", birth="1971-02-28").exists()
    assert "ありません。" in text_of(clerk.get(reverse("registry:file", args=[file.pk])))


def test_nothing_is_left_of_the_upload_once_it_is_taken(clerk, data_folder):
    take(clerk, csv_file(*FULL, GOOD))
    assert list((data_folder / "uploads").iterdir()) == []


def test_an_upload_is_readable_for_the_server_only_and_thrown_away_on_request(clerk, data_folder):
    url = send(clerk, csv_file(*FULL, GOOD)).url
    modes = {oct(p.stat().st_mode & 0o777) for p in (data_folder / "uploads").iterdir()}
    assert modes == {"0o600"}
    page = clerk.post(url + "discard/", follow=True)
    assert "削除しました" in text_of(page)
    assert list((data_folder / "uploads").iterdir()) == []
    assert clerk.get(url).status_code == 404


def test_an_upload_that_nobody_came_back_for_goes_after_a_day(clerk, data_folder):
    send(clerk, csv_file(*FULL, GOOD))
    yesterday = time.time() - staging.KEPT - 60
    for old in (data_folder / "uploads").iterdir():
        os.utime(old, (yesterday, yesterday))
    staging.clean_up()
    assert list((data_folder / "uploads").iterdir()) == []


def test_another_persons_upload_is_not_shown(clerk, staff, sign_in):
    url = send(clerk, csv_file(*FULL, GOOD)).url
    other = sign_in(staff("register"))
    assert other.get(url).status_code == 404
    assert other.post(url + "take/").status_code == 404
    assert not RegisterFile.objects.exists()


def test_two_clicks_take_the_file_once(clerk):
    url = send(clerk, csv_file(*FULL, GOOD)).url
    first, second = clerk.post(url + "take/"), clerk.post(url + "take/")
    assert first.url == second.url
    assert RegisterFile.objects.count() == 1
    assert "取り込みました" in text_of(clerk.get(second.url, follow=True))


def test_the_same_file_again_is_said(clerk):
    take(clerk, csv_file(*FULL, GOOD))
    preview = clerk.get(send(clerk, csv_file(*FULL, GOOD)).url)
    assert "取込済みのファイルです" in text_of(preview)
    assert "何も変わりません" in text_of(take(clerk, csv_file(*FULL, GOOD)))
    assert RegisterFile.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "ファイルが空です"),
        (b"PK\x03\x04aaaa", "ZIP"),
        ("宛名番号,世帯番号,氏名\n1,2,甲　乙\n".encode(), "必要な列がありません：住所"),
        (b"a" * (2 << 20), "改行のない長すぎる行"),
        ("宛名番号,世帯番号,氏名,住所\n".encode("euc_jp"), "EUC-JP"),
    ],
)
def test_a_file_that_can_not_be_taken_is_refused_at_the_door(clerk, data_folder, content, said):
    page = send(clerk, SimpleUploadedFile("x.csv", content))
    assert page.status_code == 422
    assert said in text_of(page)
    folder = data_folder / "uploads"
    kept = folder.exists() and list(folder.iterdir()) != []
    assert kept == ("必要な列" in said), "only what a mapping may help is kept, for a day"


@pytest.mark.parametrize(
    ("as_of", "said"), [("", "基準日が必要です"), ("2999-01-01", "未来"), ("R8.13.1", "日付として読めません")]
)
def test_a_full_export_needs_its_day(clerk, as_of, said):
    page = send(clerk, csv_file(*FULL, GOOD), as_of=as_of)
    assert page.status_code == 422
    assert said in text_of(page)


def test_a_second_export_of_the_same_day_is_refused_at_the_door(clerk):
    take(clerk, csv_file(*FULL, GOOD))
    page = send(clerk, csv_file(*FULL, GOOD.replace("一郎", "二郎")))
    assert "同じ日の全件は一つだけです" in text_of(page)


def test_the_list_shows_counts_and_a_working_day_without_changes(clerk):
    take(clerk, csv_file(*FULL, GOOD))
    rows = [
        f"1001,501,高橋　一郎,大浜市西町{n}番地,転居,2026-11-{day},2026-11-{day}T10:00:00+09:00"
        for n, day in enumerate(("09", "10", "12", "16"), 2)
    ]
    take(clerk, csv_file(*CHANGE, *rows, name="ido.csv"), kind="change", as_of="")
    assert ChangeRow.objects.count() == 4
    page = text_of(clerk.get(reverse("registry:index")))
    assert "zenken.csv" in page
    assert "ido.csv" in page
    gaps = re.search(r"異動のない平日があります（(\d+)日）", page)
    assert gaps
    assert gaps[1] == "2"  # the 11th and the 13th; the 14th and 15th are a weekend
    assert "令和8年11月11日" in page
    assert "令和8年11月14日" not in page


def test_who_may_not_take_may_not_upload_and_is_told_who_may(staff, sign_in):
    page = sign_in(staff("tax")).get(reverse("registry:upload"))
    assert page.status_code == 403
    assert "住民記録班" in text_of(page)


def test_the_auditor_sees_reasons_but_no_names(clerk, staff, sign_in):
    take(clerk, csv_file(*FULL, GOOD, BAD_DAY))
    url = reverse("registry:file", args=[RegisterFile.objects.get().pk])
    page = text_of(sign_in(staff("auditor")).get(url))
    assert "実在しない日付" in page
    assert "高橋" not in page
    assert "CSVで保存" not in page


def start_of(clerk):
    url = send(clerk, csv_file(*FULL, GOOD)).url
    return url.rstrip("/").rsplit("/", 1)[-1]


def pretend(token, **fields):
    work._claim(
        work.Work(token, "registry.take_file", "「zenken.csv」を取り込んでいます", "職員", "2026-11-18", **fields)
    )


def test_progress_is_shown_and_can_be_stopped(clerk):
    token = start_of(clerk)
    pretend(token, done=5000, total=20000)
    url = reverse("registry:work", args=[token])
    page = text_of(clerk.get(url))
    assert "<span>25%</span>" in page
    assert "取込をやめる" in page
    assert "<html" not in text_of(clerk.get(url, headers={"HX-Request": "true"}))
    assert "取り込んでいます" in text_of(clerk.get(reverse("registry:index")))
    assert "やめています" in text_of(clerk.post(reverse("registry:stop", args=[token]), follow=True))


def test_a_killed_process_is_said_and_the_file_can_be_taken_again(clerk, data_folder):
    token = start_of(clerk)
    pretend(token)
    long_ago = time.time() - work.DEAD_AFTER - 5
    os.utime(data_folder / "work" / f"{token}.json", (long_ago, long_ago))
    page = text_of(clerk.get(reverse("registry:work", args=[token])))
    assert "中断されました" in page
    assert "一つも取り込まれていません" in page
    page = clerk.post(reverse("registry:start", args=[token]), follow=True)
    assert "取り込みました" in text_of(page)


def test_a_process_killed_after_the_end_is_told_as_done(clerk, data_folder):
    token = start_of(clerk)
    staged = json.loads((data_folder / "uploads" / f"{token}.json").read_text())
    pretend(token, about={"fingerprint": staged["fingerprint"]})
    long_ago = time.time() - work.DEAD_AFTER - 5
    os.utime(data_folder / "work" / f"{token}.json", (long_ago, long_ago))
    take(clerk, csv_file(*FULL, GOOD))
    page = clerk.get(reverse("registry:work", args=[token]), follow=True)
    assert page.redirect_chain[-1][0].startswith("/desk/register/files/")


def test_work_in_a_thread_stops_when_asked_and_says_so():
    token = work.new_token()

    def endless(progress):
        for n in range(1000):
            progress(n, 1000)
            time.sleep(0.01)
        return {}

    work.begin(token=token, kind="test", label="長い作業", by_name="職員", task=endless)
    work.ask_to_stop(token)
    for _ in range(200):
        if not work.find(token).goes_on:
            break
        time.sleep(0.02)
    assert work.find(token).state == "stopped"


def test_a_failure_is_said_without_its_values(caplog):
    token = work.new_token()

    def broken(progress):
        name = "高橋 一郎"
        raise RuntimeError(f"{name} 様")

    work.begin(token=token, kind="test", label="作業", by_name="職員", task=broken, at_once=True)
    assert work.find(token).state == "failed"
    assert "RuntimeError" in caplog.text
    assert "高橋 一郎 様" not in caplog.text


@pytest.mark.urls(__name__)
def test_the_api_lists_files_and_no_resident(clerk, staff, sign_in):
    RegisterFile.objects.create(
        **{"kind": "full", "as_of": "2026-11-07", "name": "a.csv", "fingerprint": "f", "size": 1, "encoding": "utf-8"},
        **{"rows": 1, "accepted": 1, "unchanged": 0, "pending": 0, "set_aside": 0},
    )
    body = clerk.get("/").json()
    assert body["count"] == 1
    assert body["results"][0]["accepted"] == 1
    assert sign_in(staff("tax")).get("/").status_code == 403


def test_a_day_without_changes_is_counted_by_its_empty_file(clerk):
    take(clerk, csv_file(*FULL, GOOD))
    assert "まだありません" in text_of(clerk.get(reverse("registry:index")))
    take(clerk, csv_file(*CHANGE, name="ido.csv"), kind="change", as_of="")
    assert "1ファイル（うち異動のないファイル 1）" in text_of(clerk.get(reverse("registry:index")))
