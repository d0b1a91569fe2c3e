"""Coming in, the reason of today's work, one's own password, the lock-out, and going."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from backend.accounts.models import AccessLog, AuditRow
from backend.accounts.services import issue_temporary_password
from backend.core import clock

LOGIN = "/desk/accounts/login/"
REASON = "/desk/accounts/reason/"
PASSWORD = "/desk/accounts/password/"
OWN = "long-enough-words"


def enter(client, person, password=OWN, reason="audit", **fields):
    data = {"username": person.username, "password": password, "reason": reason, "next": REASON, **fields}
    return client.post(LOGIN, data)


def test_a_stranger_is_sent_to_the_login_page_and_comes_back(client, staff):
    person = staff("auditor")
    sent = client.get(reverse("accounts:access_log"))
    assert sent["Location"].startswith(LOGIN)
    back = enter(client, person, next=reverse("accounts:access_log"))
    assert back["Location"] == reverse("accounts:access_log")


def test_never_to_another_host(client, staff):
    response = enter(client, staff("tax"), next="https://example.org/")
    assert "example.org" not in response.get("Location", "")


def test_the_page_says_what_to_do(client, db):
    page = client.get(LOGIN).content.decode()
    for words in ("はじめての方へ", "応援職員", "仮パスワード", "システム管理者", "30分間操作がないとき"):
        assert words in page


def test_nobody_comes_in_without_a_reason(client, staff):
    person = staff("tax")
    assert enter(client, person, reason="").status_code == 200
    assert enter(client, person, reason="other").status_code == 200
    assert client.get(REASON).status_code == 302
    assert enter(client, person, reason="other", note="電話の対応").status_code == 302


def test_the_reason_stands_in_the_access_log_and_can_be_changed(client, staff):
    person = staff("auditor")
    enter(client, person, note="四半期の点検")
    client.get(reverse("accounts:access_log"))
    client.post(REASON, {"reason": "ledger"})
    client.get(reverse("accounts:access_log"))
    assert list(AccessLog.objects.order_by("id").values_list("reason", flat=True)) == [
        "記録の監査：四半期の点検",
        "被災者台帳の作成・内容の確認",
    ]
    acts = AuditRow.objects.order_by("id").values_list("act", "staff", "detail__reason")
    assert list(acts) == [
        ("accounts.signed_in", person.pk, "audit"),
        ("accounts.reason_changed", person.pk, "ledger"),
    ]


def test_logging_out_takes_a_post(client, staff):
    enter(client, staff("tax"))
    assert client.get("/desk/accounts/logout/").status_code == 405
    assert client.post("/desk/accounts/logout/")["Location"] == LOGIN
    assert client.get(REASON).status_code == 302


def test_an_idle_session_ends_and_says_so(staff, sign_in):
    client = sign_in(staff("tax"))
    began = clock.now()
    with clock.frozen(began):
        assert client.get(REASON).status_code == 200
    with clock.frozen(began + timedelta(minutes=29)):
        assert client.get(REASON).status_code == 200
    with clock.frozen(began + timedelta(minutes=58)):
        assert client.get(REASON).status_code == 200
    with clock.frozen(began + timedelta(minutes=89)):
        ended = client.get(REASON)
    assert ended["Location"].startswith(LOGIN)
    assert "30分間操作がなかった" in str(next(iter(get_messages(ended.wsgi_request))))


def test_no_session_outlasts_a_shift(staff, sign_in):
    client = sign_in(staff("tax"))
    began = clock.now()
    answers = []
    for minutes in range(0, 11 * 60, 20):
        with clock.frozen(began + timedelta(minutes=minutes)):
            answers.append(client.get(REASON).status_code)
    assert answers[:31] == [200] * 31
    assert 302 in answers[31:]


def test_a_fragment_is_not_answered_with_a_login_form(client, db):
    response = client.get(REASON, headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/desk/x/?q=1"})
    assert (response.status_code, response["HX-Redirect"]) == (204, f"{LOGIN}?next=/desk/x/")


def test_a_temporary_password_leads_to_ones_own(client, staff):
    person = staff("shelter")
    temporary = issue_temporary_password(by=None, staff=person)
    enter(client, person, temporary)
    assert client.get(REASON)["Location"] == PASSWORD
    assert "自分のパスワードを決めてください" in client.get(PASSWORD).content.decode()
    new = {"new_password1": "bright-green-hill", "new_password2": "bright-green-hill"}
    same = {"new_password1": temporary, "new_password2": temporary}
    assert client.post(PASSWORD, {"old_password": temporary, **same}).status_code == 422
    assert client.post(PASSWORD, {"old_password": temporary, **new}).status_code == 302
    assert client.get(REASON).status_code == 200
    person.refresh_from_db()
    assert person.temporary_until is None
    assert AuditRow.objects.filter(act="accounts.password_changed", staff=person).count() == 1


def test_a_temporary_password_runs_out(client, staff):
    person = staff("shelter")
    with clock.frozen(clock.now() - timedelta(days=8)):
        temporary = issue_temporary_password(by=None, staff=person)
    assert "仮パスワードの期限が過ぎています" in enter(client, person, temporary).content.decode()


def test_after_eight_wrong_passwords_the_door_is_shut_for_a_while(staff, settings):
    from axes.models import AccessAttempt

    person, other = staff("tax"), staff("tax")
    client = Client()
    for _ in range(settings.AXES_FAILURE_LIMIT - 1):
        assert "ユーザー名かパスワードが違います" in enter(client, person, "wrong").content.decode()
    shut = enter(client, person, "wrong")
    assert shut.status_code == 429
    assert "しばらくログインできません" in shut.content.decode()
    assert f"{settings.AXES_COOLOFF_TIME * 60:.0f}分たつと" in shut.content.decode()
    assert enter(client, person).status_code == 429
    assert enter(Client(), other).status_code == 302
    AccessAttempt.objects.update(attempt_time=clock.now() - timedelta(minutes=16))
    assert enter(client, person).status_code == 302


@pytest.mark.parametrize("field", ["is_active"])
def test_a_closed_account_is_out_at_once(staff, sign_in, field):
    person = staff("tax")
    client = sign_in(person)
    assert client.get(REASON).status_code == 200
    person.is_active = False
    person.save()
    assert client.get(REASON).status_code == 302
