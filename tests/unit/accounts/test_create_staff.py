"""The command that makes the first administrator."""

import json

import pytest
from django.core.management import call_command

from backend.accounts.models import AuditRow, Staff


@pytest.fixture
def create(db, capsys, monkeypatch):
    def run(*arguments, password="long-enough-words"):
        monkeypatch.setenv("TASUKI_PASSWORD", password)
        try:
            call_command("create_staff", *arguments, "--json")
            code = 0
        except SystemExit as stop:
            code = stop.code
        return code, json.loads(capsys.readouterr().out)

    return run


def test_an_administrator_with_marks(create):
    code, said = create(
        "kanri", "--division", "administrator", "--name", "管理 花子", "--supervisor", "--sees-protected"
    )
    person = Staff.objects.get(username="kanri")
    assert (code, said["status"]) == (0, "done")
    assert (person.is_supervisor, person.sees_protected, person.is_superuser) == (True, True, False)
    assert person.check_password("long-enough-words")
    assert AuditRow.objects.filter(staff=None, act="accounts.mark_given").count() == 2


def test_a_name_that_is_taken_or_a_weak_password_is_refused(create):
    create("kanri", "--division", "administrator", "--name", "管理 花子")
    code, said = create("KANRI", "--division", "tax", "--name", "別人")
    assert (code, said["status"]) == (2, "refused")
    code, said = create("other", "--division", "tax", "--name", "別人", password="kanri")
    assert (code, said["status"]) == (2, "refused")
    assert Staff.objects.count() == 1


def test_without_a_terminal_the_password_comes_from_the_environment(create):
    code, said = create("kanri", "--division", "tax", "--name", "花子", password="")
    assert code == 2
    assert "TASUKI_PASSWORD" in said["message"]
