"""Opening a disaster from a page, looking at what was flagged, and giving people of no certain household one."""

from __future__ import annotations

import os
import re
import time
from datetime import date

import pytest
from django.urls import reverse

from backend.accounts.models import AccessLog, AuditRow, Staff
from backend.core import work
from backend.ledger.models import Disaster, Household, OpeningFlag, Person, Protection
from backend.registry.services import take_file

HEADER = "宛名番号,世帯番号,氏名,氏名カナ,生年月日,性別,続柄,住所,支援措置"
PEOPLE = [
    "1001,501,高橋　一郎,タカハシ　イチロウ,1970-01-02,1,世帯主,大浜市西町１番地,",
    "1002,501,高橋　花子,タカハシ　ハナコ,1971-02-03,,妻,大浜市西町１番地,",
    "1003,502,佐藤　次郎,サトウ　ジロウ,1980-05-06,,世帯主,大浜市港町２番地,1",
    "1004,503,鈴木　三郎,スズキ　サブロウ,1990-07-08,1,子,大浜市港町３番地,",
]
CHANGES = "宛名番号,世帯番号,氏名,氏名カナ,生年月日,性別,続柄,住所,異動事由,異動年月日,処理日時"
DATA = {"code": "2026", "name": "大浜沖地震", "day": "R8.11.18", "hour": "0546"}


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path


@pytest.fixture
def clerk(staff, sign_in):
    return sign_in(staff("register"))


@pytest.fixture
def export(db, tmp_path):
    return take(tmp_path, "full.csv", HEADER, *PEOPLE, kind="full", as_of=date(2026, 11, 7))


def take(folder, name, *lines, **said):
    file = folder / name
    file.write_text("\n".join(lines), encoding="utf-8")
    return take_file(path=file, by=None, **said)


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def confirm(client, **fields):
    """Fill in the form; return the page that asks, and what its button sends."""
    data = {**DATA, **fields}
    page = client.post(reverse("ledger:open"), data)
    found = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    return page, {**data, "token": found[1] if found else "", "confirmed": "1"}


def open_it(client, **fields):
    _, sent = confirm(client, **fields)
    return client.post(reverse("ledger:open"), sent, follow=True)


def test_the_clerk_sees_what_the_ledger_would_be_made_from(clerk, export):
    page, _ = confirm(clerk)
    text = text_of(page)
    assert "令和8年11月7日の終わり" in text
    assert "full.csv" in text
    assert "異動ファイルが発災日まで届いていません" in text
    assert not Disaster.objects.exists()


def test_nothing_is_warned_of_when_the_changes_reach_the_day(clerk, export, tmp_path):
    days = [d for d in range(8, 21) if date(2026, 11, d).weekday() < 5]
    rows = [
        f"1001,501,高橋　一郎,,1970-01-02,1,世帯主,大浜市西町{d}番地,転居,2026-11-{d:02},2026-11-{d:02}T10:00:00+09:00"
        for d in days
    ]
    take(tmp_path, "changes.csv", CHANGES, *rows, kind="change")
    text = text_of(confirm(clerk)[0])
    assert "1ファイル" in text
    assert "届いていません" not in text
    assert "異動のない平日" not in text


def test_the_disaster_is_opened_and_its_ledger_filled(clerk, export):
    page = open_it(clerk)
    text = text_of(page)
    assert "3世帯 4人" in text
    assert "2026年11月18日 05:46" in text
    assert "第1版" in text
    disaster = Disaster.objects.get()
    assert (disaster.opened_by.division, disaster.households.count()) == ("register", 3)


def test_two_clicks_open_one_disaster(clerk, export):
    _, sent = confirm(clerk)
    first, second = (clerk.post(reverse("ledger:open"), sent) for _ in range(2))
    assert first.url == second.url
    assert "大浜沖地震" in text_of(clerk.get(second.url, follow=True))
    assert Disaster.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("code", "20A6", "数字4桁または英大文字4字"),
        ("code", "202", "数字4桁または英大文字4字"),
        ("code", "9999", "すでに開設されています"),
        ("day", "2999-01-01", "未来"),
        ("hour", "25:00", "時刻として読めません"),
        ("name", "", "入力してください"),
    ],
)
def test_what_is_wrong_is_said_beside_the_form(clerk, disaster, field, value, said):
    disaster("9999")
    page, _ = confirm(clerk, **{field: value})
    assert page.status_code == 422
    assert said in text_of(page)


