"""Who may be told of to others, and what others told of ours. Nobody under protection is told of, whoever asks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from backend.accounts.models import Staff
from backend.core.clock import TOKYO
from backend.core.dates import may_be_same_day
from backend.core.names import search_key
from backend.ledger.matching.queries import LinkState
from backend.ledger.matching.queries import states as link_states
from backend.ledger.models import MatchDecision, Person, TypedRecord
from backend.ledger.queries import confirmed_same_as, is_under_protection, live_protections, sees_protected

from ..models import Evacuee
from ..needs.queries import needs_of
from ..people import Face, faces, hidden, pieces, protected_among
from ..places import queries as places
from ..queries import consents_of
from ..said import said_of
from . import rules, towns
from .models import ExchangeFile, ExchangePerson

CONSENT = "other_bodies"


@dataclass(frozen=True)
class Evacuees:
    """Who goes into a file: those who agreed, the others only as a number. Nobody under protection is in either."""

    people: list[tuple[Face, places.Now]]
    refused: int


def to_tell(*, home: str | None = None) -> Evacuees:
    """Everybody who is somewhere and agreed that other bodies be told; `home`: only those of that municipality."""
    seen = _somewhere(None if home is None else _without_number())
    if home is not None:
        names = _homes(_faces(seen))
        seen = {pk: place for pk, place in seen.items() if names.get(pk) == home}
    told = [(face, seen[pk]) for pk, face in _faces(_agreed(seen)).items()]
    told.sort(key=lambda row: (row[0].kana or "ン", row[0].name, str(row[0].id)))
    return Evacuees(told, len(seen) - len(told))


def _agreed(ids: Iterable[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for piece in pieces(list(ids)):
        found |= {pk for pk, said in consents_of(piece).items() if said.get(CONSENT)}
    return found


def _without_number() -> Iterable[UUID]:
    """Who may be from elsewhere: whoever has a 宛名番号 is a resident."""
    return Evacuee.objects.filter(atena_no=None).values_list("pk", flat=True)


def _somewhere(only: Iterable[UUID] | None = None) -> dict[UUID, places.Now]:
    """Who is somewhere (of `only` these), without anybody under protection."""
    seen = {pk: place for pk, place in places.seen(None, only=only).items() if place.kind in rules.SOMEWHERE}
    # Once more and for every staff: whoever may see them may not send them either.
    for pk in protected_among(seen):
        del seen[pk]
    return seen


def _faces(ids: Iterable[UUID]) -> dict[UUID, Face]:
    found: dict[UUID, Face] = {}
    for piece in pieces(list(ids)):
        found |= faces(piece)
    return found


def _homes(people: dict[UUID, Face]) -> dict[UUID, str]:
    """Of people from elsewhere the home municipality under which they are reported."""
    said = {pk: home for pk, face in people.items() if (home := home_of(face))}
    names = rules.same_home(said.values())
    return {pk: names[home] for pk, home in said.items()}


def home_of(face: Face) -> str:
    """The home municipality of somebody from elsewhere, as they said it; empty for our own residents."""
    if face.atena_no or face.household:
        return ""
    home = rules.home_of(face.origin, face.address)
    return "" if towns.is_ours(home, settings.MUNICIPALITY) else home


def homes() -> list[tuple[str, int, int]]:
    """(home municipality, who may be told of, who did not agree), the most people first."""
    names = _homes(_faces(_somewhere(_without_number())))
    agreed = _agreed(names)
    everybody = Counter(names.values())
    told = Counter(home for pk, home in names.items() if pk in agreed)
    return sorted(((home, told[home], n - told[home]) for home, n in everybody.items()), key=lambda r: (-r[1], r[0]))


def written(found: Evacuees, as_of: datetime, spots: dict[UUID, str]) -> Iterator[dict[str, Any]]:
    """Each person by item, as a mapping writes them; `spots`: the address of the shelter that somebody is in."""
    for piece in pieces(found.people):
        needs = needs_of([face.id for face, _ in piece])
        for face, place in piece:
            where = "　".join(filter(None, [place.where, spots.get(place.opening, "") if place.opening else ""]))
            yield {
                "id": str(face.id),
                "name": face.name,
                "kana": face.kana,
                "birth": face.birth,
                "sex": face.sex,
                "address": face.address,
                "origin": face.origin,
                "telephone": face.telephone,
                "kind": place.kind,
                "place": where,
                "since": place.since.astimezone(TOKYO),
                "needs": "、".join(need.label for need in needs.get(face.id, [])),
                "as_of": as_of.astimezone(TOKYO),
            }


# What others told --------------------------------------------------------------------------------------------------------


def newest_people() -> QuerySet[ExchangePerson]:
    """Everybody others have told of, as their newest file that was taken has it."""
    same = ExchangePerson.objects.filter(record=OuterRef("record"), file__taken_at__isnull=False)
    newest = same.order_by("-file__as_of", "-file__taken_at", "-pk").values("pk")[:1]
    return ExchangePerson.objects.filter(file__taken_at__isnull=False, pk=Subquery(newest)).select_related("file")


def typed_records(records: list[UUID] | None = None) -> Iterator[dict[str, Any]]:
    """What others told, for the matching."""
    rows = newest_people()
    for row in rows if records is None else rows.filter(record__in=records):
        said = {name: getattr(row, name) for name in ("name", "kana", "birth", "sex", "address", "telephone")}
        yield {"id": row.record, **said, "typed_at": row.file.taken_at}


@dataclass(frozen=True)
class Told:
    """One person as told by others, with how far they are matched to a resident."""

    row: ExchangePerson
    link: LinkState | None
    person: UUID | None  # of the ledger, by a link that somebody confirmed
    gone: bool

    @property
    def kind(self) -> str:
        from ..places.rules import KINDS

        return KINDS.get(self.row.kind, "避難先")

    @property
    def waits(self) -> bool:
        """Confirmed, and not put down as where they are yet."""
        return self.person is not None and self.row.told != self.person


def told(staff: Staff | None, *, file: UUID | None = None) -> list[Told]:
    """What others told (in one file), without those whom this person may not see."""
    rows = list(newest_people() if file is None else ExchangePerson.objects.filter(file=file).select_related("file"))
    unseen: set[UUID] = set()
    links: dict[UUID, LinkState] = {}
    confirmed: dict[UUID, UUID] = {}
    for piece in pieces([row.record for row in rows]):
        unseen |= hidden(piece, staff)
        links |= link_states(piece, staff, checked=True)
        confirmed |= confirmed_same_as(piece)
    if not sees_protected(staff):
        unseen |= _may_be_protected([row for row in rows if row.record not in confirmed])
    last: dict[str, UUID] = {}
    for f in ExchangeFile.objects.filter(direction="in", taken_at__isnull=False).order_by("as_of", "taken_at"):
        last[f.partner] = f.pk
    found = [
        Told(row, links.get(row.record), confirmed.get(row.record), last.get(row.file.partner) != row.file_id)
        for row in rows
        if row.record not in unseen
    ]
    return sorted(found, key=lambda t: (not t.waits, t.row.file.partner, t.row.kana or t.row.name, t.row.line))


def _may_be_protected(rows: list[ExchangePerson]) -> set[UUID]:
    """Of rows linked to nobody for sure the records by which somebody under protection may be meant.

    By what the matching found, and by the names of those who are under protection now: a file that is only looked at was
    never matched, and who asked for protection after it was taken was not yet protected then.
    """
    found: set[UUID] = set()
    for piece in pieces([row.record for row in rows]):
        found |= set(TypedRecord.objects.filter(pk__in=piece, guarded=True).values_list("pk", flat=True))
    said = said_of(live_protections().exclude(evacuee=None).values_list("evacuee", flat=True)).values()
    people = Person.objects.filter(is_under_protection()).values_list("pk", "name", "kana", "birth")
    births: dict[str, list[tuple[UUID, str]]] = defaultdict(list)
    for pk, name, kana, birth in (*people, *((row.evacuee, row.name, row.kana, row.birth) for row in said)):
        for key in _keys(name, kana):
            births[key].append((pk, birth))
    near = {
        (row.record, pk)
        for row in rows
        for key in (_keys(row.name, row.kana) if births else ())
        for pk, birth in births.get(key, ())
        if may_be_same_day(row.birth, birth)
    }
    # Somebody has looked at the two, and said that they are two.
    two = [MatchDecision.Verdict.OTHER, MatchDecision.Verdict.APART]
    for piece in pieces(list({record for record, _ in near})):
        decided = MatchDecision.objects.filter(record__in=piece, verdict__in=two, until=None)
        near -= set(decided.values_list("record", "into"))
    return found | {record for record, _ in near}


def _keys(name: str, kana: str) -> set[str]:
    """What a name is found by: as it is written, or as it is read."""
    return {search_key(text) for text in (name, kana) if text}


def files(direction: str = "") -> QuerySet[ExchangeFile]:
    rows = ExchangeFile.objects.select_related("made_by", "taken_by").order_by("-made_at")
    return rows.filter(direction=direction) if direction else rows


def given_of(evacuees: list[UUID]) -> list[ExchangeFile]:
    """The files in which these evacuees' data went out."""
    return list(ExchangeFile.objects.filter(Q(given__evacuee__in=evacuees)).distinct().order_by("-made_at"))
