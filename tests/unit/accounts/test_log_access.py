"""A look is written before anything is shown, and stays whatever becomes of the request's own work."""

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from backend.accounts import reasons
from backend.accounts.models import AccessLog
from backend.accounts.services import LogUnavailable, log_access


class Broken(AccessLog):
    class Meta:
        proxy = True
        app_label = "accounts"

    def save(self, **kwargs):
        raise DatabaseError("disk full")


def test_a_failed_log_keeps_the_page_from_showing(staff, sign_in, monkeypatch):
    monkeypatch.setattr("backend.accounts.services.AccessLog", Broken)
    response = sign_in(staff("auditor")).get(reverse("accounts:access_log"))
    assert response.status_code == 503
    page = response.content.decode()
    assert "閲覧記録を書き込めないため" in page
    assert "絞り込む" not in page
    assert "disk full" not in page


@pytest.mark.django_db(transaction=True, databases=["default", "log"])
def test_the_look_survives_a_rollback_of_the_work(staff, settings):
    if connection.vendor == "sqlite":
        return  # the same on a file, below: two connections to one memory are not two connections to one file
    settings.ACCESS_LOG_ALIAS = "log"
    person = staff("tax")

    def work():
        with transaction.atomic():
            person.home = "変更"
            person.save()
            log_access(by=person, what="household", subject="household:x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        work()
    person.refresh_from_db()
    assert person.home == ""
    assert AccessLog.objects.get().subject == "household:x"


@pytest.mark.django_db(transaction=True, databases=["default", "log"])
def test_a_log_that_cannot_be_reached_is_a_refusal(staff, settings, monkeypatch):
    settings.ACCESS_LOG_ALIAS = "log"
    person = staff("tax")

    def fail(*args, **kwargs):
        raise DatabaseError("no connection")

    monkeypatch.setattr("django.db.models.Model.save", fail)
    with pytest.raises(LogUnavailable) as refusal:
        log_access(by=person, what="search")
    assert refusal.value.status == 503


ON_A_FILE = """
import time, django
django.setup()
from django.conf import settings
from django.db import connections, transaction
from backend.accounts.models import AccessLog, Staff
from backend.accounts.services import log_access, settle_looks
assert settings.ACCESS_LOG_ALIAS == "log"
person = Staff.objects.create_user("a", division="tax", display_name="職員")
began = time.monotonic()

log_access(by=person, what="search")                       # before the work: over the second connection
with transaction.atomic():                                 # inside work that is done
    person.home = "x"; person.save()
    log_access(by=person, what="household")
try:                                                       # inside work that is undone
    with transaction.atomic():
        person.home = "y"; person.save()
        log_access(by=person, what="export")
        raise ZeroDivisionError
except ZeroDivisionError:
    pass
settle_looks()
settle_looks()
person.refresh_from_db()
print(person.home, sorted(AccessLog.objects.values_list("what", flat=True)), time.monotonic() - began < 5)
"""


@pytest.mark.django_db(transaction=True)
def test_two_connections_to_one_sqlite_file_do_not_wait_for_each_other(tmp_path):
    if connection.vendor != "sqlite":
        return  # PostgreSQL's own test is above
    path = tmp_path / "town.sqlite3"
    with closing(sqlite3.connect(path)) as target:
        connection.ensure_connection()
        connection.connection.backup(target)
    environment = {
        "DATABASE_URL": f"sqlite:///{path}",
        "TASUKI_ACCESS_LOG_ALIAS": "log",
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "TASUKI_ROLE": "demo",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    run = subprocess.run(
        [sys.executable, "-c", ON_A_FILE], env=environment, capture_output=True, text=True, check=False
    )
    assert run.stderr == ""
    assert run.stdout.strip() == "x ['export', 'household', 'search'] True"


def test_the_reason_of_the_session_is_written_with_every_look(staff):
    person = staff("tax")
    session = {}
    reasons.keep(session, "other", "罹災証明の電話対応")
    with reasons.of_session(session):
        assert log_access(by=person, what="search").reason == "その他：罹災証明の電話対応"
        assert log_access(by=person, what="search", reason="本人の申し出").reason == "本人の申し出"
    assert log_access(by=person, what="search").reason == ""
