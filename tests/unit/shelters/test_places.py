"""Kinds of place: one current place a person, the chain before it, and the lists of those whom somebody must visit."""

import csv
import io
from datetime import timedelta
from random import Random

import pytest
from django.urls import reverse

from backend.core.clock import frozen, now
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.fields import uuid7
from backend.facilities.models import Facility
from backend.journal.services import rebuild
from backend.ledger import words
from backend.ledger.models import Fact, Person, Protection, SameAs
from backend.shelters import merging, services
from backend.shelters.models import Evacuee, Status, StayEvent
from backend.shelters.people import evacuee_of, protected, protected_among
from backend.shelters.places import queries, rules
from backend.shelters.places.services import say_where, take_back
from backend.shelters.queries import staying
from backend.shelters.telling.rules import ELSEWHERE, STATUSES, destination_of
from backend.shelters.unheard.rules import key_of

CAR = {"status": "car", "place": "道の駅の駐車場", "plate": "品川 500 あ 12-34", "told_by": "本人"}


@pytest.fixture
def family(family):
    words.rebuild(family.disaster)
    return family


def one(name="山田 太郎"):
    return Person.objects.get(name=name)


def place(name="山田 太郎"):
    return queries.current([evacuee_of(one(name))]).get(evacuee_of(one(name)))


def check_in(family, shelter, how="inside"):
    opening = shelter()
    people = [p.pk for p in family.members.all()]
    services.check_in_household(by=None, opening=opening, household=family.pk, persons=people, how=how)
    return opening


def test_every_word_for_a_place_is_a_kind():
    from backend.shelters.rules import DESTINATIONS, HOW

    assert STATUSES.keys() <= rules.KINDS.keys()
    assert {rules.of_departure(d) for d in DESTINATIONS} <= rules.KINDS.keys()
    assert {rules.of_stay(kind, how) for kind in Facility.Kind.values for how in HOW} <= rules.KINDS.keys()
    assert {destination_of(s) for s in ELSEWHERE} <= DESTINATIONS.keys()


def test_somebody_in_a_car_was_never_in_a_shelter(family):
    assert say_where(by=None, persons=[one().pk, one("山田 花子").pk], **CAR) == (2, 0)
    found = place()
    assert (found.kind, found.where, found.plate, found.told_by) == (
        "car",
        "道の駅の駐車場",
        "品川 500 あ 12-34",
        "本人",
    )
    fact = Fact.objects.get(person=one(), kind="whereabouts", replaced_by=None)
    assert fact.value["text"] == "車中泊（道の駅の駐車場　車 品川 500 あ 12-34）"


@pytest.mark.django_db(transaction=True)
def test_what_was_told_is_rebuilt_from_the_entries(family):
    say_where(by=None, persons=[one().pk], **CAR)
    rebuild()
    assert place().plate == CAR["plate"]


def test_a_call_ends_a_stay_and_the_chain_tells_all(family, shelter, clerk):
    with frozen(now() - timedelta(days=2)):
        opening = check_in(family, shelter)
    with frozen(now() - timedelta(days=1)):
        assert say_where(by=clerk, persons=[one().pk], status="relatives", place="輪島市の長女宅") == (1, 1)
    say_where(by=clerk, persons=[one().pk], status="hospital", told_by="長女")
    steps = queries.chain([evacuee_of(one())])
    assert [step.title for step in steps] == ["入院", "親族・知人宅", "親族・知人宅", "指定避難所"]
    assert (steps[0].told_by, steps[0].by, steps[0].until) == ("長女", str(clerk), None)
    assert steps[1].until == steps[0].at
    assert evacuee_of(one()) not in {row.face.id for row in services_roster(opening)}


def services_roster(opening):
    from backend.shelters.queries import roster

    return roster(opening, staff=None).rows


def test_taking_back_what_was_told_takes_back_the_departure(family, shelter):
    opening = check_in(family, shelter)
    say_where(by=None, persons=[one().pk], status="home")
    assert place().kind == "home"
    take_back(by=None, entry=Status.objects.get().entry)
    assert (place().kind, place().opening, place().present) == ("designated", opening, True)
    with pytest.raises(Conflict):
        take_back(by=None, entry=Status.objects.get().entry)


