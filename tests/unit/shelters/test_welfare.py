"""Welfare shelters: asked, answered, brought, arrived; refusals kept, nobody taken twice, places never overdrawn unsaid."""

import csv
import io
from collections import deque
from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from backend.core.clock import frozen, now
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.facilities.models import Facility
from backend.journal.models import Conflict as Contradiction
from backend.journal.services import rebuild, record
from backend.ledger.models import Person, Protection
from backend.shelters import merging
from backend.shelters import services as shelters
from backend.shelters.help_first.services import import_list
from backend.shelters.models import StayEvent, WelfareAnswer
from backend.shelters.needs import services as needing
from backend.shelters.people import evacuee_of
from backend.shelters.places import queries as places
from backend.shelters.welfare import queries, rules, services


@pytest.fixture
def home(db):
    """A welfare shelter that said it takes two people."""
    place = Facility.objects.create(name="さくら園", kind="welfare", capacity=80, phone="0999-00-0100")
    services.report_places(by=None, facility=place.pk, places=2)
    return place


@pytest.fixture
def other(db):
    return Facility.objects.create(name="すみれ荘", kind="welfare")


@pytest.fixture
def inside(family, shelter):
    opening = shelter()
    people = [p.pk for p in family.members.all()]
    shelters.check_in_household(by=None, opening=opening, household=family.pk, persons=people)
    return opening


def who(name="山田 太郎"):
    return evacuee_of(Person.objects.get(name=name))


def ask(name="山田 太郎", **more):
    return services.ask(by=None, evacuee=who(name), needs="夜間の見守り", **more)


def standing(request):
    return queries.standings([request])[request]


def accept(request, place, **more):
    services.answer(by=None, request=request, facility=place.pk, accepted=True, **more)


def refuse(request, place):
    services.answer(by=None, request=request, facility=place.pk, accepted=False, reason="満員")


# Transitions -------------------------------------------------------------------------------------------------------------


def test_every_state_can_be_reached_and_every_open_one_left():
    reached, queue = {"asked"}, deque(["asked"])
    while queue:
        state = queue.popleft()
        for (before, _), after in rules.TRANSITIONS.items():
            if before == state and after not in reached:
                reached.add(after)
                queue.append(after)
    assert reached == rules.STATES.keys()
    left = {before for (before, _), after in rules.TRANSITIONS.items() if after != before}
    assert left == set(rules.OPEN)
    assert {act for _, act in rules.TRANSITIONS} == rules.ACTS.keys()


def test_what_cannot_be_changes_nothing_and_is_told():
    at = now()
    one, two = UUID(int=1), UUID(int=2)
    events = [
        rules.Event(at + timedelta(minutes=2), UUID(int=12), "accept", two),
        rules.Event(at + timedelta(minutes=1), UUID(int=11), "accept", one),
        rules.Event(at + timedelta(minutes=3), UUID(int=13), "withdraw", two),
        rules.Event(at + timedelta(minutes=4), UUID(int=14), "transport"),
    ]
    found = rules.standing(at, events)
    assert (found.state, found.facility, found.ignored) == ("moving", one, [UUID(int=12), UUID(int=13)])


@pytest.mark.parametrize(
    ("free", "people", "word"),
    [(2, 2, ""), (1, 2, "定員を超えます"), (-1, 1, "空きは0人分"), (None, 1, "分かっていません")],
)
def test_the_warning_before_too_many_are_taken(free, people, word):
    assert (word in rules.too_many(free, people)) if word else not rules.too_many(free, people)


# The whole way -----------------------------------------------------------------------------------------------------------


def test_asked_refused_accepted_brought_and_there(inside, home, other):
    request = ask(companions=1, contact="0999-00-0001")
    refuse(request, other)
    assert (standing(request).state, standing(request).refused) == ("asked", [other.pk])
    accept(request, home, told_by="園長")
    assert queries.room(home.pk).free == 0
    services.arrange(by=None, request=request, carrier="福祉タクシー", leaves_at=now() + timedelta(hours=2))
    with pytest.raises(Refused, match="開設されていません"):
        services.arrive(by=None, request=request)
    shelters.open_shelter(by=None, facility=home)
    services.arrive(by=None, request=request)
    assert standing(request).state == "arrived"
    assert places.current([who()])[who()].kind == "welfare"
    assert StayEvent.objects.filter(evacuee=who()).latest("occurred_at").kind == "moved"
    titles = [row["title"] for row in queries.told_of(request)]
    assert titles == ["到着", "移送の手配", "受け入れる", "断り", "依頼"]


def test_an_arrival_at_the_door_of_the_welfare_shelter_closes_the_request(inside, home):
    request = ask()
    opening = shelters.open_shelter(by=None, facility=home)
    shelters.move(by=None, opening=inside, evacuees=[who()], to=opening)
    assert (standing(request).state, standing(request).facility) == ("arrived", home.pk)


