"""Checking in a family from their own code, in one act. Part of the room's services.

Whoever is in the code has an id that follows from it: read at two desks, or in two shelters, they are the same person.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.core.errors import NotFound, Refused
from backend.core.kana import to_wide
from backend.journal.services import Draft, record_many
from backend.shelters import wishes
from backend.shelters.acts import begin, moment, opened, written_details
from backend.shelters.models import Evacuee
from backend.shelters.needs import services as needs
from backend.shelters.people import hidden, merged_away
from backend.shelters.services import CheckedIn, check_in_people

from . import rules


@transaction.atomic
def check_in(
    *, by: Staff | None, opening: UUID, family: rules.Family, chosen: Collection[UUID], how: str = "inside"
) -> CheckedIn:
    """Check in those of a family who are ticked, with all that they wrote."""
    begin(by)
    members = [member for member in family.members if member.evacuee in chosen]
    if len(members) != len(set(chosen)):
        raise NotFound("選んだ人がこのQRに見つかりません。もう一度読み取ってください。")
    if not members:
        raise Refused("到着した人を選んでください。", fields={"persons": "数字の 1〜9 か Space で選びます。"})
    at = moment(None)
    opened(opening, at)
    ids = [member.evacuee for member in members]
    away = merged_away(ids)
    if by is not None and hidden([away.get(one, one) for one in ids], by):
        raise NotFound(
            "選んだ人の中に、この画面では受け付けられない方がいます。ほかの方を選び直し、その方は本部へ電話で伝えてください。"
        )
    met = set(Evacuee.objects.filter(pk__in=ids).values_list("pk", flat=True))
    new = [member for member in members if member.evacuee not in met]
    drafts = [
        Draft("evacuee.registered", {"evacuee": str(m.evacuee), **written_details(_wide(m.details))}, at) for m in new
    ]
    if drafts:
        record_many(drafts=drafts, by=by)
    people = {pk: _reference(pk) for pk in (away.get(one, one) for one in ids)}
    where = {"plate": family.plate} if how == "car" else {}
    done = check_in_people(by, opening, people, at, how, family.party, where)
    for member in new:  # of others it has been written, and may have changed since
        if member.needs:
            needs.state(by=by, evacuee=member.evacuee, needs=member.needs)
        if member.secret:
            wishes.ask_protection(by=by, evacuee=member.evacuee)
    return done


def _wide(details: dict[str, str]) -> dict[str, str]:
    return details | {"kana": to_wide(details.get("kana", ""))}


def _reference(evacuee: UUID) -> dict[str, str]:
    number = Evacuee.objects.filter(pk=evacuee).values_list("atena_no", flat=True).first()
    return {"atena_no": number} if number else {"evacuee": str(evacuee)}