@pytest.mark.parametrize("wrong", ["home", "relatives"])
def test_of_two_calls_in_one_minute_the_other_keeps_them_out_of_the_shelter(family, shelter, wrong):
    opening, at = check_in(family, shelter), now() + timedelta(minutes=1)
    with frozen(at + timedelta(hours=1)):
        for status in ("home", "relatives"):
            say_where(by=None, persons=[one().pk], status=status, occurred_at=at)
        take_back(by=None, entry=Status.objects.get(status=wrong).entry)
        assert place().kind == ({"home", "relatives"} - {wrong}).pop()
        assert not staying(evacuees=[evacuee_of(one())]).exists()
        take_back(by=None, entry=Status.objects.get(voided_at=None).entry)
        assert (place().opening, place().present) == (opening, True)


def test_a_departure_that_was_corrected_is_taken_back_with_what_told_of_it(family, shelter):
    opening = check_in(family, shelter)
    with frozen(now() + timedelta(hours=2)):
        say_where(by=None, persons=[one().pk], status="home", occurred_at=now() - timedelta(hours=1))
        left = StayEvent.objects.get(kind="left").entry
        services.correct_stay(by=None, entry=left, occurred_at=now() - timedelta(minutes=30))
        take_back(by=None, entry=Status.objects.get().entry)
        assert (place().opening, place().present) == (opening, True)


def test_a_stay_that_began_later_is_not_ended_by_an_older_call(family, shelter):
    check_in(family, shelter)
    assert say_where(by=None, persons=[one().pk], status="home", occurred_at=now() - timedelta(hours=3)) == (1, 0)
    assert place().present


@pytest.mark.parametrize("status", sorted(STATUSES.keys() - ELSEWHERE))
def test_what_says_no_place_takes_nobody_out_of_a_shelter(family, shelter, status):
    opening = check_in(family, shelter)
    assert say_where(by=None, persons=[one().pk], status=status) == (1, 0)
    assert (place().kind, place().present) == ("designated", True)
    assert Fact.objects.get(person=one(), replaced_by=None).value["text"] == "西町小学校"
    services.leave(by=None, opening=opening, evacuees=[evacuee_of(one())], destination="home")
    assert place().kind == "home"


def test_leaving_says_where_exactly(family, shelter, clerk, sign_in):
    opening = check_in(family, shelter)
    evacuee = evacuee_of(one())
    form = {"evacuee": str(evacuee), "destination": "car", "spot": "港の駐車場", "plate": "1234"}
    sign_in(clerk).post(reverse("shelters:depart", args=[opening]), form)
    found = place()
    assert (found.kind, found.where, found.plate) == ("car", "港の駐車場", "1234")
    assert "車中泊：港の駐車場" in Fact.objects.get(person=one(), replaced_by=None).value["text"]


def test_a_note_of_a_departure_is_no_place(family, shelter, clerk):
    opening = check_in(family, shelter)
    services.leave(
        by=None, opening=opening, evacuees=[evacuee_of(one())], destination="car", note="人に言わないでほしい"
    )
    services.close_shelter(by=None, opening=opening, destination="car")
    assert place().place == ""
    assert {visit.district for visit in queries.visits(clerk)} == {"大浜市西町"}
    # Who looks at the person still reads it.
    assert queries.chain([evacuee_of(one())])[0].text == "西町小学校を退所　人に言わないでほしい"


@pytest.mark.parametrize(
    ("kind", "how", "expected"),
    [
        ("shelter", "inside", "designated"),
        ("welfare", "inside", "welfare"),
        ("hotel", "inside", "hotel"),
        ("intermediate", "inside", "intermediate"),
        ("wide_area", "inside", "out_of_town"),
        ("other", "inside", "spontaneous"),
        ("shelter", "tent", "tent"),
    ],
)
def test_the_kind_of_a_stay(kind, how, expected):
    assert rules.of_stay(kind, how) == expected


def test_one_screen_for_the_telephone_finds_who_is_meant(family, clerk, sign_in):
    client, url = sign_in(clerk), reverse("centre:where_call")
    asked = client.post(url, {"name": "山田 太郎", **CAR}).content.decode()
    assert f"member:{one('山田 花子').pk}" in asked  # the family is there to be ticked too
    assert not Status.objects.exists()
    who = [f"member:{one().pk}", f"member:{one('山田 花子').pk}"]
    done = client.post(url, {"name": "山田 太郎", "who": who, **CAR}, follow=True).content.decode()
    assert "2名について記録しました" in done
    assert not Evacuee.objects.filter(atena_no=None).exists()