def test_the_request_of_a_record_that_was_made_one_with_another_goes_on(inside, home, shelter):
    said = {"name": "旅野 一歩"}
    first, _ = shelters.check_in_new(by=None, opening=inside, details=said)
    whole, _ = shelters.check_in_new(by=None, opening=shelter("東町"), details=said | {"birth": "1970-01-02"})
    request = services.ask(by=None, evacuee=first, needs="見守り")
    merging.merge(by=None, evacuee=first, into=whole)
    assert queries.marks([whole], None)[whole].row.request == request
    with pytest.raises(Conflict, match="すでに出ています"):
        services.ask(by=None, evacuee=whole, needs="見守り")
    accept(request, home)
    shelters.open_shelter(by=None, facility=home)
    services.arrive(by=None, request=request)
    assert standing(request).state == "arrived"
    assert places.current([whole])[whole].kind == "welfare"
    assert [case.evacuee for case in queries.cases(None)] == [whole]


def test_whom_the_welfare_shelter_accepts_that_they_are_in_already_has_arrived(family, home, other):
    opening, elsewhere = (shelters.open_shelter(by=None, facility=place) for place in (home, other))
    services.report_places(by=None, facility=home.pk, places=5)
    person = Person.objects.get(name="山田 太郎").pk
    shelters.check_in_household(by=None, opening=opening, household=family.pk, persons=[person])
    request = ask()
    accept(request, home)
    assert (standing(request).state, standing(request).facility) == ("arrived", home.pk)
    assert (queries.room(home.pk).promised, queries.room(home.pk).free) == (0, 4)
    again = ask()
    accept(again, other, over=True)
    assert standing(again).state == "accepted"  # they are in another one still
    shelters.move(by=None, opening=opening, evacuees=[who()], to=elsewhere)
    assert standing(again).state == "arrived"


def test_an_arrival_before_the_request_is_refused(inside, home):
    shelters.open_shelter(by=None, facility=home, occurred_at=now() - timedelta(hours=2))
    request = ask()
    accept(request, home)
    with pytest.raises(Refused, match="前の日時"):
        services.arrive(by=None, request=request, occurred_at=now() - timedelta(hours=1))
    assert places.current([who()])[who()].kind == "designated"


def test_a_request_of_an_earlier_disaster_holds_no_place_and_blocks_none(disaster, household, shelter, home):
    long_ago = now() - timedelta(days=200)
    family = household(disaster("2025", occurred_at=long_ago), [{"name": "山田 太郎"}])
    services.report_places(by=None, facility=home.pk, places=2)
    with frozen(long_ago + timedelta(hours=1)):
        people = [family.members.get().pk]
        shelters.check_in_household(by=None, opening=shelter(), household=family.pk, persons=people)
        old = ask()
        accept(old, home, over=True)
    disaster("2026")
    assert (queries.cases(None), queries.marks([who()], None), queries.room(home.pk).free) == ([], {}, 2)
    assert queries.marks([who()], None, family.disaster)[who()].row.request == old
    again = ask()
    assert [case.row.request for case in queries.cases(None)] == [again]


def test_withdrawn_it_is_looked_for_again_and_cancelled_it_is_over(inside, home):
    request = ask()
    accept(request, home)
    services.withdraw(by=None, request=request, reason="停電")
    assert (standing(request).state, queries.room(home.pk).free) == ("asked", 2)
    services.cancel(by=None, request=request, reason="入院した")
    assert standing(request).state == "cancelled"
    with pytest.raises(Conflict, match="取りやめました"):
        accept(request, home)
    assert ask() != request  # asked for anew


def test_of_two_who_answer_at_once_the_second_is_told(inside, home, other):
    request = ask()
    accept(request, home)
    with pytest.raises(Conflict, match="さくら園"):
        accept(request, other, over=True)
    assert WelfareAnswer.objects.count() == 1
    with pytest.raises(Conflict, match="すでに出ています"):
        ask()


def test_two_acceptances_from_devices_that_did_not_know_each_other_are_a_named_conflict(inside, home, other):
    request = ask()
    accept(request, home)
    person = {"atena_no": Person.objects.get(name="山田 太郎").atena_no}
    payload = {"request": str(request), "person": person, "facility": str(other.pk), "answer": "accept"}
    record(kind="welfare.answered", payload=payload, occurred_at=now(), by=None)
    assert standing(request).facility == home.pk
    assert Contradiction.objects.get().code == "welfare_out_of_turn"


def test_more_than_there_are_places_only_after_a_warning(inside, home):
    services.report_places(by=None, facility=home.pk, places=1, note="酸素は可")
    accept(ask(), home)
    second = ask("山田 花子")
    with pytest.raises(Refused, match="定員を超えます"):
        accept(second, home)
    accept(second, home, over=True)
    assert WelfareAnswer.objects.latest("received_no").over
    assert queries.room(home.pk).free == -1


def test_places_that_nobody_asked_for_are_not_taken_from_the_size_of_the_house(db, staff, sign_in):
    place = Facility.objects.create(name="つつじ園", kind="welfare", capacity=80)
    assert (queries.room(place.pk).places, queries.room(place.pk).free) == (None, None)
    page = sign_in(staff("welfare")).get(reverse("centre:welfare"))
    assert "まだ聞いていません" in page.content.decode()
    assert page.context["cards"][-1]["value"] == 0


