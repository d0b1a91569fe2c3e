"""What a person does to houses and their links. The only writer beside `filling` and `linking`, which it calls."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.module_loading import import_string

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict, Refused
from backend.ledger.models import Disaster, House, Household, HouseLink, HouseRecord

from . import linking
from .keys import place_key

BY_HAND = "by_hand"
PERSON_DID = ("confirmed_at", "confirmed_by")


@transaction.atomic
def link_houses(*, disaster: Disaster, by: Staff | None, progress: linking.Progress | None = None) -> linking.Linked:
    """Have the rules link all houses to the households of one ledger, again if need be. Decisions stay."""
    if by is not None:
        require(by, "houses.write")
    Disaster.objects.select_for_update().get(pk=disaster.pk)
    done = linking.link(disaster, by=by, progress=progress)
    audit(by=by, act="ledger.link_houses", subject=f"disaster:{disaster.pk}", new=done.new, ended=done.ended)
    return done


@transaction.atomic
def confirm(*, by: Staff, link: HouseLink) -> HouseLink:
    """A person has seen that this household lives in (or owns) this house. Confirming twice changes nothing.

    The other houses that it might have lived in are no question any more: those guesses end with it.
    """
    require(by, "houses.write")
    row = _live(link)
    if row.confirmed_by is None:
        row.confirmed_at, row.confirmed_by = now(), by
        row.save(update_fields=PERSON_DID)
        if row.role == HouseLink.Role.LIVES:
            guesses = _guesses(row).filter(until=None, confirmed_by=None)
            guesses.update(until=row.confirmed_at, ended=HouseLink.Ended.SUPERSEDED, ended_by=by)
        audit(by=by, act="ledger.confirm_house", subject=f"house:{row.house_id}", household=str(row.household_id))
        _tell_other_rooms(row, by)
    return row


@transaction.atomic
def reject(*, by: Staff, link: HouseLink) -> HouseLink:
    """This household does not belong to this house; the rules will not say so again."""
    require(by, "houses.write")
    row = _live(link)
    _end(row, by, HouseLink.Ended.REJECTED)
    audit(by=by, act="ledger.reject_house", subject=f"house:{row.house_id}", household=str(row.household_id))
    _tell_other_rooms(row, by)
    return row


@transaction.atomic
def undo(*, by: Staff, link: HouseLink) -> HouseLink | None:
    """Take a decision back: the link stands again as the rules gave it, to be decided. None for one entered by hand.

    The row that was decided stays as it is, ended; a new one follows it.
    """
    require(by, "houses.write")
    row = HouseLink.objects.select_for_update().get(pk=link.pk)
    rejected = row.ended == HouseLink.Ended.REJECTED
    if not rejected and (row.until is not None or row.confirmed_by is None):
        raise Conflict("この判断は、すでに取り消されています。")
    if rejected and _same(row).filter(until=None).exists():
        raise Conflict("この家屋と世帯は、その後あらためてつながれています。")
    if not rejected:
        _end(row, by, HouseLink.Ended.UNDONE)
        for guess in _guesses(row).filter(until=row.confirmed_at, ended=HouseLink.Ended.SUPERSEDED):
            _again(guess, by)
    audit(by=by, act="ledger.undo_house", subject=f"house:{row.house_id}", household=str(row.household_id))
    _tell_other_rooms(row, by)
    return _again(row, by) if row.by_rule else None


@transaction.atomic
def link_by_hand(*, by: Staff, house: House, household: Household, role: str = "lives") -> HouseLink:
    """Say that a household lives in (or owns) a house: it counts as confirmed. Saying it twice changes nothing."""
    require(by, "houses.write")
    if role not in HouseLink.Role.values:
        raise Refused("関係は居住か所有です。")
    House.objects.select_for_update().get(pk=house.pk)
    standing = HouseLink.objects.filter(house=house, household=household, role=role, until=None).first()
    if standing:
        return confirm(by=by, link=standing)
    link = HouseLink.objects.create(
        house=house,
        household=household,
        role=role,
        confidence=HouseLink.Confidence.CERTAIN,
        reasons=[BY_HAND],
        by_rule=False,
        by=by,
        confirmed_at=now(),
        confirmed_by=by,
    )
    audit(by=by, act="ledger.link_house_by_hand", subject=f"house:{house.pk}", household=str(household.pk))
    _tell_other_rooms(link, by)
    return link


@transaction.atomic
def add_house(*, by: Staff, values: dict[str, Any]) -> House:
    """Enter a house that is in no roll (未登録家屋). `values`: fields of `HouseRecord`; lot or address is needed."""
    require(by, "houses.write")
    lot, address = values.get("lot", "").strip(), values.get("address", "").strip()
    if not lot and not address:
        raise Refused("所在地か住居表示住所を入れてください。", fields={"lot": "どちらかを入れてください。"})
    house = House.objects.create(created_by=by)
    told = {**values, "lot": lot, "address": address}
    HouseRecord.objects.create(
        house=house, by=by, lot_key=place_key(lot), address_key=place_key(address), digest="", **told
    )
    audit(by=by, act="ledger.add_house", subject=f"house:{house.pk}")
    return house


def _live(link: HouseLink) -> HouseLink:
    """The row, locked; a decision that somebody else made meanwhile is said and not overwritten."""
    row = HouseLink.objects.select_for_update(of=("self",)).select_related("confirmed_by").get(pk=link.pk)
    if row.until is not None:
        raise Conflict(
            "このつながりは、たった今ほかの職員か新しい照合により終わりました。いまの候補を見て決めてください。"
        )
    return row


def _tell_other_rooms(link: HouseLink, by: Staff) -> None:
    """Rooms below that hand facts of a house to its households name a function in `after_house_link` of their AppConfig."""
    for config in apps.get_app_configs():
        listener = getattr(config, "after_house_link", None)
        if listener and link.role == HouseLink.Role.LIVES:
            import_string(listener)(households=[link.household_id], by=by)


def _same(row: HouseLink) -> Any:
    return HouseLink.objects.filter(house=row.house_id, household=row.household_id, role=row.role)


def _guesses(row: HouseLink) -> Any:
    """What the rules could not decide of the same household: in which other house it might have lived."""
    others = HouseLink.objects.filter(household=row.household_id, role=HouseLink.Role.LIVES, by_rule=True)
    return others.filter(confidence=HouseLink.Confidence.UNSURE).exclude(pk=row.pk)


def _again(row: HouseLink, by: Staff) -> HouseLink:
    """The link as the rules gave it, to be decided; the row that ended stays ended."""
    return HouseLink.objects.create(
        house_id=row.house_id,
        household_id=row.household_id,
        role=row.role,
        confidence=row.confidence,
        reasons=row.reasons,
        by=by,
    )


def _end(row: HouseLink, by: Staff, why: str) -> None:
    row.until, row.ended, row.ended_by = now(), why, by
    row.save(update_fields=["until", "ended", "ended_by"])
