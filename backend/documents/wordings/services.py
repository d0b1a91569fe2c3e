"""Name and texts of each kind of paper, as a municipality words them: asked for, approved by another, kept for ever.

What is approved is copied to the kind, from which the next paper takes it; papers that are out keep the words they have.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.documents import fonts, kinds
from backend.documents.models import DocumentKind, KindWording
from backend.documents.offers import tell_offers_changed

LABELS = {"title": "名称", "statement": "証明の文", "note": "注記", "department": "担当課"}
NEEDED = ("title", "statement")


def words_of(kind: DocumentKind | KindWording) -> dict[str, str]:
    return {name: getattr(kind, name) for name in LABELS}


@transaction.atomic
def ask(*, by: Staff, kind: str, words: Mapping[str, str], why: str) -> KindWording:
    """Hand in other words for a kind of paper. Refused where they can't be printed, or where they are the words it has."""
    require(by, "wordings.ask")
    if kind not in kinds.DEFAULTS:
        raise NotFound("その種類の証明書はありません。")
    said = {name: words.get(name, "").strip() for name in LABELS}
    missing = {name: "入力してください。" for name in NEEDED if not said[name]}
    if not why.strip():
        missing["why"] = "入力してください。"
    if missing:
        raise Refused("名称、証明の文、変更の理由を入力してください。", fields=missing)
    if said == words_of(kinds.kind(kind)):
        raise Refused("いまの文面と同じです。変えるところを直してください。")
    fonts.hold((LABELS[name], text, {}) for name, text in said.items())
    if KindWording.objects.filter(kind=kind, approved_at=None, ended_at=None).exists():
        raise Conflict("この証明書には、承認を待っている文面があります。承認するか取り下げてから申請してください。")
    new = KindWording.objects.create(kind=kinds.kind(kind), **said, why=why.strip()[:200], asked_by=by)
    audit(by=by, act="documents.wording_ask", subject=f"wording:{new.pk}", kind=kind)
    return new


@transaction.atomic
def approve(*, by: Staff, pk: UUID) -> KindWording:
    """Papers that are issued from now on have these words. Never by who asked for them."""
    require(by, "wordings.approve")
    found = _locked(pk)
    if found.approved_at or found.ended_at:
        raise Conflict("この文面は、すでに承認されているか、使用を終えています。")
    if found.asked_by_id == by.pk:
        raise Refused("申請した人は承認できません。ほかの監督者に依頼してください。")
    at = now()
    KindWording.objects.filter(kind=found.kind_id, approved_at__isnull=False, ended_at=None).update(
        ended_at=at, ended_by=by, ended_reason="新しい文面の承認"
    )
    found.approved_at, found.approved_by = at, by
    found.save(update_fields=["approved_at", "approved_by"])
    DocumentKind.objects.filter(pk=found.kind_id).update(**words_of(found))
    transaction.on_commit(tell_offers_changed, robust=True)
    audit(by=by, act="documents.wording_approve", subject=f"wording:{found.pk}", kind=found.kind_id)
    return found


@transaction.atomic
def turn_down(*, by: Staff, pk: UUID, reason: str) -> KindWording:
    """Words that were only asked for are not wanted: by who asked for them, or by whoever may approve."""
    found = _locked(pk)
    require(by, "wordings.ask" if found.asked_by_id == by.pk else "wordings.approve")
    if found.approved_at or found.ended_at:
        raise Conflict("この文面は、すでに承認されているか、取り下げられています。")
    if not reason.strip():
        raise Refused("理由を入力してください。", fields={"reason": "入力してください。"})
    found.ended_at, found.ended_by, found.ended_reason = now(), by, reason.strip()[:200]
    found.save(update_fields=["ended_at", "ended_by", "ended_reason"])
    audit(by=by, act="documents.wording_end", subject=f"wording:{found.pk}", kind=found.kind_id)
    return found


def _locked(pk: UUID) -> KindWording:
    found = KindWording.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound("その文面はありません。")
    return found
