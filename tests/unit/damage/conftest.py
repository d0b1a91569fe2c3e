"""A house on the ground with a household in it, and a sheet as it was typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

DAY = date(2026, 11, 20)
RATIO = {"total": 60, "large": 45, "medium": 35, "half": 25, "quasi": 15, "below": 5}
_houses = count(1)


@pytest.fixture
def house(db: None) -> Callable[..., Any]:
    """`house("大浜市西町5番地", home)`: a house of the roll; households given live in it, confirmed."""
    from backend.ledger.houses.keys import place_key
    from backend.ledger.models import House, HouseLink, HouseRecord

    def make(lot: str = "", *homes: Any, by: Any = None, confirmed: bool = True, **said: Any) -> House:
        number = next(_houses)
        lot = lot or f"大浜市西町{number}番地"
        made = House.objects.create(property_no=f"T{number:05}")
        told = {"structure": "木造", "floors": "2", "kind": "居宅", "year": 2026, **said}
        HouseRecord.objects.create(house=made, lot=lot, lot_key=place_key(lot), digest=str(number), **told)
        for home in homes:
            HouseLink.objects.create(
                house=made, household=home, role="lives", confidence="certain",
                confirmed_by=by, confirmed_at=home.created_at if by else None,
            )  # fmt: skip
        return made

    return make


@pytest.fixture
def sheet() -> Callable[..., Any]:
    """`sheet(ratio=35, found="medium")`: a first survey from outside after an earthquake."""
    from backend.damage.surveys.services import Sheet

    def make(**said: Any) -> Sheet:
        values = {
            "surveyed_on": DAY, "surveyors": "第1班", "stage": "first", "cause": "earthquake", "method": "exterior",
            "structure": "wood", "sheet_place": "税務課の綴り", **said,
        }  # fmt: skip
        if values["method"] == "exterior" and "ratio" not in said and not said.get("whole_loss"):
            values |= {"ratio": 22, "found": "half"}
        return Sheet(**values)

    return make


@pytest.fixture
def wet(sheet: Callable) -> Callable[..., Any]:
    """`wet(190, force=False)`: a first survey by the depth above the floor, in centimetres."""

    def make(depth: float | None, *, force: bool | None = True, **said: Any) -> Any:
        water = "below_floor" if depth is None else "above_floor"
        return sheet(
            cause="flood", method="flood_depth", detached=True, floors=2, external_force=force, water=water,
            depth=None if depth is None else Decimal(str(depth)), **said,
        )  # fmt: skip

    return make


@pytest.fixture
def as_shown() -> Callable[..., dict[str, Any]]:
    """`as_shown(desk.get(url), name="…")`: what a browser would send of the form of an application as it stands."""

    def sent(answer: Any, **typed: Any) -> dict[str, Any]:
        form, lines = answer.context["form"], answer.context["lines"]
        said = {field.html_name: field.value() for field in form}
        said |= {field.html_name: field.value() for field in lines.management_form}
        said |= {field.html_name: field.value() for line in lines for field in line}
        if answer.context.get("why"):
            said |= {field.html_name: field.value() for field in answer.context["why"]}
        return {
            name: value
            for name, value in (said | typed).items()
            if value is not None and value is not False and value != ""
        }

    return sent


@pytest.fixture
def event(disaster: Callable) -> Any:
    return disaster()


@pytest.fixture
def two(staff: Callable) -> Any:
    """Two clerks, so that what one judges the other confirms."""
    return staff("tax"), staff("tax")


@pytest.fixture
def judge(event: Any, two: Any, sheet: Callable) -> Callable[..., Any]:
    """`judge(house, "half", stage="first", day=20)`: surveyed, judged, and (unless told otherwise) confirmed."""

    from backend.damage.judgements import services as judging
    from backend.damage.surveys import services as surveys

    def make(
        house: Any, found: str, *, stage: str = "first", day: int = 20, confirmed: bool = True, **said: Any
    ) -> Any:
        method = "exterior" if stage == "first" else "interior"
        row = surveys.record(
            by=two[0],
            disaster=event,
            house=house.pk,
            sheet=sheet(
                stage=stage, method=method, found=found, ratio=RATIO[found], surveyed_on=date(2026, 11, day), **said
            ),
        )
        made = judging.make(by=two[0], survey=row.pk)
        return judging.confirm(by=two[1], judgement=made.pk) if confirmed else made

    return make


@pytest.fixture
def ask_for(two: Any) -> Callable[..., Any]:
    """`ask_for(home, house, copies=2)`: the household applied for a certificate of that house."""
    from backend.damage.applications import services as applying
    from backend.damage.applications.rules import Place, Said

    def make(home: Any, *houses: Any, by: Any = None, what: str = "dwelling", **said: Any) -> Any:
        told = {
            "channel": "counter", "applicant": "resident", "name": home.members.order_by("position").first().name,
            "cause": "earthquake", "applied_on": DAY, "identity": "licence", **said,
        }  # fmt: skip
        places = told.pop("places", None) or [Place("大浜市西町5番地", what, one.pk) for one in houses]
        return applying.record(
            by=by or two[0], disaster=home.disaster, said=Said(places=places, **told), household=home.pk, knowingly=True
        )

    return make


@pytest.fixture(autouse=True)
def on_the_third_day(request: pytest.FixtureRequest) -> Any:
    """Surveys can't be of a day to come: for these tests it is some days after the disaster."""
    if "house" not in request.fixturenames:
        yield
        return
    from datetime import datetime

    from backend.core import clock

    with clock.frozen(datetime(2026, 11, 25, 9, 0, tzinfo=clock.TOKYO)):
        yield
