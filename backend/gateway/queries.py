"""The one question that strangers may ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from .models import Bundle, CertificateStatus, PrintedKind, PublicKey
from .rules import token_hash


@dataclass(frozen=True)
class Answer:
    """What is told about a token: `verdict` is valid, superseded, withdrawn or unknown; the rest only of a known certificate."""

    verdict: str
    as_of: datetime | None
    kind: str = ""
    number: str = ""
    issued_on: date | None = None


def list_time() -> datetime | None:
    """The moment that the loaded lists speak of; None before the first bundle."""
    last = Bundle.objects.filter(way=Bundle.Way.LOADED).order_by("-made_at").first()
    return last.made_at if last else None


def public_keys() -> list[dict[str, str]]:
    """The public keys, the newest first, as the list and the verifier carry them."""
    return [
        {
            "key": row.key,
            "public": row.public,
            "since": row.since.isoformat(),
            "until": row.until.isoformat() if row.until else "",
            "state": row.state,
            "state_label": row.get_state_display(),
        }
        for row in PublicKey.objects.all()
    ]


def printed_kinds() -> list[dict[str, str]]:
    """What kinds of paper are called and how their numbers are written, with the days; empty after a bundle that has none."""
    return [
        {
            "kind": row.kind,
            "title": row.title,
            "number": row.number,
            "since": row.since.isoformat(),
            "until": row.until.isoformat() if row.until else "",
        }
        for row in PrintedKind.objects.all()
    ]


def verify(token: str) -> Answer:
    """What a typed or scanned token says. What can't be a token is answered like one that nobody knows."""
    as_of = list_time()
    key = token_hash(token)
    row = CertificateStatus.objects.filter(pk=key).first() if key else None
    if row is None:
        return Answer("unknown", as_of)
    return Answer(row.status, row.as_of, row.kind, row.number, row.issued_on)