def test_people_who_were_only_counted_take_places_too(inside, home):
    opening = shelters.open_shelter(by=None, facility=home)
    shelters.report_head_count(by=None, opening=opening, people=2)
    assert queries.room(home.pk).free == 0


@pytest.mark.django_db(transaction=True)
def test_the_tables_are_rebuilt_from_the_entries(inside, home):
    request = ask()
    accept(request, home)
    rebuild()
    assert standing(request).state == "accepted"


# Who is found first ------------------------------------------------------------------------------------------------------


def test_people_on_devices_are_found_before_anybody_asks(inside, home, tmp_path, disaster):
    path = tmp_path / "list.csv"
    path.write_text(
        "氏名,住所,生年月日,事由\n山田 太郎,大浜市西町,1970-01-02,インスリン\n"
        "北原 ハル,大浜市港町,1950-01-01,人工呼吸器\n港 三郎,大浜市港町,1940-01-01,要介護3\n"
    )
    import_list(by=None, path=path)
    needing.state(by=None, evacuee=who("山田 花子"), needs=[("device", "透析 火木土")])
    found = queries.candidates(None)
    assert [c.face.name for c in found] == ["北原 ハル", "山田 太郎", "山田 花子"]
    assert found[0].now is None
    request = services.ask(by=None, evacuee=found[0].evacuee, needs="呼吸器", devices=["ventilator"])
    later = ask()
    assert [c.row.request for c in queries.cases(None)] == [request, later]
    assert [c.face.name for c in queries.candidates(None)] == ["山田 花子"]


# Pages -------------------------------------------------------------------------------------------------------------------


def test_the_queue_and_a_request_on_pages(inside, home, staff, sign_in):
    clerk = sign_in(staff("shelter"))
    asked = clerk.get(reverse("shelters:welfare_ask", args=[who()])).content.decode()
    assert "山田 太郎さんの福祉避難所を頼む" in asked
    form = {"needs": "車いす", "companions": "1", "devices": ["oxygen"]}
    page = clerk.post(reverse("shelters:welfare_ask", args=[who()]), form, follow=True).content.decode()
    assert "受入先を探しています" in page
    [case] = queries.cases(None)
    url = reverse("centre:welfare_case", args=[case.row.request])
    welfare = sign_in(staff("welfare"))
    said = {"act": "answer", "answer-facility": str(home.pk), "answer-answer": "accept"}
    accepted = welfare.post(url, said, follow=True).content.decode()
    assert "受入先が決まりました" in accepted
    late = clerk.post(url, said)  # somebody else had the page still open
    assert late.status_code == 422
    assert "ほかの方が先に" in late.content.decode()
    moved = welfare.post(url, {"act": "transport", "transport-carrier": "消防団"}, follow=True).content.decode()
    assert "移送を手配しました" in moved
    queue = welfare.get(reverse("centre:welfare")).content.decode()
    assert "消防団" in queue
    assert "さくら園" in queue
    told = {"places": "5", "note": "酸素は可"}
    assert (
        "酸素は可" in welfare.post(reverse("centre:welfare_places", args=[home.pk]), told, follow=True).content.decode()
    )
    [row] = csv.DictReader(io.StringIO(welfare.get(reverse("centre:welfare_csv")).content.decode("utf-8-sig")))
    assert (row["状態"], row["受入先"], row["移送する人"]) == ("移送を手配しました", "さくら園", "消防団")
    for seen in (
        reverse("shelters:person", args=[inside, who()]),
        reverse("centre:where", args=[who()]),
        reverse("desk:household", args=[Person.objects.get(name="山田 太郎").household_id]),
    ):
        assert "移送を手配しました" in clerk.get(seen).content.decode()
    assert "福祉避難所 移送手配" in clerk.get(reverse("shelters:shelter", args=[inside])).content.decode()
    assert sign_in(staff("tax")).get(reverse("centre:welfare")).status_code == 403


def test_an_operator_sees_a_refusal_without_a_reason_refused(inside, home):
    with pytest.raises(Refused, match="理由"):
        services.answer(by=None, request=ask(), facility=home.pk, accepted=False)


def test_people_under_protection_are_in_no_queue(inside, home, staff, sign_in):
    request = ask()
    person = Person.objects.get(name="山田 太郎")
    Protection.objects.create(person=person, atena_no=person.atena_no, source="desk", asked_at=now())
    clerk = staff("shelter")
    assert queries.cases(clerk) == []
    client = sign_in(clerk)
    assert "太郎" not in client.get(reverse("centre:welfare")).content.decode()
    assert client.get(reverse("centre:welfare_case", args=[request])).status_code == 404
    assert client.get(reverse("shelters:welfare_ask", args=[who()])).status_code == 404
    with pytest.raises(NotFound):
        services.cancel(by=clerk, request=request)
    with pytest.raises(Forbidden):
        services.cancel(by=staff("tax"), request=request)


def test_a_time_before_the_request_is_refused(inside, home):
    request = ask()
    with pytest.raises(Refused, match="前の日時"):
        accept(request, home, occurred_at=now() - timedelta(days=1))
