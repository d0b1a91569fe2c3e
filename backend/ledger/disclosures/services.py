"""What a person does in the register of disclosures: draft, choose, ask, decide, hand over, close."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now, today
from backend.core.errors import Conflict, Forbidden, Refused
from backend.core.pieces import pieces
from backend.ledger.models import (
    Disaster,
    Disclosure,
    DisclosurePerson,
    HandOver,
    HandOverLine,
    Person,
    Recipient,
)

from . import resolving, rules
from .papers import seal

Status = Disclosure.Status


@transaction.atomic
def draft(
    *,
    by: Staff,
    disaster: Disaster,
    recipient: Recipient | None,
    ground: str,
    items: Iterable[str],
    asker: str,
    contact: str,
    purpose: str,
    period_from: date,
    period_until: date,
) -> Disclosure:
    """Put down who asks for which items on which ground; whom it is about is chosen next. Raises `Refused`."""
    require(by, "disclosure.ask")
    if recipient is not None and recipient.ended_at:
        raise Refused("この提供先は終了しています。", fields={"recipient": "別の提供先を選んでください。"})
    if ground not in rules.grounds_for(recipient.kind if recipient else None):
        raise Refused(
            "この提供先へは、この根拠では提供できません。",
            fields={"ground": "提供先の区分に合う根拠を選んでください。"},
        )
    if fault := rules.fault_of_items(items, ground):
        raise Refused(fault, fields={"items": fault})
    for name, text in (("asker", asker), ("contact", contact), ("purpose", purpose)):
        if not text.strip():
            raise Refused("申し出た人・連絡先・利用の目的を入れてください。", fields={name: "入力してください。"})
    if period_until < period_from:
        raise Refused("利用期間の末日が初日より前です。", fields={"period_until": "初日以後の日を入れてください。"})
    locked = Disaster.objects.select_for_update().get(pk=disaster.pk)
    last = Disclosure.objects.filter(disaster=locked).aggregate(last=Max("number"))["last"] or 0
    made = Disclosure.objects.create(
        disaster=locked,
        number=last + 1,
        recipient=recipient,
        ground=ground,
        items=rules.in_order(items),
        asker=asker.strip(),
        contact=contact.strip(),
        purpose=purpose.strip(),
        period_from=period_from,
        period_until=period_until,
        drafted_by=by,
    )
    _audit(by, "draft_disclosure", made, ground=ground, items=made.items)
    return made


@transaction.atomic
def choose(*, by: Staff, disclosure: Disclosure, people: Iterable[UUID], way: str) -> int:
    """Add persons of the disaster to a draft; those who stand in it already stay once. Returns how many were new."""
    require(by, "disclosure.ask")
    row = _locked(disclosure, Status.DRAFT)
    new = 0
    for piece in pieces(dict.fromkeys(people), resolving.PIECE):
        known = Person.objects.filter(pk__in=piece, disaster=row.disaster)
        standing = row.people.filter(taken_off_at=None, person__in=piece).values("person")
        rows = [
            DisclosurePerson(disclosure=row, person_id=pk, way=way, added_by=by)
            for pk in known.exclude(pk__in=standing).values_list("pk", flat=True)
        ]
        DisclosurePerson.objects.bulk_create(rows)
        new += len(rows)
    if new:
        _audit(by, "choose_people", row, way=way, people=new)
    return new


@transaction.atomic
def take_off(*, by: Staff, disclosure: Disclosure, person: UUID) -> None:
    """Take somebody off a draft again."""
    require(by, "disclosure.ask")
    row = _locked(disclosure, Status.DRAFT)
    if row.people.filter(person=person, taken_off_at=None).update(taken_off_at=now(), taken_off_by=by):
        _audit(by, "take_off_person", row, person=str(person))


@transaction.atomic
def ask(*, by: Staff, disclosure: Disclosure) -> Disclosure:
    """Hand a draft to those who approve; from here on nobody changes what is asked."""
    require(by, "disclosure.ask")
    row = _locked(disclosure, Status.DRAFT)
    chosen = row.people.filter(taken_off_at=None).count()
    if not chosen:
        raise Refused("対象者を選んでから承認を依頼してください。")
    if rules.GROUNDS[row.ground].to_person and chosen != 1:
        raise Refused("本人への提供は、一人分ずつ行います。対象者を本人だけにしてください。")
    row.status, row.asked_at, row.asked_by = Status.ASKED, now(), by
    return _kept(row, by, "ask_disclosure", people=chosen)


@transaction.atomic
def decide(*, by: Staff, disclosure: Disclosure, approve: bool, reason: str = "") -> Disclosure:
    """Approve or refuse what somebody else asked; a refusal says why. Raises `Refused`, `Forbidden`, `Conflict`."""
    require(by, "disclosure.approve")
    row = _locked(disclosure, Status.ASKED)
    if by.pk in (row.asked_by_id, row.drafted_by_id):
        raise Forbidden("自分が起案した提供は承認できません。ほかの監督者に依頼してください。")
    if not approve and not reason.strip():
        raise Refused("承認しない理由を入れてください。", fields={"reason": "理由を入れてください。"})
    row.status = Status.APPROVED if approve else Status.REFUSED
    row.decided_at, row.decided_by = now(), by
    row.decided_reason = "" if approve else reason.strip()[:200]
    return _kept(row, by, "approve_disclosure" if approve else "refuse_disclosure")


@transaction.atomic
def cancel(*, by: Staff, disclosure: Disclosure) -> Disclosure:
    """Give up what has not been handed over."""
    require(by, "disclosure.ask")
    row = _locked(disclosure, Status.DRAFT, Status.ASKED, Status.APPROVED)
    row.status, row.cancelled_at, row.cancelled_by = Status.CANCELLED, now(), by
    return _kept(row, by, "cancel_disclosure")


@transaction.atomic
def hand_over(*, by: Staff, disclosure: Disclosure) -> HandOver:
    """Freeze what is given, once: whoever is protected, unlinked or without consent at this moment is left out.

    Raises `Refused` when the period is over or nobody is left, `Conflict` when it was done already.
    """
    require(by, "disclosure.ask")
    row = _locked(disclosure, Status.APPROVED)
    if row.period_until < today():
        raise Refused("利用期間が過ぎています。新しい提供を起案してください。")
    lines = resolving.lines(row)
    given = [line for line in lines if line.outcome == rules.GIVEN]
    if not given:
        raise Refused("渡せる方がいません。対象者と同意を確かめてください。")
    values = resolving.values_of([line.person for line in given], row.items)
    columns = [rules.ITEMS[item].label for item in row.items]
    made = HandOver.objects.create(
        disclosure=row,
        by=by,
        columns=columns,
        content_sha256=seal(columns, [values[line.person.pk] for line in given]),
    )
    ordered = given + [line for line in lines if line.outcome != rules.GIVEN]
    HandOverLine.objects.bulk_create(
        [
            HandOverLine(
                hand_over=made,
                person=line.person,
                position=position,
                outcome=line.outcome,
                values=values.get(line.person.pk, []),
            )
            for position, line in enumerate(ordered, 1)
        ],
        batch_size=resolving.PIECE,
    )
    row.status = Status.HANDED
    _kept(row, by, "hand_over", given=len(given), sha256=made.content_sha256)
    return made


@transaction.atomic
def close(*, by: Staff, disclosure: Disclosure, ending: str, note: str = "") -> Disclosure:
    """Confirm that what was handed over came back or was deleted."""
    require(by, "disclosure.ask")
    row = _locked(disclosure, Status.HANDED)
    if ending not in rules.ENDINGS:
        raise Refused("返却か消去かを選んでください。", fields={"ending": "選んでください。"})
    row.status, row.ending, row.ending_note = Status.CLOSED, ending, note.strip()[:200]
    row.closed_at, row.closed_by = now(), by
    return _kept(row, by, "close_disclosure", ending=ending)


def _locked(disclosure: Disclosure, *states: str) -> Disclosure:
    """The row as it is now, if it is in one of these states; one after the other."""
    row = Disclosure.objects.select_for_update().get(pk=disclosure.pk)
    if row.status not in states:
        raise Conflict(f"この提供は「{row.get_status_display()}」です。画面を開き直してください。")
    return row


def _kept(row: Disclosure, by: Staff, act: str, **detail: Any) -> Disclosure:
    row.save()
    _audit(by, act, row, **detail)
    return row


def _audit(by: Staff, act: str, row: Disclosure, **detail: Any) -> None:
    audit(by=by, act=f"ledger.{act}", subject=f"disclosure:{row.pk}", **detail)