def test_one_screen_for_the_telephone_takes_somebody_unknown(db, clerk, sign_in):
    url = reverse("centre:where_call")
    sign_in(clerk).post(url, {"name": "旅野 一歩", "birth": "S45.1.2", "status": "tent", "place": "河川敷"})
    [visit] = queries.visits(clerk)
    assert (visit.face.name, visit.face.birth, visit.now.kind, visit.district) == (
        "旅野 一歩",
        "1970-01-02",
        "tent",
        "河川敷",
    )
    wrong = sign_in(clerk).post(url, {"name": "旅野 一歩"})
    assert wrong.status_code == 422
    # The same name again is asked about before it is written twice.
    again = sign_in(clerk).post(url, {"name": "旅野 一歩", "status": "home"}).content.decode()
    assert f"evacuee:{visit.face.id}" in again
    assert Status.objects.count() == 1


def test_lists_for_visits_by_district_on_screen_paper_and_as_file(family, household, shelter, clerk, sign_in):
    harbour = household(family.disaster, [{"name": "港 三郎", "address": "大浜市港町１丁目２番"}])
    say_where(by=None, persons=[harbour.members.get().pk], status="home")
    say_where(by=None, persons=[one().pk], how="visit", result="absent", next_by="保健師", **CAR)
    client = sign_in(clerk)
    page = client.get(reverse("centre:visits")).content.decode()
    assert "大浜市港町（1人" in page
    assert "道の駅の駐車場（1人" in page
    asked = {"kind": "car", "district": key_of("道の駅の駐車場")}
    for name in ("visits", "visits_print"):
        text = client.get(reverse(f"centre:{name}"), asked).content.decode()
        assert "太郎" in text
        assert "三郎" not in text
    rows = list(csv.DictReader(io.StringIO(client.get(reverse("centre:visits_csv")).content.decode("utf-8-sig"))))
    assert {(r["氏名"], r["居場所の種類"], r["次に訪ねる人"]) for r in rows} == {
        ("港 三郎", "在宅", ""),
        ("山田 太郎", "車中泊", "保健師"),
    }
    assert client.get(reverse("centre:visits"), {"kind": "hotel"}).status_code == 404
    Fact.objects.create(
        person=harbour.members.get(),
        kind="life_status",
        value={"status": "dead"},
        disaster=family.disaster,
        source_room="ledger",
    )
    assert [v.face.name for v in queries.visits(clerk)] == ["山田 太郎"]


def test_counts_by_kind_with_the_total_of_those_who_are_somewhere(family, shelter, clerk, sign_in):
    opening, gone = check_in(family, shelter), one("山田 花子")
    say_where(by=None, persons=[one().pk], **CAR)
    services.leave(by=None, opening=opening, evacuees=[evacuee_of(gone)], destination="unknown")
    say_where(by=None, persons=[gone.pk], status="missing")
    page = sign_in(clerk).get(reverse("centre:places")).content.decode()
    assert "居場所の種類ごとの人数" in page
    text = sign_in(clerk).get(reverse("centre:places_csv")).content.decode("utf-8-sig")
    counted = {row["居場所の種類"]: row["人数"] for row in csv.DictReader(io.StringIO(text))}
    assert (counted["車中泊"], counted["行方不明"], counted["テント"]) == ("1", "1", "0")
    before = queries.seen(clerk, now() - timedelta(hours=1))
    assert before == {}


def test_a_page_of_one_person_and_of_the_household_show_the_chain(family, shelter, clerk, sign_in):
    opening = check_in(family, shelter)
    say_where(by=clerk, persons=[one().pk], status="relatives", place="輪島市の長女宅", told_by="隣の方")
    evacuee, client = evacuee_of(one()), sign_in(clerk)
    for url in (
        reverse("centre:where", args=[evacuee]),
        reverse("shelters:person", args=[opening, evacuee]),
        reverse("desk:household", args=[family.pk]),
    ):
        page = client.get(url).content.decode()
        assert "輪島市の長女宅" in page
        assert "隣の方" in page
    form = {"how": "visit", "result": "reached", "status": ""}
    done = client.post(reverse("centre:where", args=[evacuee]), form, follow=True).content.decode()
    assert "1名について記録しました" in done
    told = Status.objects.get()
    assert "取り消しました" in client.post(reverse("centre:take_back", args=[told.entry]), follow=True).content.decode()
    assert StayEvent.objects.filter(kind="left", voided_at=None).count() == 0


