"""Issue a paper, hand over a copy of it, declare it void. Nothing else writes these tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils.module_loading import import_string

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.clock import now, tokyo_date
from backend.core.dates import era
from backend.core.errors import Conflict, NotFound, Refused

from . import kinds, pdf, settling
from .models import Counter, DocumentKind, HeldCharacter, Issue, IssueCopy
from .rules import fingerprint, fiscal_year, number_text
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
    restricted: bool = False,
    mark: str = "",
    whose: Mapping[str, Whose] | None = None,
) -> Issue:
    """Issue one paper with the next number of its kind and fiscal year, freeze its content, log the first printing.

    `body` is what the room that asks wants printed (plain JSON, days in words); title, number, date and issuer are
    added here. `whose` says whose name or address the texts of the body are: a character of theirs that nothing prints
    may be settled by a decision, and what was settled is frozen with the content. Raises `fonts.Held` before a number is
    drawn when a character can be printed neither exactly nor as settled (call it inside `held.services.noting`), and
    `Conflict` if a valid paper of that kind is out for the household already.
    """
    at = now()
    day = tokyo_date(at)
    what = kinds.kind(kind)
    token = new_token()
    content = {
        **body,
        **({"mark": mark} if mark else {}),
        "form": form,
        "title": what.title,
        "issued_on": era(day),
        "statement": what.statement,
        "note": what.note,
        "department": what.department,
        "issuer": kinds.issuer(),
        "mayor": settings.MAYOR,
        "token": token,
        "verify_url": f"{settings.PUBLIC_URL}/verify/{token}",
    }
    settled = pdf.settle(content, whose or {}, kind=kind, disaster=disaster, household=household)
    if settled:
        content["characters"] = settled
    pdf.check(content)
    year = fiscal_year(day)
    number = _next_number(what, year)
    content["number"] = number_text(settings.MUNICIPALITY, what.mark, year, number)
    new = Issue(
        kind=what,
        fiscal_year=year,
        number=number,
        number_text=content["number"],
        disaster=disaster,
        household=household,
        restricted=restricted,
        content=content,
        content_sha256=fingerprint(content),
        token=token,
        as_of=as_of,
        issued_at=at,
        issued_by=by,
    )
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(f"この世帯には有効な{what.title}がすでに交付されています。再交付してください。") from error
    IssueCopy.objects.create(issue=new, number=1, at=at, by=by, reason=reason, receiver=receiver, id_checked=id_checked)
    # At most one: each issue takes the place of the void one before it.
    Issue.objects.filter(
        kind=what,
        disaster=disaster,
        household=household,
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
        **settling.counts(settled),
    )
    transaction.on_commit(tell_offers_changed, robust=True)
    return new


@transaction.atomic
def issue_copy(*, by: Staff, issue_id: UUID, reason: str, receiver: str, id_checked: str) -> IssueCopy:
    """Hand over the same paper once more (再交付): one line in its log. `Conflict` when it is void."""
    found = _locked(issue_id)
    if not found.is_valid:
        raise Conflict("失効した証明書は再交付できません。新しく交付してください。")
    if not reason.strip():
        raise Refused("再交付の理由を入力してください。", fields={"reason": "入力してください。"})
    last = found.copies.aggregate(last=Max("number"))["last"] or 0
    copy = IssueCopy.objects.create(
        issue=found, number=last + 1, at=now(), by=by, reason=reason.strip(), receiver=receiver, id_checked=id_checked
    )
    audit(by=by, act="documents.copy", subject=f"issue:{found.id}", copy=copy.number)
    return copy


@transaction.atomic
def withdraw(*, by: Staff, issue_id: UUID, reason: str) -> Issue:
    """Declare a paper void (失効), for ever. `Conflict` when it is already."""
    found = _locked(issue_id)
    if not found.is_valid:
        raise Conflict("この証明書はすでに失効しています。")
    if not reason.strip():
        raise Refused("失効の理由を入力してください。", fields={"reason": "入力してください。"})
    found.status = Issue.Status.WITHDRAWN
    found.withdrawn_at, found.withdrawn_by, found.withdrawn_reason = now(), by, reason.strip()
    found.save(update_fields=["status", "withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    audit(by=by, act="documents.withdraw", subject=f"issue:{found.id}", number=found.number_text)
    transaction.on_commit(tell_offers_changed, robust=True)
    return found


def tell_offers_changed() -> None:
    """Calls what other rooms left as `offers_changed` on their AppConfig: what we let out is not the same any more."""
    for config in apps.get_app_configs():
        hook = getattr(config, "offers_changed", None)
        if hook:
            import_string(hook)()


def _locked(issue_id: UUID) -> Issue:
    found = Issue.objects.select_for_update().filter(pk=issue_id).first()
    if found is None:
        raise NotFound("その証明書はありません。")
    return found


def _next_number(kind: DocumentKind, year: int) -> int:
    """Draws the next number; the row stays locked until the transaction ends, so none is skipped or doubled."""
    Counter.objects.bulk_create([Counter(kind=kind, fiscal_year=year)], ignore_conflicts=True)
    mine = Counter.objects.filter(kind=kind, fiscal_year=year)
    mine.update(last=F("last") + 1)
    return mine.values_list("last", flat=True).get()
