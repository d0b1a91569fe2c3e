"""罹災証明書 for everybody whose house was judged: one for each household and house that it is confirmed to have lived in.

What each rests on is asked again, with the houses locked, in the transaction that numbers the papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.core import bulk
from backend.damage.certificates import people, risai, risai_form
from backend.damage.judgements import queries as judgements
from backend.damage.models import Judgement, RisaiCertificate
from backend.documents.models import Issue
from backend.ledger.models import Disaster, House, HouseLink, HouseRecord

from . import candidates
from .candidates import Left, Paper, Ready

KIND = risai.KIND
BACK = "前の罹災証明書を返してもらい、窓口で新しく交付します。"


def without_one(disaster: Disaster) -> list[UUID]:
    """The households that lived in a judged house and have no valid certificate for it, in the order of their numbers."""
    valid = Issue.objects.filter(
        kind=KIND, disaster=disaster.pk, restricted=False, status=Issue.Status.VALID, superseded_at=None
    )
    have = set(valid.values_list("household", "subject"))
    pairs = _lived(disaster).order_by("household__number", "house").values_list("household", "house")
    return list(dict.fromkeys(household for household, house in pairs if (household, house) not in have))


def _lived(disaster: Disaster) -> QuerySet[HouseLink]:
    """Confirmed links of households to judged dwellings they lived in."""
    judged = Judgement.objects.filter(disaster=disaster, held_from__isnull=False, held_until=None).values("house")
    dwellings = HouseRecord.objects.filter(until=None, annex=False).values("house")
    links = HouseLink.objects.filter(household__disaster=disaster, role=HouseLink.Role.LIVES, until=None)
    return links.exclude(confirmed_by=None).filter(house__in=judged).filter(house__in=dwellings)


class Piece(candidates.Piece):
    """A thousand households with their judged houses."""

    form = risai_form.FORM
    by_subject = True

    def __init__(self, disaster: Disaster, ids: list[UUID], *more: Any) -> None:
        super().__init__(disaster, ids, *more)
        self.links: dict[UUID, list[HouseLink]] = {}
        for link in _lived(disaster).filter(household__in=ids).order_by("house"):
            self.links.setdefault(link.household_id, []).append(link)
        houses = {link.house_id for links in self.links.values() for link in links}
        records = HouseRecord.objects.filter(house__in=houses, until=None)
        self.records = {record.house_id: record for record in records}
        self.judged = judgements.present(houses, disaster)
        out = Issue.objects.filter(kind=KIND, household__in=ids, restricted=False, status=Issue.Status.VALID)
        self.out = {(one.household, one.subject): one.is_valid for one in out.defer("content")}

    def papers(self, what: people.Printable) -> Iterator[Paper | Left]:
        home = what.household.pk
        for link in self.links.get(home, []):
            house = link.house_id
            valid = self.out.get((home, house))
            if valid is not None:
                if not valid:
                    yield Left(home, candidates.Reason.OTHER, BACK)
                continue
            if house not in self.judged:
                continue
            if home in self.touched:
                self.require_none(what, subject=house)
            found = risai.Case(what, self.records[house], link, self.judged[house])
            words = risai.body(found, about_house=risai.water(found), about_others="", purpose=self.purpose)
            yield Paper(words, house, found)


def still(lines: list[Ready]) -> tuple[list[Ready], list[Ready]]:
    """Those whose judgement holds and whose living there is confirmed in this moment, and the others. Locks the houses."""
    houses = {line.subject for line in lines}
    list(House.objects.select_for_update().filter(pk__in=houses).order_by("pk").values_list("pk"))
    holding = Judgement.objects.filter(house__in=houses, held_from__isnull=False, held_until=None)
    standing = set(holding.values_list("pk", flat=True))
    links = HouseLink.objects.filter(pk__in=[line.about.link.pk for line in lines], until=None)
    standing |= set(links.exclude(confirmed_by=None).values_list("pk", flat=True))
    kept = [line for line in lines if {line.about.judgement.pk, line.about.link.pk} <= standing]
    return kept, [line for line in lines if line not in kept]


def note(issues: Iterable[Issue], lines: Iterable[Ready]) -> None:
    """What each paper rests on, beside it."""
    cases = {(line.household, line.subject): line for line in lines}
    fields = ("issue_id", "household_id", "house_id", "judgement_id", "role", "purpose", "copies")
    rows = []
    for one in issues:
        line = cases[one.household, one.subject]
        found = line.about
        rows.append((one.pk, one.household, one.subject, found.judgement.pk, found.link.role, line.body["purpose"], 1))
    bulk.put(RisaiCertificate, fields, rows)
