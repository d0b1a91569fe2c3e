"""Who was typed at a shelter is matched to the register; two records of one person are made one, and two again."""

from datetime import timedelta

import pytest

from backend.accounts.models import Division
from backend.core.clock import frozen, now
from backend.core.errors import Conflict, NotFound, Refused
from backend.journal.services import rebuild
from backend.ledger import words
from backend.ledger.models import Protection, SameAs, TypedRecord
from backend.shelters import merging, queries, services
from backend.shelters.curve.queries import heads_at
from backend.shelters.household import door
from backend.shelters.models import Merge, Status, StayEvent
from backend.shelters.people import by_evacuee, protected
from backend.shelters.places import queries as places
from backend.shelters.places.services import say_where
from backend.shelters.wishes import ask_protection, correct_details

SAID = {"name": "佐藤 健一", "kana": "サトウ ケンイチ", "birth": "1970-01-02", "sex": "1", "address": "西町1"}


@pytest.fixture
def home(disaster, household):
    made = household(disaster("2026", register_revision=1, filled_at=now()), [SAID | {"address": "大浜市西町１番地"}])
    words.add(made.members.all())
    return made


def new(opening, **said):
    return services.check_in_new(by=None, opening=opening, details={**SAID, **said})[0]


def who(opening):
    return {row.face.id for row in queries.roster(opening, staff=None).rows}


def test_who_is_typed_at_a_shelter_is_matched_and_the_roster_says_so(home, shelter, clerk):
    opening = shelter()
    evacuee = new(opening)
    assert SameAs.objects.get(record=evacuee).into == home.members.get()
    (row,) = queries.roster(opening, staff=clerk).rows
    assert row.link.text == "住民記録と自動で結び付け（未確認）"
    assert by_evacuee(list(home.members.all()))[evacuee] == home.members.get()
    assert door(home.pk, clerk)["count"] == 1


def test_a_correction_is_matched_again(home, shelter):
    evacuee = new(shelter(), name="佐藤", birth="")
    assert not SameAs.objects.exists()
    correct_details(by=None, evacuee=evacuee, details=SAID)
    assert SameAs.objects.get(record=evacuee).into == home.members.get()


def test_residents_by_number_are_no_typed_records(home, shelter):
    services.check_in_household(by=None, opening=shelter(), household=home.pk, persons=[home.members.get().pk])
    assert not TypedRecord.objects.exists()


@pytest.fixture
def two(home, shelter):
    """Two records of one person, typed at two shelters, the second one later."""
    first, second = shelter("西町小学校"), shelter("東町小学校")
    return first, second, new(first), new(second)


def test_two_records_are_one_where_the_newer_one_is(two):
    first, second, one, other = two
    assert {face.id for face in merging.others_of(one, None)} == {other}
    merging.merge(by=None, evacuee=other, into=one)
    assert (who(first), who(second)) == (set(), {one})
    assert queries.head_count(second).people == 1
    assert [face.id for face in merging.merged_here(one, None)] == [other]
    assert merging.others_of(one, None) == []


def test_what_was_known_before_the_merge_stays_so(two):
    _, second, one, other = two
    before = now()
    merging.merge(by=None, evacuee=other, into=one)
    assert {row.face.id for row in queries.roster(second, known_at=before, staff=None).rows} == {other}


def test_the_hour_before_the_two_were_one_stays_as_it_was(home, shelter):
    """One was typed at a shelter four hours ago, the other two hours ago: three hours ago somebody was in the first."""
    at = now()
    with frozen(at - timedelta(hours=5)):
        first, second = shelter("西町小学校"), shelter("東町小学校")
    with frozen(at - timedelta(hours=4)):
        one = new(first)
    with frozen(at - timedelta(hours=2)):
        other = new(second)
    merging.merge(by=None, evacuee=one, into=other)
    for hours, expected in ((4.5, (0, 0)), (3, (1, 0)), (1, (0, 1)), (0, (0, 1))):
        then = at - timedelta(hours=hours)
        heads = heads_at(then)
        assert tuple(queries.head_count(opening, then).people for opening in (first, second)) == expected
        assert tuple(heads[opening].people or 0 for opening in (first, second)) == expected
        there = [place.opening for place in places.current(None, then).values() if place.present]
        assert there == [opening for opening, count in zip((first, second), expected, strict=True) if count]
    assert [row.face.name for row in queries.roster(first, at - timedelta(hours=3), staff=None).rows] == ["佐藤 健一"]


def test_they_are_two_again(two):
    first, second, one, other = two
    merging.merge(by=None, evacuee=other, into=one)
    merging.unmerge(by=None, evacuee=other)
    assert (who(first), who(second)) == ({one}, {other})
    with pytest.raises(NotFound):
        merging.unmerge(by=None, evacuee=other)
    merging.merge(by=None, evacuee=one, into=other)  # and may be one again, the other way round
    assert (who(first), who(second)) == (set(), {other})


