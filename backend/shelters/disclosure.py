"""What shelters tell the register of disclosures: who is where, and who said yes to 関係機関への提供."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from backend.core.clock import now
from backend.facilities import queries as facilities
from backend.facilities.queries import latest
from backend.ledger.disclosures.sources import Said
from backend.ledger.models import Disaster, Person, SameAs

from .models import Consent, Evacuee
from .people import evacuee_of, pieces
from .queries import staying, where_are

QUESTION = "other_bodies"


class Shelters:
    def places(self) -> list[tuple[str, str]]:
        return [(str(shelter.opening), shelter.name) for shelter in facilities.open_shelters()]

    def people(self, place: str, disaster: Disaster) -> list[UUID]:
        try:
            there = list(staying(now(), opening=UUID(place)).values_list("evacuee", flat=True))
        except ValueError:
            return []
        return _in_ledger(there, disaster)

    def consents(self, persons: Sequence[Person]) -> dict[UUID, Said]:
        who = _known_as(persons)
        found: dict[UUID, Said] = {}
        for piece in pieces(list(who)):
            said = Consent.objects.filter(evacuee__in=piece, item=QUESTION, voided_at__isnull=True)
            for row in latest(said, "evacuee"):
                before = found.get(who[row.evacuee])
                if before is None or row.occurred_at >= before.at:
                    found[who[row.evacuee]] = Said(row.given, row.occurred_at)
        return found

    def agreed(self, disaster: Disaster) -> list[UUID]:
        said = latest(Consent.objects.filter(item=QUESTION, voided_at__isnull=True), "evacuee")
        return _in_ledger([row.evacuee for row in said if row.given], disaster)

    def whereabouts(self, persons: Sequence[Person]) -> dict[UUID, str]:
        who = _known_as(persons)
        found: dict[UUID, str] = {}
        for piece in pieces(list(who)):
            places = where_are(piece, staff=None)
            found |= {who[pk]: place.name for pk, place in places.items() if place.present}
        return found


def _in_ledger(evacuees: list[UUID], disaster: Disaster) -> list[UUID]:
    """The persons of a disaster that these evacuees are; whoever stands in no ledger is left out."""
    found: list[UUID] = []
    people = Person.objects.filter(disaster=disaster)
    for piece in pieces(evacuees):
        numbers = Evacuee.objects.filter(pk__in=piece).exclude(atena_no=None).values("atena_no")
        found += people.filter(atena_no__in=numbers).values_list("pk", flat=True)
        found += people.filter(pk__in=piece).values_list("pk", flat=True)
        found += _confirmed().filter(record__in=piece, into__disaster=disaster).values_list("into", flat=True)
    return found


def _known_as(persons: Sequence[Person]) -> dict[UUID, UUID]:
    """Evacuee -> person: by the person's own id, and by records that somebody confirmed to be of that person."""
    links = _confirmed().filter(into__in=[person.pk for person in persons])
    records: dict[UUID, UUID] = {record: into for record, into in links.values_list("record", "into") if record}
    return records | {evacuee_of(person): person.pk for person in persons}


def _confirmed() -> QuerySet[SameAs]:
    """A link that no one has confirmed is not enough for a disclosure."""
    return SameAs.objects.filter(until=None, confirmed_by__isnull=False, record__isnull=False)


SOURCE = Shelters()
