"""The register of disclosures: what is handed over to whom, and what never is."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backend.accounts.models import AuditRow
from backend.core.clock import now, today
from backend.core.errors import Conflict, Forbidden, Refused
from backend.ledger.disclosures import consents, papers, queries, rules, services, sources
from backend.ledger.models import Disclosure, HandOverLine, Person, Protection, SameAs
from backend.ledger.services import ask_protection, write_by_hand

FIELDS = {"asker": "社会福祉 花子", "contact": "0000-00-0001", "purpose": "見守り訪問"}
ITEMS = ["name", "address", "telephone"]


@pytest.fixture
def town(disaster, household):
    event = disaster()
    homes = [household(event, [{"name": f"高橋 {given}", "kana": f"タカハシ {kana}"}]) for given, kana in
             (("一郎", "イチロウ"), ("二郎", "ジロウ"), ("三郎", "サブロウ"))]  # fmt: skip
    return event, [Person.objects.get(household=home) for home in homes]


@pytest.fixture
def clerk(staff):
    return staff("welfare")


@pytest.fixture
def chief(staff):
    return staff("welfare", is_supervisor=True)


@pytest.fixture
def council(clerk):
    return consents.add_recipient(by=clerk, name="大浜市社会福祉協議会", kind="body")


def draft(clerk, event, recipient, ground="consent", items=ITEMS, **fields: Any) -> Disclosure:
    times = {"period_from": today(), "period_until": today() + timedelta(days=30)}
    values = {**FIELDS, **times, **fields}
    return services.draft(by=clerk, disaster=event, recipient=recipient, ground=ground, items=items, **values)


def agree(clerk, person, recipient, **fields: Any):
    values = {"since": today(), "until": None, "stated": "paper", **fields}
    return consents.give_consent(by=clerk, person=person, recipient=recipient, **values)


def through(clerk, chief, row, people):
    """From a draft to what was handed over."""
    services.choose(by=clerk, disclosure=row, people=[p.pk for p in people], way="search")
    services.ask(by=clerk, disclosure=row)
    services.decide(by=chief, disclosure=row, approve=True)
    return services.hand_over(by=clerk, disclosure=row)


def outcomes(done) -> dict[str, str]:
    return {line.person.name: line.outcome for line in HandOverLine.objects.filter(hand_over=done)}


def test_only_who_consented_to_this_recipient_is_handed_over(town, clerk, chief, council):
    event, (one, two, three) = town
    other = consents.add_recipient(by=clerk, name="見守りの会", kind="body")
    agree(clerk, one, council)
    agree(clerk, two, other)
    write_by_hand(by=clerk, household=one.household, kind="telephone", text="0000-00-1234")
    done = through(clerk, chief, draft(clerk, event, council), [one, two, three])
    assert outcomes(done) == {"高橋 一郎": "given", "高橋 二郎": "no_consent", "高橋 三郎": "no_consent"}
    rows, _ = queries.file_rows(done, clerk)
    assert rows == [["高橋 一郎", "大浜市西町１番地", "0000-00-1234"]]
    assert done.columns == ["氏名", "住所", "電話番号"]
    text = "氏名,住所,電話番号\r\n高橋 一郎,大浜市西町１番地,0000-00-1234\r\n"
    assert done.content_sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_what_was_handed_over_stays_though_the_ledger_and_the_consent_change(town, clerk, chief, council):
    event, (one, *_) = town
    consent = agree(clerk, one, council)
    done = through(clerk, chief, draft(clerk, event, council, items=["name"]), [one])
    consents.withdraw_consent(by=clerk, consent=consent)
    Person.objects.filter(pk=one.pk).update(name="広瀬 一郎")
    assert queries.file_rows(done, clerk)[0] == [["高橋 一郎"]]
    (received,) = queries.received([one])
    assert [line.hand_over.disclosure.to for line in received.rows] == ["大浜市社会福祉協議会"]
    assert [c.withdrawn_on for c in received.consents] == [today()]
    again = draft(clerk, event, council)
    services.choose(by=clerk, disclosure=again, people=[one.pk], way="search")
    services.ask(by=clerk, disclosure=again)
    services.decide(by=chief, disclosure=again, approve=True)
    with pytest.raises(Refused, match="渡せる方がいません"):
        services.hand_over(by=clerk, disclosure=again)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_a_hand_over_can_not_be_changed(town, clerk, chief, council, change):
    event, (one, *_) = town
    agree(clerk, one, council)
    done = through(clerk, chief, draft(clerk, event, council), [one])
    rows = HandOverLine.objects.filter(hand_over=done)
    with pytest.raises(Exception, match="only grows"), transaction.atomic():
        rows.update(values=["x"]) if change == "update" else rows.delete()
    assert queries.file_rows(done, clerk)[0][0][0] == "高橋 一郎"


def test_nobody_under_protection_is_handed_over_and_only_who_may_know_sees_how_many(town, staff, clerk, chief):
    event, people = town
    city = consents.add_recipient(by=clerk, name="隣の市", kind="municipality")
    row = draft(clerk, event, city, ground="municipality")
    services.choose(by=clerk, disclosure=row, people=[p.pk for p in people], way="numbers")
    ask_protection(by=clerk, person=people[1])
    services.ask(by=clerk, disclosure=row)
    services.decide(by=chief, disclosure=row, approve=True)
    done = services.hand_over(by=staff("welfare", sees_protected=True), disclosure=row)
    assert outcomes(done)["高橋 二郎"] == "protected"
    assert len(queries.file_rows(done, chief)[0]) == 2
    blind, seeing = queries.people_of(row, clerk), queries.people_of(row, staff("welfare", sees_protected=True))
    assert (len(blind.lines), blind.protected, blind.left_out) == (2, None, [])
    assert (len(seeing.lines), seeing.protected) == (3, 1)


def test_somebody_hidden_after_the_hand_over_is_in_no_second_copy(town, staff, clerk, chief, council):
    event, (one, two, _) = town
    for person in (one, two):
        agree(clerk, person, council)
    done = through(clerk, chief, draft(clerk, event, council, items=["name"]), [one, two])
    ask_protection(by=clerk, person=two)
    assert queries.file_rows(done, clerk) == ([["高橋 一郎"]], 1)
    assert len(queries.file_rows(done, staff("welfare", sees_protected=True))[0]) == 2


def test_the_telephone_of_a_household_with_a_hidden_member_is_not_given(disaster, household, clerk, chief):
    event = disaster()
    home = household(event, [{"name": "高橋 一郎"}, {"name": "高橋 花子"}])
    write_by_hand(by=clerk, household=home, kind="telephone", text="0000-00-1234")
    head, hidden = home.members.order_by("position")
    ask_protection(by=clerk, person=hidden)
    city = consents.add_recipient(by=clerk, name="隣の市", kind="municipality")
    done = through(clerk, chief, draft(clerk, event, city, ground="municipality", items=["name", "telephone"]), [head])
    assert queries.file_rows(done, clerk)[0] == [["高橋 一郎", ""]]


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_link_counts_only_when_a_person_confirmed_it(town, household, clerk, chief, council, confirmed):
    event, (one, *_) = town
    typed = Person.objects.get(household=household(event, [{"name": "たかはし いちろう", "atena_no": None}]))
    SameAs.objects.create(person=typed, into=one, ground="同じ氏名", confirmed_by=clerk if confirmed else None)
    agree(clerk, typed, council)
    row = draft(clerk, event, council, items=["name"])
    services.choose(by=clerk, disclosure=row, people=[typed.pk], way="place")
    services.ask(by=clerk, disclosure=row)
    services.decide(by=chief, disclosure=row, approve=True)
    if not confirmed:
        with pytest.raises(Refused, match="渡せる方がいません"):
            services.hand_over(by=clerk, disclosure=row)
        return
    done = services.hand_over(by=clerk, disclosure=row)
    assert outcomes(done) == {"高橋 一郎": "given", "たかはし いちろう": "joined"}
    assert [len(each.rows) for each in queries.received([one, typed])] == [1, 1]


def test_a_person_of_the_register_is_protected_by_what_was_typed_of_them(town, household, clerk, chief, council):
    event, (one, two, _) = town
    typed = Person.objects.get(household=household(event, [{"name": "たかはし いちろう", "atena_no": None}]))
    SameAs.objects.create(person=typed, into=one, ground="同じ氏名")
    Protection.objects.create(person=typed, source="desk")
    for person in (one, two):
        agree(clerk, person, council)
    assert outcomes(through(clerk, chief, draft(clerk, event, council), [one, two]))["高橋 一郎"] == "protected"


def test_nobody_approves_what_they_asked_themselves(town, staff, chief, council):
    event, (one, *_) = town
    own = draft(chief, event, council)
    services.choose(by=chief, disclosure=own, people=[one.pk], way="search")
    services.ask(by=chief, disclosure=own)
    with pytest.raises(Forbidden, match="自分が起案した"):
        services.decide(by=chief, disclosure=own, approve=True)
    with pytest.raises(Forbidden, match="監督者"):
        services.decide(by=staff("welfare"), disclosure=own, approve=True)
    own.refresh_from_db()
    own.status, own.decided_by, own.decided_at = "approved", chief, now()
    with pytest.raises(IntegrityError), transaction.atomic():
        own.save()


def test_a_refusal_says_why_and_ends_it(town, clerk, chief, council):
    event, (one, *_) = town
    row = draft(clerk, event, council)
    services.choose(by=clerk, disclosure=row, people=[one.pk], way="search")
    services.ask(by=clerk, disclosure=row)
    with pytest.raises(Refused, match="理由"):
        services.decide(by=chief, disclosure=row, approve=False, reason=" ")
    assert services.decide(by=chief, disclosure=row, approve=False, reason="目的が広すぎる").status == "refused"
    for act in (services.hand_over, services.cancel, services.ask):
        with pytest.raises(Conflict):
            act(by=clerk, disclosure=row)


def test_it_is_handed_over_once_and_the_end_is_confirmed(town, clerk, chief, council):
    event, (one, *_) = town
    agree(clerk, one, council)
    row = draft(clerk, event, council)
    with pytest.raises(Conflict):
        services.hand_over(by=clerk, disclosure=row)
    through(clerk, chief, row, [one])
    with pytest.raises(Conflict):
        services.hand_over(by=clerk, disclosure=row)
    with pytest.raises(Conflict):
        services.choose(by=clerk, disclosure=row, people=[one.pk], way="search")
    closed = services.close(by=clerk, disclosure=row, ending="deleted", note="消去報告書を受領")
    assert (closed.status, closed.closed_by) == ("closed", clerk)
    acts = list(AuditRow.objects.filter(subject=f"disclosure:{row.pk}").values_list("act", flat=True))
    assert {"ledger.draft_disclosure", "ledger.approve_disclosure", "ledger.hand_over", "ledger.close_disclosure"} <= {
        *acts
    }


def test_after_its_period_nothing_is_handed_over(town, clerk, chief, council):
    event, (one, *_) = town
    agree(clerk, one, council)
    day = today() - timedelta(days=1)
    row = draft(clerk, event, council, period_from=day, period_until=day)
    with pytest.raises(Refused, match="利用期間が過ぎて"):
        through(clerk, chief, row, [one])


def test_what_a_person_is_given_of_themselves_is_theirs_alone(town, clerk, chief):
    event, (one, two, _) = town
    row = draft(clerk, event, None, ground="self", items=["name", "atena_no"])
    services.choose(by=clerk, disclosure=row, people=[one.pk, two.pk], way="household")
    with pytest.raises(Refused, match="一人分"):
        services.ask(by=clerk, disclosure=row)
    services.take_off(by=clerk, disclosure=row, person=two.pk)
    services.ask(by=clerk, disclosure=row)
    services.decide(by=chief, disclosure=row, approve=True)
    assert queries.file_rows(services.hand_over(by=clerk, disclosure=row), clerk)[0] == [["高橋 一郎", one.atena_no]]


@pytest.mark.parametrize(
    ("kind", "ground", "items", "says"),
    [
        ("body", "municipality", ["name"], "この根拠"),
        ("body", "consent", [], "一つ以上"),
        ("body", "consent", ["my_number"], "渡せない"),
        ("municipality", "municipality", ["name", "atena_no"], "宛名番号"),
        ("body", "self", ["name"], "この根拠"),
    ],
)
def test_what_the_law_does_not_allow_can_not_be_asked(town, clerk, kind, ground, items, says):
    recipient = consents.add_recipient(by=clerk, name="どこか", kind=kind)
    with pytest.raises(Refused, match=says):
        draft(clerk, town[0], recipient, ground=ground, items=items)


def test_no_item_is_a_number_that_may_not_be_held():
    assert not any("個人番号" in item.label for item in rules.ITEMS.values())


def test_a_consent_counts_between_its_days_and_can_be_given_again(town, clerk, council):
    event, (one, *_) = town
    first = agree(clerk, one, council, since=today() - timedelta(days=9), until=today() - timedelta(days=2))
    assert queries.consented(event, council) == []
    with pytest.raises(Refused, match="期限"):
        agree(clerk, one, council, until=today() - timedelta(days=1))
    second = agree(clerk, one, council)
    first.refresh_from_db()
    assert first.withdrawn_on == first.until
    assert queries.consented(event, council) == [one.pk]
    with pytest.raises(Conflict, match="すでに記録"):
        agree(clerk, one, council)
    consents.withdraw_consent(by=clerk, consent=second)
    assert queries.consented(event, council) == []
    agree(clerk, one, council)
    assert queries.consented(event, council) == [one.pk]


def test_a_list_of_numbers_says_the_same_of_the_hidden_and_the_unknown(town, staff, clerk):
    event, (one, two, _) = town
    ask_protection(by=clerk, person=two)
    text = f"{one.atena_no}\n{two.atena_no}、９９９"
    ids, unknown = queries.by_numbers(event, text, clerk)
    assert unknown == [two.atena_no, "999"]
    assert set(ids) == {one.pk, two.pk}
    assert queries.by_numbers(event, text, staff("welfare", sees_protected=True))[1] == ["999"]


def test_who_received_my_data_is_answered_across_disasters(town, disaster, household, clerk, chief, council):
    event, (one, *_) = town
    agree(clerk, one, council)
    through(clerk, chief, draft(clerk, event, council), [one])
    flood = disaster("2027", name="大浜川水害")
    later = Person.objects.get(household=household(flood, [{"name": "高橋 一郎", "atena_no": one.atena_no}]))
    (received,) = queries.received([later])
    assert [line.hand_over.disclosure.disaster for line in received.rows] == [event]


def test_shift_jis_says_what_it_could_not_carry():
    columns, rows = ["氏名"], [["高橋 一郎"], ["𠮷田 辻󠄀子"], ["=1+1"]]
    assert papers.losses(rows) == [(3, ["𠮷", "辻󠄀"])]
    assert papers.shift_jis(columns, rows).decode("cp932").split("\r\n")[2:4] == ["〓田 〓子", "'=1+1"]
    assert papers.utf8(columns, rows).decode("utf-8-sig").split("\r\n")[2] == "𠮷田 辻󠄀子"


def test_a_large_hand_over_costs_statements_by_the_thousand(
    disaster, household, clerk, chief, django_assert_max_num_queries
):
    event = disaster()
    home = household(event, [{"name": "高橋 一郎"}])
    people = [Person(disaster=event, household=home, name=f"住民 {n}", atena_no=f"7{n:07}") for n in range(3000)]
    Person.objects.bulk_create(people)
    city = consents.add_recipient(by=clerk, name="隣の市", kind="municipality")
    row = draft(clerk, event, city, ground="municipality")
    with django_assert_max_num_queries(150):
        done = through(clerk, chief, row, people)
    assert len(queries.file_rows(done, clerk)[0]) == 3000


@pytest.mark.parametrize("confirmed", [False, True])
def test_somebody_typed_at_a_shelter_counts_as_a_resident_when_a_person_confirmed_it(town, staff, clerk, confirmed):
    from backend.facilities.models import Facility
    from backend.shelters import services as shelters
    from backend.shelters.wishes import state_consent

    event, (one, *_) = town
    keeper = staff("shelter")
    opening = shelters.open_shelter(by=keeper, facility=Facility.objects.create(name="西町小学校"))
    record, _ = shelters.check_in_new(by=keeper, opening=opening, details={"name": "高橋 いちろう"})
    state_consent(by=keeper, evacuee=record, item="other_bodies", given=True)
    SameAs.objects.filter(record=record).delete()
    SameAs.objects.create(record=record, into=one, ground="同じ氏名", confirmed_by=clerk if confirmed else None)
    volunteers = consents.add_recipient(by=clerk, name="ボランティアの会", kind="body", named_at_shelters=True)
    assert sources.people_at(str(opening), event) == ([one.pk] if confirmed else [])
    assert queries.consented(event, volunteers) == ([one.pk] if confirmed else [])
    assert sources.whereabouts([one]) == ({one.pk: "西町小学校"} if confirmed else {})
