"""People under address protection: on nobody else's paper, in nobody else's list."""

import pytest

from backend.core.errors import NotFound, Refused
from backend.damage.certificates import queries, services
from backend.ledger.models import Protection, SameAs

HOW = {"purpose": "保険金の請求", "id_checked": "licence"}


def protect(person, **fields):
    return Protection.objects.create(person=person, source="desk", **fields)


@pytest.fixture
def home(disaster, household):
    return household(disaster(), [{"name": "表山 一郎"}, {"name": "秘山 密子", "relationship": "妻"}])


@pytest.fixture
def wife(home):
    return home.members.get(name="秘山 密子")


def names(found):
    return [member["name"] for member in found.content["members"]]


@pytest.mark.parametrize("sees", [False, True])
def test_a_protected_member_is_left_out_whoever_issues(home, wife, staff, sees):
    protect(wife)
    found = services.issue_hisai(by=staff("tax", sees_protected=sees), household_id=home.id, **HOW)
    assert names(found) == ["表山 一郎"]
    assert "秘山" not in str(found.content)


def test_the_registers_flag_protects_by_number_and_an_expiry_ends_nothing(home, wife, staff):
    Protection.objects.create(atena_no=wife.atena_no, source="register", expires_on="2020-01-01")
    assert names(services.issue_hisai(by=staff("tax"), household_id=home.id, **HOW)) == ["表山 一郎"]


def test_protection_of_a_record_joined_to_this_one_counts(home, wife, household, staff):
    elsewhere = household(home.disaster, [{"name": "秘山 密子"}]).members.get()
    SameAs.objects.create(person=elsewhere, into=wife, ground="窓口")
    protect(elsewhere)
    assert names(services.issue_hisai(by=staff("tax"), household_id=home.id, **HOW)) == ["表山 一郎"]


def test_lifted_protection_hides_nobody(home, wife, staff):
    clerk = staff("tax")
    protect(wife, lifted_at=home.created_at, lifted_by=clerk, lifted_reason="本人の申し出")
    assert len(names(services.issue_hisai(by=clerk, household_id=home.id, **HOW))) == 2


def test_a_household_of_hidden_people_is_like_an_unknown_number(home, staff, sign_in):
    clerk = staff("tax")
    found = services.issue_hisai(by=clerk, household_id=home.id, **HOW)
    for member in home.members.all():
        protect(member)
    for address in (f"households/{home.id}/", f"{found.id}/", f"{found.id}/1.pdf"):
        assert sign_in(clerk).get(f"/desk/certificates/{address}").status_code == 404
    assert queries.timeline(home.id, clerk) == []
    assert found.number_text not in sign_in(clerk).get("/desk/certificates/").content.decode()
    with pytest.raises(NotFound):
        services.issue_hisai(by=clerk, household_id=home.id, **HOW)


def test_paper_that_names_somebody_protected_since_is_not_handed_out_again(home, wife, staff, sign_in):
    clerk = staff("tax")
    old = services.issue_hisai(by=clerk, household_id=home.id, **HOW)
    protect(wife)
    with pytest.raises(Refused, match="秘匿"):
        services.copy_hisai(by=clerk, issue_id=old.id, reason="紛失", receiver="member", id_checked="licence")
    client = sign_in(clerk)
    assert client.get(f"/desk/certificates/{old.id}/1.pdf").status_code == 422
    assert "秘山" not in client.get(f"/desk/certificates/{old.id}/").content.decode()
    services.withdraw_hisai(by=clerk, issue_id=old.id, reason="秘匿のため")
    assert names(services.issue_hisai(by=clerk, household_id=home.id, **HOW)) == ["表山 一郎"]


def test_the_protected_person_gets_a_paper_of_their_own_that_others_do_not_know_of(home, wife, staff, sign_in):
    protect(wife)
    named, clerk = staff("tax", sees_protected=True), staff("tax")
    own = services.issue_hisai(by=named, household_id=home.id, restricted=True, **HOW)
    assert len(names(own)) == 2
    services.issue_hisai(by=clerk, household_id=home.id, **HOW)
    with pytest.raises(NotFound):
        queries.certificate(own.id, clerk)
    assert len(queries.household_issues(home.id, clerk)) == 1
    assert len(queries.household_issues(home.id, named)) == 2
    with pytest.raises(NotFound):
        services.issue_hisai(by=clerk, household_id=home.id, restricted=True, **HOW)


def test_when_the_head_is_hidden_nothing_is_issued_for_the_others(home, staff):
    protect(home.members.get(is_head=True))
    with pytest.raises(Refused, match="世帯主"):
        services.issue_hisai(by=staff("tax"), household_id=home.id, **HOW)
