"""Decisions about households: who counted on the day, what became of them, and that nothing of it is lost or shown."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from backend.core import clock
from backend.core.clock import today, tokyo_date
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.damage.certificates.services import issue_hisai
from backend.ledger import queries as ledger
from backend.ledger.fact_services import put_fact
from backend.ledger.households import hanging, queries, services
from backend.ledger.households import plan as plans
from backend.ledger.models import Household, HouseholdDescent, HouseholdLine, Person, Protection, SameAs
from backend.ledger.services import write_by_hand

GROUND = {"ground": "生計が別", "evidence": "光熱費の請求書、聞き取り"}


@pytest.fixture(autouse=True)
def two_weeks_later(disaster):
    with clock.frozen("2026-12-02T10:00:00+09:00"):
        yield


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def family(event, household):
    """高橋: 一郎, his wife 花子, their daughter 桃子, and his mother ウメ."""
    return household(
        event,
        [
            {"name": "高橋 一郎", "birth": "1970-01-02"},
            {"name": "高橋 花子", "relationship": "妻", "sex": "2", "birth": "1972-03-04"},
            {"name": "高橋 桃子", "relationship": "子", "sex": "2", "birth": "2015-05-06"},
            {"name": "高橋 ウメ", "relationship": "母", "sex": "2", "birth": "1944-07-08"},
        ],
    )


@pytest.fixture
def aunt(event, household):
    return household(event, [{"name": "北山 雪子", "sex": "2"}], address="大浜市北町２番地")


@pytest.fixture
def clerk(staff):
    return staff("welfare")


def someone(home, given):
    return ledger_person(home, given).pk


def ledger_person(home, given):
    return Person.objects.get(disaster=home.disaster, name__endswith=given)


def names(home, staff, at=None):
    return [member.person.name.split()[1] for member in queries.members_of(home, at=at, staff=staff)]


def roles(home, staff, at=None):
    return {m.person.name.split()[1]: m.relationship for m in queries.members_of(home, at=at, staff=staff)}


def made_by(decision):
    return queries.founded(decision.pk)[0]


def test_a_couple_separates_and_the_register_stays_as_it_was(family, clerk):
    wife, daughter = someone(family, "花子"), someone(family, "桃子")
    decision = services.decide(
        by=clerk, household=family, kind="split", people=[wife, daughter], day=date(2026, 11, 25), **GROUND
    )
    new = made_by(decision)
    assert new.kind == "later"
    assert new.disaster_number != family.disaster_number
    assert roles(new, clerk) == {"花子": "世帯主", "桃子": "子"}
    assert names(family, clerk) == ["一郎", "ウメ"]
    assert names(family, clerk, date(2026, 11, 24)) == ["一郎", "花子", "桃子", "ウメ"]
    assert names(family, clerk, queries.DISASTER) == ["一郎", "花子", "桃子", "ウメ"]
    assert set(family.members.values_list("name", flat=True)) == {"高橋 一郎", "高橋 花子", "高橋 桃子", "高橋 ウメ"}
    assert queries.household_of(wife, staff=clerk) == new.pk
    assert queries.household_of(wife, at=date(2026, 11, 24), staff=clerk) == family.pk
    assert [(d.origin, d.household, d.people) for d in queries.family(new, staff=clerk)] == [(family, new, 2)]
    page = ledger.household_page(new.pk, clerk)
    assert [m.person.name for m in page.members] == ["高橋 花子", "高橋 桃子"]
    assert page.head.name == "高橋 花子"


def test_children_go_to_an_aunt_and_come_back(family, aunt, clerk):
    child = someone(family, "桃子")
    services.decide(
        by=clerk, household=family, kind="move", people=[child], other=aunt, day=date(2026, 11, 20),
        kin={child: "姪"}, **GROUND,
    )  # fmt: skip
    assert roles(aunt, clerk) == {"雪子": "世帯主", "桃子": "姪"}
    back = services.decide(
        by=clerk, household=aunt, kind="move", people=[child], other=family, day=date(2026, 11, 30), **GROUND
    )
    assert names(family, clerk) == ["一郎", "花子", "ウメ", "桃子"]
    assert names(aunt, clerk, date(2026, 11, 29)) == ["雪子", "桃子"]
    assert len(queries.family(aunt, staff=clerk)) == 2
    services.undo(by=clerk, decision=back, reason="まだ戻っていない")
    assert names(aunt, clerk) == ["雪子", "桃子"]
    assert queries.spells(aunt, staff=clerk)[child] == [(date(2026, 11, 20), None)]
    assert queries.spells(family, staff=clerk)[child] == [(None, date(2026, 11, 20))]


def test_apartment_sharing_is_two_households_under_one_number_of_the_register(event, household, clerk):
    shared = household(event, [{"name": "西川 守"}, {"name": "東野 実", "relationship": "同居人"}])
    decision = services.decide(
        by=clerk, household=shared, kind="actual_split", people=[someone(shared, "実")], **GROUND
    )
    other = made_by(decision)
    assert decision.effective_on == tokyo_date(event.occurred_at)
    assert other.kind == "actual"
    for at in (queries.DISASTER, today(), tokyo_date(event.occurred_at)):
        assert names(shared, clerk, at) == ["守"]
        assert roles(other, clerk, at) == {"実": "世帯主"}
    page = ledger.household_page(shared.pk, clerk)
    assert [m.person.name for m in page.members] == ["西川 守", "東野 実"]
    assert [m.person.name for m in page.counted] == ["西川 守"]
    assert page.today is None


def test_two_households_of_the_register_are_one_and_both_stay_visible(family, aunt, clerk):
    decision = services.decide(by=clerk, household=family, kind="actual_join", people=[], other=aunt, **GROUND)
    one = made_by(decision)
    assert names(one, clerk) == ["一郎", "花子", "桃子", "ウメ", "雪子"]
    assert names(family, clerk, queries.DISASTER) == names(aunt, clerk) == []
    assert {d.origin for d in queries.family(one, staff=clerk)} == {family, aunt}
    assert queries.related([aunt.pk]) == {family.pk, aunt.pk, one.pk}
    page = ledger.household_page(aunt.pk, clerk)
    assert ([m.person.name for m in page.members], page.counted) == (["北山 雪子"], [])


def test_who_lived_elsewhere_on_the_day_is_put_there(family, aunt, clerk):
    mother = someone(family, "ウメ")
    services.decide(by=clerk, household=family, kind="actual_move", people=[mother], other=aunt, **GROUND)
    assert names(aunt, clerk, queries.DISASTER) == ["雪子", "ウメ"]
    # What became of her later has no part in who was struck.
    services.decide(
        by=clerk, household=aunt, kind="split", people=[mother], day=date(2026, 11, 18), **GROUND
    )  # on the very day of the disaster
    assert names(aunt, clerk, queries.DISASTER) == ["雪子", "ウメ"]
    assert names(aunt, clerk) == ["雪子"]


def test_a_merge_takes_the_living_and_leaves_the_dead(family, aunt, clerk):
    put_fact(
        by=clerk, disaster=family.disaster, kind="life_status", value={"status": "dead", "on": "2026-11-18"},
        room="ledger", person=ledger_person(family, "一郎"),
    )  # fmt: skip
    services.decide(by=clerk, household=family, kind="merge", people=[], other=aunt, day=today(), **GROUND)
    assert names(aunt, clerk) == ["雪子", "花子", "桃子", "ウメ"]
    assert names(family, clerk) == ["一郎"]
    assert roles(aunt, clerk)["花子"] == ""


def test_a_new_head_after_a_death(family, clerk):
    put_fact(
        by=clerk, disaster=family.disaster, kind="life_status", value={"status": "dead"}, room="ledger",
        person=ledger_person(family, "一郎"),
    )  # fmt: skip
    with pytest.raises(Refused, match="亡くなった方"):
        services.decide(
            by=clerk, household=family, kind="head", people=[], day=today(), heads={"stay": someone(family, "一郎")},
            **GROUND,
        )  # fmt: skip
    decision = services.decide(by=clerk, household=family, kind="head", people=[], day=today(), **GROUND)
    assert roles(family, clerk) == {"花子": "世帯主", "一郎": "夫", "桃子": "子", "ウメ": ""}
    assert [m.person.name for m in queries.members_of(family, staff=clerk) if m.is_head] == ["高橋 花子"]
    assert queries.counted_members(family, staff=clerk)[0].person.name == "高橋 一郎"
    # A new head does not stand in the way of a decision about the day of the disaster.
    services.decide(by=clerk, household=family, kind="actual_split", people=[someone(family, "ウメ")], **GROUND)
    services.undo(by=clerk, decision=decision, reason="記入の誤り")
    assert ledger.household_page(family.pk, clerk).head.name == "高橋 一郎"


def test_when_the_head_leaves_those_who_stay_get_one(family, clerk):
    husband, daughter = someone(family, "一郎"), someone(family, "桃子")
    plan = plans.make(staff=clerk, household=family, kind="split", people=[husband], day=today())
    assert {result.key: result.asks_head for result in plan.results} == {"stay": True, "go": True}
    services.decide(
        by=clerk, household=family, kind="split", people=[husband], day=today(),
        kin={someone(family, "ウメ"): "夫の母", daughter: "世帯主"}, **GROUND,
    )  # fmt: skip
    assert roles(family, clerk) == {"花子": "世帯主", "桃子": "", "ウメ": "夫の母"}


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("split", {"people": []}, "対象の方"),
        ("split", {"people": ["一郎", "花子", "桃子", "ウメ"]}, "全員"),
        ("split", {"people": ["花子"], "day": date(2026, 12, 3)}, "未来"),
        ("split", {"people": ["花子"], "day": date(2026, 11, 17)}, "発災日より前"),
        ("split", {"people": ["雪子"]}, "いない方"),
        ("move", {"people": ["花子"]}, "相手の世帯"),
        ("merge", {"people": ["花子"], "other": "aunt"}, "全員が対象"),
        ("merge", {"people": [], "other": "family"}, "同じ世帯"),
        ("merge", {"people": [], "other": "elsewhere"}, "ほかの災害"),
        ("nonsense", {"people": []}, "種別"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(family, aunt, clerk, kind, values, message, disaster, household):
    elsewhere = household(disaster("2027", occurred_at="2026-11-30T00:00:00Z"), [{"name": "南 風"}])
    homes = {"aunt": aunt, "family": family, "elsewhere": elsewhere}
    people = [someone(family, given) for given in values["people"]]
    with pytest.raises(Refused, match=message):
        services.decide(
            by=clerk, household=family, kind=kind, people=people, other=homes.get(values.get("other")),
            day=values.get("day", today()), **GROUND,
        )  # fmt: skip
    assert not HouseholdLine.objects.exists()
    assert Household.objects.filter(kind__in=queries.FOUNDED).count() == 0


def test_a_decision_needs_the_right_a_ground_and_what_was_seen(family, staff, clerk):
    wife = someone(family, "花子")
    with pytest.raises(Forbidden):
        services.decide(by=staff("shelter"), household=family, kind="split", people=[wife], **GROUND)
    with pytest.raises(Refused) as refusal:
        services.decide(by=clerk, household=family, kind="split", people=[wife], ground=" ", evidence="")
    assert set(refusal.value.fields) == {"ground", "evidence"}


def test_what_changed_since_it_was_shown_is_shown_again(family, clerk, staff):
    wife, daughter = someone(family, "花子"), someone(family, "桃子")
    plan = plans.make(staff=clerk, household=family, kind="split", people=[wife], day=today())
    services.decide(by=staff("tax"), household=family, kind="split", people=[daughter], day=today(), **GROUND)
    with pytest.raises(Conflict):
        services.decide(by=clerk, household=family, kind="split", people=[wife], day=today(), seen=plan.seen, **GROUND)


def test_undoing_goes_from_the_last_to_the_first_and_keeps_the_number(family, aunt, clerk):
    wife = someone(family, "花子")
    first = services.decide(by=clerk, household=family, kind="split", people=[wife], day=date(2026, 11, 20), **GROUND)
    new = made_by(first)
    second = services.decide(by=clerk, household=new, kind="merge", people=[], other=aunt, day=today(), **GROUND)
    with pytest.raises(Refused, match="世帯の合併"):
        services.undo(by=clerk, decision=first, reason="誤り")
    with pytest.raises(Refused, match="理由"):
        services.undo(by=clerk, decision=second, reason=" ")
    services.undo(by=clerk, decision=second, reason="誤り")
    services.undo(by=clerk, decision=first, reason="誤り")
    with pytest.raises(Conflict):
        services.undo(by=clerk, decision=first, reason="誤り")
    assert names(family, clerk) == ["一郎", "花子", "桃子", "ウメ"]
    assert queries.is_undone(new)
    page = ledger.household_page(new.pk, clerk)
    assert [m.person.name for m in page.members] == ["高橋 花子"]
    assert page.today == []
    with pytest.raises(Refused, match="取り消された"):
        services.decide(by=clerk, household=aunt, kind="merge", people=[], other=new, day=today(), **GROUND)
    again = services.decide(by=clerk, household=family, kind="split", people=[wife], day=today(), **GROUND)
    assert made_by(again).number == new.number + 1
    assert [view.is_undone for view in queries.decisions_of(family, clerk)] == [False, True]


def test_what_was_written_on_the_undone_household_is_assigned(family, clerk, staff):
    wife = someone(family, "花子")
    decision = services.decide(by=clerk, household=family, kind="split", people=[wife], day=today(), **GROUND)
    new = made_by(decision)
    for kind, text in (("telephone", "000-0001"), ("mailing_address", "遠市中町3"), ("note", "覚え")):
        write_by_hand(by=clerk, household=new, kind=kind, text=text)
    paper = issue_hisai(by=staff("tax"), household_id=family.pk, purpose="保険", id_checked="licence")
    assert paper.is_valid
    services.undo(by=clerk, decision=decision, reason="誤り")
    rows = hanging.of_decision(queries.decision(decision.pk, clerk), clerk)
    assert [(item.row.title, item.text) for item in rows] == [
        ("電話番号の記入", "000-0001"),
        ("送付先の記入", "遠市中町3"),
        ("覚え書きの記入", "覚え"),
    ]
    assert [home.pk for home in rows[0].choices] == [family.pk]
    hanging.assign(by=clerk, row=rows[0].row.pk, into=family.pk)
    hanging.assign(by=clerk, row=rows[2].row.pk, into=None)
    said = {home: ledger.current_facts(household=home) for home in (family, new)}
    assert said[family]["telephone"].value["text"] == "000-0001"
    assert said[new]["telephone"].value["text"] == ""
    assert said[new]["note"].value["text"] == "覚え"
    assert hanging.open_counts(family.disaster, clerk) == {decision.pk: 1}
    with pytest.raises(Conflict):
        hanging.assign(by=clerk, row=rows[0].row.pk, into=family.pk)
    with pytest.raises(Refused, match="どの世帯"):
        hanging.assign(by=clerk, row=rows[1].row.pk, into=new.pk)
    with pytest.raises(Forbidden):
        hanging.assign(by=staff("shelter"), row=rows[1].row.pk, into=None)


def test_a_paper_of_the_undone_household_is_on_the_list_and_is_not_moved(family, clerk, staff):
    wife = someone(family, "花子")
    decision = services.decide(by=clerk, household=family, kind="actual_split", people=[wife], **GROUND)
    paper = issue_hisai(by=staff("tax"), household_id=made_by(decision).pk, purpose="保険", id_checked="licence")
    services.undo(by=clerk, decision=decision, reason="誤り")
    (only,) = hanging.of_decision(queries.decision(decision.pk, clerk), clerk)
    assert paper.number_text in only.row.title
    hanging.assign(by=clerk, row=only.row.pk, into=family.pk)
    paper.refresh_from_db()
    assert paper.household == made_by(decision).pk


def test_what_was_written_is_hidden_where_somebody_of_it_is(family, clerk, staff):
    wife = someone(family, "花子")
    decision = services.decide(by=clerk, household=family, kind="split", people=[wife], day=today(), **GROUND)
    write_by_hand(by=clerk, household=made_by(decision), kind="telephone", text="000-0001")
    services.undo(by=clerk, decision=decision, reason="誤り")
    row = hanging.of_decision(queries.decision(decision.pk, clerk), clerk)[0].row
    Protection.objects.create(person_id=wife, source="desk")
    assert hanging.open_counts(family.disaster, clerk) == {}
    with pytest.raises(NotFound):
        hanging.assign(by=clerk, row=row.pk, into=family.pk)
    assert hanging.open_counts(family.disaster, staff("welfare", sees_protected=True)) == {decision.pk: 1}


def test_a_day_before_a_later_decision_is_refused(family, aunt, clerk):
    wife = someone(family, "花子")
    services.decide(
        by=clerk, household=family, kind="move", people=[wife], other=aunt, day=date(2026, 11, 25), **GROUND
    )
    for kind, day in (("split", date(2026, 11, 20)), ("actual_split", None)):
        with pytest.raises(Refused, match="先にそれを取り消して"):
            services.decide(by=clerk, household=family, kind=kind, people=[wife], day=day, **GROUND)


def test_somebody_typed_who_is_one_with_a_resident_is_decided_about_as_the_resident(family, event, household, clerk):
    typed = household(event, [{"name": "高橋 花子子", "atena_no": None}, {"name": "誰か 他", "atena_no": None}])
    person = typed.members.first()
    SameAs.objects.create(person=person, into=ledger_person(family, " 花子"), ground="宛名番号")
    with pytest.raises(Refused, match="結び付けられた方"):
        services.decide(by=clerk, household=typed, kind="split", people=[person.pk], day=today(), **GROUND)


# What the database itself refuses ---------------------------------------------------------------------------------------


def line(decision, person, home, into, **fields):
    values = {"since": decision.effective_on, **fields}
    return HouseholdLine.objects.create(
        decision=decision, person=person, from_household=home, into_household=into, **values
    )


def refused(act):
    with pytest.raises(IntegrityError), transaction.atomic():
        act()


def test_the_database_holds_one_household_at_a_time_and_no_descent_from_itself(family, aunt, clerk, event, household):
    wife = ledger_person(family, "花子")
    first = services.decide(
        by=clerk, household=family, kind="move", people=[wife.pk], other=aunt, day=date(2026, 11, 25), **GROUND
    )
    third = household(event, [{"name": "南 風"}])
    second = services.decide(
        by=clerk, household=family, kind="split", people=[someone(family, "桃子")], day=today(), **GROUND
    )
    refused(lambda: line(second, wife, aunt, third))
    later = timedelta(days=1)
    refused(lambda: line(second, wife, aunt, third, since=first.effective_on - later, until=first.effective_on + later))
    line(second, wife, aunt, third, since=first.effective_on - later, until=first.effective_on)
    refused(lambda: HouseholdLine.objects.filter(decision=second, person=wife).update(until=first.effective_on + later))
    refused(lambda: line(second, ledger_person(family, "ウメ"), family, family))
    refused(lambda: HouseholdDescent.objects.create(decision=first, household=family, origin=family))


# People under protection ------------------------------------------------------------------------------------------------


def hide(person):
    Protection.objects.create(person=person, source="desk")


@pytest.fixture
def chief(staff):
    return staff("welfare", sees_protected=True, is_supervisor=True)


def test_where_a_protected_wife_went_cannot_be_told(family, clerk, chief):
    wife = ledger_person(family, "花子")
    hide(wife)
    before = ledger.household_page(family.pk, clerk)
    new = made_by(services.decide(by=chief, household=family, kind="split", people=[wife.pk], day=today(), **GROUND))
    after = ledger.household_page(family.pk, clerk)
    assert (before.hidden, [m.person for m in before.members], before.today, before.counted) == (
        after.hidden, [m.person for m in after.members], after.today, after.counted,
    )  # fmt: skip
    assert queries.decisions_of(family, clerk) == queries.family(family, staff=clerk) == []
    assert queries.decisions(family.disaster, clerk) == []
    assert not [row for row in ledger.timeline(family.pk, clerk) if "分離" in row["title"]]
    for unknown in (new.pk, wife.pk):
        with pytest.raises(NotFound) as answer:
            ledger.household_page(unknown, clerk)
        assert answer.value.message == ledger.UNKNOWN_HOUSEHOLD
    assert [m.person for m in ledger.household_page(new.pk, chief).members] == [wife]
    assert len(queries.family(family, staff=chief)) == 1


def test_a_child_who_went_with_her_is_shown_without_her(family, clerk, chief):
    wife, child = ledger_person(family, "花子"), ledger_person(family, "桃子")
    hide(wife)
    decision = services.decide(
        by=chief, household=family, kind="split", people=[wife.pk, child.pk], day=today(), **GROUND
    )
    page = ledger.household_page(made_by(decision).pk, clerk)
    assert ([m.person for m in page.members], page.hidden) == ([child], 0)
    assert queries.decision(decision.pk, clerk).names == "高橋 桃子"
    with pytest.raises(Refused, match="監督者"):
        services.undo(by=clerk, decision=decision, reason="誤り")


def test_all_of_a_household_with_somebody_hidden_is_decided_by_those_who_see_them(family, aunt, clerk, chief):
    hide(ledger_person(family, "花子"))
    for kind in ("merge", "actual_join"):
        with pytest.raises(Refused, match="支援措置対象者を見られる"):
            services.decide(by=clerk, household=family, kind=kind, people=[], other=aunt, day=today(), **GROUND)
    services.decide(by=chief, household=family, kind="merge", people=[], other=aunt, day=today(), **GROUND)
    assert names(aunt, clerk) == ["雪子", "一郎", "桃子", "ウメ"]


def test_whoever_went_to_a_hidden_household_still_stands_in_the_old_one(family, aunt, clerk, chief):
    child = ledger_person(family, "桃子")
    hide(aunt.members.get())
    services.decide(by=chief, household=family, kind="move", people=[child.pk], other=aunt, day=today(), **GROUND)
    assert "桃子" in names(family, clerk)
    assert "桃子" not in names(family, chief)
    assert queries.household_of(child.pk, staff=clerk) == family.pk