def test_without_a_register_the_ledger_opens_empty_and_is_filled_once_later(clerk, tmp_path):
    page, _ = confirm(clerk, drill="on")
    assert "空の台帳を開設します" in text_of(page)
    text = text_of(open_it(clerk, drill="on"))
    assert "台帳はまだ空です" in text
    assert "訓練" in text

    disaster = Disaster.objects.get()
    url = reverse("ledger:fill", args=[disaster.pk])
    assert "全件ファイルがまだ取り込まれていません" in text_of(clerk.get(url))
    take(tmp_path, "full.csv", HEADER, *PEOPLE, kind="full", as_of=date(2026, 11, 7))
    token = re.search(r'name="token" value="([^"]+)"', clerk.get(url).content.decode())[1]
    assert "3世帯 4人" in text_of(clerk.post(url, {"token": token}, follow=True))
    again = clerk.post(url, {"token": work.new_token()})
    assert again.status_code == 409
    assert "すでに入っています" in text_of(again)


def test_the_list_tells_empty_from_filled_and_drill_from_disaster(clerk, export, disaster):
    disaster("9999", name="防災訓練", drill=True)
    open_it(clerk)
    text = text_of(clerk.get(reverse("ledger:index")))
    assert "まだ空です" in text
    assert "入っています" in text
    assert "訓練" in text


def test_who_may_not_open_is_told_who_may(staff, sign_in):
    client = sign_in(staff("tax"))
    assert "災害を開設する" not in text_of(client.get(reverse("ledger:index")))
    page = client.post(reverse("ledger:open"), DATA)
    assert page.status_code == 403
    assert "住民記録班" in text_of(page)


def test_flags_are_counted_by_kind_and_those_under_protection_are_not_listed(clerk, export, staff, sign_in):
    open_it(clerk)
    disaster = Disaster.objects.get()
    assert Protection.objects.filter(atena_no="1003").exists()
    assert "性別の記載がない" in text_of(clerk.get(reverse("ledger:disaster", args=[disaster.pk])))
    url = reverse("ledger:flags", args=[disaster.pk])
    text = text_of(clerk.get(url, {"code": "no_sex"}))
    assert "花子" in text
    assert "ほか1件（秘匿）" in text
    for hidden in ("1003", ">502<", "佐藤"):
        assert hidden not in text
    assert AccessLog.objects.filter(what="list", subject=f"disaster:{disaster.pk}").exists()

    allowed = text_of(sign_in(staff("register", sees_protected=True)).get(url, {"code": "no_sex"}))
    assert "1003" in allowed
    assert "秘匿）" not in allowed


def test_a_flag_under_protection_can_not_be_settled_by_its_number(clerk, export):
    open_it(clerk)
    hidden = OpeningFlag.objects.get(atena_no="1003", code="no_sex")
    assert clerk.post(reverse("ledger:settle", args=[hidden.disaster_id, hidden.pk])).status_code == 404


def test_a_flag_is_settled_by_one_key_and_the_next_one_waits_under_it(clerk, export):
    open_it(clerk)
    disaster = Disaster.objects.get()
    assert "autofocus" not in text_of(clerk.get(reverse("ledger:flags", args=[disaster.pk])))
    flag = OpeningFlag.objects.get(code="no_sex", atena_no="1002")
    url = reverse("ledger:settle", args=[disaster.pk, flag.pk])
    page = clerk.post(url, {"code": "", "state": "", "page": "1", "at": "1"}, follow=True)
    assert "autofocus" in text_of(page)
    assert "花子" not in text_of(page)
    clerk.post(url, {"at": "1"})
    assert AuditRow.objects.filter(act="ledger.settle_flag").count() == 1

    settled = clerk.get(reverse("ledger:flags", args=[disaster.pk]), {"state": "settled"})
    assert "花子" in text_of(settled)
    clerk.post(url, {"undo": "1", "state": "settled"})
    flag.refresh_from_db()
    assert flag.settled_at is None


def test_people_without_a_personal_page_see_counts_and_no_person(clerk, export, staff, sign_in):
    open_it(clerk)
    disaster = Disaster.objects.get()
    press = sign_in(staff("publicity"))
    assert "性別の記載がない" in text_of(press.get(reverse("ledger:disaster", args=[disaster.pk])))
    assert press.get(reverse("ledger:flags", args=[disaster.pk])).status_code == 403
    assert press.get(reverse("ledger:undecided", args=[disaster.pk])).status_code == 403


