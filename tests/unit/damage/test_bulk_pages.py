import pytest
from django.urls import reverse

from backend.core.work import new_token
from backend.damage.certificates.bulk import queries
from backend.damage.models import BulkRun
from backend.documents.models import Issue
from backend.ledger.models import Person
from backend.ledger.services import ask_protection


@pytest.fixture
def town(disaster, household, staff, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    event = disaster()
    home = household(event, [{"name": "高橋 一郎"}])
    hidden = household(event, [{"name": "秘密 花子"}, {"name": "秘密 次郎"}])
    ask_protection(by=staff("register"), person=Person.objects.get(name="秘密 花子"))
    return home, hidden


def test_from_the_page_to_the_files(town, staff, sign_in):
    home, hidden = town
    client = sign_in(staff("tax"))
    page = client.get(reverse("damage:bulk")).content.decode()
    assert "まだ交付していない世帯 2" in page
    form = {"token": new_token(), "purpose": "被災者支援の手続き", "post": "page"}
    answer = client.post(reverse("damage:bulk"), form, follow=True)
    shown = answer.content.decode()
    assert "1通を交付しました。除いた世帯は1です。" in shown
    assert "秘匿の方がいる" in shown
    assert hidden.disaster_number not in shown
    run = BulkRun.objects.get()
    file = run.files.get()
    pdf = client.get(reverse("damage:bulk_file", args=[run.pk, file.name]))
    assert b"".join(pdf.streaming_content).startswith(b"%PDF")
    listed = b"".join(client.get(reverse("damage:bulk_file", args=[run.pk, "manifest.csv"])).streaming_content)
    assert home.disaster_number in listed.decode("utf-8-sig")
    assert client.get(reverse("damage:bulk_file", args=[run.pk, "other.csv"])).status_code == 404
    again = client.post(reverse("damage:bulk"), form, follow=True)
    assert BulkRun.objects.count() == 1
    assert again.status_code == 200


def test_who_applied_gets_the_risai_from_its_page_and_the_control_sheet_counts_it(
    event, two, household, house, judge, ask_for, staff, sign_in, settings, tmp_path
):
    settings.DATA_DIR = tmp_path
    ask_protection(by=staff("register"), person=household(event, [{"name": "秘密 花子"}]).members.get())
    homes = [household(event, [{"name": f"世帯{place} 一郎"}], postal_code="9990001") for place in range(3)]
    houses = [house("", home, by=two[0]) for home in homes]
    for one in houses:
        judge(one, "half")
    ask_for(homes[0], houses[0], copies=2)
    ask_for(homes[1], houses[1], applicant="heir", relation="長男", head_name="世帯1 一郎")
    client = sign_in(two[0])
    page = client.get(reverse("damage:bulk_risai")).content.decode()
    assert "まだ交付していない世帯 2" in page
    assert "申請のない世帯 1" in page
    form = {"token": new_token(), "purpose": "被災者支援の手続き", "post": "page"}
    shown = client.post(reverse("damage:bulk_risai"), form, follow=True).content.decode()
    assert "1通を交付しました。除いた世帯は1です。" in shown
    assert "相続人の申請です。窓口で交付します。" in shown
    assert reverse("damage:risai", args=[homes[1].pk]) in shown
    assert homes[2].disaster_number not in shown
    run = BulkRun.objects.get(kind="risai")
    found = queries.control(run)
    assert (found.papers, found.copies, found.pages) == (1, 2, 3)
    assert found.first == found.last == Issue.objects.get().number_text
    assert found.held == [("申請の確認が要る", 1), ("申請がない", 1)]
    sheet = client.get(reverse("damage:bulk_control", args=[run.pk])).content.decode()
    assert found.first in sheet
    assert run.files.get().name in sheet
    assert "世帯0" not in sheet


def test_whoever_sees_the_protected_learns_which_household_it_is(town, staff, sign_in):
    _, hidden = town
    client = sign_in(staff("tax", sees_protected=True))
    form = {"token": new_token(), "purpose": "手続き", "post": "none"}
    shown = client.post(reverse("damage:bulk"), form, follow=True).content.decode()
    assert hidden.disaster_number in shown


def test_only_the_tax_division_comes_in(town, staff, sign_in):
    for division in ("welfare", "auditor", "administrator"):
        assert sign_in(staff(division)).get(reverse("damage:bulk")).status_code == 403


def test_without_a_purpose_nothing_begins(town, staff, sign_in):
    form = {"token": new_token(), "purpose": "", "post": "page"}
    answer = sign_in(staff("tax")).post(reverse("damage:bulk"), form)
    assert answer.status_code == 422
    assert not BulkRun.objects.exists()
