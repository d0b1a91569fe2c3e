"""What is done about letters: put down an address, record one that came back, let letters go again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now, today, tokyo_date
from backend.core.errors import Conflict, Refused
from backend.ledger.fact_services import put_fact
from backend.ledger.facts import CONTACTS
from backend.ledger.models import Fact, Household, Person, ReturnedMail

from . import queries

SOURCES = ("本人の申し出", "家族の申し出", "住民記録", "郵便局の通知", "ほかの班・他市町村", "その他")
LONGEST = 300


@transaction.atomic
def write_contact(
    *,
    by: Staff,
    household: Household,
    kind: str,
    text: str,
    person: Person | None = None,
    since: date | None = None,
    source: str = "",
) -> Fact:
    """Put down an address or a telephone of a household or of one of its people; an empty text takes it back.

    Raises `Refused` for another kind, a day to come, or an unknown source.
    """
    require(by, "household.write")
    if kind not in CONTACTS:
        raise Refused("この項目は、この画面では記入できません。", fields={"kind": "選んでください。"})
    text = text.strip()
    if len(text) > LONGEST:
        raise Refused("300文字以内で入れてください。", fields={"text": "300文字以内で入れてください。"})
    if since and since > today():
        raise Refused("未来の日付です。", fields={"since": "きょうまでの日を入れてください。"})
    if source not in SOURCES:
        raise Refused("誰から聞いたかを選んでください。", fields={"source": "選んでください。"})
    fact = put_fact(
        by=by,
        disaster=household.disaster,
        kind=kind,
        value={"text": text, "source": source},
        room="ledger",
        household=None if person else household,
        person=person,
        effective_on=since,
    )
    audit(by=by, act="ledger.write_by_hand", subject=f"household:{household.pk}", kind=kind, of_person=bool(person))
    return fact


@transaction.atomic
def record_return(
    *, by: Staff, household: Household, reason: str, returned_on: date, issue: UUID | None = None
) -> ReturnedMail:
    """A letter came back: the household's letters are held from now on. The same letter of the same day is taken once."""
    require(by, "letters.write")
    if reason not in ReturnedMail.Reason.values:
        raise Refused("返戻の理由を選んでください。", fields={"reason": "選んでください。"})
    if returned_on > today():
        raise Refused("返戻の日が未来です。", fields={"returned_on": "きょうまでの日を入れてください。"})
    if returned_on < tokyo_date(household.disaster.occurred_at):
        raise Refused("返戻の日が発災日より前です。", fields={"returned_on": "発災日より後の日を入れてください。"})
    sent = queries.where_letters_go([household.pk], staff=by).get(household.pk)
    try:
        with transaction.atomic():
            row = ReturnedMail.objects.create(
                disaster_id=household.disaster_id,
                household=household,
                issue=issue,
                reason=reason,
                returned_on=returned_on,
                sent_to=sent.choice.address[:400] if sent else "",
                by=by,
            )
    except IntegrityError as error:
        raise Conflict("この世帯のこの日の返戻は、すでに記録されています。") from error
    audit(by=by, act="ledger.record_return", subject=f"household:{household.pk}", reason=reason)
    return row


@transaction.atomic
def settle_return(*, by: Staff, returned: ReturnedMail, how: str, reason: str) -> ReturnedMail:
    """Let letters go again without a new address: to be sent once more, or recorded by mistake. Needs a reason."""
    require(by, "letters.write")
    if how not in ReturnedMail.How.values:
        raise Refused("種類を選んでください。", fields={"how": "選んでください。"})
    if not reason.strip():
        raise Refused("理由を入れてください。", fields={"reason": "理由を入れてください。"})
    row = ReturnedMail.objects.select_for_update().get(pk=returned.pk)
    if row.settled_at:
        raise Conflict("この返戻は、すでに解除されています。")
    row.settled_at, row.settled_by, row.settled_how, row.settled_reason = now(), by, how, reason.strip()[:200]
    row.save()
    audit(by=by, act="ledger.settle_return", subject=f"household:{row.household_id}", how=how)
    return row
