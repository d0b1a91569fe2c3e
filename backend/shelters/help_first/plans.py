"""Taking plans over. Part of the room's services: each person's newest plan holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.errors import Refused
from backend.core.names import identity_key

from ..models import HelpPerson, HelpPlan, HelpPlanFile
from . import plan_rules, queries, reading, rules

FIELDS = (*plan_rules.TEXTS, "supporters", "devices", "battery_hours", "updated_on")


def import_plans(
    *, by: Staff | None, path: Path, name: str = "", columns: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Take over plans (CSV) of people of the list; who is not in it is set aside and named. The same file again changes
    nothing; a newer file holds for those whom it names, the others keep theirs."""
    if by is not None:
        require(by, "help.write")
    read = reading.read(path, columns or {}, header=_header, row=plan_rules.read_row)
    if queries.newest() is None:
        raise Refused("先に避難行動要支援者名簿を取り込んでください。計画は名簿の方に結び付けます。")
    with transaction.atomic():
        plans, strangers = _matched(read.rows)
        set_aside = sorted([*read.set_aside, *strangers], key=lambda row: row["line"])
        # Taken again after the list has changed, it may name somebody whom the list did not have.
        before = HelpPlanFile.objects.filter(fingerprint=read.fingerprint).order_by("-taken_at").first()
        if before is not None and before.rows >= len(plans):
            return reading.result(read, unchanged=len(plans), set_aside=set_aside)
        if not plans:
            raise Refused("取り込める計画がありません。" + (set_aside[0]["reason"] if set_aside else ""))
        file = HelpPlanFile.objects.create(
            name=(name or path.name)[:200], fingerprint=read.fingerprint, rows=len(plans), taken_by=by
        )
        store(file, plans)
        audit(by=by, act="shelters.import_help_plans", rows=len(plans), set_aside=len(set_aside))
    return reading.result(read, accepted=len(plans), set_aside=set_aside)


def store(file: HelpPlanFile, plans: Iterable[tuple[int, UUID, plan_rules.PlanRow]]) -> None:
    rows = [
        HelpPlan(
            file=file,
            line=line,
            evacuee=evacuee,
            steps=plan.steps,
            supporters=plan.supporters,
            devices=" ".join(plan.devices),
            battery_hours=plan.battery_hours,
            updated_on=plan.updated_on,
            **{key: text for key, text in plan.values.items() if key != "steps"},
        )
        for line, evacuee, plan in plans
    ]
    HelpPlan.objects.bulk_create(rows, batch_size=500)


def _header(titles: Sequence[str], named: Mapping[str, str]) -> tuple[plan_rules.Columns, list[str], list[str]]:
    columns = plan_rules.read_header(titles, named)
    return columns, columns.dropped, columns.unused


def _matched(
    read: list[tuple[int, plan_rules.PlanRow]],
) -> tuple[list[tuple[int, UUID, plan_rules.PlanRow]], list[dict[str, Any]]]:
    """Each plan with the person of the newest list whom it names: by 宛名番号, else the only one of that name (and birth
    date); and those who are not in it, or are several."""
    file = queries.newest()
    people = list(file.people.all()) if file else []
    by_number = {p.atena_no: p for p in people if p.atena_no}
    by_name: dict[str, list[HelpPerson]] = {}
    for p in people:
        by_name.setdefault(identity_key(p.name), []).append(p)
    found, strangers, taken = [], [], set()
    for line, plan in read:
        person, reason = _person(plan.who, by_number, by_name)
        if person is not None and person.evacuee in taken:
            person, reason = None, "同じ方の計画が、このファイルに二つあります（先の行を取り込みました）"
        if person is None:
            strangers.append({"line": line, "reason": reason})
        else:
            taken.add(person.evacuee)
            found.append((line, person.evacuee, plan))
    return found, strangers


def _person(
    who: Mapping[str, str], by_number: Mapping[str, HelpPerson], by_name: Mapping[str, list[HelpPerson]]
) -> tuple[HelpPerson | None, str]:
    if who["atena_no"] in by_number:
        return by_number[who["atena_no"]], ""
    alike = by_name.get(identity_key(who["name"]), []) if who["name"] else []
    if who["atena_no"]:
        # Whom the list has with another number is another person of that name.
        alike = [p for p in alike if not p.atena_no]
    if who["birth"]:
        alike = [p for p in alike if p.birth in ("", who["birth"])]
    if len(alike) > 1 and who["address"]:
        alike = [p for p in alike if rules.fold(p.address) == rules.fold(who["address"])]
    if len(alike) == 1:
        return alike[0], ""
    return (
        None,
        "名簿に見当たりません" if not alike else "名簿に同じ氏名の方が複数います（生年月日か宛名番号が必要です）",
    )
