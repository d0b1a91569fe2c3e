"""部位ごとの損害 and 傾斜: written down as the paper has them, from the page to the database and back. Nothing is made of them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from backend.core.errors import Refused
from backend.damage.judgements import services as judging
from backend.damage.models import Survey
from backend.damage.surveys import queries, questions, services

TYPED = {
    "surveyed_on": "R8.11.20",
    "surveyors": "第1班",
    "stage": "first",
    "cause": "earthquake",
    "structure": "wood",
    "method": "exterior",
    "whole_loss": "none",
    "lean_1": "1.5",
    "lean_2": "2.0",
    "lean_4": "0",
    "part_roof": "30",
    "part_wall": "０",
    "part_base": "100",
    "ratio": "22",
    "found": "half",
    "sheet_place": "税務課の綴り",
}
INSIDE = {"part_frame": 10, "part_inner": 40, "part_equipment": 5, "part_roof": 20}


@pytest.fixture
def typed(event, two, house, sign_in):
    """`typed(part_roof="30")`: the answer of the page after typing."""

    def post(**changed):
        one = house()
        return one, sign_in(two[0]).post(reverse("surveys:sheet", args=[one.pk]), {**TYPED, **changed})

    return post


def test_from_the_page_to_the_database_and_back(typed, two, sign_in):
    one, answer = typed()
    assert answer.status_code == 302
    row = Survey.objects.get()
    kept = {key: row.answers.get(key) for key in questions.MEASURED if key in row.answers}
    assert kept == {
        "lean_1": "1.5",
        "lean_2": "2",
        "lean_4": "0",
        "part_roof": 30,
        "part_wall": 0,
        "part_base": 100,
    }
    assert (row.ratio, row.damage_class) == (22, "half"), "as it was typed: of the parts nothing is computed"
    words = queries.answer_words(row.answers)
    assert [key for key in words if key in questions.MEASURED] == list(kept), "in the order of the paper"
    shown = sign_in(two[0]).get(reverse("damage_houses:house", args=[one.pk])).content.decode()
    for label, value in (("四隅①", "1.5cm"), ("屋根", "30%"), ("壁（外壁）", "0%"), ("基礎", "100%")):
        assert f"<dt>{label}</dt>\n    <dd>{value}</dd>" in shown
    again = sign_in(two[0]).get(f"{reverse('surveys:sheet', args=[one.pk])}?again={row.pk}").content.decode()
    assert 'name="part_roof" value="30"' in again
    assert 'name="lean_4" value="0"' in again


@pytest.mark.parametrize(
    ("changed", "field", "why"),
    [
        ({"part_roof": "101"}, "part_roof", "100までの数を入れてください。"),
        ({"part_roof": "-1"}, "part_roof", "0以上で入れてください。"),
        ({"part_roof": "半分"}, "part_roof", "整数で入れてください。"),
        ({"part_roof": "12.5"}, "part_roof", "整数で入れてください。"),
        ({"lean_3": "120.5"}, "lean_3", "120までの数を入れてください。"),
        ({"lean_3": "1.55"}, "lean_3", "小数は1桁までで入れてください。"),
        ({"lean_3": "NaN"}, "lean_3", "数で入れてください。"),
        ({"part_inner": "10"}, "part_inner", "この欄がありません"),
        ({"structure": "other"}, "part_roof", "この欄がありません"),
        ({"cause": "wind"}, "lean_1", "この欄がありません"),
    ],
)
def test_what_cannot_stand_on_the_paper_is_said_at_its_field(typed, changed, field, why):
    _, answer = typed(**changed)
    assert answer.status_code == 422
    assert any(why in error for error in answer.context["form"].errors[field])
    assert not Survey.objects.exists()


def test_they_are_never_needed(typed):
    _, answer = typed(**dict.fromkeys(questions.MEASURED, ""))
    assert answer.status_code == 302
    assert not set(Survey.objects.get().answers) & set(questions.MEASURED)


def test_a_second_survey_has_the_parts_inside(event, two, house, sheet):
    said = sheet(stage="second", method="interior", ratio=25, found="half", measured=INSIDE)
    row = services.record(by=two[0], disaster=event, house=house().pk, sheet=said)
    assert {key: row.answers[key] for key in INSIDE} == INSIDE
    with pytest.raises(Refused) as refusal:
        services.record(by=two[0], disaster=event, house=house().pk, sheet=sheet(measured=INSIDE))
    assert set(refusal.value.fields) == {"part_frame", "part_inner", "part_equipment"}


def test_heavy_parts_and_a_great_lean_make_no_class(event, two, house, sheet):
    """Which points they have in the edition in force has not been read: the surveyors' class is the class."""
    measured = {"lean_1": Decimal(100), "part_roof": 100, "part_wall": 100, "part_base": 100}
    said = sheet(ratio=5, found="below", measured=measured)
    row = services.record(by=two[0], disaster=event, house=house().pk, sheet=said)
    assert judging.make(by=two[0], survey=row.pk).damage_class == "below"


def test_two_typings_are_compared_part_by_part(event, two, house, sheet, sign_in):
    first = sheet(measured={"lean_1": Decimal("2.0"), "part_roof": 30, "part_base": 0})
    row = services.record(by=two[0], disaster=event, house=house().pk, sheet=first)
    url = reverse("surveys:second_typing", args=[row.pk])
    desk = sign_in(two[1])
    desk.post(url, {**TYPED, "whole_loss": "", "lean_1": "2", "lean_2": "", "lean_4": "", "part_roof": "35",
                    "part_wall": "", "part_base": ""})  # fmt: skip
    row.refresh_from_db()
    assert row.second.differs == ["part_roof", "part_base"], "2 and 2.0 are one reading; 0% and nothing are not"
    shown = desk.get(url).content.decode()
    assert "30%" in shown
    assert "35%" in shown
    assert shown.index("屋根") < shown.index("基礎")


def test_the_screen_says_which_kind_has_them(event, two, house, sign_in):
    shown = sign_in(two[0]).get(reverse("surveys:sheet", args=[house().pk])).content.decode()
    order = [shown.index(f'name="{name}"') for name in ("depth", *questions.MEASURED, "ratio")]
    assert order == sorted(order)
    assert '<fieldset data-of="lean">' in shown
    assert '<fieldset data-of="parts">' in shown
    assert shown.count('data-seen="outside"') == 1
    assert shown.count('data-seen="inside"') == 7


def test_a_survey_of_the_first_days_keeps_its_words():
    """What was lost at sight was once a tick without saying how."""
    assert queries.answer_words({"whole_loss": True})["whole_loss"] == "はい"
    assert queries.answer_words({"whole_loss": "storey"})["whole_loss"] == "一部の階の全部が倒壊"


def test_a_ratio_of_nothing_is_an_answer(event, two, house, sheet):
    said = sheet(ratio=0, found="below")
    row = services.record(by=two[0], disaster=event, house=house().pk, sheet=said)
    assert row.answers["ratio"] == 0
