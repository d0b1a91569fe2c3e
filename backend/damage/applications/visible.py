"""Which applications this person may know of. Whoever is hidden from them is in no list and in no count here either."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from backend.core.kana import search_kana
from backend.core.names import search_key
from backend.damage.models import Application
from backend.ledger import queries as ledger
from backend.ledger.households.hidden import hidden_households, others_of
from backend.ledger.models import Person

from .rules import AT_DESK


@dataclass(frozen=True)
class Identity:
    """By what an applicant's words are held against somebody of the ledger."""

    names: frozenset[str]
    birth: str

    def may_be(self, other: Identity) -> bool:
        """The same name or reading, and no other birth date: one that is missing does not tell them apart."""
        return bool(self.names & other.names) and (not self.birth or not other.birth or self.birth == other.birth)


def identity(name: str, kana: str, birth: str) -> Identity:
    keys = {f"n:{search_key(name)}"} | ({f"k:{search_kana(kana)}"} if kana else set())
    return Identity(frozenset(keys), birth)


def visible(staff: Any) -> QuerySet[Application]:
    """The applications that this person may know of."""
    rows = Application.objects.all()
    hidden = hidden_applications(staff)
    return rows.exclude(pk__in=hidden) if hidden else rows


def hidden_applications(staff: Any) -> set[UUID]:
    """Applications of those who asked to be hidden, of households that this person may not see, and of whoever may be
    somebody under protection.

    What one typed oneself of somebody who may be protected stays: if it vanished, that alone would tell whom one typed.
    """
    if ledger.sees_protected(staff):
        return set()
    hidden = set(Application.objects.filter(secret=True).values_list("pk", flat=True))
    protected = Person.objects.filter(ledger.is_under_protection())
    guarded = list(protected.values_list("household", "name", "kana", "birth"))
    if not guarded:
        return hidden
    found = _of_households(staff) | _by_words(guarded)
    mine = Application.objects.filter(pk__in=found, by=staff, channel__in=AT_DESK).values_list("pk", flat=True)
    return hidden | (found - set(mine))


def _of_households(staff: Any) -> set[UUID]:
    """Of households with somebody hidden, unless the applicant is one of those members who are not."""
    homes = hidden_households(staff)
    if not homes.part:
        return set()
    shown = {
        home: [identity(one.name, one.kana, one.birth) for one in those]
        for home, those in others_of(homes.part - homes.whole).items()
    }
    rows = Application.objects.filter(household__in=homes.part).values_list("pk", "household", "name", "kana", "birth")
    return {pk for pk, home, *words in rows if not _among(identity(*words), shown.get(home, []))}


def _among(applicant: Identity, people: Iterable[Identity]) -> bool:
    return any(applicant.may_be(one) for one in people)


def _by_words(guarded: list[tuple]) -> set[UUID]:
    """Not matched yet, with the words of somebody under protection as applicant or as head."""
    by_name: dict[str, list[Identity]] = {}
    for _, name, kana, birth in guarded:
        one = identity(name, kana, birth)
        for key in one.names:
            by_name.setdefault(key, []).append(one)
    births = {birth for *_, birth in guarded}
    rows = Application.objects.filter(household=None)
    if "" not in births:
        rows = rows.filter(Q(birth="") | Q(birth__in=births) | ~Q(head_name=""))
    found = set()
    for pk, head, *words in rows.values_list("pk", "head_name", "name", "kana", "birth"):
        told = [identity(*words)] + ([identity(head, "", "")] if head and head != words[0] else [])
        if any(one.may_be(other) for one in told for key in one.names for other in by_name.get(key, [])):
            found.add(pk)
    return found


def unseen_homes(staff: Any) -> frozenset[UUID]:
    """Households that do not exist for this person: an application of theirs is to them as one not matched yet."""
    return hidden_households(staff).whole
