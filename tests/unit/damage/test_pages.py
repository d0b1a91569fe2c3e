import pytest
from django.urls import reverse

from backend.accounts.models import AccessLog
from backend.documents.models import Issue

FORM = {"purpose": "保険金の請求", "receiver": "member", "id_checked": "licence", "place": ""}


@pytest.fixture
def home(disaster, household):
    return household(disaster(), [{"name": "髙﨑 一郎", "kana": "タカサキ イチロウ"}, {"name": "髙﨑 花子"}])


@pytest.fixture
def client(staff, sign_in):
    return sign_in(staff("tax"))


def test_from_the_household_to_the_pdf_in_one_step(home, client):
    page = client.get(reverse("damage:issue", args=[home.id])).content.decode()
    assert "証明書に載る内容" in page
    assert "髙﨑" in page
    answer = client.post(reverse("damage:issue", args=[home.id]), FORM, follow=True)
    found = Issue.objects.get()
    assert found.number_text in answer.content.decode()
    pdf = client.get(reverse("damage:pdf", args=[found.id, 1]))
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["Content-Disposition"] == 'inline; filename="hisai-2026-000001-1.pdf"'
    assert "no-store" in pdf.headers["Cache-Control"]


def test_every_look_is_in_the_access_log(home, client):
    client.post(reverse("damage:issue", args=[home.id]), FORM)
    found = Issue.objects.get()
    AccessLog.objects.all()
    before = AccessLog.objects.count()
    client.get(reverse("damage:issue", args=[home.id]))
    client.get(reverse("damage:document", args=[found.id]))
    client.get(reverse("damage:pdf", args=[found.id, 1]))
    rows = list(AccessLog.objects.order_by("id")[before:])
    assert [row.what for row in rows] == ["household", "household", "export"]
    assert {row.subject for row in rows} == {f"household:{home.id}"}


def test_a_standing_certificate_is_said_and_a_copy_offered(home, client):
    client.post(reverse("damage:issue", args=[home.id]), FORM)
    found = Issue.objects.get()
    page = client.get(reverse("damage:issue", args=[home.id])).content.decode()
    assert "有効な証明書がすでに交付されています" in page
    assert reverse("damage:document", args=[found.id]) in page
    answer = client.post(reverse("damage:issue", args=[home.id]), FORM)
    assert answer.status_code == 409
    assert Issue.objects.count() == 1


def test_copy_and_withdraw_from_the_page(home, client):
    client.post(reverse("damage:issue", args=[home.id]), FORM)
    found = Issue.objects.get()
    form = {"reason": "紛失", "receiver": "agent", "id_checked": "passport"}
    page = client.post(reverse("damage:copy", args=[found.id]), form, follow=True).content.decode()
    assert "代理人（委任状あり）" in page
    assert reverse("damage:pdf", args=[found.id, 2]) in page
    wrong = client.post(reverse("damage:withdraw", args=[found.id]), {"reason": ""})
    assert wrong.status_code == 422
    page = client.post(reverse("damage:withdraw", args=[found.id]), {"reason": "記載の誤り"}, follow=True)
    assert "この証明書は失効しています" in page.content.decode()


def test_the_days_list_names_nobody(home, client):
    client.post(reverse("damage:issue", args=[home.id]), FORM)
    page = client.get(reverse("damage:index")).content.decode()
    assert Issue.objects.get().number_text in page
    assert "髙﨑" not in page


def test_looking_is_for_three_divisions_and_issuing_for_one(home, staff, sign_in):
    for division, index, issue in (("welfare", 200, 403), ("auditor", 200, 403), ("supplies", 403, 403)):
        client = sign_in(staff(division))
        assert client.get(reverse("damage:index")).status_code == index
        assert client.get(reverse("damage:issue", args=[home.id])).status_code == issue


def test_a_held_name_is_shown_with_its_place(home, household, client):
    other = household(home.disaster, [{"name": "外\ue000 花子"}])
    answer = client.post(reverse("damage:issue", args=[other.id]), FORM)
    assert answer.status_code == 422
    assert "世帯主の氏名の2文字目（U+E000）" in answer.content.decode()
