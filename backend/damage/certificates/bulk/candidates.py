"""Who of a disaster gets a certificate by post, in the order of the post, and who is left out and why; set-based.

Most households are those of the register as it stands: they are read by the thousand. Where a link or a decision touches
somebody, the counter's own checks are asked, one household after the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q

from backend.core.errors import NotFound, Refused
from backend.damage.certificates import people, services
from backend.damage.models import BulkHeld
from backend.documents import fonts, pdf
from backend.documents.models import Issue
from backend.ledger import queries as ledger
from backend.ledger.households import queries as households
from backend.ledger.letters import queries as letters
from backend.ledger.models import Disaster, Household, HouseholdDescent, Person, SameAs

from . import rules

PIECE = 1000
Reason = BulkHeld.Reason


class _Nobody:
    """Who may see nobody under protection: a certificate by post is for whoever opens the envelope."""

    sees_protected = False
    pk = None


NOBODY: Any = _Nobody()
UNSEEN = "住民記録で確かめていない世帯です。窓口で本人確認のうえ交付します。"


@dataclass(frozen=True)
class Ready:
    """A household that gets one: what is printed, who is on it, where it goes."""

    household: UUID
    key: rules.Key
    number: int
    body: dict[str, Any]
    characters: dict[str, dict[str, Any]]
    to: dict[str, Any]
    subject: UUID | None = None
    about: Any = None
    copies: int = 1


@dataclass(frozen=True)
class Paper:
    """One paper of a household: of which thing where there may be several, its words, and what its kind wants to know again.

    `receiver`: name and address of who gets it where that is not the household itself.
    """

    body: dict[str, Any]
    subject: UUID | None = None
    about: Any = None
    copies: int = 1
    receiver: tuple[str, str] | None = None


@dataclass(frozen=True)
class Left:
    """A household that gets none now. `waiting`: characters for the queue of what can't be printed."""

    household: UUID
    reason: str
    text: str = ""
    waiting: tuple[fonts.Waiting, ...] = ()


def without_one(disaster: Disaster, kind: str = services.KIND) -> list[UUID]:
    """The households of a disaster that have no valid certificate, in the order of their numbers."""
    have = set(
        Issue.objects.filter(kind=kind, disaster=disaster.pk, restricted=False, status=Issue.Status.VALID).values_list(
            "household", flat=True
        )
    )
    every = Household.objects.filter(disaster=disaster).order_by("number").values_list("pk", flat=True)
    return [pk for pk in every if pk not in have]


def unapplied(disaster: Disaster) -> list[UUID]:
    """Nobody: this one is issued without an application."""
    return []


def examine(
    look: type[Piece],
    disaster: Disaster,
    ids: list[UUID],
    *,
    kind: str,
    purpose: str,
    posted: bool,
    told: Callable[[int], None],
) -> Iterator[Ready | Left]:
    """Each of these households, ready or left out; those whose people all stand elsewhere are passed over."""
    for start in range(0, len(ids), PIECE):
        piece = ids[start : start + PIECE]
        yield from look(disaster, piece, kind, purpose, posted).lines()
        told(start + len(piece))


