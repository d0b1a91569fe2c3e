"""A protection that a named supervisor lifted is told to the journal, so that laptops show the person again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from backend.accounts.models import Staff
from backend.core.clock import now
from backend.journal.services import lock, record
from backend.ledger.models import Person, Protection

from .models import Evacuee, ProtectionAsked
from .people import evacuees_of, merged_away


def tell(protection: Protection, by: Staff) -> None:
    """An entry for each name by which shelters know somebody whose protection was lifted. Part of the act of lifting it."""
    lock()
    asked = ProtectionAsked.objects.filter(pk=protection.pk).exists()
    for evacuee in Evacuee.objects.filter(pk__in=_known_as(protection)).order_by("pk"):
        person = {"atena_no": evacuee.atena_no} if evacuee.atena_no else {"evacuee": str(evacuee.pk)}
        payload: dict[str, Any] = {"person": person} | ({"entry": str(protection.pk)} if asked else {})
        record(kind="protection.lifted", payload=payload, occurred_at=now(), by=by)


def _known_as(protection: Protection) -> set[UUID]:
    people = Q(pk=protection.person_id) | Q(pk=protection.evacuee)
    if protection.atena_no:
        people |= Q(atena_no=protection.atena_no) | Q(former_no=protection.atena_no)
    found = {pk for person in Person.objects.filter(people) for pk in evacuees_of(person)}
    if protection.evacuee:
        found |= {protection.evacuee}
        found |= set(merged_away([protection.evacuee]).values())
    if protection.atena_no:
        found |= set(Evacuee.objects.filter(atena_no=protection.atena_no).values_list("pk", flat=True))
    return found
