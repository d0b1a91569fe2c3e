import pytest
from django.urls import include, path

from backend.accounts.models import AccessLog
from backend.core.fields import uuid7
from backend.damage.certificates.api import urlpatterns as certificates
from backend.documents.models import Issue

urlpatterns = [path("api/v1/", include(certificates))]
pytestmark = pytest.mark.urls(__name__)
HOW = {"purpose": "保険金の請求", "id_checked": "licence"}


@pytest.fixture
def home(disaster, household):
    return household(disaster(), [{"name": "髙﨑 一郎"}])


@pytest.fixture
def client(staff, sign_in):
    return sign_in(staff("tax"))


def post(client, address, **data):
    return client.post(f"/api/v1/{address}", data, content_type="application/json")


def test_issue_copy_withdraw_and_read(home, client):
    made = post(client, "certificates/", household_id=str(home.id), **HOW)
    assert made.status_code == 201
    one = f"certificates/{made.json()['id']}/"
    assert post(client, f"{one}copies/", reason="紛失", receiver="agent", id_checked="passport").json()["number"] == 2
    pdf = client.get(f"/api/v1/{one}copies/2.pdf")
    assert (pdf.headers["Content-Type"], pdf.content[:4]) == ("application/pdf", b"%PDF")
    assert post(client, f"{one}withdrawal/", reason="記載の誤り").json()["status"] == "withdrawn"
    rows = client.get("/api/v1/certificates/", {"household": str(home.id)}).json()
    assert [row["number_text"] for row in rows] == ["大浜市 被災第2026-000001号"]
    assert client.get(f"/api/v1/{one}").json()["withdrawn_reason"] == "記載の誤り"
    assert AccessLog.objects.filter(subject=f"household:{home.id}").count() == 3


def test_answers_hold_neither_content_nor_token(home, client):
    made = post(client, "certificates/", household_id=str(home.id), **HOW)
    assert "髙﨑" not in made.content.decode()
    assert Issue.objects.get().token not in made.content.decode()


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        ({"household_id": str(uuid7()), **HOW}, 404, "not_found"),
        ({"household_id": "x", **HOW}, 400, "invalid"),
        ({"purpose": "保険"}, 400, "invalid"),
    ],
)
def test_wrong_input_has_the_one_shape_of_errors(client, data, status, code):
    answer = post(client, "certificates/", **data)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_second_one_conflicts(home, client):
    post(client, "certificates/", household_id=str(home.id), **HOW)
    assert post(client, "certificates/", household_id=str(home.id), **HOW).status_code == 409
    assert client.get("/api/v1/certificates/").status_code == 400


def test_others_are_told_who_may(home, staff, sign_in):
    answer = post(sign_in(staff("welfare")), "certificates/", household_id=str(home.id), **HOW)
    assert answer.status_code == 403
    assert "税務" in answer.json()["error"]["message"]
