"""Judgements: two people, a later survey up or down, the fact in the ledger, any order of the same acts."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from random import Random

import pytest
from django.db import IntegrityError, connections, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.core.clock import now
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.damage.judgements import queries, rules, services
from backend.damage.models import Judgement
from backend.damage.surveys import queries as survey_queries
from backend.damage.surveys import services as surveys
from backend.ledger import queries as ledger
from backend.ledger.houses import services as linking
from backend.ledger.models import Fact, HouseLink

CLASSES = {"total": 60, "large": 45, "medium": 35, "half": 25, "quasi": 15, "below": 5}


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def two(staff):
    return staff("tax"), staff("tax")


@pytest.fixture
def judged(event, two, sheet):
    """`judged(house, "half", stage="first", day=20)`: surveyed, judged and confirmed by the two."""

    def make(house, found, *, stage="first", day=20, replaces=None):
        method = "exterior" if stage == "first" else "interior"
        said = sheet(stage=stage, method=method, found=found, ratio=CLASSES[found], surveyed_on=date(2026, 11, day))
        row = surveys.record(by=two[0], disaster=event, house=house.pk, sheet=said, replaces=replaces)
        return services.confirm(by=two[1], judgement=services.make(by=two[0], survey=row.pk).pk)

    return make


def fact(home):
    found = Fact.objects.filter(household=home, kind="damage_class", replaced_by=None).first()
    return found.value["class"] if found else None


def test_two_people_and_a_survey(event, two, staff, house, sheet):
    one, other = two
    row = surveys.record(by=one, disaster=event, house=house().pk, sheet=sheet())
    with pytest.raises(NotFound, match="調査が要ります"):
        services.make(by=one, survey=event.pk)
    made = services.make(by=one, survey=row.pk, effective_on=date(2026, 11, 22), reason="写真で確認")
    with pytest.raises(Conflict, match="すでに起案"):
        services.make(by=other, survey=row.pk)
    with pytest.raises(Refused, match="自分で起案"):
        services.confirm(by=one, judgement=made.pk)
    with pytest.raises(Forbidden):
        services.confirm(by=staff("welfare"), judgement=made.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Judgement.objects.filter(pk=made.pk).update(confirmed_by=one, confirmed_at=now())
    assert services.confirm(by=other, judgement=made.pk).state == "holds"
    with pytest.raises(Conflict, match="すでに確認"):
        services.confirm(by=other, judgement=made.pk)


@pytest.mark.parametrize("day", [date(2026, 11, 19), date(2026, 11, 26)])
def test_a_judgement_is_not_before_its_survey_nor_to_come(event, two, house, sheet, day):
    row = surveys.record(by=two[0], disaster=event, house=house().pk, sheet=sheet())
    with pytest.raises(Refused, match="調査日から今日まで"):
        services.make(by=two[0], survey=row.pk, effective_on=day)


def test_a_later_survey_counts_up_or_down_and_the_fact_follows_with_its_date(judged, house, household, event, two):
    homes = [household(event, [{"name": f"大浜 {n}"}]) for n in "一二三"]
    one = house("", *homes[:2], by=two[0])
    first = judged(one, "half")
    assert [fact(home) for home in homes] == ["half", "half", None]
    second = judged(one, "large", stage="second", day=22)
    assert second.replaces == first
    third = judged(one, "medium", stage="again", day=24)
    assert [fact(home) for home in homes] == ["medium", "medium", None]
    kept = Fact.objects.filter(household=homes[0], kind="damage_class").order_by("recorded_at", "pk")
    assert [one.value["class"] for one in kept] == ["half", "large", "medium"]
    assert kept.last().effective_on == third.effective_on
    assert queries.present([one.pk], event)[one.pk] == third
    first.refresh_from_db()
    assert first.state == "past"


def test_who_decided_by_a_class_that_changed_finds_what_to_decide_again(judged, house, household, event, two):
    homes = [household(event, [{"name": f"大浜 {n}"}]) for n in "一二三"]
    houses = [house("", home, by=two[0]) for home in homes]
    for one in houses:
        judged(one, "half")
    # As the room that pays keeps them: by which fact each household was decided.
    kept = {home.pk: Fact.objects.get(household=home, kind="damage_class").pk for home in homes}
    judged(houses[0], "large", stage="second", day=22)
    last = judged(houses[0], "below", stage="again", day=24)
    judged(houses[1], "half", stage="second", day=22)
    found = ledger.overtaken(kept.values())
    assert found[kept[homes[0].pk]].value["class"] == "below"
    assert found[kept[homes[0].pk]].effective_on == last.effective_on
    assert kept[homes[2].pk] not in found
    assert ledger.overtaken([]) == {}


def test_an_earlier_survey_confirmed_late_changes_nothing(judged, house, household, event, two):
    home = household(event, [{"name": "大浜 一郎"}])
    one = house("", home, by=two[0])
    judged(one, "large", stage="second", day=22)
    late = judged(one, "half", day=20)
    assert (late.state, fact(home)) == ("past", "large")


def test_a_survey_typed_again_takes_its_judgement_with_it(judged, event, two, house, sheet):
    one = house()
    wrong = judged(one, "half", day=22)
    with pytest.raises(Conflict, match="起案"):
        services.make(by=two[0], survey=wrong.survey_id)
    right = judged(one, "quasi", day=21, replaces=wrong.survey_id)
    wrong.refresh_from_db()
    assert (wrong.state, right.state) == ("past", "holds")
    waits = surveys.record(by=two[0], disaster=event, house=house().pk, sheet=sheet())
    made = services.make(by=two[0], survey=waits.pk)
    surveys.record(
        by=two[0], disaster=event, house=waits.house_id, sheet=sheet(ratio=31, found="medium"), replaces=waits.pk
    )
    with pytest.raises(Refused, match="打ち直されています"):
        services.confirm(by=two[1], judgement=made.pk)


def test_the_residents_own_judgement_needs_a_photograph(event, two, house, sheet):
    said = sheet(method="photo_self", consent_on=date(2026, 11, 19))
    row = surveys.record(by=two[0], disaster=event, house=house().pk, sheet=said)
    assert row.damage_class == "below"
    with pytest.raises(Refused, match="写真"):
        services.make(by=two[0], survey=row.pk)


def test_households_linked_later_follow_and_leave(judged, house, household, event, two):
    home = household(event, [{"name": "大浜 一郎"}])
    one = house("", home)
    judged(one, "total")
    assert fact(home) is None  # an automatic link is a reading aid
    link = linking.confirm(by=two[0], link=HouseLink.objects.get(household=home))
    assert fact(home) == "total"
    linking.undo(by=two[0], link=link)
    assert fact(home) is None
    assert Fact.objects.filter(household=home, kind="damage_class").count() == 2
    new = household(event, [{"name": "大浜 次郎"}])
    linking.link_by_hand(by=two[0], house=one, household=new)
    assert fact(new) == "total"
    owner = household(event, [{"name": "大浜 三郎"}])
    linking.link_by_hand(by=two[0], house=one, household=owner, role="owns")
    assert fact(owner) is None


def test_a_household_in_two_houses_has_the_heavier_class_and_both_in_the_fact(judged, house, household, event, two):
    home = household(event, [{"name": "大浜 一郎"}])
    light, heavy = house("", home, by=two[0]), house("", home, by=two[0])
    judged(heavy, "large")
    judged(light, "quasi")
    found = Fact.objects.get(household=home, kind="damage_class", replaced_by=None).value
    assert found["class"] == "large"
    assert {one["class"] for one in found["houses"]} == {"large", "quasi"}


@pytest.mark.parametrize("act", ["make", "confirm", "reject"])
@pytest.mark.parametrize("step", rules.TRANSITIONS)
def test_each_act_is_done_where_the_table_allows_it_and_refused_elsewhere(event, two, house, sheet, step, act):
    row = surveys.record(by=two[0], disaster=event, house=house().pk, sheet=sheet())
    made = services.make(by=two[0], survey=row.pk) if step != "unjudged" else None
    if step == "confirmed":
        services.confirm(by=two[1], judgement=made.pk)
    if step == "rejected":
        services.reject(by=two[1], judgement=made.pk, reason="写真と違う")
    do = {
        "make": lambda: services.make(by=two[0], survey=row.pk),
        "confirm": lambda: services.confirm(by=two[1], judgement=made.pk if made else row.pk),
        "reject": lambda: services.reject(by=two[1], judgement=made.pk if made else row.pk, reason="写真と違う"),
    }
    leads = rules.TRANSITIONS[step].get(act)
    if leads is None:
        with pytest.raises(Conflict if made else NotFound) as refusal:
            do[act]()
        assert not made or rules.refusal(step, act) == refusal.value.message
    else:
        assert do[act]().step == leads


def test_the_services_do_what_the_table_says(event, two, house, sheet, monkeypatch):
    row = surveys.record(by=two[0], disaster=event, house=house().pk, sheet=sheet())
    monkeypatch.setitem(rules.TRANSITIONS, "unjudged", {})
    monkeypatch.setitem(rules.WHY_NOT, ("unjudged", "make"), "起案を止めています。")
    with pytest.raises(Conflict, match="止めています"):
        services.make(by=two[0], survey=row.pk)


def test_what_was_sent_back_is_surveyed_and_not_judged(event, two, house, sheet):
    row = surveys.record(by=two[0], disaster=event, house=house().pk, sheet=sheet())
    made = services.make(by=two[0], survey=row.pk)
    assert survey_queries.counts(event) == {"waiting": 0, "surveyed": 0, "to_confirm": 1, "judged": 0}
    services.reject(by=two[1], judgement=made.pk, reason="写真と違う")
    assert survey_queries.counts(event) == {"waiting": 0, "surveyed": 1, "to_confirm": 0, "judged": 0}
    again = services.make(by=two[0], survey=row.pk, reason="写真を撮り直した")
    assert services.confirm(by=two[1], judgement=again.pk).state == "holds"


def test_a_disaster_of_its_own(judged, house, household, event, disaster, two):
    other = disaster("2027")
    home = household(other, [{"name": "大浜 一郎"}])
    judged(house("", home, by=two[0]), "total")
    assert fact(home) is None


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the rule
@given(
    st.lists(
        st.tuples(st.sampled_from(list(rules.STAGE_ORDER)), st.integers(1, 9), st.sampled_from(list(CLASSES))),
        min_size=1,
        max_size=7,
        unique_by=lambda one: one[:2],
    ),
    st.randoms(use_true_random=False),
)
def test_what_counts_hangs_on_the_surveys_and_not_on_the_order(found, random):
    from uuid import UUID

    rows = [
        rules.Confirmed(UUID(int=n), date(2026, 11, day), stage, UUID(int=100 + n))
        for n, (stage, day, _) in enumerate(found)
    ]
    shuffled = rows[:]
    random.shuffle(shuffled)
    assert rules.holding(rows) == rules.holding(shuffled)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6))
def test_any_order_of_the_same_acts_gives_the_same_present(event, two, house, household, sheet, seed):
    """Surveys, judgements, confirmations, surveys typed again and the link, in any order in which each can be done.

    The survey of the 23rd was of the 18th, and that of the 19th found less; each is typed again at any moment after.
    """
    random = Random(seed)
    home = household(event, [{"name": "大浜 一郎"}])
    one = house("", home)
    cases = [("first", 20, "half"), ("second", 22, "large"), ("again", 22, "medium"), ("first", 19, "total")]
    cases.append(("again", 23, "below"))
    retyped = {cases[3]: ("first", 19, "quasi"), cases[4]: ("again", 18, "below")}
    acts = ["record", "make", "confirm"]
    steps = {case: [*acts, *acts] if case in retyped else acts[:] for case in cases}
    for case in retyped:
        if random.random() < 0.5:  # typed again before anybody judged the first typing
            steps[case] = ["record", *acts]
    todo = [case for case in cases for _ in steps[case]] + ["link"]
    random.shuffle(todo)
    surveyed: dict = {}
    made: dict = {}
    for case in todo:
        if case == "link":
            linking.confirm(by=two[0], link=HouseLink.objects.get(household=home, until=None))
            continue
        act = steps[case].pop(0)
        if act == "record":
            before = surveyed.get(case)
            stage, day, found = retyped[case] if before else case
            method = "exterior" if stage == "first" else "interior"
            said = sheet(stage=stage, method=method, found=found, ratio=CLASSES[found], surveyed_on=date(2026, 11, day))
            surveyed[case] = surveys.record(
                by=two[0], disaster=event, house=one.pk, sheet=said, replaces=before and before.pk
            )
        elif act == "make":
            made[case] = services.make(by=two[0], survey=surveyed[case].pk)
        else:
            services.confirm(by=two[1], judgement=made[case].pk)
    present = queries.present([one.pk], event)[one.pk]
    assert (present.damage_class, fact(home)) == ("medium", "medium")
    assert Judgement.objects.filter(house=one, held_from__isnull=False, held_until=None).count() == 1


def at_once(jobs):
    def run(job):
        try:
            return job()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_clerks_on_one_house(event, two, staff, house, household, sheet):
    home = household(event, [{"name": "大浜 一郎"}])
    one = house("", home)
    typed = at_once([lambda: surveys.record(by=two[0], disaster=event, house=one.pk, sheet=sheet())] * 4)
    rows = [row for row in typed if not isinstance(row, Refused)]
    assert len(rows) == 1
    made = [
        row for row in at_once([lambda: services.make(by=two[0], survey=rows[0].pk)] * 4) if isinstance(row, Judgement)
    ]
    assert len(made) == 1
    link = HouseLink.objects.get(household=home)
    others = [staff("tax") for _ in range(3)]
    jobs = [lambda by=by: services.confirm(by=by, judgement=made[0].pk) for by in others]
    answers = at_once([*jobs, lambda: linking.confirm(by=two[0], link=link)])
    assert sum(isinstance(answer, Judgement) for answer in answers) == 1
    assert fact(home) == "half"
    assert Fact.objects.filter(household=home, kind="damage_class").count() == 1
