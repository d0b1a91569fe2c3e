"""A whole area at once: houses at its four corners were surveyed, and all others of it are judged by them, one by one."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import today
from backend.core.errors import Refused
from backend.damage.models import Judgement, Survey, SurveyArea
from backend.damage.surveys import rules
from backend.damage.surveys.queries import YES_NO
from backend.damage.surveys.services import Sheet, write
from backend.ledger.models import Disaster, House, HouseRecord

from .services import make

AT_ONCE = 300
LISTED = 300


@dataclass
class Judged:
    """What became of an area: judgements that wait for a confirmation, and houses left out with the reason."""

    area: SurveyArea | None = None
    made: list[Judgement] = field(default_factory=list)
    left_out: list[tuple[UUID, str]] = field(default_factory=list)


def samples(disaster: Disaster | None, place: str) -> list[tuple[Survey, str]]:
    """First surveys by depth in a district, that nobody typed again: what the corners may be chosen from."""
    records = {row.house_id: row for row in houses(place)}
    rows = Survey.objects.filter(disaster=disaster, house__in=records, method="flood_depth", replaced_by=None)
    return [(row, _where(records[row.house_id])) for row in rows.order_by("surveyed_on", "pk")]


def houses(place: str) -> list[HouseRecord]:
    """The houses of a district, in the order of their lots; at most `LISTED`."""
    if not place.strip():
        return []
    here = Q(lot__contains=place.strip()) | Q(address__contains=place.strip())
    return list(HouseRecord.objects.filter(here, until=None, annex=False).order_by("lot_key", "house_id")[:LISTED])


def _where(record: HouseRecord) -> str:
    return record.address or record.lot


def wet_of(row: Survey) -> rules.Wet:
    """A survey as the rule of depths reads it."""
    said = row.answers
    depth = Decimal(said["depth"]) if said.get("depth") else None
    return rules.Wet(
        row.cause,
        row.stage,
        row.structure,
        said.get("detached"),
        said.get("floors"),
        row.external_force,
        said.get("water"),
        depth,
    )


@transaction.atomic
def judge(
    *,
    by: Staff,
    disaster: Disaster,
    name: str,
    samples: Sequence[UUID],
    houses: Sequence[UUID],
    external_force: bool | None,
    otherwise: Collection[UUID] = (),
    note: str = "",
) -> Judged:
    """Survey and judge the houses of an area by the houses at its corners. Each is confirmed by somebody else, as ever.

    `external_force`: what was seen at each of these houses but those of `otherwise`, where it differs or nobody looked.
    Those are left out and named, as are houses that were surveyed already, or are no wooden houses of one or two storeys.
    """
    require(by, "surveys.write")
    require(by, "judgements.make")
    if not name.strip():
        raise Refused("区域の名前を入れてください。", fields={"name": "入れてください。"})
    if not houses:
        raise Refused("判定する家屋を選んでください。")
    if len(houses) > AT_ONCE:
        raise Refused(f"一度に判定できるのは{AT_ONCE}棟までです。区域を分けてください。")
    corners = list(Survey.objects.filter(pk__in=samples, disaster=disaster, method="flood_depth", replaced_by=None))
    if len({row.house_id for row in corners}) != len(set(samples)):
        raise Refused("標本の調査が変わっています。画面を開き直して、四隅の家屋を選び直してください。")
    if len({row.edition for row in corners}) > 1:
        raise Refused("標本の家屋で、運用指針の版が分かれています。同じ版で調査した家屋を選んでください。")
    last = max((row.surveyed_on for row in corners), default=today())
    on = rules.day_in(rules.BY_KEY[corners[0].edition], last) if corners else last
    answer = rules.area([wet_of(row) for row in corners], on)
    if not answer.known:
        raise Refused(answer.why)
    if external_force is None:
        why = "判定する家屋の外力による損傷を、一棟ずつ確かめて選んでください。四隅の家屋からは写しません。"
        raise Refused(why, fields={"external_force": why})
    if external_force != corners[0].external_force:
        why = (
            f"四隅の家屋は外力「{YES_NO[not external_force]}」です。外力「{YES_NO[external_force]}」の家屋は、"
            "この標本では判定できません。"
        )
        raise Refused(why, fields={"external_force": why})
    area = SurveyArea.objects.create(disaster=disaster, name=name.strip(), note=note.strip(), by=by)
    area.samples.set(corners)
    done = Judged(area)
    sheet = _sheet(corners, by, external_force, note)
    list(House.objects.select_for_update().filter(pk__in=houses).order_by("pk").values_list("pk"))
    records = {row.house_id: row for row in HouseRecord.objects.filter(house__in=houses, until=None)}
    surveyed = set(Survey.objects.filter(disaster=disaster, house__in=houses).values_list("house", flat=True))
    for house in sorted(records, key=str):
        why = "すでに調査が入っています。" if house in surveyed else unfit(records[house])
        if not why and house in otherwise:
            why = "外力が四隅の家屋と違うか、確かめていません。一棟ずつ調査します。"
        if why:
            done.left_out.append((house, why))
            continue
        row = write(by=by, disaster=disaster, house=house, sheet=sheet, found=str(answer.value), area=area)
        done.made.append(make(by=by, survey=row.pk, reason=f"区域の一括判定：{area.name}"))
    audit(by=by, act="damage.judge_area", subject=f"area:{area.pk}", houses=len(done.made))
    return done


def _sheet(corners: Sequence[Survey], by: Staff, external_force: bool, note: str) -> Sheet:
    """What stands for each house: the day and edition of the corners, and the force that was looked for at it."""
    last: date = max(row.surveyed_on for row in corners)
    return Sheet(
        surveyed_on=last,
        surveyors=str(by)[:100],
        stage="first",
        cause="flood",
        method="area",
        external_force=external_force,
        water="above_floor",
        edition=corners[0].edition,
        note=note,
    )


def unfit(record: HouseRecord) -> str:
    """Why the roll says that depth alone can't judge this house; empty if it does not."""
    kind = record.structure
    wooden = ("木" in kind and "非木" not in kind) or "プレハブ" in kind
    if kind and not wooden:
        return f"家屋台帳では{kind}です。プレハブなら一棟ごとに浸水深で、そうでなければ部位で調査します。"
    floors = re.search(r"\d+", record.floors)
    if floors and int(floors[0]) > 2:
        return f"{floors[0]}階建てです。部位による調査をします。"
    if record.sectional or "共同" in record.kind + record.use:
        return "共同住宅です。部位による調査をします。"
    return ""
