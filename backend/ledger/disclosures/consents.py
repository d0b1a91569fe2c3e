"""Recipients, and the consents of people to each of them: part of the room's services."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now, today
from backend.core.errors import Conflict, Refused
from backend.ledger.models import DisclosureConsent, Person, Recipient

from . import rules


@transaction.atomic
def add_recipient(
    *,
    by: Staff,
    name: str,
    kind: str,
    address: str = "",
    representative: str = "",
    named_at_shelters: bool = False,
) -> Recipient:
    """Put down a body that may be given information. Raises `Refused`, `Conflict` for a name that is there."""
    require(by, "disclosure.ask")
    if not name.strip():
        raise Refused("提供先の名称を入れてください。", fields={"name": "入力してください。"})
    if kind not in rules.RECIPIENTS:
        raise Refused("提供先の区分を選んでください。", fields={"kind": "選んでください。"})
    if Recipient.objects.filter(name=name.strip(), ended_at=None).exists():
        raise Conflict("この名称の提供先は、すでにあります。")
    made = Recipient.objects.create(
        name=name.strip(),
        kind=kind,
        address=address.strip(),
        representative=representative.strip(),
        named_at_shelters=named_at_shelters,
        added_by=by,
    )
    audit(by=by, act="ledger.add_recipient", subject=f"recipient:{made.pk}", kind=kind)
    return made


@transaction.atomic
def end_recipient(*, by: Staff, recipient: Recipient) -> None:
    """Nothing more is asked for this body; what it received stays in the register."""
    require(by, "disclosure.ask")
    row = Recipient.objects.select_for_update().get(pk=recipient.pk)
    if row.ended_at:
        raise Conflict("この提供先は、すでに終了しています。")
    row.ended_at, row.ended_by = now(), by
    row.save(update_fields=["ended_at", "ended_by"])
    audit(by=by, act="ledger.end_recipient", subject=f"recipient:{row.pk}")


@transaction.atomic
def give_consent(
    *, by: Staff, person: Person, recipient: Recipient, since: date, until: date | None, stated: str
) -> DisclosureConsent:
    """A person agrees that a recipient be given their information. Raises `Refused`, `Conflict` if they have agreed."""
    require(by, "consent.write")
    Person.objects.select_for_update().get(pk=person.pk)
    if recipient.ended_at:
        raise Refused("この提供先は終了しています。", fields={"recipient": "別の提供先を選んでください。"})
    if stated not in rules.STATED:
        raise Refused("同意の方法を選んでください。", fields={"stated": "選んでください。"})
    if since > today():
        raise Refused("同意した日が未来です。", fields={"since": "きょう以前の日を入れてください。"})
    if until is not None and until < since:
        raise Refused("期限が同意した日より前です。", fields={"until": "同意した日以後の日を入れてください。"})
    live = DisclosureConsent.objects.filter(person=person, recipient=recipient, withdrawn_at=None).first()
    if live and (live.until is None or live.until >= today()):
        raise Conflict("この提供先への同意は、すでに記録されています。変えるときは、取りやめてから記録してください。")
    if live:  # run out: ended on its last day, so that the new one can follow
        _end(live, by, live.until or today())
    made = DisclosureConsent.objects.create(
        person=person, recipient=recipient, since=since, until=until, stated=stated, recorded_by=by
    )
    audit(by=by, act="ledger.give_consent", subject=f"person:{person.pk}", recipient=str(recipient.pk))
    return made


@transaction.atomic
def withdraw_consent(*, by: Staff, consent: DisclosureConsent) -> DisclosureConsent:
    """Take a consent back, from today on: later hand-overs leave the person out, what was given was given."""
    require(by, "consent.write")
    row = DisclosureConsent.objects.select_for_update().get(pk=consent.pk)
    if row.withdrawn_at:
        raise Conflict("この同意は、すでに取りやめられています。")
    _end(row, by, today())
    audit(by=by, act="ledger.withdraw_consent", subject=f"person:{row.person_id}", recipient=str(row.recipient_id))
    return row


def _end(row: DisclosureConsent, by: Staff, on: date) -> None:
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_on = now(), by, on
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_on"])