def test_the_register_of_the_day_is_given_back_and_the_look_is_logged(clerk, export, data_folder):
    open_it(clerk)
    disaster = Disaster.objects.get()
    Staff.objects.update(sees_protected=True)  # the whole register holds people under protection too
    answer = clerk.post(reverse("ledger:export", args=[disaster.pk]))
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0].startswith("宛名番号,世帯番号,氏名")
    assert [line[:4] for line in lines[1:]] == ["1001", "1002", "1003", "1004"]
    assert AccessLog.objects.filter(what="export", subject=f"disaster:{disaster.pk}", hits=4).exists()
    assert list((data_folder / "uploads").iterdir()) == []


@pytest.fixture
def lost(clerk, export):
    """Somebody of the ledger of whom it is not known in which household they were."""
    open_it(clerk)
    disaster = Disaster.objects.get()
    person = Person.objects.get(atena_no="1004")
    Person.objects.filter(pk=person.pk).update(household=None)
    OpeningFlag.objects.create(disaster=disaster, code="household_undecided", atena_no="1004")
    person.refresh_from_db()
    return person


def test_somebody_of_no_household_is_put_into_one_that_was_looked_at(clerk, lost):
    text = text_of(clerk.get(reverse("ledger:undecided", args=[lost.disaster_id]))).replace("　", " ")
    assert "鈴木 三郎" in text
    url = reverse("ledger:place", args=[lost.pk])
    home = Household.objects.get(household_no="501")
    text = text_of(clerk.post(url, {"number": home.disaster_number}))
    assert "花子" in text
    lost.refresh_from_db()
    assert lost.household is None

    page = clerk.post(url, {"into": "1", "household": str(home.pk)}, follow=True)
    assert f"{home.disaster_number} の世帯に入れました" in text_of(page)
    lost.refresh_from_db()
    assert (lost.household, lost.position) == (home, 3)
    assert not OpeningFlag.objects.filter(code="household_undecided", settled_at=None).exists()
    assert AuditRow.objects.filter(act="ledger.place_into", subject=f"person:{lost.pk}").count() == 1
    again = clerk.post(url, {"alone": "1"}, follow=True)
    assert "世帯は決まっています" in text_of(again)
    assert Household.objects.filter(kind="unknown").count() == 0


def test_somebody_of_no_household_gets_one_of_their_own(clerk, lost):
    page = clerk.post(reverse("ledger:place", args=[lost.pk]), {"alone": "1"}, follow=True)
    assert "の世帯に入れました" in text_of(page)
    lost.refresh_from_db()
    assert (lost.household.kind, lost.is_head, lost.household.number) == ("unknown", True, 4)


def test_the_household_of_the_family_is_offered(clerk, lost, tmp_path):
    rows = [
        f"{no},777,{name},,1990-07-08,1,子,大浜市港町３番地,世帯合併,2026-11-19,2026-11-19T10:00:00+09:00"
        for no, name in (("1001", "高橋　一郎"), ("1004", "鈴木　三郎"))
    ]
    take(tmp_path, "late.csv", CHANGES, *rows, kind="change")
    text = text_of(clerk.get(reverse("ledger:place", args=[lost.pk])))
    assert "後の異動で同じ世帯になる方" in text
    assert Household.objects.get(household_no="501").disaster_number in text


@pytest.mark.parametrize("number", ["502", "2026-0000002-00", "0", "なし"])
def test_a_household_that_is_not_there_or_hidden_is_not_found(clerk, lost, number):
    """The household of 502 is somebody's under protection: it is as if there were none."""
    page = clerk.post(reverse("ledger:place", args=[lost.pk]), {"number": number})
    assert page.status_code == 422
    assert "この世帯に入れる" not in text_of(page)
    hidden = Household.objects.get(household_no="502")
    into = clerk.post(reverse("ledger:place", args=[lost.pk]), {"into": "1", "household": str(hidden.pk)})
    assert into.status_code == 404


def test_a_killed_process_is_said_and_a_finished_one_is_found(clerk, data_folder, disaster):
    token = work.new_token()
    work._claim(
        work.Work(
            token, "ledger.open_disaster", "開設", "職員", "2026-01-01T00:00:00+00:00", {"code": "2026", "fill": False}
        )
    )
    long_ago = time.time() - work.DEAD_AFTER - 5
    os.utime(data_folder / "work" / f"{token}.json", (long_ago, long_ago))
    url = reverse("ledger:work", args=[token])
    assert "中断されました" in text_of(clerk.get(url))
    disaster("2026")
    assert clerk.get(url).status_code == 302
