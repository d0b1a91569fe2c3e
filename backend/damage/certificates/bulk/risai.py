"""罹災証明書 for everybody who applied and whose house was judged: one for each household and house that was applied for.

What each rests on is asked again, with applications and houses locked, in the transaction that numbers the papers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from backend.core import bulk
from backend.damage.applications import queries as applications
from backend.damage.certificates import people, risai, risai_form
from backend.damage.judgements import queries as judgements
from backend.damage.models import Application, ApplicationHouse, Judgement, RisaiCertificate
from backend.documents.models import Issue
from backend.ledger.households.hidden import hidden_households
from backend.ledger.models import Disaster, House, HouseLink, HouseRecord

from . import candidates
from .candidates import Left, Paper, Ready

KIND = risai.KIND
BACK = "前の罹災証明書を返してもらい、窓口で新しく交付します。"
UNLINKED = "この世帯がその家屋に住んでいたことが、まだ確認されていません。"
OWNER = "所有者としての申請です。窓口で交付します。"
COUNTER = "{}の申請です。窓口で交付します。"
MANDATE = "代理人の申請で、委任状か本人確認をまだ確かめていません。"
ADDRESS = "申請に、代理人の連絡先の住所がありません。"


def without_one(disaster: Disaster) -> list[UUID]:
    """The households that applied for a judged house and have no valid certificate for it, in the order of their numbers."""
    have = _have(disaster)
    pairs = _applied(disaster).order_by("application__household__number", "house")
    asked = pairs.values_list("application__household", "house")
    return list(dict.fromkeys(household for household, house in asked if (household, house) not in have))


def unapplied(disaster: Disaster) -> list[UUID]:
    """The households that lived in a judged house and neither applied for a certificate of it nor have one. Nobody with
    somebody under protection is among them."""
    asked = set(_applied(disaster).values_list("application__household", "house")) | _have(disaster)
    pairs = _lived(disaster).order_by("household__number", "house").values_list("household", "house")
    hidden = hidden_households(candidates.NOBODY).part
    return list(dict.fromkeys(home for home, house in pairs if (home, house) not in asked and home not in hidden))


def _have(disaster: Disaster) -> set[tuple[UUID, UUID | None]]:
    valid = Issue.objects.filter(
        kind=KIND, disaster=disaster.pk, restricted=False, status=Issue.Status.VALID, superseded_at=None
    )
    return set(valid.values_list("household", "subject"))


def _judged(disaster: Disaster) -> QuerySet:
    holding = Judgement.objects.filter(disaster=disaster, held_from__isnull=False, held_until=None)
    return holding.values("house")


def _applied(disaster: Disaster) -> QuerySet[ApplicationHouse]:
    """Judged dwellings that were applied for by a household that a person has matched."""
    asked = applications.applied_houses(disaster).filter(what="dwelling", application__household__isnull=False)
    return asked.filter(house__in=_judged(disaster))


def _lived(disaster: Disaster) -> QuerySet[HouseLink]:
    """Confirmed links of households to judged dwellings they lived in."""
    dwellings = HouseRecord.objects.filter(until=None, annex=False).values("house")
    links = HouseLink.objects.filter(household__disaster=disaster, role=HouseLink.Role.LIVES, until=None)
    return links.exclude(confirmed_by=None).filter(house__in=_judged(disaster)).filter(house__in=dwellings)


class Piece(candidates.Piece):
    """A thousand households with their judged houses."""

    form = risai_form.FORM
    by_subject = True

    def __init__(self, disaster: Disaster, ids: list[UUID], *more: Any) -> None:
        super().__init__(disaster, ids, *more)
        self.asked: dict[UUID, dict[UUID, Application]] = {}
        rows = _applied(disaster).filter(application__household__in=ids).select_related("application")
        for row in rows.order_by("house", "application__received_at", "application__pk"):  # the last one counts
            self.asked.setdefault(row.application.household_id, {})[row.house_id] = row.application  # type: ignore[arg-type, index]
        self.secret = set(
            applications.living().filter(household__in=ids, secret=True).values_list("household", flat=True)
        )
        houses = {house for asked in self.asked.values() for house in asked}
        confirmed = HouseLink.objects.filter(household__in=ids, house__in=houses, until=None).exclude(confirmed_by=None)
        self.links: dict[tuple[UUID, UUID], HouseLink] = {}
        for link in confirmed.order_by("-role"):  # lives goes before owns
            self.links[link.household_id, link.house_id] = link
        records = HouseRecord.objects.filter(house__in=houses, until=None)
        self.records = {record.house_id: record for record in records}
        self.judged = judgements.present(houses, disaster)
        out = Issue.objects.filter(kind=KIND, household__in=ids, restricted=False, status=Issue.Status.VALID)
        self.out = {(one.household, one.subject): one.is_valid for one in out.defer("content")}

    def papers(self, what: people.Printable) -> Iterator[Paper | Left]:
        home = what.household.pk
        if home in self.secret:
            yield Left(home, candidates.Reason.PROTECTED)
            return
        for house, application in self.asked.get(home, {}).items():
            valid = self.out.get((home, house))
            if valid:
                continue
            if valid is not None:
                yield Left(home, candidates.Reason.OTHER, BACK)
            elif why := self._why_not(home, house, application):
                yield Left(home, candidates.Reason.APPLICATION, why)
            else:
                if home in self.touched:
                    self.require_none(what, subject=house)
                link = self.links[home, house]
                found = risai.Case(what, self.records[house], link, self.judged[house], application)
                words = risai.body(
                    found, about_house=risai.water(found), about_others="", purpose=self._purpose(application)
                )
                yield Paper(words, house, found, application.copies, _receiver(application))

    def _why_not(self, home: UUID, house: UUID, application: Application) -> str:
        """Why what was applied for can't be posted; a person looks at it."""
        link = self.links.get((home, house))
        record = self.records.get(house)
        if link is None or record is None:
            return UNLINKED
        if record.annex:
            return "附属家（住家ではない建物）です。"
        if application.applicant in ("heir", "corporation"):
            return COUNTER.format(application.get_applicant_display())
        if link.role == HouseLink.Role.OWNS or application.applicant == "owner":
            return OWNER
        if application.applicant == "agent" and not (application.mandate_seen and application.identity):
            return MANDATE
        if application.applicant == "agent" and not application.address.strip():
            return ADDRESS
        return ""

    def _purpose(self, application: Application) -> str:
        return application.purpose.strip()[: risai.MOST_PURPOSE] or self.purpose


