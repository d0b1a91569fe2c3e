"""One entry as bytes and as values: read strictly before anything is believed, and never written a second time."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from . import kinds, schema

FIRST_PREV = "0" * 64
LONGEST = 64 * 1024
_SHA256 = re.compile("[0-9a-f]{64}").fullmatch
KEYS = {"id", "device", "seq", "kind", "v", "occurred_at", "recorded_at", "actor", "payload", "prev"}


class Unreadable(ValueError):
    """These bytes are no entry. The message names keys, never values."""


@dataclass(slots=True)
class Read:
    """An entry that was read; `topics` is what it speaks of."""

    raw: bytes
    sha256: str
    uuid: UUID
    device: UUID
    seq: int
    kind: str
    v: int
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    payload: dict[str, Any]
    prev: str
    topics: list[tuple[str, UUID | None]]


def sha256(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def read(raw: bytes) -> Read:
    """The values of an entry. Raises `Unreadable`; afterwards nothing in it can stop a database or a room's `apply`."""
    if len(raw) > LONGEST:
        raise Unreadable("too long")
    given = _json(raw)
    if not isinstance(given, dict) or given.keys() != KEYS:
        raise Unreadable("keys")
    kind, v, payload = given["kind"], given["v"], given["payload"]
    if not isinstance(kind, str) or not 0 < len(kind) <= 40 or not _whole(v, 32767) or not isinstance(payload, dict):
        raise Unreadable("kind")
    actor, prev = given["actor"], given["prev"]
    if not isinstance(actor, str) or len(actor) > 60 or not _whole(given["seq"], 2**53):
        raise Unreadable("actor or seq")
    if not isinstance(prev, str) or not _SHA256(prev):
        raise Unreadable("prev")
    return Read(
        raw=raw,
        sha256=sha256(raw),
        uuid=_uuid(given["id"]),
        device=_known_uuid(given["device"]),
        seq=given["seq"],
        kind=kind,
        v=v,
        occurred_at=_time(given["occurred_at"]),
        recorded_at=_time(given["recorded_at"]),
        actor=actor,
        payload=payload,
        prev=prev,
        topics=topics_of(kind, v, payload),
    )


def topics_of(kind: str, v: int, payload: dict[str, Any]) -> list[tuple[str, UUID | None]]:
    """What a payload speaks of; also the check of its shape. A kind that is not installed here speaks of nothing, and keys
    that a newer version has added say nothing here."""
    known = kinds.all_kinds().get((kind, v))
    if known is None:
        return []
    wrong = schema.problems(known.schema, payload, newer=True)
    if wrong:
        raise Unreadable("、".join(wrong)[:150])
    try:
        return known.topics(payload) if known.topics else []
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("payload names nobody") from error


def _no_constant(name: str) -> Any:
    raise Unreadable(f"number {name}")


def _json(raw: bytes) -> Any:
    try:
        value = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        # What JSON may spell and a database can't hold.
        if b"\\u0000" in raw or b"\\ud" in raw or b"\\uD" in raw:
            _writable(value)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not JSON") from error
    return value


def _writable(value: Any) -> None:
    if isinstance(value, str):
        value.encode("utf-8")  # UnicodeEncodeError, a ValueError, for half a surrogate pair
        if "\0" in value:
            raise Unreadable("NUL")
    elif isinstance(value, dict):
        for key, item in value.items():
            _writable(key)
            _writable(item)
    elif isinstance(value, list):
        for item in value:
            _writable(item)


def _whole(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most


def _uuid(text: Any) -> UUID:
    if not isinstance(text, str) or not schema.UUID_TEXT(text):
        raise Unreadable("not a UUID")
    return UUID(text)


# A laptop sends hundreds of entries of its one chain.
_known_uuid = lru_cache(maxsize=1000)(_uuid)


def _time(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        if not schema.is_moment(moment):
            raise Unreadable("time without offset, or of no year of ours")
        return moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise Unreadable("not a time") from error


def as_bytes(content: dict[str, Any]) -> bytes:
    """An entry as it is written: UTF-8 JSON without spaces. Only for writing; what was written is never made again."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC, as entries carry times."""
    return moment.astimezone(UTC).isoformat()
