"""Taking the list over, and what asking after its people brought. Part of the room's services."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.errors import NotFound, Refused
from backend.core.fields import uuid7
from backend.core.names import identity_key
from backend.core.text_files import csv_rows, sniff_encoding
from backend.journal.services import Draft

from ..acts import begin, moment, references
from ..models import Evacuee, HelpFile, HelpPerson, HelpPlanFile
from ..queries import places_of
from ..telling.services import RIGHT, understood, write
from . import plan_rules, queries, reading, register, rules
from .plans import store
from .same_people import also_known_as, before_their_number, resident


def import_list(
    *, by: Staff | None, path: Path, name: str = "", columns: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Take over the list (CSV, UTF-8 or Shift_JIS); it is asked from now on in place of the one before, which stays.

    `columns`: our name of a column -> theirs. Rows that can't be read are set aside and named. The same file again changes
    nothing, but looks for numbers that were not found the first time.
    """
    if by is not None:
        require(by, "help.write")
    read = reading.read(path, columns or {}, header=rules.read_header, row=rules.read_row)
    rows, set_aside = read.rows, read.set_aside
    plans, also_read = _plans(path, columns or {})
    before = queries.newest()
    if before is not None and before.fingerprint == read.fingerprint:
        look_again()
        return reading.result(read, unchanged=len(rows), set_aside=set_aside, also_read=also_read)
    if not rows:
        raise Refused("取り込める行がありません。" + (set_aside[0]["reason"] if set_aside else ""))
    unnumbered = {line: row.values for line, row in rows if not row.values["atena_no"]}
    numbers = register.numbers_of({line: (said["name"], said["birth"]) for line, said in unnumbered.items()})
    known = _kept(before)
    with transaction.atomic():
        file = HelpFile.objects.create(
            name=(name or path.name)[:200], fingerprint=read.fingerprint, rows=len(rows), taken_by=by
        )
        people = [_person(file, line, row, numbers.get(line), known) for line, row in rows]
        HelpPerson.objects.bulk_create(people, batch_size=500)
        if plans:
            written = HelpPlanFile.objects.create(name=file.name, fingerprint="", rows=len(plans), taken_by=by)
            store(written, [(p.line, p.evacuee, plans[p.line]) for p in people if p.line in plans])
        audit(by=by, act="shelters.import_help_list", rows=len(rows), set_aside=len(set_aside))
    return reading.result(read, accepted=len(rows), set_aside=set_aside, also_read=also_read)


def look_again() -> int:
    """Look for the 宛名番号 of those of the newest list who have none: a list may have been taken before the register was.
    They stay who they are for the entries that name them. Returns how many were found."""
    file = queries.newest()
    unnumbered = {p.pk: p for p in file.people.filter(atena_no="").only("name", "birth")} if file else {}
    numbers = register.numbers_of({pk: (p.name, p.birth) for pk, p in unnumbered.items()})
    for pk, number in numbers.items():
        unnumbered[pk].atena_no = number
    HelpPerson.objects.bulk_update([unnumbered[pk] for pk in numbers], ["atena_no"], batch_size=500)
    return len(numbers)


Known = dict[str | tuple[str, str, str], UUID]


def _kept(before: HelpFile | None) -> Known:
    """宛名番号, or name, birth date and address -> the id by which the list before knew somebody whose number it did not
    have at first: what was heard of them, and their plan, stay theirs."""
    if before is None:
        return {}
    earlier = dict(before_their_number(before.people.all()))
    found: dict[str | tuple[str, str, str], set[UUID]] = {}
    for p in before.people.all():
        if not p.atena_no or p.evacuee in earlier:
            for key in (p.atena_no, _like(p.name, p.birth, p.address)):
                found.setdefault(key, set()).add(p.evacuee)
    found.pop("", None)
    return {key: ids.pop() for key, ids in found.items() if len(ids) == 1}


def _like(name: str, birth: str, address: str) -> tuple[str, str, str]:
    return identity_key(name), birth, rules.fold(address)


def _plans(path: Path, named: Mapping[str, str]) -> tuple[dict[int, plan_rules.PlanRow], set[str]]:
    """Line -> the plan that stands in columns of the list itself, and the titles of these. A row that can't be read as a
    plan is no plan."""
    records = csv_rows(path, sniff_encoding(path))
    _, header = next(records, (1, []))
    columns = plan_rules.read_header(header, named, plans_only=False)
    if not set(columns.items.values()) & IN_A_LIST and not {number for number, *_ in columns.supporters.values()} - {1}:
        return {}, set()
    found = {}
    for line, cells in records:
        try:
            plan = plan_rules.read_row(cells, columns)
        except rules.Unreadable:
            continue
        if not plan_rules.is_empty(plan):
            found[line] = plan
    return found, {header[place] for place in (*columns.items, *columns.supporters)}


# What only a plan says: lists have a place to go to and one supporter of their own.
IN_A_LIST = {"place2", "means", "steps", "power", "battery_hours", "clinic", "bring", "updated_on"}


def _person(file: HelpFile, line: int, row: rules.Row, number: str | None, known: Known) -> HelpPerson:
    values = row.values | {"atena_no": row.values["atena_no"] or number or ""}
    evacuee = known.get(values["atena_no"]) or known.get(_like(values["name"], values["birth"], values["address"]))
    if evacuee is None:
        evacuee = resident(values["atena_no"]) if values["atena_no"] else uuid7()
    return HelpPerson(file=file, line=line, evacuee=evacuee, devices=" ".join(row.devices), **values)


def introduced(row: HelpPerson, at: datetime) -> tuple[dict[str, str], list[Draft]]:
    """How entries name somebody of the list, and the entry that makes them known where that is by no number: they have
    none, or had none yet when the list was taken."""
    by_number = row.atena_no and row.evacuee == resident(row.atena_no)
    reference = {"atena_no": row.atena_no} if by_number else {"evacuee": str(row.evacuee)}
    if by_number or Evacuee.objects.filter(pk=row.evacuee).exists():
        return reference, []
    said = {key: getattr(row, key) for key in ("name", "kana", "birth", "sex", "address")}
    said |= {"telephone": row.telephone[:40]}
    payload = {"evacuee": str(row.evacuee)} | {key: text for key, text in said.items() if text}
    return reference, [Draft("evacuee.registered", payload, at)]


@transaction.atomic
def answer(
    *,
    by: Staff | None,
    person: UUID,
    occurred_at: datetime | None = None,
    **said: Any,
) -> tuple[int, int]:
    """What asking after somebody of the list brought: the call or visit, and where they are (`said`: `Told`'s fields).

    Returns of how many people it was, one, and how many left a shelter by it.
    """
    begin(by, RIGHT)
    told, at = understood(said), moment(occurred_at)
    found = next(iter(queries.people(by, only=person)), None)
    if found is None:
        raise NotFound("この方は名簿に見つかりません。")
    row = found.person
    several = also_known_as(HelpPerson.objects.filter(pk=row.pk)).get(row.evacuee, {row.evacuee})
    staying = places_of(several)
    if staying and row.evacuee not in staying:
        # Registered in a shelter under another of their ids: it is that stay which the word ends.
        who, first = references([next(iter(staying))], by), []
    else:
        reference, first = introduced(row, at)
        who = {row.evacuee: reference}
    left = write(by, who, told, at, first=first)
    audit(by=by, act="shelters.help_answer", subject=f"evacuee:{row.evacuee}", status=told.status)
    return 1, left
