"""Which household a certificate is for: the one that counts on the day; and what was issued before stays."""

from __future__ import annotations

import pytest

from backend.core import clock
from backend.core.errors import Conflict, NotFound, Refused
from backend.damage.certificates import people, queries
from backend.damage.certificates.services import issue_hisai, withdraw_hisai
from backend.ledger.households import queries as households
from backend.ledger.households.services import decide, undo
from backend.ledger.models import Protection

HOW = {"purpose": "保険金の請求", "id_checked": "licence"}
GROUND = {"ground": "生計が別", "evidence": "聞き取り"}


@pytest.fixture
def home(disaster, household):
    members = [
        {"name": "高橋 一郎"},
        {"name": "高橋 花子", "relationship": "妻"},
        {"name": "高橋 ウメ", "relationship": "母"},
        {"name": "高橋 五郎", "relationship": "父"},
    ]
    return household(disaster(), members)


def split(home, staff, *given, kind="actual_split", **values):
    chosen = [person.pk for person in home.members.all() if person.name.split()[1] in given]
    made = decide(
        by=staff("welfare", sees_protected=True), household=home, kind=kind, people=chosen, **GROUND, **values
    )
    return households.founded(made.pk)[0], made


def names(home, clerk):
    return [person.name.split()[1] for person in people.printable(home.pk, clerk).members]


def test_the_paper_is_for_the_household_that_counts_and_the_old_one_stays(home, staff):
    clerk = staff("tax")
    before = issue_hisai(by=clerk, household_id=home.pk, **HOW)
    other, _ = split(home, staff, "ウメ", "五郎")
    assert names(home, clerk) == ["一郎", "花子"]
    assert names(other, clerk) == ["五郎", "ウメ"] or names(other, clerk) == ["ウメ", "五郎"]
    with pytest.raises(Conflict, match="世帯の認定の前"):
        issue_hisai(by=clerk, household_id=other.pk, **HOW)
    assert queries.certificate(before.pk, clerk).is_valid
    withdraw_hisai(by=clerk, issue_id=before.pk, reason="世帯の認定")
    issued = [issue_hisai(by=clerk, household_id=one.pk, **HOW) for one in (home, other)]
    assert [len(found.content["members"]) for found in issued] == [2, 2]
    assert issued[1].content["household_number"] == other.disaster_number
    assert issued[1].content["members"][0]["relationship"] == "世帯主"


def test_what_became_of_them_later_changes_no_paper(home, staff):
    clerk = staff("tax")
    with clock.frozen("2026-12-02T10:00:00+09:00"):
        later, _ = split(home, staff, "花子", kind="split", day=clock.today())
        assert names(home, clerk) == ["一郎", "花子", "ウメ", "五郎"]
        with pytest.raises(Refused, match=home.disaster_number):
            issue_hisai(by=clerk, household_id=later.pk, **HOW)


def test_a_household_that_all_left_says_where_they_count(home, household, staff):
    clerk = staff("tax")
    aunt = household(home.disaster, [{"name": "北山 雪子"}])
    made = decide(by=staff("welfare"), household=aunt, kind="actual_join", people=[], other=home, **GROUND)
    one = households.founded(made.pk)[0]
    with pytest.raises(Refused, match=one.disaster_number):
        issue_hisai(by=clerk, household_id=aunt.pk, **HOW)
    issue_hisai(by=clerk, household_id=one.pk, **HOW)
    undo(by=staff("welfare"), decision=made, reason="誤り")
    # What was issued to the household that is no more still stands between them and a second paper.
    with pytest.raises(Conflict, match="世帯の認定の前"):
        issue_hisai(by=clerk, household_id=aunt.pk, **HOW)


def test_the_household_of_a_hidden_person_is_no_household_for_others(home, staff):
    clerk, chief = staff("tax"), staff("tax", sees_protected=True)
    Protection.objects.create(person=home.members.get(name="高橋 花子"), source="desk")
    before = people.printable(home.pk, clerk)
    other, _ = split(home, staff, "花子")
    after = people.printable(home.pk, clerk)
    assert (before.members, before.hidden) == (after.members, after.hidden)
    with pytest.raises(NotFound):
        people.printable(other.pk, clerk)
    assert households.unseen_households(clerk, [home.pk, other.pk]) == {other.pk}
    assert people.printable(other.pk, chief, restricted=True).head.name == "高橋 花子"
