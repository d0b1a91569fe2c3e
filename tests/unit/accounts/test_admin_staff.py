"""The administrator's pages: who gets in, accounts, marks, temporary passwords, the list as a file."""

import re
from io import BytesIO

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backend.accounts.models import AccessLog, AuditRow, Division, Staff

LIST = "/admin/accounts/staff/"
HEAD = "ユーザー名,氏名,部署,所属,監督者,支援措置対象者を見られる,有効\n"


@pytest.fixture
def administrator(staff):
    return staff("administrator")


@pytest.fixture
def client(administrator, sign_in):
    return sign_in(administrator)


def fields(**changed):
    return {
        "username": "oen01",
        "display_name": "応援 一郎",
        "division": "shelter",
        "home": "",
        "is_active": "on",
    } | changed


def acts(**filters):
    rows = AuditRow.objects.filter(**filters).order_by("id").values_list("act", "staff__username", "detail__mark")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("division", [d for d in Division.values if d != "administrator"])
def test_nobody_else_gets_in_whatever_django_thinks_of_them(staff, sign_in, division):
    person = staff(division, is_staff=True)
    for url in ("/admin/", LIST, f"{LIST}add/", f"{LIST}import/", f"{LIST}export/"):
        response = sign_in(person).get(url)
        assert response.status_code == 403
        assert "システム管理者が行えます" in response.content.decode()


def test_the_administrator_needs_no_mark_of_djangos(client):
    page = client.get("/admin/").content.decode()
    assert "職員" in page
    for absent in ("グループ", "Access attempts", "auth/group"):
        assert absent not in page


def test_djangos_own_rights_are_not_offered(client, administrator):
    for url in (f"{LIST}add/", f"{LIST}{administrator.pk}/change/"):
        names = set(re.findall(r'name="(\w+)"', client.get(url).content.decode()))
        assert {"username", "division", "sees_protected"} <= names
        assert not names & {"is_superuser", "is_staff", "groups", "user_permissions", "password"}


def test_a_new_account_opens_nothing_until_a_password_is_issued(client, administrator):
    client.post(f"{LIST}add/", fields(sees_protected="on"))
    person = Staff.objects.get(username="oen01")
    assert not person.has_usable_password()
    who = administrator.username
    assert acts() == [("accounts.created", who, None), ("accounts.mark_given", who, "sees_protected")]


def test_marks_given_and_taken_are_written_down_by_name(client, administrator, staff):
    person = staff("tax", is_supervisor=True)
    url = f"{LIST}{person.pk}/change/"
    client.post(
        url, fields(username=person.username, display_name=person.display_name, division="tax", sees_protected="on")
    )
    who = administrator.username
    assert acts(subject=f"staff:{person.pk}") == [
        ("accounts.mark_taken", who, "is_supervisor"),
        ("accounts.mark_given", who, "sees_protected"),
    ]


def test_nobody_raises_themselves(client, administrator):
    url = f"{LIST}{administrator.pk}/change/"
    mine = {"username": administrator.username, "display_name": "管理 太郎", "division": "administrator"}
    refused = client.post(url, fields(**mine, sees_protected="on"))
    assert refused.status_code == 422
    assert "ほかのシステム管理者が変更します" in refused.content.decode()
    assert client.post(url, fields(**mine)).status_code == 302
    administrator.refresh_from_db()
    assert (administrator.display_name, administrator.sees_protected) == ("管理 太郎", False)


def test_an_account_is_closed_and_never_deleted(client, staff):
    person = staff("tax")
    assert client.post(f"{LIST}{person.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": [str(person.pk)], "post": "yes"})
    assert Staff.objects.filter(pk=person.pk).exists()