def test_people_under_protection_are_in_no_list_number_or_page(family, staff, sign_in):
    say_where(by=None, persons=[one().pk], **CAR)
    Protection.objects.create(person=one(), atena_no=one().atena_no, source="desk", asked_at=now())
    clerk, named = staff("shelter"), staff("shelter", sees_protected=True)
    assert (queries.counts(clerk)["car"], queries.counts(named)["car"]) == (0, 1)
    assert queries.visits(clerk) == []
    client = sign_in(clerk)
    assert client.get(reverse("centre:where", args=[evacuee_of(one())])).status_code == 404
    assert "太郎" not in client.post(reverse("centre:where_call"), {"name": "山田 太郎", **CAR}).content.decode()
    with pytest.raises(NotFound):
        take_back(by=clerk, entry=Status.objects.first().entry)


def test_nothing_said_is_refused(family):
    with pytest.raises(Refused, match="いまの居場所"):
        say_where(by=None, persons=[one().pk])
    with pytest.raises(Refused, match="だれについて"):
        say_where(by=None, status="home")


def test_protection_is_found_from_its_side_as_from_each_persons(family, shelter, disaster, household):
    """By number, by hand, by a link and by a merge: the quick way for many finds whom the thorough one finds."""
    opening = shelter()
    people = [one("山田 花子").pk, one("山田 一郎").pk, one().pk]
    services.check_in_household(by=None, opening=opening, household=family.pk, persons=people)
    typed = [services.check_in_new(by=None, opening=opening, details={"name": name})[0] for name in "甲乙丙丁戊己"]
    SameAs.objects.create(record=typed[0], into=one(), ground="氏名")
    SameAs.objects.create(record=typed[1], into=one(), ground="氏名")
    merging.merge(by=None, evacuee=typed[2], into=typed[0])
    Protection.objects.create(atena_no=one().atena_no, source="register", asked_at=now())
    Protection.objects.create(evacuee=typed[3], source="desk", asked_at=now())
    merging.merge(by=None, evacuee=typed[4], into=typed[3])
    everybody = {*typed, *(evacuee_of(p) for p in Person.objects.all())}
    thorough = protected(everybody)
    assert protected_among(everybody) == thorough
    assert thorough == {*typed[:5], evacuee_of(one())}


def test_everybodys_place_follows_the_rule_of_the_rosters(db, shelter):
    """Of everybody the events are read once; of some the database is asked. Both must say the same of any history."""
    rng, openings = Random(7), [shelter(name) for name in ("西町小学校", "港公民館", "東町体育館")]
    people = [uuid7() for _ in range(60)]
    begun, number = now() - timedelta(days=1), StayEvent.objects.count() + 1000
    for who in people:
        for _ in range(rng.randrange(1, 6)):
            kind, number = rng.choice(["arrived", "arrived", "left", "moved"]), number + 1
            StayEvent.objects.create(
                entry=uuid7(),
                evacuee=who,
                kind=kind,
                opening=rng.choice(openings),
                from_opening=openings[0] if kind == "moved" else None,
                destination="home" if kind == "left" else "",
                occurred_at=begun + timedelta(minutes=rng.randrange(4)),  # often at the same minute
                received_at=begun + timedelta(hours=rng.randrange(3)),
                received_no=number,
                voided_at=begun + timedelta(hours=3) if rng.random() < 0.1 else None,
            )
    for as_of, known_at in ((None, None), (begun + timedelta(minutes=1), None), (None, begun + timedelta(hours=1))):
        there = {s.evacuee: (s.opening, s.entry) for s in staying(as_of, known_at)}
        found = queries.current(None, as_of, known_at)
        assert {pk: (p.opening, p.entry) for pk, p in found.items() if p.present} == there
        assert queries.current(people[:7], as_of, known_at) == {pk: found[pk] for pk in people[:7] if pk in found}
    assert 10 < len(there) < 60


@pytest.mark.parametrize(("status", "said"), [("", "選んでください。"), ("moon", "一覧から選んでください。")])
def test_a_kind_of_place_that_is_missing_or_none_is_said_in_our_words(db, clerk, sign_in, status, said):
    answer = sign_in(clerk).post(reverse("centre:where_call"), {"name": "旅野 一歩", "status": status})
    assert answer.status_code == 422
    assert f"いまの居場所</a>　{said}" in answer.content.decode()
    assert not Status.objects.exists()
