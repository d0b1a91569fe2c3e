"""The two books only grow, whatever asks: raw SQL, the ORM, a REPLACE, a TRUNCATE, and `flush`."""

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from backend.accounts.models import AccessLog, AuditRow
from backend.accounts.services import audit, log_access

TABLES = {"accounts_accesslog": "what", "accounts_auditrow": "act"}


@pytest.fixture
def written(staff):
    person = staff("tax")
    log_access(by=person, what="household", subject="household:x")
    audit(by=person, act="damage.issued")
    return person


def refused(sql):
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(("table", "column"), TABLES.items())
def test_rows_are_never_changed(written, table, column):
    refused(f"UPDATE {table} SET {column} = 'x'")
    refused(f"DELETE FROM {table}")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table}")
        assert [row[0] for row in cursor.fetchall()] != ["x"]


def test_not_through_the_orm_either(written):
    for model in (AccessLog, AuditRow):
        for act in (model.objects.all().delete, lambda model=model: model.objects.update(subject="y")):
            with pytest.raises(IntegrityError), transaction.atomic():
                act()
        assert model.objects.count() == 1


@pytest.mark.parametrize("table", TABLES)
def test_nor_by_the_back_door_of_the_database(written, table):
    if connection.vendor == "postgresql":
        connection.check_constraints()  # or the keys not yet checked would be what refuses
        refused(f"TRUNCATE {table}")
    else:
        refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("run", [1, 2])
def test_tests_that_commit_begin_with_empty_books(staff, run):
    """Twice, so that the second one finds what the first one's end has left."""
    assert AccessLog.objects.count() == 0
    log_access(by=staff("tax"), what="search")
    refused("DELETE FROM accounts_accesslog")


@pytest.mark.django_db(transaction=True)
def test_flush_is_refused_outside_of_tests(staff, monkeypatch):
    log_access(by=staff("tax"), what="search")
    with monkeypatch.context() as patch:
        patch.delattr(mail, "outbox")
        with pytest.raises(CommandError, match="消せません"):
            call_command("flush", interactive=False)
    assert AccessLog.objects.count() == 1
