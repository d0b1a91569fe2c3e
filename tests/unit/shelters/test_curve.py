"""避難者数推移表: head counts and rosters in one number, at any time, as known at any time."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from backend.core.clock import TOKYO, frozen
from backend.shelters import services
from backend.shelters.curve import queries, rules
from backend.shelters.curve.rules import Heads, Names, Tally, carried_on, heads

DAY = datetime(2026, 11, 18, tzinfo=TOKYO)


def at(hour: float, day: int = 18) -> datetime:
    return DAY.replace(day=day) + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("counted", "then", "now", "holds"),
    [
        (180, 0, 0, 180),  # by telephone only
        (180, 0, 1, 180),  # one of the 180 has a name now
        (180, 0, 180, 180),  # the whole list was typed in later: nobody twice
        (180, 0, 183, 183),  # three more than were counted
        (180, 180, 181, 181),  # all had names: one more came
        (180, 180, 150, 150),  # thirty left
        (180, 100, 80, 160),  # twenty of those with a name left
        (150, 165, 166, 151),  # the count said that some had left unnoticed
        (3, 10, 2, 0),
    ],
)
def test_a_count_is_carried_on_by_the_roster_without_counting_anybody_twice(counted, then, now, holds):
    assert carried_on(counted, then, now) == holds


def test_who_moves_in_from_another_shelter_was_not_counted_here():
    assert carried_on(90, 1, 4, moved_in=3) == 93
    assert carried_on(90, 1, 1, moved_in=1) == 90  # one moved in and left again
    assert carried_on(90, 1, 14, moved_in=3) == 93  # ten others got their names


def test_nobody_has_counted_is_not_nobody_is_there():
    assert heads(None, None, Names(), Names(), None) == Heads()
    assert heads(Tally(0, 0, 0), at(1), Names(), Names(), None).people == 0


def test_households_are_told_only_by_whom_the_count_said_them():
    report = Tally(25, None, None)
    assert heads(report, at(1), Names(), Names(Tally(20, 8, 2)), at(2)) == Heads(25, None, 2, at(2), "報告と名簿")


def test_a_table_begins_where_it_is_told_and_goes_on_at_the_full_hours():
    found = rules.times(at(5.75), at(31.5), 12)
    assert [f"{t.astimezone(TOKYO):%d %H:%M}" for t in found] == [
        "18 05:45",
        "18 06:00",
        "18 18:00",
        "19 06:00",
        "19 07:30",
    ]


@pytest.fixture
def two_shelters(shelter, family):
    """西町: by telephone, then by roster. 港: by roster only, closed on the second evening."""
    with frozen(at(6)):
        west, harbour = shelter("西町小学校"), shelter("港公民館")
    with frozen(at(7)):
        services.report_head_count(by=None, opening=west, people=120, households=50, outside=6)
        people = [p.pk for p in family.members.all()]
        services.check_in_household(by=None, opening=harbour, household=family.pk, persons=people[:2])
    with frozen(at(9)):
        services.check_in_household(by=None, opening=harbour, household=family.pk, persons=people[2:])
        services.check_in_new(by=None, opening=west, details={"name": "北原 ハル"}, how="car")
        services.check_in_new(by=None, opening=west, details={"name": "北原 ナツ"})
    with frozen(at(18)):
        services.report_head_count(by=None, opening=west, people=90, observed_at=at(17))
    with frozen(at(20)):
        everybody = list(queries.StayEvent.objects.filter(opening=harbour).values_list("evacuee", flat=True))
        services.move(by=None, opening=harbour, evacuees=everybody, to=west)
        services.close_shelter(by=None, opening=harbour)
    return west, harbour


def numbers(curve):
    return {line.name: [None if c is None else c.people for c in line.cells] for line in curve.lines}


def test_the_curve_tells_every_shelter_at_every_hour(two_shelters):
    with frozen(at(30)):
        found = queries.curve([at(6.5), at(7), at(9), at(17), at(19), at(20)])
    assert numbers(found) == {
        "西町小学校": [None, 120, 120, 90, 90, 93],  # three moved in at 20:00
        "港公民館": [None, 2, 3, 3, 3, None],
    }
    assert found.people == [None, 122, 123, 93, 93, 93]
    assert found.outside == [None, 6, 6, 1, 1, 1]  # the report of 17:00 says nothing of them: the roster does
    assert found.open_shelters == [2, 2, 2, 2, 2, 1]
    assert found.uncounted == [2, 0, 0, 0, 0, 0]


def test_the_curve_as_known_earlier_leaves_out_what_came_later(two_shelters):
    with frozen(at(30)):
        found = queries.curve([at(17)], known_at=at(17.5))
    assert numbers(found)["西町小学校"] == [120]  # what was seen at 17:00 was reported at 18:00


def test_the_curve_agrees_with_the_rosters(two_shelters):
    from backend.shelters.queries import counts_by_shelter

    for hour in (7, 9, 19, 20):
        rosters = {c.shelter.opening: c.count for c in counts_by_shelter(at(hour), closed=True)}
        names, _ = queries._rosters({pk: [at(hour)] for pk in rosters}, at(hour), None, None)
        for pk, count in rosters.items():
            assert names[pk][0].there == Tally(count.people, count.households, count.outside)


def test_the_page_the_paper_and_the_files_tell_the_same(two_shelters, sign_in, staff):
    client = sign_in(staff("publicity"))
    span = {"begin": "2026-11-18T07:00", "end": "2026-11-18T20:00", "step": "6"}
    with frozen(at(30)):
        page = client.get(reverse("shelters:curve"), span).content.decode()
        paper = client.get(reverse("shelters:curve_print"), span).content.decode()
        answer = client.get(reverse("shelters:curve_csv"), span)
        sjis = client.get(reverse("shelters:curve_csv"), {**span, "encoding": "shift_jis"})
        long = client.get(reverse("shelters:curve_csv"), {**span, "shape": "long"})
    for text in (page, paper):
        assert "<svg" in text
        assert "合計 93" in text
        assert rules.RULE in text
        assert text.count('<td class="table__number">120</td>') == 2
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert table[0][2:] == [f"2026-11-18T{h}:00+09:00" for h in ("07", "12", "18", "20")]
    assert {row[0]: row[2:] for row in table[1:]}["合計（避難所内）"] == ["122", "123", "93", "93"]
    assert sjis.content.decode("cp932") == answer.content.decode("utf-8-sig")
    lines = csv.DictReader(io.StringIO(long.content.decode("utf-8-sig")))
    sources = [row["人数の出所"] for row in lines if row["避難所"] == "西町小学校"]
    assert sources == ["報告", "報告と名簿", "報告", "報告と名簿"]


def test_what_nobody_counted_adds_nothing_to_a_total():
    assert rules.total([]) is None
    assert rules.total([None, 3, None, 0]) == 3


def test_a_span_that_cannot_be_is_said_in_the_form(two_shelters, sign_in, staff):
    client = sign_in(staff("shelter"))
    wrong = client.get(reverse("shelters:curve"), {"begin": "2026-11-19T00:00", "end": "2026-11-18T00:00"})
    assert "より前の日時" in wrong.content.decode()
    long = client.get(reverse("shelters:curve"), {"begin": "2016-11-19T00:00", "step": "1"})
    assert "間隔を広げる" in long.content.decode()


def test_before_any_shelter_opened_the_page_says_so(db, sign_in, staff):
    page = sign_in(staff("shelter")).get(reverse("shelters:curve")).content.decode()
    assert "開設した避難所はありません" in page
