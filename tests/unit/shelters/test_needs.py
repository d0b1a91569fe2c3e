"""What people need: written on one screen, a union of what several desks wrote, settled entry by entry."""

import pytest
from django.urls import reverse

from backend.facilities.models import Facility
from backend.journal.services import rebuild
from backend.ledger.models import Protection
from backend.shelters import merging, queries, services
from backend.shelters.models import StayEvent
from backend.shelters.needs import rules
from backend.shelters.needs import services as needs
from backend.shelters.needs.queries import needs_of


@pytest.fixture
def opening(db):
    return services.open_shelter(by=None, facility=Facility.objects.create(name="西町小学校"))


@pytest.fixture
def haru(opening):
    return services.check_in_new(by=None, opening=opening, details={"name": "北原 ハル"})[0]


@pytest.fixture
def desk(sign_in, staff):
    return sign_in(staff("shelter"))


def labels(evacuee):
    return [one.label for one in needs_of([evacuee]).get(evacuee, [])]


def test_two_desks_statements_are_one_list_and_nothing_is_dropped():
    said = [("allergy", "卵"), ("care", ""), ("allergy", "そば"), ("care", "車いす"), ("allergy", "卵")]
    assert rules.together(said) == [("allergy", "そば"), ("allergy", "卵"), ("care", "車いす")]


def test_what_is_settled_ends_by_its_own_entry_and_not_what_another_desk_wrote_since(haru):
    needs.state(by=None, evacuee=haru, needs=[("allergy", "卵"), ("infant", "")])
    assert needs.state(by=None, evacuee=haru, needs=[("allergy", "卵"), ("medicine", "")]) == 1
    needs.meet(by=None, evacuee=haru, need="allergy", text="卵")
    assert labels(haru) == ["服薬中・薬が必要", "乳幼児"]
    needs.state(by=None, evacuee=haru, needs=[("allergy", "卵")])
    assert labels(haru)[0] == "アレルギー：卵"


def test_people_who_are_one_need_what_both_needed_until_they_are_two_again(opening, haru):
    twin, _ = services.check_in_new(by=None, opening=opening, details={"name": "きたはら はる"})
    needs.state(by=None, evacuee=haru, needs=[("allergy", "卵")])
    needs.state(by=None, evacuee=twin, needs=[("care", "")])
    merging.merge(by=None, evacuee=twin, into=haru)
    assert labels(haru) == ["アレルギー：卵", "要介護・介助が必要"]
    merging.unmerge(by=None, evacuee=twin)
    assert (labels(haru), labels(twin)) == (["アレルギー：卵"], ["要介護・介助が必要"])


def test_the_tables_come_back_from_the_journal(haru):
    needs.state(by=None, evacuee=haru, needs=[("allergy", "卵"), ("care", "")])
    needs.meet(by=None, evacuee=haru, need="care")
    before = needs_of([haru])
    rebuild(["need."])
    assert needs_of([haru]) == before


def test_somebody_in_a_car_with_all_they_said_on_one_screen(desk, opening):
    form = {
        "name": "旅野 めぐる",
        "how": "car",
        "spot": "校庭 西",
        "plate": "大浜 300 あ 12-34",
        "needs": ["medicine", "pregnant"],
        "allergens": ["そば", "卵"],
        "allergy_other": "もも",
        "pet": "犬1",
    }
    desk.post(reverse("shelters:check_in_new", args=[opening]), form)
    row = queries.roster(opening, staff=None).rows[0]
    assert labels(row.face.id) == ["アレルギー：卵・そば・もも", "服薬中・薬が必要", "妊産婦", "ペット：犬1"]
    event = StayEvent.objects.get(entry=row.entry)
    assert (event.how, event.spot, event.plate) == ("car", "校庭 西", "大浜 300 あ 12-34")
    page = desk.get(reverse("shelters:person", args=[opening, row.face.id])).content.decode()
    assert "アレルギー：卵・そば・もも" in page
    assert "大浜 300 あ 12-34" in page


def test_who_asks_for_secrecy_on_that_screen_is_hidden_from_then_on(desk, opening, staff, sign_in):
    desk.post(reverse("shelters:check_in_new", args=[opening]), {"name": "北原 ナツ", "how": "inside", "secret": "on"})
    assert Protection.objects.count() == 1
    assert "北原" not in sign_in(staff("welfare")).get(reverse("shelters:shelter", args=[opening])).content.decode()


def test_needs_are_added_and_settled_from_the_persons_page(desk, opening, haru):
    desk.post(reverse("shelters:needs", args=[opening, haru]), {"needs": ["infant"], "other": "粉ミルク"})
    assert labels(haru) == ["乳幼児", "配慮すること：粉ミルク"]
    desk.post(reverse("shelters:need_met", args=[opening, haru]), {"need": "other", "text": "粉ミルク"})
    assert labels(haru) == ["乳幼児"]
    gone = desk.post(reverse("shelters:need_met", args=[opening, haru]), {"need": "other", "text": "粉ミルク"})
    assert gone.status_code == 404


def test_from_the_door_leaving_asks_where_to_with_one_key(desk, opening, haru):
    found = desk.post(reverse("shelters:find", args=[opening]), {"q": "北原", "evacuee": str(haru), "leave": "1"})
    page = found.content.decode()
    assert 'data-key="1"' in page
    form = {"q": "北原", "evacuee": str(haru), "leave": "1", "destination": "hospital"}
    answer = desk.post(reverse("shelters:find", args=[opening]), form)
    assert answer["Location"] == reverse("shelters:find", args=[opening])
    assert queries.roster(opening, staff=None).rows == []
    assert StayEvent.objects.latest("received_no").destination == "hospital"
