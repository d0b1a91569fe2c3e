"""The queue of characters that keep papers back, and the decisions that settle them. Nothing else writes these rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.characters import faces
from backend.characters import queries as characters
from backend.core.clock import now, today
from backend.core.errors import Conflict, NotFound, Refused
from backend.documents import fonts, kinds
from backend.documents.models import CharacterDecision, HeldCharacter

from . import queries

Scope, How = CharacterDecision.Scope, CharacterDecision.How
DECIDED = "この文字の扱いは、ほかの職員が先に決めました。画面を開き直して確かめてください。"


@contextmanager
def noting(*, by: Staff) -> Iterator[None]:
    """Put what holds a paper into the queue, after the refused act has been rolled back. Goes around the transaction."""
    try:
        yield
    except fonts.Held as held:
        if held.waiting:
            note(by=by, waiting=held.waiting)
        raise


@transaction.atomic
def note(*, by: Staff, waiting: tuple[fonts.Waiting, ...]) -> int:
    """One row a character and field; one that waits already stays as it is. How many are new."""
    new = 0
    for one in waiting:
        _, made = HeldCharacter.objects.get_or_create(
            kind=kinds.kind(one.kind),
            household=one.household,
            label=one.label,
            cluster=one.cluster,
            closed_at=None,
            defaults={"disaster": one.disaster, "person": one.person, "source": one.source, "held_by": by},
        )
        new += made
    if new:
        audit(by=by, act="documents.hold", subject=f"household:{waiting[0].household}", characters=new)
    return new


@transaction.atomic
def substitute(
    *, by: Staff, held_id: UUID, text: str, consent_by: str, consent_on: date, ground: str
) -> CharacterDecision:
    """Print another shape of the character in this person's (or household's) papers, with their consent."""
    held = _open(by, held_id)
    consent_by = consent_by.strip()
    if not consent_by:
        raise Refused("同意した方の氏名を入力してください。", fields={"consent_by": "入力してください。"})
    if consent_on > today():
        raise Refused("同意の日が未来です。", fields={"consent_on": "今日か、それより前の日を入れてください。"})
    if fonts.missing(text) or not text or len(list(faces.clusters(text))) != 1 or text.isspace():
        why = "印字できる1文字を入れてください。"
        raise Refused("印字する文字に、書体にない文字か、2文字以上が入っています。", fields={"text": why})
    if text == held.cluster:
        raise Refused("登録された文字と同じです。", fields={"text": "別の字形を入れてください。"})
    scope, subject = (Scope.PERSON, held.person) if held.person else (Scope.HOUSEHOLD, held.household)
    return _decide(
        by,
        held,
        CharacterDecision(
            scope=scope, subject=subject, how=How.SUBSTITUTE, text=text, consent_by=consent_by, consent_on=consent_on
        ),
        ground,
    )


@transaction.atomic
def by_hand(*, by: Staff, held_id: UUID, everywhere: bool, ground: str) -> CharacterDecision:
    """Leave an empty box on the paper, for this person (or household) or wherever the character stands."""
    held = _open(by, held_id)
    scope, subject = (Scope.PERSON, held.person) if held.person else (Scope.HOUSEHOLD, held.household)
    if everywhere:
        scope, subject = Scope.ALL, None
    return _decide(by, held, CharacterDecision(scope=scope, subject=subject, how=How.BY_HAND), ground)


@transaction.atomic
def check_again(*, by: Staff, held_id: UUID) -> CharacterDecision:
    """A font or a map was added: look once more. Found, it is written down; `Refused` when nothing has it yet."""
    held = _open(by, held_id)
    chain = faces.look_again()
    way = characters.way(held.cluster, held.source)
    if way is None:
        raise Refused(
            "この文字は、まだどの書体にも対応表にもありません。書体を置く場所は、文字の画面で確かめてください。"
        )
    at = chain.of_family(way.font) if way.font else chain.index(way.text)
    font = chain.families[at or 0][:100]
    return _decide(by, held, CharacterDecision(scope=Scope.ALL, how=How.FONT, font=font), f"{font}で印字できる")


@transaction.atomic
def drop(*, by: Staff, held_id: UUID) -> HeldCharacter:
    """The paper is not wanted any more: what waits for it (all of its characters) leaves the queue."""
    held = _open(by, held_id)
    HeldCharacter.objects.filter(kind=held.kind, household=held.household, closed_at=None).update(
        closed_at=now(), closed_by=by, closed_why=HeldCharacter.Closed.NOT_NEEDED
    )
    audit(by=by, act="documents.drop_held", subject=f"household:{held.household}")
    return held


@transaction.atomic
def end(*, by: Staff, decision_id: UUID, reason: str) -> CharacterDecision:
    """Take a decision back. Papers that were issued by it stay as they are; the next one asks again."""
    require(by, "held.decide")
    found = CharacterDecision.objects.select_for_update().filter(pk=decision_id).first()
    if found is None or not queries.may_see_decision(found, by):
        raise NotFound("その決定はありません。")
    if found.ended_at:
        raise Conflict("この決定は、すでに取り消されています。")
    if not reason.strip():
        raise Refused("取消の理由を入力してください。", fields={"reason": "入力してください。"})
    found.ended_at, found.ended_by, found.ended_reason = now(), by, reason.strip()
    found.save(update_fields=["ended_at", "ended_by", "ended_reason"])
    audit(by=by, act="documents.end_decision", subject=f"character_decision:{found.pk}", how=found.how)
    return found


def _open(by: Staff, held_id: UUID) -> HeldCharacter:
    require(by, "held.decide")
    held = queries.held(held_id, by).row
    if held.closed_at:
        raise Conflict("この保留は終わっています。")
    return held


def _decide(by: Staff, held: HeldCharacter, new: CharacterDecision, ground: str) -> CharacterDecision:
    if not ground.strip():
        raise Refused("理由を入力してください。", fields={"ground": "入力してください。"})
    new.cluster, new.source, new.decided_by, new.ground = held.cluster, held.source, by, ground.strip()[:200]
    if new.how == How.FONT:
        # A decision for everywhere that the font has outdone is done with.
        CharacterDecision.objects.filter(cluster=held.cluster, source=held.source, subject=None, ended_at=None).update(
            ended_at=now(), ended_by=by, ended_reason="書体・対応表が追加された"
        )
    try:
        with transaction.atomic():
            new.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(DECIDED) from error
    audit(by=by, act="documents.decide", subject=f"character_decision:{new.pk}", how=new.how, scope=new.scope)
    return new
