"""The auditor's two books: who may open them, filters, pages, CSV."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.urls import reverse

import backend
from backend.accounts.models import AccessLog, AuditRow
from backend.accounts.queries import act_labels
from backend.accounts.services import audit, log_access
from backend.core import clock

LOOKS, ACTS = "accounts:access_log", "accounts:audit_log"


@pytest.fixture
def auditor(staff, sign_in):
    return sign_in(staff("auditor"))


def body(response):
    return b"".join(response.streaming_content).decode() if response.streaming else response.content.decode()


@pytest.mark.parametrize("name", [LOOKS, ACTS])
def test_only_the_auditor_opens_a_book(staff, sign_in, auditor, name):
    assert auditor.get(reverse(name)).status_code == 200
    for division in ("administrator", "register", "tax"):
        refused = sign_in(staff(division)).get(reverse(name))
        assert refused.status_code == 403
        assert "監査が行えます" in refused.content.decode()


def test_looks_are_found_by_who_what_whom_and_when(auditor, staff):
    tax, welfare = staff("tax", display_name="税務 花子"), staff("welfare", display_name="福祉 太郎")
    log_access(by=tax, what="household", subject="household:0199-aa", reason="窓口")
    log_access(by=welfare, what="search", hits=12)
    with clock.frozen(clock.now() - timedelta(days=20)):
        log_access(by=tax, what="export", subject="list:old")

    def found(**filters):
        page = body(auditor.get(reverse(LOOKS), filters))
        table = page[page.index("</form>", page.index('class="search"')) :]
        return [name for name in ("税務 花子", "福祉 太郎", "list:old") if name in table]

    assert found() == ["税務 花子", "福祉 太郎"]
    assert found(staff=str(welfare.pk)) == ["福祉 太郎"]
    assert found(what="household") == ["税務 花子"]
    assert found(subject="0199") == ["税務 花子"]
    long_ago = (clock.today() - timedelta(days=30)).isoformat()
    assert found(since=long_ago, until="") == ["税務 花子", "福祉 太郎", "list:old"]
    assert found(since=long_ago, until=(clock.today() - timedelta(days=2)).isoformat()) == ["税務 花子", "list:old"]


def test_days_that_contradict_each_other_are_said(auditor):
    response = auditor.get(reverse(LOOKS), {"since": "2026-11-20", "until": "2026-11-19"})
    assert response.status_code == 422
    assert "「から」より後の日" in body(response)


def test_looking_at_the_books_is_a_look_itself(auditor):
    auditor.get(reverse(LOOKS), {"what": "search", "since": "2026-11-01"})
    body(auditor.get(reverse(ACTS), {"format": "csv"}))
    rows = AccessLog.objects.order_by("id").values_list("what", "subject", "detail")
    assert list(rows) == [("list", "access_log", "から、種別"), ("export", "audit_log", "から、まで")]


def test_a_long_book_has_pages_that_keep_the_filter(auditor, staff):
    person = staff("tax")
    AccessLog.objects.bulk_create(
        [AccessLog(staff=person, division="tax", what="search", subject=f"n{n}") for n in range(250)]
    )
    page = body(auditor.get(reverse(LOOKS), {"what": "search", "page": "3"}))
    assert "201" in page
    assert "what=search&amp;page=2" in page
    assert re.search(r"\bn0\b", page)
    assert not re.search(r"\bn249\b", page)
    assert auditor.get(reverse(LOOKS), {"page": "x"}).status_code == 200


def test_the_csv_opens_in_a_spreadsheet_and_holds_no_formula(auditor, staff):
    log_access(by=staff("tax"), what="household", subject="household:x", reason="=HYPERLINK(1)")
    response = auditor.get(reverse(LOOKS), {"format": "csv"})
    text = body(response)
    assert response["Content-Disposition"].startswith("attachment")
    assert text.startswith("\ufeff日時,職員,部署,種別,対象,件数,理由,条件の種類\r\n")
    assert "'=HYPERLINK(1)" in text


def test_acts_are_shown_in_words(auditor, staff):
    audit(by=staff("administrator"), act="accounts.mark_given", subject="staff:x", mark="sees_protected")
    audit(by=None, act="unknown.act", subject="y")
    page = body(auditor.get(reverse(ACTS)))
    for words in ("権限の付与", "mark=sees_protected", "unknown.act", "コマンド（運用担当）"):
        assert words in page
    only = body(auditor.get(reverse(ACTS), {"act": "unknown.act"}))
    assert "mark=sees_protected" not in only


def test_an_act_is_undone_together_with_its_audit_row(staff):
    def act():
        with transaction.atomic():
            audit(by=None, act="a.b")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act()
    assert not AuditRow.objects.exists()


def test_every_act_has_words():
    sources = Path(backend.__file__).parent.rglob("*.py")
    acts = {act for path in sources for act in re.findall(r'\bact="([a-z_.]+)"', path.read_text(encoding="utf-8"))}
    assert acts - set(act_labels()) == set()