class Piece:
    """A thousand households, with everything that is asked of them: for the 被災証明書, one paper each."""

    form = services.FORM
    by_subject = False  # whether a household may have several of the kind

    def __init__(self, disaster: Disaster, ids: list[UUID], kind: str, purpose: str, posted: bool) -> None:
        self.disaster, self.kind, self.purpose, self.posted = disaster, kind, purpose, posted
        self.homes = list(Household.objects.filter(pk__in=ids).order_by("number"))
        for home in self.homes:
            home.disaster = disaster
        self.members = households.compositions(ids, at=households.DISASTER, staff=NOBODY, everybody=True)
        persons = [m.person for members in self.members.values() for m in members]
        self.protected = people.protected_ids(persons)
        everybody = [person.pk for person in persons]
        self.dead = set(ledger.deaths(everybody))
        self.unseen = households.unseen_households(NOBODY, ids)
        self.where = letters.where_letters_go(ids, staff=NOBODY)
        self.touched = self._touched(ids, everybody)

    def _touched(self, ids: list[UUID], persons: list[UUID]) -> set[UUID]:
        """Households that a link or a decision has to do with: for these the counter's checks are asked."""
        pairs = HouseholdDescent.objects.filter(Q(household__in=ids) | Q(origin__in=ids))
        found = {pk for pair in pairs.values_list("household", "origin") for pk in pair}
        linked: set[UUID] = set()
        live = SameAs.objects.filter(until=None)
        for start in range(0, len(persons), PIECE):
            piece = persons[start : start + PIECE]
            for pair in live.filter(Q(person__in=piece) | Q(into__in=piece)).values_list("person", "into"):
                linked.update(pk for pk in pair if pk)
        if linked:
            found |= {pk for pk, those in self.members.items() if any(m.person.pk in linked for m in those)}
        return found

    def lines(self) -> Iterator[Ready | Left]:
        for home in self.homes:
            try:
                yield from self._lines(home)
            except fonts.Held as held:
                yield Left(home.pk, Reason.CHARACTERS, "、".join(held.fields or {}), held.waiting)
            except NotFound:
                yield Left(home.pk, Reason.PROTECTED)
            except Refused as refusal:
                yield Left(home.pk, Reason.OTHER, refusal.message)

    def papers(self, what: people.Printable) -> Iterator[Paper | Left]:
        """The papers of a household; raises where nothing can be issued to it."""
        yield Paper(services.body(what, purpose=self.purpose, place=""))

    def require_none(self, what: people.Printable, **of: Any) -> None:
        """Refuses where the same people have got one as another household."""
        services.require_none_as_typed(what, kind=self.kind, **of)
        services.require_none_before(NOBODY, what, False, kind=self.kind, **of)

    def _lines(self, home: Household) -> Iterator[Ready | Left]:
        members = self.members[home.pk]
        if home.pk in self.unseen or any(m.person.pk in self.protected for m in members):
            yield Left(home.pk, Reason.PROTECTED)
        elif not members:
            if not (home.ended_at or home.kind == Household.Kind.LATER or self._stand_elsewhere(home)):
                yield Left(home.pk, Reason.OTHER, "世帯員がいません。")
        elif all(m.person.pk in self.dead for m in members):
            yield Left(home.pk, Reason.DECEASED)
        elif home.kind == Household.Kind.UNKNOWN:
            yield Left(home.pk, Reason.OTHER, UNSEEN)
        else:
            what = self._printable(home)
            for paper in self.papers(what):
                yield paper if isinstance(paper, Left) else self._addressed(home, what, paper)

    def _addressed(self, home: Household, what: people.Printable, paper: Paper) -> Ready | Left:
        """The paper with its characters settled, and where it goes."""
        if self.where[home.pk].restricted:  # somebody came to them since
            return Left(home.pk, Reason.PROTECTED)
        choice = self.where[home.pk].choice
        name, address = paper.receiver or (choice.addressee, choice.address)
        if choice.is_held and self.posted and paper.receiver is None:
            return Left(home.pk, Reason.ADDRESS, "".join(choice.missing))
        content = {**paper.body, "form": self.form}
        of = {"kind": self.kind, "disaster": self.disaster.pk, "household": home.pk}
        characters = pdf.settle(content, services.whose(what, paper.body), **of)
        where = rules.place(address or what.address)
        to = {**rules.window(where), "name": name, "code": home.disaster_number}
        if self.posted:
            ways = pdf.ways_of({"characters": characters})
            fonts.hold([("宛名", to["name"], ways), *(("送付先", line, ways) for line in to["lines"])])
        key = rules.post_key(where)
        return Ready(home.pk, key, home.number, paper.body, characters, to, paper.subject, paper.about, paper.copies)

    def _stand_elsewhere(self, home: Household) -> bool:
        return bool(people.printable(home.pk, NOBODY).instead)

    def _printable(self, home: Household) -> people.Printable:
        if home.pk in self.touched:
            what = people.printable(home.pk, NOBODY)
            services.require_own_household(what)
            if not self.by_subject:
                self.require_none(what)
            return what
        members = self.members[home.pk]
        for member in members:
            member.person.relationship = member.relationship  # as the household that counts has it; never saved
        head = next((m.person for m in members if m.is_head), None)
        return people.Printable(home, [m.person for m in members], 0, head)


def still(lines: list[Ready]) -> tuple[list[Ready], list[Ready]]:
    """Those whose paper still rests on what it was looked at for, and the others: a household stays one."""
    return lines, []


def note(issues: Iterable[Issue], lines: Iterable[Ready]) -> None:
    """Nothing stands beside a 被災証明書."""


def protected_now(papers: Iterable[dict[str, Any]]) -> set[str]:
    """Those people of these papers who are under protection at this moment."""
    wanted = [person for body in papers for person in body["persons"]]
    found: set[str] = set()
    for start in range(0, len(wanted), PIECE):
        found |= {str(pk) for pk in people.protected_ids(Person.objects.filter(pk__in=wanted[start : start + PIECE]))}
    return found
