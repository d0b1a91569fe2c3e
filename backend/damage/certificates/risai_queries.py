"""What the pages of the 罹災証明書 ask: everybody of a building, where a house stands, and whose paper is to be given back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import cos, radians
from typing import Any
from uuid import UUID

from backend.damage.applications import queries as applications
from backend.damage.judgements import queries as judgements
from backend.damage.models import Application, RisaiCertificate
from backend.damage.surveys import queries as surveys
from backend.documents.models import Issue
from backend.ledger.houses import map_queries
from backend.ledger.houses.queries import link_views, live_links
from backend.ledger.models import Disaster, Household, HouseLink, Person

from . import people, queries
from .bulk.rules import numbered

WIDTH = 400  # of the drawing, in its own units


# Everybody of a building -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HomeOfHouse:
    """A household that lives in a house, with its room, and how far it is on the way to its certificate."""

    household: Household
    room: str
    name: str
    kana: str
    confirmed: bool
    application: Application | None
    paper: Issue | None


def homes_of(house: UUID, disaster: Disaster | None, staff: Any) -> list[HomeOfHouse]:
    """The households that live in a house, by their rooms, as far as this person may know of them."""
    lives = live_links(staff).filter(house=house, household__disaster=disaster, role=HouseLink.Role.LIVES)
    views = link_views(lives, staff)
    homes = [view.household.pk for view in views]
    asked: dict[UUID, Application] = {}
    rows = applications.applied_houses(disaster).filter(house=house, what="dwelling", application__household__in=homes)
    seen = applications.visible(staff).values("pk")
    for line in rows.filter(application__in=seen).select_related("application").order_by("application__received_at"):
        asked[line.application.household_id] = line.application  # type: ignore[index]
    out = Issue.objects.filter(kind=queries.RISAI, household__in=homes, subject=house, status=Issue.Status.VALID)
    given = {one.household: one for one in queries.visible(list(out.order_by("restricted")), staff)}
    found = [
        HomeOfHouse(
            view.household,
            view.household.building,
            view.name,
            view.kana,
            view.decided,
            asked.get(view.household.pk),
            given.get(view.household.pk),
        )
        for view in views
    ]
    return sorted(found, key=lambda one: (numbered(one.room), one.household.number))


# Where it stands --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Picture:
    """Outlines and points around a house as a drawing takes them; north is up."""

    width: int
    height: int
    shapes: list[dict[str, Any]]
    points: list[dict[str, Any]]


def picture(house: UUID, disaster: Disaster | None, staff: Any) -> Picture | None:
    """The house among its neighbours, by their outlines alone; None where nobody knows its place."""
    box = map_queries.around(house, 60)
    if box is None:
        return None
    data = map_queries.features(box, disaster, staff, with_houses=True)
    if "outlines" not in data:
        return None
    scale = WIDTH / (box.east - box.west)
    steep = scale / cos(radians((box.south + box.north) / 2))

    def at(place: Iterable[float]) -> tuple[float, float]:
        longitude, latitude = place
        return round((longitude - box.west) * scale, 1), round((box.north - latitude) * steep, 1)

    return Picture(
        WIDTH,
        round((box.north - box.south) * steep),
        [
            {"points": " ".join(f"{x},{y}" for x, y in map(at, ring)), "here": one["house"] == str(house)}
            for one in data["outlines"]
            for ring in one["rings"][:1]
        ],
        [{"x": x, "y": y, "here": one["house"] == str(house)} for one in data["houses"] for x, y in [at(one["place"])]],
    )


# To be given back ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ToReturn:
    """A paper that is out though a later judgement holds: what it says, and what holds now."""

    paper: Issue
    household: Household
    where: str
    said: str
    now: str

    @property
    def same(self) -> bool:
        return self.said == self.now


def to_return(disaster: Disaster | None, staff: Any, *, most: int = 500) -> tuple[list[ToReturn], bool]:
    """The papers that rest on a superseded judgement, the longest superseded first, and whether there are more.

    Whoever may not see protected people has none of theirs, nor one that shows somebody who is protected by now.
    """
    rows = RisaiCertificate.objects.filter(
        issue__status=Issue.Status.VALID, issue__superseded_at__isnull=False, household__disaster=disaster
    ).select_related("issue__kind", "household", "judgement__survey")
    found = list(rows.order_by("issue__superseded_at", "issue__number")[: most + 1])
    more = len(found) > most
    seen = {one.pk for one in queries.visible([row.issue for row in found[:most]], staff)}
    if not staff.sees_protected:
        seen -= _showing_protected([row.issue for row in found[:most]])
    found = [row for row in found[:most] if row.issue_id in seen]
    houses = {row.house_id for row in found}
    at, judged = surveys.places(houses), judgements.present(houses, disaster)
    return [
        ToReturn(
            row.issue,
            row.household,
            at.get(row.house_id, ""),
            surveys.class_label(row.judgement.damage_class, row.judgement.survey),
            surveys.class_label(judged[row.house_id].damage_class, judged[row.house_id].survey),
        )
        for row in found
        if row.house_id in judged
    ], more


def _showing_protected(papers: list[Issue]) -> set[UUID]:
    """Those of these papers on which somebody stands who is under protection now."""
    wanted = {person for one in papers for person in one.content["persons"]}
    hidden = {str(pk) for pk in people.protected_ids(Person.objects.filter(pk__in=wanted))}
    return {one.pk for one in papers if hidden.intersection(one.content["persons"])}
