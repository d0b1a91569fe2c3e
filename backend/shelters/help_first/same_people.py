"""Every id under which entries may name somebody of the list: what was heard under any of them was heard of them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from backend.core.clock import now
from backend.facilities.queries import known
from backend.ledger.models import SameAs

from .. import rules as shelter_rules
from ..models import HelpPerson, Merge
from ..people import pieces
from ..said import FAR

Pairs = set[tuple[UUID, UUID]]
EVACUEE = Cast("evacuee", TextField())  # as text: to make UUIDs of all of them would take longer than everything else


def also_known_as(rows: QuerySet[HelpPerson], known_at: datetime | None = None) -> dict[UUID, set[UUID]]:
    """Evacuee of a row -> all their ids, where there are several: a number came after they were first asked after, they
    are linked with the register, or two records were made one. As known at a moment."""
    listed, numbers = rows.values("evacuee"), rows.exclude(atena_no="").values("atena_no")
    pairs = {(pk, resident(number)) for pk, number in before_their_number(rows)}
    pairs |= _linked(Q(person__in=listed) | Q(record__in=listed), known_at)
    pairs |= _linked(Q(into__atena_no__in=numbers), known_at)
    pairs |= _merged(Q(evacuee__in=listed) | Q(into__in=listed), known_at)
    size = -1
    while size != len(pairs):
        size = len(pairs)
        for piece in pieces(list({pk for pair in pairs for pk in pair})):
            pairs |= _linked(Q(person__in=piece) | Q(record__in=piece) | Q(into__in=piece), known_at)
            pairs |= _merged(Q(evacuee__in=piece) | Q(into__in=piece), known_at)
    groups: dict[UUID, set[UUID]] = {}
    for one, other in pairs:
        group = groups.get(one, {one}) | groups.get(other, {other})
        groups |= dict.fromkeys(group, group)
    found = (rows.filter(evacuee__in=piece).values_list("evacuee", flat=True) for piece in pieces(list(groups)))
    return {pk: groups[pk] for piece in found for pk in piece}


def before_their_number(rows: QuerySet[HelpPerson]) -> list[tuple[UUID, str]]:
    """Of these rows those whom entries may name by an id from before their 宛名番号 was known, with the number."""
    said = rows.exclude(atena_no="").values_list(EVACUEE, "atena_no")
    # The id that follows from a number is the only one of version 5.
    return [(UUID(text), number) for text, number in said if text.replace("-", "")[12] != "5"]


def resident(number: str) -> UUID:
    return shelter_rules.evacuee_id(settings.MUNICIPALITY_CODE, {"atena_no": number})


def _linked(about: Q, known_at: datetime | None) -> Pairs:
    at = known_at or now()
    alive = SameAs.objects.filter(Q(until=None) | Q(until__gt=at), since__lte=at)
    found: Pairs = set()
    for record, person, number, into, its in alive.filter(about).values_list(
        "record", "person", "person__atena_no", "into", "into__atena_no"
    ):
        found.add((record or person, into))
        found |= {(pk, resident(text)) for pk, text in ((person, number), (into, its)) if text}
    return found


def _merged(about: Q, known_at: datetime | None) -> Pairs:
    return set(known(Merge.objects.filter(about), FAR, known_at).values_list("evacuee", "into"))
