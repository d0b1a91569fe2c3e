"""Making a judgement, confirming it by somebody else, sending it back; and the ledger's fact that follows from it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now, today
from backend.core.errors import Conflict, NotFound, Refused
from backend.damage.models import Judgement, Survey
from backend.damage.surveys.queries import without_sheet
from backend.damage.surveys.rules import NO_SHEET
from backend.ledger.fact_services import put_fact
from backend.ledger.models import Disaster, Fact, House, Household, HouseLink, HouseRecord

from . import rules

KIND = "damage_class"
AT_ONCE = 500  # judgements that one confirmation takes


@transaction.atomic
def make(*, by: Staff, survey: UUID, effective_on: date | None = None, reason: str = "") -> Judgement:
    """Propose the class that a survey found. It counts when somebody else has confirmed it.

    A judgement needs a survey, one that nobody typed again; the sheet where the result was typed from it; of the
    resident's own photographs at least one. Without a `reason` of its own the survey is the reason, in words.
    """
    require(by, "judgements.make")
    row = Survey.objects.filter(pk=survey).first()
    if row is None:
        raise NotFound("判定には調査が要ります。この調査はありません。")
    House.objects.select_for_update().get(pk=row.house_id)
    if Survey.objects.filter(replaces=row).exists():
        raise Conflict("この調査は打ち直されています。新しいほうの調査で判定してください。")
    last = Judgement.objects.filter(survey=row).order_by("made_at", "pk").last()
    if why := rules.refusal(last.step if last else "unjudged", "make"):
        raise Conflict(why)
    if without_sheet([row]):
        raise Refused(NO_SHEET)
    if row.method == "photo_self" and not _photos(row):
        raise Refused("自己判定方式には、被害の分かる写真が1枚以上要ります。先に写真を入れてください。")
    day = effective_on or today()
    if not row.surveyed_on <= day <= today():
        raise Refused(
            "判定日は、調査日から今日までの日です。",
            fields={"effective_on": "調査日から今日までの日を入れてください。"},
        )
    try:
        with transaction.atomic():
            made = Judgement.objects.create(
                disaster_id=row.disaster_id,
                house_id=row.house_id,
                survey=row,
                damage_class=row.damage_class,
                effective_on=day,
                reason=(reason.strip() or _by_survey(row))[:300],
                made_by=by,
            )
    except IntegrityError as error:
        raise Conflict("たった今、ほかの職員がこの調査の判定を起案しました。") from error
    audit(by=by, act="damage.make_judgement", subject=f"house:{row.house_id}", judgement=str(made.pk))
    return made


def _by_survey(row: Survey) -> str:
    return rules.reason_of(
        stage=row.stage, surveyed_on=row.surveyed_on, method=row.method, ratio=row.ratio, answers=row.answers
    )


def _photos(survey: Survey) -> bool:
    """Whether there is a photograph, of this typing of the survey or of one before it."""
    one: Survey | None = survey
    while one is not None:
        if one.photos.filter(is_sheet=False).exists():
            return True
        one = one.replaces
    return False


@transaction.atomic
def confirm(*, by: Staff, judgement: UUID) -> Judgement:
    """A second person has looked at it: the class counts from now on, and goes to the households of the house."""
    require(by, "judgements.confirm")
    row = _held(judgement, "confirm")
    _confirm(by, row)
    _settle(row.house_id, row.disaster_id, by)
    audit(by=by, act="damage.confirm_judgement", subject=f"house:{row.house_id}", judgement=str(row.pk))
    row.refresh_from_db()
    return row


def _held(judgement: UUID, act: str) -> Judgement:
    """The judgement with its house locked. Raises `NotFound`, or `Conflict` where its step does not allow the act."""
    found = Judgement.objects.filter(pk=judgement).values_list("house", flat=True).first()
    if found is None:
        raise NotFound("この判定はありません。画面を開き直してください。")
    House.objects.select_for_update().get(pk=found)
    row = Judgement.objects.select_related("survey", "made_by").get(pk=judgement)
    if why := rules.refusal(row.step, act):
        raise Conflict(why)
    return row


def why_not(row: Judgement, by: Staff) -> str:
    """Why this person may not confirm it; empty if they may."""
    if row.made_by_id == by.pk:
        return "自分で起案した判定は確認できません。ほかの職員に依頼してください。"
    if Survey.objects.filter(replaces=row.survey_id).exists():
        return "この判定の調査は打ち直されています。差し戻して、新しい調査で判定してください。"
    if without_sheet([row.survey]):
        return NO_SHEET
    return ""


def _confirm(by: Staff, row: Judgement) -> None:
    if why := why_not(row, by):
        raise Refused(why)
    row.confirmed_by, row.confirmed_at = by, now()
    row.save(update_fields=["confirmed_by", "confirmed_at"])


@transaction.atomic
def reject(*, by: Staff, judgement: UUID, reason: str) -> Judgement:
    """Send it back with the reason; the survey may be judged anew, or typed again. The maker may take back their own."""
    require(by, "judgements.make" if _own(judgement, by) else "judgements.confirm")
    if not reason.strip():
        raise Refused("差戻しの理由を入れてください。", fields={"reason": "理由を入れてください。"})
    row = _held(judgement, "reject")
    row.rejected_by, row.rejected_at, row.rejected_reason = by, now(), reason.strip()[:300]
    row.save(update_fields=["rejected_by", "rejected_at", "rejected_reason"])
    audit(by=by, act="damage.reject_judgement", subject=f"house:{row.house_id}", judgement=str(row.pk))
    return row


def _own(judgement: UUID, by: Staff) -> bool:
    return Judgement.objects.filter(pk=judgement, made_by=by).exists()


# Equal cases at once ---------------------------------------------------------------------------------------------------


@dataclass
class Batch:
    """What became of a batch: confirmed ones, and those left out with the reason, by their house."""

    confirmed: list[Judgement] = field(default_factory=list)
    left_out: list[tuple[UUID, str]] = field(default_factory=list)


@transaction.atomic
def confirm_equal(*, by: Staff, judgements: Sequence[UUID], method: str, damage_class: str, edition: str) -> Batch:
    """Confirm those that were listed as equal: same method, same class, same edition of the guideline.

    What changed since it was listed, or may not be confirmed by this person, is left out and named.
    """
    require(by, "judgements.confirm")
    if not judgements:
        raise Refused("確認する判定を選んでください。")
    if len(judgements) > AT_ONCE:
        raise Refused(f"一度に確認できるのは{AT_ONCE}件までです。")
    chosen = list(Judgement.objects.filter(pk__in=judgements).values_list("pk", "house"))
    houses = sorted({house for _, house in chosen}, key=str)
    list(House.objects.select_for_update().filter(pk__in=houses).order_by("pk").values_list("pk"))
    rows = Judgement.objects.filter(pk__in=[pk for pk, _ in chosen]).select_related("survey").order_by("made_at", "pk")
    done = Batch()
    for row in rows:
        why = rules.refusal(row.step, "confirm") or why_not(row, by)
        equal = (row.survey.method, row.damage_class, row.survey.edition) == (method, damage_class, edition)
        if not why and not equal:
            why = "一覧の判定と、方法・区分・運用指針の版が同じではありません。"
        if why:
            done.left_out.append((row.house_id, why))
            continue
        _confirm(by, row)
        _settle(row.house_id, row.disaster_id, by)
        audit(by=by, act="damage.confirm_judgement", subject=f"house:{row.house_id}", judgement=str(row.pk), batch=True)
        done.confirmed.append(row)
    return done


# What counts now, and the fact in the ledger ----------------------------------------------------------------------------


def _settle(house: UUID, disaster: UUID, by: Staff) -> None:
    """Have the judgement hold that counts by the surveys, and tell the households of the house. The house is locked."""
    rows = {
        row.pk: row
        for row in Judgement.objects.filter(house=house, disaster=disaster)
        .exclude(confirmed_at=None)
        .select_related("survey")
    }
    before = dict(Survey.objects.filter(house=house, disaster=disaster).values_list("pk", "replaces"))
    wins = rules.holding(
        [
            rules.Confirmed(pk, row.survey.surveyed_on, row.survey.stage, row.survey_id, _chain(before, row.survey_id))
            for pk, row in rows.items()
        ]
    )
    held = next((row for row in rows.values() if row.state == "holds"), None)
    if wins is not None and (held is None or held.pk != wins):
        at = now()
        if held is not None:
            held.held_until = at
            held.save(update_fields=["held_until"])
        winner = rows[wins]
        winner.held_from, winner.held_until, winner.replaces = at, None, held
        winner.save(update_fields=["held_from", "held_until", "replaces"])
        if held is not None:
            _tell_replaced(held.pk, by)
    _tell(disaster, _living_in([house], disaster), by)


def _tell_replaced(judgement: UUID, by: Staff) -> None:
    """Those below us who rest something on a judgement learn that another one holds now, in the same transaction."""
    for config in apps.get_app_configs():
        hook = getattr(config, "after_judgement", None)
        if hook:
            import_string(hook)(judgement=judgement, by=by)


def _chain(before: dict[UUID, UUID | None], survey: UUID) -> tuple[UUID, ...]:
    found = []
    one = before.get(survey)
    while one is not None:
        found.append(one)
        one = before.get(one)
    return tuple(found)


def _living_in(houses: Iterable[UUID], disaster: UUID) -> list[UUID]:
    """The households whose living in one of these houses somebody has confirmed."""
    links = HouseLink.objects.filter(
        house__in=list(houses), household__disaster=disaster, role=HouseLink.Role.LIVES, until=None
    ).exclude(confirmed_by=None)
    return sorted(set(links.values_list("household", flat=True)), key=str)


def _tell(disaster: UUID, households: Sequence[UUID], by: Staff | None) -> int:
    """Put down the class of each of these households where it is another one than the ledger says. How many there were.

    A household that lived in several houses has the heaviest of their classes, and all of them stand in the fact.
    """
    links = HouseLink.objects.filter(household__in=households, role=HouseLink.Role.LIVES, until=None).exclude(
        confirmed_by=None
    )
    homes: dict[UUID, list[UUID]] = {}
    for household, house in links.order_by("house").values_list("household", "house"):
        homes.setdefault(household, []).append(house)
    judged = {
        row.house_id: row
        for row in Judgement.objects.filter(
            disaster=disaster,
            house__in={h for hs in homes.values() for h in hs},
            held_from__isnull=False,
            held_until=None,
        )
    }
    facts = Fact.objects.filter(household__in=households, kind=KIND, replaced_by=None)
    held = {fact.household_id: fact for fact in facts.order_by("recorded_at", "id")}
    told = 0
    event = Disaster.objects.get(pk=disaster)
    rows = Household.objects.in_bulk(list(households))
    for household in households:
        found = [judged[house] for house in homes.get(household, []) if house in judged]
        standing = held.get(household)
        value = _value(found)
        if (standing.value if standing else _value([])) == value:
            continue
        chosen = next((row for row in found if str(row.pk) == value["judgement"]), None)
        put_fact(
            by=by,
            disaster=event,
            household=rows[household],
            kind=KIND,
            value=value,
            room="damage",
            effective_on=chosen.effective_on if chosen else today(),
            source_id=value["judgement"] or "",
        )
        told += 1
    return told


def _value(found: Sequence[Judgement]) -> dict[str, Any]:
    """What the fact says. Without a judged house: that no class holds (any more)."""
    heaviest = rules.worst([(row.damage_class, row.house_id) for row in found])
    if heaviest is None:
        return {"class": None, "house": None, "judgement": None}
    row = next(row for row in found if (row.damage_class, row.house_id) == heaviest)
    value: dict[str, Any] = {"class": row.damage_class, "house": str(row.house_id), "judgement": str(row.pk)}
    if len(found) > 1:
        value["houses"] = [
            {"class": one.damage_class, "house": str(one.house_id), "judgement": str(one.pk)} for one in found
        ]
    return value


@transaction.atomic
def follow_links(*, households: Iterable[UUID], by: Staff | None) -> int:
    """Households whose living in a house was confirmed, or no longer is: each has what its houses were judged.

    Called by the ledger through `after_house_link` of the AppConfig, in the transaction of the link.
    """
    ids = sorted(set(households), key=str)
    # Whoever confirms a judgement of the house in this moment waits, or we do: one of the two sees what the other did.
    houses = HouseLink.objects.filter(household__in=ids, role=HouseLink.Role.LIVES).values("house")
    list(House.objects.select_for_update().filter(pk__in=houses).order_by("pk").values_list("pk"))
    told = 0
    by_disaster: dict[UUID, list[UUID]] = {}
    for pk, disaster in Household.objects.filter(pk__in=ids).values_list("pk", "disaster"):
        by_disaster.setdefault(disaster, []).append(pk)
    for disaster, rows in by_disaster.items():
        told += _tell(disaster, sorted(rows, key=str), by)
    if told:
        audit(by=by, act="damage.follow_links", households=told)
    return told


def named(left_out: Sequence[tuple[UUID, str]]) -> list[str]:
    """`西町12番地3：…`: which ones were left out, and why."""
    records = HouseRecord.objects.filter(house__in=[house for house, _ in left_out], until=None)
    places = {row.house_id: row.address or row.lot for row in records}
    return [f"{places.get(house, '家屋')}：{why}" for house, why in left_out]
