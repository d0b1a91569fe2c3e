"""Exchanging the emergency register for the real one: what is certain at once, the rest as somebody decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from django.db import transaction
from django.db.models import Q

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.characters.models import Source
from backend.characters.queries import reader
from backend.core.clock import now, tokyo_date
from backend.core.errors import Conflict, Refused
from backend.core.pieces import pieces
from backend.ledger import queries as ledger
from backend.ledger import words
from backend.ledger.matching import services as matching
from backend.ledger.models import Disaster, ExchangeCandidate, NumberExchange, Person, Protection
from backend.ledger.opening import moving
from backend.ledger.opening.loading import AT
from backend.registry import as_of
from backend.registry import queries as registry
from backend.registry import two_revisions as register
from backend.registry.models import AsOfRevision

from . import rules
from .placing import Placing
from .standing import emergency, real_register

NOT_EMERGENCY = "この災害の台帳は、緊急用の四情報から作ったものではありません。"
NO_REAL = "住民記録の全件ファイルがまだ取り込まれていません。取り込んでから入れ替えてください。"
MOVED_ON = "この方は、すでに決まっています。一覧を開き直してください。"


@dataclass
class Exchanged:
    """`exchanged` with certainty, `entered` of whom the emergency register knew nothing, `open` to be decided."""

    revision: int
    exchanged: int = 0
    entered: int = 0
    open: int = 0


@transaction.atomic
def exchange_register(*, by: Staff | None, disaster: Disaster) -> Exchanged:
    """Put the real register under a ledger that was filled from the four facts.

    Who agrees in all four with exactly one person, and that one with nobody else, keeps their row, with all that hangs
    on it, and gets the real number, columns and household. Others wait for `decide`. Nobody under protection is
    exchanged by the machine; they stay hidden by whichever side said it.
    """
    if by is not None:
        require(by, "disaster.open")
    locked = Disaster.objects.select_for_update().get(pk=disaster.pk)
    if not emergency(locked):
        raise Refused(NOT_EMERGENCY)
    if not real_register(locked):
        raise Refused(NO_REAL)
    revision = as_of.rebuild(code=locked.code, day=tokyo_date(locked.occurred_at), by=by)
    sides = _Sides(locked, revision)
    placing = Placing(locked, revision, by)
    done = Exchanged(revision.number)
    for _, group in groupby(registry.as_of_rows(revision, order="household"), key=itemgetter(AT["household_no"])):
        placing.household([row for row in group if row[AT["atena_no"]] not in sides.waiting], sides.certain)
    placing.finish()
    sides.store_candidates()
    locked.last_number = placing.last_number
    locked.register_revision = revision.pk
    locked.save(update_fields=["last_number", "register_revision"])
    words.count(locked, placing.words_before, placing.words_after)
    matching.match_again(disaster=locked)
    moving.note_all(locked, by=by)
    done.exchanged, done.entered, done.open = placing.exchanged, placing.entered, len(sides.open)
    audit(
        by=by,
        act="ledger.exchange_register",
        subject=f"disaster:{locked.pk}",
        exchanged=done.exchanged,
        entered=done.entered,
        open=done.open,
    )
    return done


class _Sides:
    """Both registers: who is certainly whom, who of ours is open, and who of the real one waits for them."""

    def __init__(self, disaster: Disaster, revision: AsOfRevision) -> None:
        self.disaster = disaster
        people = Person.objects.filter(disaster=disaster, ended_at=None, atena_no__gte=str(rules.FIRST_OWN))
        plain = reader(Source.REGISTER)  # one of the two may write a vendor's characters where the other writes Unicode
        ours = {
            number: rules.Facts(plain(name), birth, sex, address)
            for number, name, birth, sex, address in people.values_list(
                "atena_no", "name", "birth", "sex", "address"
            ).iterator()
            if rules.is_own(number)
        }
        theirs = {
            row[AT["atena_no"]]: rules.Facts(
                plain(row[AT["name"]] or ""), *(row[AT[c]] or "" for c in ("birth", "sex", "address"))
            )
            for row in registry.as_of_rows(revision, order="person")
        }
        certain = rules.certain(
            rules.unique((facts.key(), number) for number, facts in ours.items()),
            rules.unique((facts.key(), number) for number, facts in theirs.items()),
        )
        self.protect(certain)
        hidden = ledger.protected_atena_numbers()
        by_hand = people.filter(ledger.is_under_protection()).values_list("atena_no", flat=True)
        hidden |= {number for number in by_hand if number}
        left = {old: new for old, new in certain.items() if old in hidden or new in hidden}
        certain = {old: new for old, new in certain.items() if old not in left}
        self.certain = {new: old for old, new in certain.items()}
        self.open = {number: facts for number, facts in ours.items() if number not in certain}
        alike: dict[tuple[str, ...], list[str]] = {}
        for number, facts in self.open.items():
            for likeness in facts.likenesses():
                alike.setdefault(likeness, []).append(number)
        self.candidates: set[tuple[str, str]] = set()
        for number, facts in theirs.items():
            if number not in self.certain:
                found = {own for likeness in facts.likenesses() for own in alike.get(likeness, ())}
                self.candidates |= {(own, number) for own in found}
        self.candidates |= set(left.items())
        self.waiting = {number for _, number in self.candidates}

    def protect(self, certain: dict[str, str]) -> None:
        """Whom the real register protects is hidden from this moment, under the number that they have so far."""
        numbers = {number for number in ledger.protected_atena_numbers() if not rules.is_own(number)}
        hidden = [old for old, new in certain.items() if new in numbers]
        for piece in pieces(hidden):
            for person in Person.objects.filter(disaster=self.disaster, atena_no__in=piece):
                hide(person)

    def store_candidates(self) -> None:
        people: dict[str | None, object] = {}
        for piece in pieces(sorted(self.open)):
            rows = Person.objects.filter(disaster=self.disaster, atena_no__in=piece)
            people |= dict(rows.values_list("atena_no", "pk"))
        ExchangeCandidate.objects.bulk_create(
            (
                ExchangeCandidate(disaster=self.disaster, person_id=people[own], atena_no=number)
                for own, number in sorted(self.candidates)
            ),
            batch_size=1000,
        )


def hide(person: Person) -> None:
    """The real register says that they are protected: hidden also as the person of the ledger."""
    source = Protection.Source.REGISTER
    if not Protection.objects.filter(person=person, source=source, lifted_at=None).exists():
        Protection.objects.create(person=person, source=source)


@transaction.atomic
def decide(*, by: Staff, person: Person, number: str) -> NumberExchange:
    """Say that a person of the emergency register is this one of the real register, or (empty) none of them.

    Raises `Conflict` when somebody else has decided about either of them.
    """
    require(by, "disaster.open")
    disaster = Disaster.objects.select_for_update().get(pk=person.disaster_id)
    row = Person.objects.select_for_update().get(pk=person.pk)
    if not rules.is_own(row.atena_no) or NumberExchange.objects.filter(person=row, undone_at=None).exists():
        raise Conflict(MOVED_ON)
    revision = AsOfRevision.objects.select_related("base").get(pk=disaster.register_revision)
    placing = Placing(disaster, revision, by, ground="職員の確認")
    concerned = matching.concerned([row.pk])
    if number:
        taken = Person.objects.filter(disaster=disaster, atena_no=number).exists()
        there, _ = register.rows(revision, [number])
        if taken or number not in there or rules.is_own(number):
            raise Conflict("住民記録のその方は、すでに台帳にあります。一覧を開き直してください。")
        placing.household(_as_tuples(there), {number: row.atena_no or ""})
    else:
        NumberExchange.objects.create(
            disaster=disaster, person=row, old_no=row.atena_no, household_from=row.household, ground="該当なし", by=by
        )
    settled = Q(person=row) | Q(disaster=disaster, atena_no=number)
    freed = set(ExchangeCandidate.objects.filter(settled, settled_at=None).values_list("atena_no", flat=True))
    ExchangeCandidate.objects.filter(settled, settled_at=None).update(settled_at=now())
    _enter_freed(disaster, revision, placing, freed - {number})
    placing.finish()
    disaster.last_number = placing.last_number
    disaster.save(update_fields=["last_number"])
    words.count(disaster, placing.words_before, placing.words_after)
    matching.match_again(disaster=disaster, ids=concerned | matching.concerned(placing.ids))
    moving.note_among(disaster, Person.objects.filter(pk__in=placing.ids), by=by)
    audit(by=by, act="ledger.decide_exchange", subject=f"person:{row.pk}", same=bool(number))
    return NumberExchange.objects.get(person=row, undone_at=None)


def _enter_freed(disaster: Disaster, revision: AsOfRevision, placing: Placing, freed: Iterable[str]) -> None:
    """Who waited only for somebody who turned out to be another enters the ledger as somebody of their own."""
    freed = set(freed)
    waiting = ExchangeCandidate.objects.filter(disaster=disaster, atena_no__in=freed, settled_at=None)
    freed -= set(waiting.values_list("atena_no", flat=True))
    freed -= set(
        Person.objects.filter(disaster=disaster, atena_no__in=freed).values_list("atena_no", flat=True)  # type: ignore[arg-type]
    )
    there, _ = register.rows(revision, freed)
    for number in sorted(there):
        placing.household(_as_tuples({number: there[number]}), {})


def _as_tuples(rows: dict[str, register.Row]) -> list[tuple]:
    return [tuple(row[column] for column in registry.AS_OF_COLUMNS) for row in rows.values()]
