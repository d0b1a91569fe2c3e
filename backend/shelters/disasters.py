"""Which disaster a shelter's opening is for: by time, unless headquarters has said otherwise."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.facilities import queries as facilities
from backend.ledger.models import Disaster, OpeningOfDisaster

from . import rules
from .queries import opening_times


def disasters_of(openings: Iterable[UUID]) -> dict[UUID, UUID | None]:
    """opening -> its disaster; None where no disaster was near in time and nobody has said one."""
    wanted = list(set(openings))
    said = dict(OpeningOfDisaster.objects.filter(opening__in=wanted).order_by("pk").values_list("opening", "disaster"))
    open_ones = [(row.occurred_at, row.pk) for row in Disaster.objects.filter(drill=False)]
    times = opening_times(wanted)
    return {pk: said.get(pk) or rules.disaster_of(times.get(pk), open_ones) for pk in wanted}


@transaction.atomic
def say_disaster(*, by: Staff, opening: UUID, disaster: Disaster) -> OpeningOfDisaster:
    """Headquarters says which disaster an opening is for. Saying the same again changes nothing."""
    require(by, "shelters.write")
    facilities.opening(opening)
    last = OpeningOfDisaster.objects.filter(opening=opening).order_by("-pk").first()
    if last and last.disaster_id == disaster.pk:
        return last
    row = OpeningOfDisaster.objects.create(opening=opening, disaster=disaster, by=by)
    audit(by=by, act="shelters.say_disaster", subject=f"opening:{opening}", disaster=str(disaster.pk))
    return row