@pytest.mark.parametrize("way", ["into the one at home", "into the one in the shelter"])
def test_who_was_told_to_be_elsewhere_since_leaves_the_shelter_by_the_merge(home, shelter, way):
    opening = shelter()
    inside = new(opening)
    with frozen(now() + timedelta(hours=1)):
        say_where(by=None, new=SAID, status="relatives", place="輪島市の長女宅")
        told = Status.objects.get().evacuee
        evacuee, into = (inside, told) if way == "into the one at home" else (told, inside)
        merging.merge(by=None, evacuee=evacuee, into=into)
        assert who(opening) == set()
        place = places.current([into])[into]
        assert (place.kind, place.where, place.present) == ("relatives", "輪島市の長女宅", False)
        merging.unmerge(by=None, evacuee=evacuee)
        assert who(opening) == {inside}


def test_an_older_word_takes_nobody_out_of_a_shelter_by_a_merge(home, shelter):
    say_where(by=None, new=SAID, status="home")
    told = Status.objects.get().evacuee
    with frozen(now() + timedelta(hours=1)):
        opening = shelter()
        inside = new(opening)
        merging.merge(by=None, evacuee=inside, into=told)
        assert who(opening) == {told}
        assert places.current([told])[told].present


def test_the_one_who_is_asked_no_more_takes_no_entries(two):
    _, second, one, other = two
    merging.merge(by=None, evacuee=other, into=one)
    with pytest.raises(Conflict):
        services.leave(by=None, opening=second, evacuees=[other], destination="home")
    with pytest.raises(Conflict):
        merging.merge(by=None, evacuee=other, into=one)
    with pytest.raises(Refused):
        merging.merge(by=None, evacuee=one, into=one)


def test_a_protection_of_one_hides_both_and_stays_when_they_are_two_again(two):
    _, _, one, other = two
    SameAs.objects.all().update(until=now())
    Protection.objects.create(source="desk", evacuee=other)
    assert protected([one, other]) == {other}
    merging.merge(by=None, evacuee=other, into=one)
    assert protected([one, other]) == {one, other}
    merging.unmerge(by=None, evacuee=other)
    assert protected([one, other]) == {one, other}


def test_the_journal_makes_all_of_it_again(two):
    _, second, one, other = two
    merging.merge(by=None, evacuee=other, into=one)
    tables = (StayEvent, Merge)
    before = [sorted(map(str, table.objects.values_list())) for table in tables]
    rebuild(["evacuee."])
    assert [sorted(map(str, table.objects.values_list())) for table in tables] == before
    assert who(second) == {one}


def test_the_page_of_an_evacuee_offers_to_make_them_one(two, sign_in, clerk):
    _, second, one, other = two
    client = sign_in(clerk)
    page = client.get(f"/desk/shelters/{second}/people/{other}/").content.decode()
    assert "この記録と一つにする" in page
    path = f"/desk/shelters/{second}/people/{other}/merge/{one}/"
    assert "同じ方の記録ですか" in client.get(path).content.decode()
    assert "分ける" in client.post(path, follow=True).content.decode()
    client.post(f"/desk/shelters/{second}/people/{other}/unmerge/{one}/")
    assert not Merge.objects.filter(voided_at=None).exists()
    assert clerk.division == Division.SHELTER


def test_consent_of_somebody_whom_only_the_machine_knows_asks_to_confirm_them(home, shelter, sign_in, clerk):
    opening = shelter()
    evacuee = new(opening)
    url = f"/desk/shelters/{opening}/people/{evacuee}/"
    client = sign_in(clerk)
    assert "住民記録との結び付きが未確認です" in client.get(url).content.decode()
    said = {"into": home.members.get().pk, "proof": "document", "back": url}
    page = client.post(f"/desk/matching/{evacuee}/confirm/", said, follow=True).content.decode()
    assert "住民記録との結び付きが未確認です" not in page
    assert SameAs.objects.get(record=evacuee, until=None).confirmed_by == clerk


def test_who_typed_somebody_under_protection_goes_on_seeing_what_they_typed(home, shelter, clerk, staff, sign_in):
    Protection.objects.create(source="desk", person=home.members.get())
    opening = shelter()
    evacuee, _ = services.check_in_new(by=clerk, opening=opening, details=SAID)
    (row,) = queries.roster(opening, staff=clerk).rows
    assert (row.face.id, row.protected, queries.roster(opening, staff=clerk).hidden) == (evacuee, False, 0)
    page = sign_in(clerk).get(f"/desk/shelters/{opening}/people/{evacuee}/").content.decode()
    assert "守られて" not in page
    assert "未確認です" not in page
    other = staff("shelter")
    assert (queries.roster(opening, staff=other).rows, queries.roster(opening, staff=other).hidden) == ([], 1)
    ask_protection(by=clerk, evacuee=evacuee)
    assert queries.roster(opening, staff=clerk).rows == []
