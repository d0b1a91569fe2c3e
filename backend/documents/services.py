"""Issue a paper, hand over a copy of it, declare it void. Nothing else writes these tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core import bulk
from backend.core.clock import now, tokyo_date
from backend.core.dates import era
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.fields import uuid7

from . import kinds, pdf, proofs, settling, signing
from .models import Counter, DocumentKind, HeldCharacter, Issue, IssueCopy
from .offers import tell_offers_changed
from .rules import fingerprint, fiscal_year, number_text
from .seals import services as seals
from .settling import Whose
from .tokens import new_token


@transaction.atomic
def issue(
    *,
    by: Staff,
    kind: str,
    form: str,
    disaster: UUID,
    household: UUID,
    body: dict[str, Any],
    as_of: datetime,
    reason: str,
    receiver: str,
    id_checked: str,
    copies: int = 1,
    subject: UUID | None = None,
    restricted: bool = False,
    mark: str = "",
    whose: Mapping[str, Whose] | None = None,
) -> Issue:
    """Issue one paper with the next number of its kind and fiscal year, freeze its content, log that so many copies were handed over.

    `subject` is what the paper is about where a household may have several of a kind, one a house.
    `body` is what the room that asks wants printed (plain JSON, days in words); title, number, date and issuer are
    added here. `whose` says whose name or address the texts of the body are: a character of theirs that nothing prints
    may be settled by a decision, and what was settled is frozen with the content. Raises `fonts.Held` before a number is
    drawn when a character can be printed neither exactly nor as settled (call it inside `held.services.noting`), and
    `Conflict` if a valid paper of that kind is out for the household already.
    """
    at = now()
    what = kinds.kind(kind)
    content = _content(what, form, body, mark, at)
    settled = pdf.settle(content, whose or {}, kind=kind, disaster=disaster, household=household)
    if settled:
        content["characters"] = settled
    pdf.check(content)
    year = fiscal_year(tokyo_date(at))
    number = _next_number(what, year)
    _numbered(content, what, year, number, signing.signer(), at)
    new = Issue(
        kind=what,
        fiscal_year=year,
        number=number,
        number_text=content["number"],
        disaster=disaster,
        household=household,
        subject=subject,
        restricted=restricted,
        content=content,
        content_sha256=fingerprint(content),
        token=content["token"],
        as_of=as_of,
        issued_at=at,
        issued_by=by,
    )
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"この世帯には有効な{what.title}がすでに交付されています。再交付してください。") from error
    how = {"reason": reason, "receiver": receiver, "id_checked": id_checked}
    IssueCopy.objects.create(issue=new, number=1, quantity=copies, at=at, by=by, **how)
    # At most one: each issue takes the place of the void one before it.
    Issue.objects.filter(
        kind=what,
        disaster=disaster,
        household=household,
        subject=subject,
        restricted=restricted,
        status=Issue.Status.WITHDRAWN,
        replaced_by=None,
    ).update(replaced_by=new)
    HeldCharacter.objects.filter(kind=what, household=household, disaster=disaster, closed_at=None).update(
        closed_at=at, closed_by=by, closed_why=HeldCharacter.Closed.ISSUED
    )
    audit(
        by=by,
        act="documents.issue",
        subject=f"issue:{new.id}",
        number=new.number_text,
        household=str(household),
        copies=copies,
        **settling.counts(settled),
    )
    transaction.on_commit(tell_offers_changed, robust=True)
    return new


def _content(what: DocumentKind, form: str, body: Mapping[str, Any], mark: str, at: datetime) -> dict[str, Any]:
    """What is frozen of a paper, but for its number and how its characters are printed."""
    token, seal = new_token(), seals.in_use()
    return {
        **body,
        **({"mark": mark} if mark else {}),
        **({"seal": seal} if seal else {}),
        "form": form,
        "title": what.title,
        "issued_on": era(tokyo_date(at)),
        "statement": what.statement,
        "note": what.note,
        "department": what.department,
        "issuer": kinds.issuer(),
        "mayor": settings.MAYOR,
        "token": token,
        "verify_url": f"{settings.PUBLIC_URL}/verify/{token}",
    }


def _numbered(
    content: dict[str, Any], what: DocumentKind, year: int, number: int, sign: signing.Sign | None, at: datetime
) -> None:
    """The number as printed, and the proof of the QR code where one is printed and there is a key."""
    content["number"] = number_text(settings.MUNICIPALITY, what.mark, year, number, what.number_format)
    if not what.qr:
        content["qr"] = False
    elif sign:
        claims = proofs.Claims(
            settings.MUNICIPALITY_CODE,
            what.key,
            year,
            number,
            f"{tokyo_date(at):%Y%m%d}",
            content.get("damage_code", proofs.NO_CLASS),
        )
        head = content["head"]
        content["proof"] = sign(claims, head["name"], head["address"])


@dataclass(frozen=True)
class Draft:
    """A paper of many: `characters` is what `pdf.settle` said of its body."""

    household: UUID
    body: dict[str, Any]
    characters: dict[str, dict[str, Any]]
    subject: UUID | None = None
    copies: int = 1


@transaction.atomic
def issue_many(
    *,
    by: Staff,
    kind: str,
    form: str,
    disaster: UUID,
    drafts: Sequence[Draft],
    as_of: datetime,
    reason: str,
    mark: str = "",
) -> list[Issue]:
    """Issue papers with the next numbers of their kind, in this order, to be posted: rows, frozen content, first printings.

    A household that has a valid one by now gets none and takes no number. Their characters were settled before. The
    outside is not told: whoever issues many calls `tell_offers_changed` when all are out.
    """
    at = now()
    what, year = kinds.kind(kind), fiscal_year(tokyo_date(at))
    _next_number(what, year, 0)  # from here on nobody else issues until we are done
    wanted = [draft.household for draft in drafts]
    standing = Issue.objects.filter(kind=what, disaster=disaster, household__in=wanted, restricted=False)
    have = set(standing.filter(status=Issue.Status.VALID).values_list("household", "subject"))
    drafts = [draft for draft in drafts if (draft.household, draft.subject) not in have]
    if not drafts:
        return []
    last, sign = _next_number(what, year, len(drafts)), signing.signer()
    new: list[Issue] = []
    for number, draft in enumerate(drafts, last - len(drafts) + 1):
        content = _content(what, form, draft.body, mark, at)
        if draft.characters:
            content["characters"] = draft.characters
        if not new:
            pdf.check(content)  # the words that all of them have
        _numbered(content, what, year, number, sign, at)
        new.append(
            Issue(
                kind=what,
                fiscal_year=year,
                number=number,
                number_text=content["number"],
                disaster=disaster,
                household=draft.household,
                subject=draft.subject,
                content=content,
                content_sha256=fingerprint(content),
                token=content["token"],
                as_of=as_of,
                issued_at=at,
                issued_by=by,
            )
        )
    fields = [field.attname for field in Issue._meta.concrete_fields]
    bulk.put(Issue, fields, [[getattr(one, name) for name in fields] for one in new])
    bulk.put(
        IssueCopy,
        ("id", "issue_id", "number", "quantity", "at", "by_id", "reason", "receiver", "id_checked"),
        [
            (uuid7(), one.id, 1, draft.copies, at, by.pk, reason, IssueCopy.Receiver.POST, IssueCopy.IdChecked.POSTED)
            for one, draft in zip(new, drafts, strict=True)
        ],
    )
    instead = {(one.household, one.subject): one for one in new}
    homes = {one.household for one in new}
    void = standing.filter(status=Issue.Status.WITHDRAWN, replaced_by=None)
    for one in void.only("pk", "household", "subject"):
        if (one.household, one.subject) in instead:
            Issue.objects.filter(pk=one.pk).update(replaced_by=instead[one.household, one.subject])
    HeldCharacter.objects.filter(kind=what, household__in=list(homes), disaster=disaster, closed_at=None).update(
        closed_at=at, closed_by=by, closed_why=HeldCharacter.Closed.ISSUED
    )
    audit(
        by=by,
        act="documents.issue_many",
        subject=f"disaster:{disaster}",
        count=len(new),
        copies=sum(draft.copies for draft in drafts),
        first=new[0].number_text,
        last=new[-1].number_text,
    )
    return new


@transaction.atomic
def issue_copy(*, by: Staff, issue_id: UUID, reason: str, receiver: str, id_checked: str) -> IssueCopy:
    """Hand over the same paper once more (再交付): one line in its log. `Conflict` when it is void."""
    found = _locked(issue_id)
    if not found.is_valid:
        why = "この証明書の後に、新しい判定がされています。" if found.is_out else "失効した証明書は再交付できません。"
        raise Conflict(f"{why}新しく交付してください。")
    if not reason.strip():
        raise Refused("再交付の理由を入力してください。", fields={"reason": "入力してください。"})
    before = found.copies.order_by("number").last()
    copy = IssueCopy.objects.create(
        issue=found,
        number=before.last + 1 if before else 1,
        at=now(),
        by=by,
        reason=reason.strip(),
        receiver=receiver,
        id_checked=id_checked,
    )
    audit(by=by, act="documents.copy", subject=f"issue:{found.id}", copy=copy.number)
    return copy


@transaction.atomic
def withdraw(*, by: Staff, issue_id: UUID, reason: str) -> Issue:
    """Declare a paper void (失効), for ever. `Conflict` when it is already."""
    found = _locked(issue_id)
    if not found.is_out:
        raise Conflict("この証明書はすでに失効しています。")
    if not reason.strip():
        raise Refused("失効の理由を入力してください。", fields={"reason": "入力してください。"})
    found.status = Issue.Status.WITHDRAWN
    found.withdrawn_at, found.withdrawn_by, found.withdrawn_reason = now(), by, reason.strip()
    found.save(update_fields=["status", "withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    audit(by=by, act="documents.withdraw", subject=f"issue:{found.id}", number=found.number_text)
    transaction.on_commit(tell_offers_changed, robust=True)
    return found


@transaction.atomic
def supersede(*, by: Staff | None, issues: Iterable[UUID]) -> int:
    """Something was decided after these papers that takes the place of what they say: to be given back. How many were not
    known to be so."""
    told = Issue.objects.filter(pk__in=list(issues), status=Issue.Status.VALID, superseded_at=None).update(
        superseded_at=now()
    )
    if told:
        audit(by=by, act="documents.supersede", subject="issues", count=told)
        transaction.on_commit(tell_offers_changed, robust=True)
    return told


def _locked(issue_id: UUID) -> Issue:
    found = Issue.objects.select_for_update().filter(pk=issue_id).first()
    if found is None:
        raise NotFound("その証明書はありません。")
    return found


def _next_number(kind: DocumentKind, year: int, count: int = 1) -> int:
    """Draws the next numbers and says the last; the row stays locked until the transaction ends, so none is skipped or
    doubled."""
    Counter.objects.bulk_create([Counter(kind=kind, fiscal_year=year)], ignore_conflicts=True)
    mine = Counter.objects.filter(kind=kind, fiscal_year=year)
    mine.update(last=F("last") + count)
    return mine.values_list("last", flat=True).get()
