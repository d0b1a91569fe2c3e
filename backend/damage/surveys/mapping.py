"""What the map of surveys draws: the map of houses, with how far each survey is and the class in place of the links.

A house in which somebody hidden lives stays the bare outline that it is on the map of houses.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from backend.damage import classes
from backend.damage.models import Judgement, Survey, SurveyRequest
from backend.ledger.houses import map_queries
from backend.ledger.houses.map_queries import Box
from backend.ledger.models import Disaster

STATES = {
    **classes.LABELS,
    "to_confirm": "判定の確認待ち",
    "surveyed": "調査済み・判定前",
    "waiting": "調査を待つ",
    "plain": "依頼のない家屋",
    "bare": "外形だけ",
}


def features(box: Box, disaster: Disaster | None, staff: Any) -> dict[str, Any]:
    """What is to be drawn in a box; squares with counts where there is too much of it."""
    data = map_queries.features(box, disaster, staff, with_houses=True)
    data["states"] = STATES
    drawn = [one for kind in ("outlines", "houses") for one in data.get(kind, []) if one["house"]]
    found = states({UUID(one["house"]) for one in drawn}, disaster)
    for one in drawn:
        one["state"] = found.get(UUID(one["house"]), "plain")
    return data


def states(houses: Iterable[UUID], disaster: Disaster | None) -> dict[UUID, str]:
    """house -> its class where one holds, else how far it is; houses of which nothing is asked are left out."""
    of = {"house__in": list(houses), "disaster": disaster}
    found = dict.fromkeys(SurveyRequest.objects.filter(**of, until=None).values_list("house", flat=True), "waiting")
    found |= dict.fromkeys(Survey.objects.filter(**of).values_list("house", flat=True), "surveyed")
    judged = Judgement.objects.filter(**of)
    waiting = judged.filter(confirmed_at=None, rejected_at=None)
    found |= dict.fromkeys(waiting.values_list("house", flat=True), "to_confirm")
    holding = judged.filter(held_from__isnull=False, held_until=None)
    return found | dict(holding.values_list("house", "damage_class"))