def test_a_temporary_password_is_shown_once_and_opens_the_door(client, administrator, staff):
    person = staff("shelter")
    issued = client.post(LIST, {"action": "issue_passwords", "_selected_action": [str(person.pk)]})
    assert "no-store" in issued["Cache-Control"]
    password = re.search(r"\w{4}-\w{4}-\w{4}", issued.content.decode())[0]
    assert password not in client.get(LIST).content.decode()
    data = {"username": person.username, "password": password, "reason": "shelter"}
    assert Client().post(reverse("accounts:login"), data).status_code == 302
    assert acts(act="accounts.password_issued") == [("accounts.password_issued", administrator.username, None)]
    assert password not in str(list(AuditRow.objects.values_list("detail", flat=True)))


def test_the_administrator_unlocks(client, staff, settings):
    person = staff("tax")
    door, data = Client(), {"username": person.username, "reason": "ledger"}
    for _ in range(settings.AXES_FAILURE_LIMIT):
        door.post(reverse("accounts:login"), {**data, "password": "wrong"})
    client.post(LIST, {"action": "unlock", "_selected_action": [str(person.pk)]})
    assert door.post(reverse("accounts:login"), {**data, "password": "long-enough-words"}).status_code == 302


def take(client, content, name="staff.csv", kind="0"):
    """Upload, look at the preview, confirm. Returns the preview."""
    upload = SimpleUploadedFile(name, content)
    preview = client.post(f"{LIST}import/", {"import_file": upload, "format": kind})
    form = preview.context.get("confirm_form")
    if form is not None:
        client.post(f"{LIST}process_import/", {name: form[name].value() or "" for name in form.fields})
    return preview.content.decode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_helpers_come_in_by_a_file(client, administrator, encoding):
    take(client, (HEAD + "oen01,応援 一郎,避難所班,神戸市,いいえ,はい,はい\n").encode(encoding))
    person = Staff.objects.get(username="oen01")
    assert (person.display_name, person.division, person.home) == ("応援 一郎", "shelter", "神戸市")
    assert not person.has_usable_password()
    assert ("accounts.mark_given", administrator.username, "sees_protected") in acts()


def test_a_preview_changes_nothing_and_says_what_is_wrong(client):
    page = take(client, (HEAD + "a,名前,どこか,,,,はい\nb,名前,tax,,たぶん,,はい\n").encode())
    assert "部署「どこか」はありません" in page
    assert "「たぶん」は読めません" in page
    assert not Staff.objects.filter(username__in="ab").exists()
    assert acts() == []


def test_a_file_does_not_raise_its_own_bearer(client, administrator):
    page = take(client, f"{HEAD}{administrator.username},管理,システム管理者,,はい,はい,はい\n".encode())
    assert "ほかのシステム管理者が変更します" in page
    administrator.refresh_from_db()
    assert not administrator.sees_protected


@pytest.mark.parametrize("kind", ["0", "1"])
def test_the_list_as_a_file_holds_no_password_and_goes_in_again(client, staff, kind):
    person = staff("welfare", home="西宮市", is_supervisor=True)
    names = ("username", "display_name", "division", "home", "is_supervisor", "sees_protected", "is_active")
    chosen = {"format": kind, "resource": "0", **{f"staffresource_{name}": "on" for name in names}}
    answer = client.post(f"{LIST}export/", chosen)
    if kind == "0":
        assert answer.content.startswith("\ufeffユーザー名".encode())
        text = answer.content.decode()
    else:
        sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
        text = "\n".join(",".join(str(cell or "") for cell in row) for row in sheet.values)
    assert f"{person.username},職員 welfare,福祉班,西宮市,はい,いいえ,はい" in text
    assert person.password not in text
    assert AccessLog.objects.get(what="export").hits == Staff.objects.count()
    before = AuditRow.objects.filter(act__in=["accounts.changed", "accounts.created"]).count()
    take(client, answer.content, "staff.csv" if kind == "0" else "staff.xlsx", kind)
    assert AuditRow.objects.filter(act__in=["accounts.changed", "accounts.created"]).count() == before