def _receiver(application: Application) -> tuple[str, str] | None:
    """Name and address of who gets it by post where that is not the household itself."""
    return (application.name, application.address) if application.applicant == "agent" else None


def still(lines: list[Ready]) -> tuple[list[Ready], list[Ready]]:
    """Those whose application stands, whose judgement holds and whose living there is confirmed in this moment, and the
    others. Locks applications and houses."""
    houses = {line.subject for line in lines}
    asked = {line.about.application.pk for line in lines}
    list(Application.objects.select_for_update().filter(pk__in=asked).order_by("pk").values_list("pk"))
    list(House.objects.select_for_update().filter(pk__in=houses).order_by("pk").values_list("pk"))
    holding = Judgement.objects.filter(house__in=houses, held_from__isnull=False, held_until=None)
    standing = set(holding.values_list("pk", flat=True))
    links = HouseLink.objects.filter(pk__in=[line.about.link.pk for line in lines], until=None)
    standing |= set(links.exclude(confirmed_by=None).values_list("pk", flat=True))
    standing |= set(applications.living().filter(pk__in=asked).values_list("pk", flat=True))
    kept = [line for line in lines if _rests_on(line.about) <= standing]
    return kept, [line for line in lines if line not in kept]


def _rests_on(found: risai.Case) -> set[UUID]:
    return {found.judgement.pk, found.link.pk, found.application.pk}


def note(issues: Iterable[Issue], lines: Iterable[Ready]) -> None:
    """What each paper rests on, beside it."""
    cases = {(line.household, line.subject): line for line in lines}
    fields = (
        "issue_id", "household_id", "house_id", "judgement_id", "application_id", "role", "purpose", "copies",
    )  # fmt: skip
    rows = []
    for one in issues:
        line = cases[one.household, one.subject]
        found = line.about
        rests = (found.judgement.pk, found.application.pk, found.link.role)
        rows.append((one.pk, one.household, one.subject, *rests, line.body["purpose"], line.copies))
    bulk.put(RisaiCertificate, fields, rows)
