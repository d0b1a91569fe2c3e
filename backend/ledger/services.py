"""What a person does to the ledger by hand: enter a household, write on its page, ask for and lift protection."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.module_loading import import_string

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.check_digits import format_disaster_number
from backend.core.clock import now
from backend.core.dates import parse_typed_date
from backend.core.errors import Conflict, Refused
from backend.core.kana import to_wide

from . import words
from .fact_services import put_fact
from .facts import KINDS
from .matching.records import of_people
from .matching.services import take_records
from .models import Disaster, Fact, Household, Person, Protection
from .search_keys import search_keys
from .written import source_of


@transaction.atomic
def add_household(
    *, by: Staff, disaster: Disaster, people: list[dict[str, Any]], kind: str = "unknown", address: str = ""
) -> Household:
    """Enter a household on its own word (outside: from elsewhere; unknown: the register is not there yet).

    `people`: dicts with name and, as far as known, kana, birth (as typed), sex, relationship, atena_no; the first is
    the head. The household gets the next り災番号. Raises `Refused` for a missing name or an impossible date.
    """
    require(by, "household.write")
    people = [person for person in people if person.get("name", "").strip()]
    if not people:
        raise Refused("世帯主（代表者）の氏名を入れてください。", fields={"name": "氏名を入れてください。"})
    if kind not in ("outside", "unknown"):
        raise Refused("手で登録できるのは、他市町村の世帯と未確認の世帯です。")
    locked = Disaster.objects.select_for_update().get(pk=disaster.pk)
    locked.last_number += 1
    locked.save(update_fields=["last_number"])
    household = Household.objects.create(
        disaster=locked,
        number=locked.last_number,
        disaster_number=format_disaster_number(locked.code, locked.last_number),
        kind=kind,
        address=address.strip(),
    )
    made = [_person(household, position, values) for position, values in enumerate(people, 1)]
    words.add(made)
    take_records(room="ledger", rows=[row | {"by": by} for row in of_people(made)], disaster=locked)
    audit(by=by, act="ledger.add_household", subject=f"household:{household.pk}", people=len(made))
    return household


def _person(household: Household, position: int, values: dict[str, Any]) -> Person:
    birth = ""
    if values.get("birth", "").strip():
        try:
            birth = parse_typed_date(values["birth"].strip()).iso
        except ValueError as error:
            raise Refused(f"{position}人目の生年月日：{error}", fields={"birth": str(error)}) from error
    number = (values.get("atena_no") or "").strip() or None
    if number and Person.objects.filter(disaster=household.disaster, atena_no=number).exists():
        raise Conflict("この宛名番号の方は、すでに台帳にあります。検索して、その世帯を使ってください。")
    name, kana = values["name"].strip(), to_wide(values.get("kana", "").strip())
    keys = search_keys(name=name, kana=kana, address=household.address, source=source_of(number))
    return Person.objects.create(
        disaster=household.disaster,
        household=household,
        position=position,
        is_head=position == 1,
        atena_no=number,
        name=name,
        kana=kana,
        birth=birth,
        sex=values.get("sex", ""),
        relationship=values.get("relationship", "").strip() or ("世帯主" if position == 1 else ""),
        address=household.address,
        **{column: _clipped(column, key) for column, key in keys.items()},
    )


def _clipped(column: str, key: str) -> str:
    """A key as long as its column: one that is longer would be refused by PostgreSQL, and finds as well when cut."""
    return key[: Person._meta.get_field(column).max_length]


@transaction.atomic
def write_by_hand(*, by: Staff, household: Household, kind: str, text: str) -> Fact:
    """Enter a fact on the household page: mailing address, telephone, a note. An empty text takes it back.

    What says the same as before is no new fact. Raises `Refused`.
    """
    require(by, "household.write")
    allowed = KINDS.get(kind)
    if allowed is None or not allowed.by_hand:
        raise Refused("この項目は、この画面では記入できません。")
    text = text.strip()
    if len(text) > 300:
        raise Refused("300文字以内で入れてください。", fields={"text": "300文字以内で入れてください。"})
    held = Fact.objects.filter(household=household, kind=kind, replaced_by=None).order_by("-recorded_at", "-id").first()
    if held and held.value.get("text", "") == text:
        return held
    fact = put_fact(
        by=by, disaster=household.disaster, household=household, kind=kind, value={"text": text}, room="ledger"
    )
    audit(by=by, act="ledger.write_by_hand", subject=f"household:{household.pk}", kind=kind)
    return fact


@transaction.atomic
def ask_protection(*, by: Staff, person: Person) -> Protection:
    """秘匿希望: taken at once on the person's word, at any desk. Asking twice changes nothing."""
    require(by, "protection.ask")
    Person.objects.select_for_update().get(pk=person.pk)
    asked = Protection.objects.filter(person=person, source=Protection.Source.DESK, lifted_at=None, derived=False)
    live = asked.first()
    if live:
        return live
    protection = Protection.objects.create(person=person, source=Protection.Source.DESK, asked_by=by)
    audit(by=by, act="ledger.ask_protection", subject=f"person:{person.pk}")
    return protection


@transaction.atomic
def lift_protection(*, by: Staff, protection: Protection, reason: str) -> Protection:
    """Lift a protection: only by a named supervisor who may see the person, and with a reason.

    Rooms that tell others of it offer `protection_lifted` in their AppConfig: a function of the row and of who lifted it.
    """
    require(by, "protection.lift")
    if not by.sees_protected:
        raise Refused("支援措置対象者を見られる監督者だけが解除できます。")
    if not reason.strip():
        raise Refused("解除の理由を入れてください。", fields={"reason": "理由を入れてください。"})
    row = Protection.objects.select_for_update().get(pk=protection.pk)
    if row.lifted_at:
        raise Conflict("この秘匿は、すでに解除されています。")
    row.lifted_at, row.lifted_by, row.lifted_reason = now(), by, reason.strip()[:200]
    row.save()
    audit(by=by, act="ledger.lift_protection", subject=f"protection:{row.pk}", source=row.source)
    for config in apps.get_app_configs():
        if path := getattr(config, "protection_lifted", None):
            import_string(path)(row, by)
    return row
