"""Typed records: what rooms put down of the people who were typed by hand, for whoever has to find out who they are.

The only writer of what a record says. A record that says something new is matched again; one that a person has decided
stays decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

from backend.characters.models import Source
from backend.characters.queries import PRIVATE_REGEX, has_private, reader
from backend.core.clock import now
from backend.core.kana import looks_like_kana, to_wide
from backend.core.pieces import pieces
from backend.ledger.models import Disaster, Household, Person, TypedRecord
from backend.ledger.search_keys import search_keys

SAID = ("name", "kana", "birth", "sex", "address", "telephone")
KEYS = ("family_key", "given_key", "kana_family_key", "kana_given_key", "town_key", "lot_key")
_UPDATED = ["disaster", "room", *SAID, "birth_turned", *KEYS, "outcome", "later_at"]
PIECE = 500
BY_NUMBER = "宛名番号が同じ"  # the ground of a link that says nothing of names: matching again leaves it as it is


@transaction.atomic
def put_records(*, room: str, rows: Iterable[Mapping[str, Any]], disaster: Disaster | None = None) -> list[UUID]:
    """Put down (again) what was typed; return the ids of the records that are new or say something new.

    A row has `id` and `name`, and as far as known kana, birth (YYYY-MM-DD, unknown parts 00), sex, address, telephone,
    typed_at, by (whom). Without a disaster the record waits until there is one.
    """
    changed: list[UUID] = []
    for piece in pieces(rows, PIECE):
        held = TypedRecord.objects.in_bulk([row["id"] for row in piece])
        fresh = [record for row in piece if (record := _record(room, row, disaster, held.get(row["id"])))]
        TypedRecord.objects.bulk_create(
            fresh, update_conflicts=True, unique_fields=["id"], update_fields=_UPDATED, batch_size=PIECE
        )
        changed += [record.pk for record in fresh]
    return changed


def _record(
    room: str, row: Mapping[str, Any], disaster: Disaster | None, held: TypedRecord | None
) -> TypedRecord | None:
    """The record as it is to stand; None where it stands so already."""
    said = {name: str(row.get(name) or "").strip() for name in SAID}
    said["kana"] = to_wide(said["kana"])
    if held and all(getattr(held, name) == text for name, text in said.items()):
        return None
    decided = held is not None and held.outcome == TypedRecord.Outcome.DECIDED
    return TypedRecord(
        id=row["id"],
        disaster=held.disaster if held and held.disaster_id else disaster,
        # A person of the ledger who is met at a shelter too stays the ledger's.
        room=held.room if held else room,
        typed_at=held.typed_at if held else _time(row.get("typed_at")),
        typed_by_id=held.typed_by_id if held else getattr(row.get("by"), "pk", None),
        birth_turned=turned(said["birth"]),
        outcome=TypedRecord.Outcome.DECIDED if decided else TypedRecord.Outcome.WAITING,
        **said,
        **keys(said["name"], said["kana"], said["address"]),
    )


def _time(given: Any) -> datetime:
    return given if isinstance(given, datetime) else now()


def as_typed() -> Callable[[str], str]:
    """What was typed, with the characters of a vendor written out: by the map of what is typed, else the register's,
    which search goes by too."""
    first, then = reader(Source.TYPED), reader(Source.REGISTER)
    return lambda text: then(first(text))


def keys(name: str, kana: str, address: str) -> dict[str, str]:
    """The search keys. A name that is written as a reading is its own reading."""
    plain = as_typed() if has_private(name + address) else str
    name, address = plain(name), plain(address)
    reading = kana or (name if looks_like_kana(name) else "")
    found = search_keys(name=name, kana=reading, address=address)
    return {key: found[key][: TypedRecord._meta.get_field(key).max_length] for key in KEYS}


@transaction.atomic
def refold() -> list[UUID]:
    """Make the keys of typed records anew where a vendor's character stands; return those that say something new now."""
    odd = Q(name__regex=PRIVATE_REGEX) | Q(address__regex=PRIVATE_REGEX)
    changed = []
    for record in TypedRecord.objects.filter(odd).iterator(chunk_size=2000):
        found = keys(record.name, record.kana, record.address)
        if any(getattr(record, column) != key for column, key in found.items()):
            for column, key in found.items():
                setattr(record, column, key)
            changed.append(record)
    TypedRecord.objects.bulk_update(changed, KEYS, batch_size=PIECE)
    return [record.pk for record in changed]


def turned(birth: str) -> str:
    """The date with month and day the other way round, where that is a date and another one."""
    year, month, day = birth[:4], birth[5:7], birth[8:]
    return f"{year}-{day}-{month}" if month != day and "00" < day <= "12" and month > "00" else ""


def of_people(people: Iterable[Person]) -> Iterator[dict[str, Any]]:
    """People of the ledger as rows."""
    for person in people:
        yield {
            "id": person.pk,
            **{name: getattr(person, name) for name in ("name", "kana", "birth", "sex", "address")},
        }


def typed_people(disaster: Disaster) -> Any:
    """The people of a ledger who were typed by hand."""
    kinds = [Household.Kind.OUTSIDE, Household.Kind.UNKNOWN]
    return Person.objects.filter(disaster=disaster, household__kind__in=kinds)


@transaction.atomic
def rebuild() -> int:
    """Put down everything again from where it was typed: the ledger, and each room that offers `typed_records`.

    That is a plain attribute of a room's AppConfig: the dotted path of a function that gives rows for `put_records`.
    Returns how many records are new or say something new.
    """
    count = 0
    for disaster in Disaster.objects.all():
        rows = of_people(typed_people(disaster).iterator(chunk_size=2000))
        count += len(put_records(room="ledger", rows=rows, disaster=disaster))
    for config in apps.get_app_configs():
        if path := getattr(config, "typed_records", None):
            count += len(put_records(room=config.label, rows=import_string(path)()))
    return count


def waiting(disaster: Disaster | None = None) -> Sequence[UUID]:
    """The records that are still to be matched, those of no disaster yet among them."""
    rows = TypedRecord.objects.filter(outcome=TypedRecord.Outcome.WAITING)
    if disaster is not None:
        rows = rows.filter(disaster=disaster) | rows.filter(disaster=None)
    return list(rows.order_by("typed_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def ask_again(disaster: Disaster | None = None, ids: Iterable[UUID] | None = None) -> Sequence[UUID]:
    """Let what no person has decided be matched anew, because the register under it has changed; `ids`: only these.

    Returns the records that are waiting for it now.
    """
    rows = TypedRecord.objects.exclude(outcome__in=[TypedRecord.Outcome.WAITING, TypedRecord.Outcome.DECIDED])
    if disaster is not None:
        rows = rows.filter(disaster=disaster)
    if ids is None:
        rows.update(outcome=TypedRecord.Outcome.WAITING)
        return waiting(disaster)
    asked: list[UUID] = []
    for piece in pieces(ids, PIECE):
        rows.filter(pk__in=piece).update(outcome=TypedRecord.Outcome.WAITING)
        open_ones = TypedRecord.objects.filter(pk__in=piece, outcome=TypedRecord.Outcome.WAITING)
        asked += open_ones.order_by("typed_at", "pk").values_list("pk", flat=True)
    return asked
