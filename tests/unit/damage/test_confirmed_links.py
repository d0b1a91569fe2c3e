"""Somebody typed by hand who may be a resident: no paper rests on a link that nobody has confirmed."""

import pytest

from backend.core.clock import now
from backend.core.errors import Conflict
from backend.damage.certificates import services
from backend.ledger import services as desk
from backend.ledger.matching import services as matching
from backend.ledger.models import SameAs

HOW = {"purpose": "保険金の請求", "id_checked": "licence"}
ICHIRO = {"name": "髙﨑 一郎", "birth": "1970-01-02", "sex": "1"}


@pytest.fixture
def home(disaster, household):
    return household(disaster(register_revision=1, filled_at=now()), [{**ICHIRO, "name": "髙﨑 一郎"}])


@pytest.fixture
def typed(home, staff):
    """The same man as typed at a counter; the machine has linked him."""
    made = desk.add_household(
        by=staff("shelter"), disaster=home.disaster, people=[ICHIRO], kind="outside", address="大浜市西町１番地"
    )
    assert SameAs.objects.get(until=None).confirmed_by is None
    return made


def confirm(home, typed, by, verdict="same"):
    matching.decide(by=by, record=typed.members.get().pk, verdict=verdict, into=home.members.get().pk)


def test_by_an_automatic_link_nothing_is_issued_and_the_page_confirms_it(home, typed, staff, sign_in):
    clerk = staff("tax")
    with pytest.raises(services.Unconfirmed, match="確認してから"):
        services.issue_hisai(by=clerk, household_id=typed.pk, **HOW)
    desk_of = sign_in(clerk)
    page = desk_of.get(f"/desk/certificates/households/{typed.pk}/").content.decode()
    assert "住民記録との結び付きが未確認です" in page
    said = {"into": home.members.get().pk, "proof": "document", "back": f"/desk/certificates/households/{typed.pk}/"}
    answer = desk_of.post(f"/desk/matching/{typed.members.get().pk}/confirm/", said, follow=True)
    page = answer.content.decode()
    assert "「同じ方」と確認しました" in page
    assert "住民記録の世帯で交付する" in page
    assert f"/desk/certificates/households/{home.pk}/" in page
    link = SameAs.objects.get(until=None)
    assert (link.confirmed_by, link.proof) == (clerk, "document")
    with pytest.raises(services.AsResident, match="住民記録の世帯から"):
        services.issue_hisai(by=clerk, household_id=typed.pk, **HOW)
    assert services.issue_hisai(by=clerk, household_id=home.pk, **HOW).is_valid


def test_when_they_are_two_each_gets_a_paper(home, typed, staff):
    clerk = staff("tax")
    confirm(home, typed, clerk, "other")
    assert services.issue_hisai(by=clerk, household_id=typed.pk, **HOW).is_valid
    assert services.issue_hisai(by=clerk, household_id=home.pk, **HOW).is_valid


def test_who_may_have_got_one_before_the_register_came_is_asked_about_first(home, typed, staff, sign_in):
    clerk = staff("tax")
    link = SameAs.objects.get()
    SameAs.objects.filter(pk=link.pk).update(until=now())
    early = services.issue_hisai(by=clerk, household_id=typed.pk, **HOW)
    SameAs.objects.filter(pk=link.pk).update(until=None)
    with pytest.raises(services.Unconfirmed, match="すでに交付"):
        services.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    assert "未確認です" in sign_in(clerk).get(f"/desk/certificates/households/{home.pk}/").content.decode()
    confirm(home, typed, clerk)
    with pytest.raises(Conflict, match="照合の前に"):
        services.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    services.withdraw_hisai(by=clerk, issue_id=early.id, reason="住民記録の世帯で交付するため")
    assert services.issue_hisai(by=clerk, household_id=home.pk, **HOW).is_valid


def test_the_page_leads_nowhere_else(home, typed, staff, sign_in):
    said = {"into": home.members.get().pk, "proof": "records", "back": "//elsewhere.example/"}
    answer = sign_in(staff("tax")).post(f"/desk/matching/{typed.members.get().pk}/confirm/", said)
    assert answer.url == f"/desk/matching/{typed.members.get().pk}/"
