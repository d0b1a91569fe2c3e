"""What people at a shelter say of themselves: corrections, consent item by item, that nobody be told, notes.

Part of the room's services: each is one act in the journal, under the same lock and right.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.errors import Refused
from backend.core.kana import to_wide
from backend.journal.services import record
from backend.ledger.queries import own_typed

from . import rules
from .acts import DETAILS, begin, moment, opened, references
from .people import protected
from .queries import consents_of
from .said import said_of


@transaction.atomic
def correct_details(
    *, by: Staff | None, evacuee: UUID, details: dict[str, str], shown: dict[str, str] | None = None
) -> bool:
    """Correct what somebody (not of the register) said of themselves; `details` whole, as in `services.check_in_new`.

    `shown`: what stood there before the author's eyes, where that was some time ago; what somebody else has corrected
    since then, and this author left alone, stays. False: nothing differs.
    """
    begin(by)
    person = references([evacuee], by)[evacuee]
    if not details.get("name", "").strip() or details.keys() - set(DETAILS):
        raise Refused("氏名を入力してください。", fields={"name": "空欄にはできません。"})
    said = {key: value.strip() for key, value in details.items() if value}
    said["kana"] = to_wide(said.get("kana", ""))
    held = said_of([evacuee]).get(evacuee)
    # A resident of whom nothing was written so far has what the register says of them.
    before = {key: getattr(held, key) if held else (shown or {}).get(key, "") for key in DETAILS}
    shown = before | (shown or {})
    was = {key: shown[key] for key in DETAILS if said.get(key, "") != shown[key]}
    if not was:
        return False
    said = {key: said.get(key, "") if key in was else before[key] for key in DETAILS}
    record_correction(by=by, person=person, details=said, was=was)
    audit(by=by, act="shelters.correct_details", subject=f"evacuee:{evacuee}")
    return True


def record_correction(
    *, by: Staff | None, person: dict[str, str], details: dict[str, str], was: dict[str, str]
) -> None:
    """The entry of a correction: what is said now, whole, and what stood in the fields that it changes."""
    payload = {"person": person, **{key: value for key, value in details.items() if value}, "was": was}
    record(kind="evacuee.corrected", payload=payload, occurred_at=moment(None), by=by)


@transaction.atomic
def state_consent(
    *, by: Staff | None, evacuee: UUID, item: str, given: bool, occurred_at: datetime | None = None
) -> bool:
    """Note somebody's answer to one question of `rules.CONSENTS`. A no after a yes withdraws it. False: nothing new."""
    begin(by)
    person = references([evacuee], by)[evacuee]
    if item not in rules.CONSENTS:
        raise Refused("同意の項目が正しくありません。")
    before = consents_of([evacuee]).get(evacuee, {}).get(item)
    if before is given:
        return False
    withdrawn = before is True and not given
    payload: dict[str, Any] = {"person": person, "item": item} | ({} if withdrawn else {"given": given})
    kind = "consent.withdrawn" if withdrawn else "consent.stated"
    record(kind=kind, payload=payload, occurred_at=moment(occurred_at), by=by)
    audit(by=by, act=f"shelters.{kind}", subject=f"evacuee:{evacuee}", item=item, given=given)
    return True


def withdraw_consent(*, by: Staff | None, evacuee: UUID, item: str, occurred_at: datetime | None = None) -> bool:
    """Somebody takes back a yes."""
    return state_consent(by=by, evacuee=evacuee, item=item, given=False, occurred_at=occurred_at)


@transaction.atomic
def ask_protection(*, by: Staff | None, evacuee: UUID) -> bool:
    """秘匿希望: hidden at once, on the person's word; only a named supervisor lifts it. False when hidden already."""
    begin(by, "protection.ask")
    person = references([evacuee], by)[evacuee]
    if protected([evacuee]) and evacuee not in own_typed(by):
        return False
    record(kind="protection.asked", payload={"person": person}, occurred_at=moment(None), by=by)
    audit(by=by, act="shelters.ask_protection", subject=f"evacuee:{evacuee}")
    return True


@transaction.atomic
def add_note(*, by: Staff | None, text: str, evacuee: UUID | None = None, opening: UUID | None = None) -> None:
    """A note about somebody, or about a shelter."""
    begin(by)
    if not text.strip() or (evacuee is None) == (opening is None):
        raise Refused("覚え書きを入力してください。", fields={"text": "空欄にはできません。"})
    payload: dict[str, Any] = {"text": text.strip()}
    if evacuee is not None:
        payload["person"] = references([evacuee], by)[evacuee]
    if opening is not None:
        payload["opening"] = str(opened(opening).opening)
    record(kind="note.added", payload=payload, occurred_at=moment(None), by=by)
    audit(by=by, act="shelters.note", subject=f"evacuee:{evacuee}" if evacuee else f"opening:{opening}")
