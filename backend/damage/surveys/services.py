"""What a person does with surveys: ask for one, take that back, type what was found, type it once more, note 応急危険度."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now, today, tokyo_date
from backend.core.dates import era_short
from backend.core.errors import Conflict, NotFound, Refused
from backend.damage.classes import LABELS, Answer
from backend.damage.models import QuickInspection, SecondTyping, Survey, SurveyArea, SurveyRequest, Team
from backend.ledger.models import Disaster, House, HouseRecord

from . import questions, rules

UNKNOWN_HOUSE = "この家屋はありません。調査票のQRをもう一度読むか、家屋の画面で所在地から探してください。"
GONE_HOUSE = (
    "調査票の内容は、下に残っています。調査票のQRをもう一度読むか、物件番号か所在地で家屋を探してください。"
    "見つけた家屋の調査票に、内容を移します。"
)
UNKNOWN_REQUEST = "この調査の依頼はありません。画面を開き直してください。"


def house_or_refuse(house_id: UUID) -> HouseRecord:
    """What is known of a house now. Raises `NotFound` for one that does not exist."""
    record = HouseRecord.objects.filter(house=house_id, until=None).select_related("house").first()
    if record is None:
        raise NotFound(UNKNOWN_HOUSE)
    return record


@transaction.atomic
def ask(
    *, by: Staff, disaster: Disaster, house: UUID, stage: str = "first", reason: str = "", source: str = ""
) -> SurveyRequest | None:
    """Have a house surveyed. Where that is asked already the open request is given back; several households of one
    house are one survey. None: a first survey of this house has been done, and another one is a 第2次調査 or 再調査.
    """
    require(by, "surveys.write")
    if stage not in rules.STAGES:
        raise Refused("調査の回を選んでください。", fields={"stage": "選んでください。"})
    record = house_or_refuse(house)
    if stage != "first" and not reason.strip():
        raise Refused("第2次調査・再調査は、求める理由を入れてください。", fields={"reason": "理由を入れてください。"})
    House.objects.select_for_update().get(pk=house)
    standing = SurveyRequest.objects.filter(disaster=disaster, house=house, stage=stage, until=None).first()
    if standing is not None:
        return standing
    if stage == "first" and Survey.objects.filter(disaster=disaster, house=house).exists():
        return None
    asked = SurveyRequest.objects.create(
        disaster=disaster,
        house_id=house,
        stage=stage,
        district=rules.district(record.lot or record.address, settings.MUNICIPALITY),
        by=by,
        reason=reason.strip()[:200],
        source=source,
    )
    audit(by=by, act="damage.ask_survey", subject=f"house:{house}", stage=stage)
    return asked


@transaction.atomic
def withdraw(*, by: Staff, request: UUID, reason: str) -> SurveyRequest:
    """The survey is not wanted any more, with the reason."""
    require(by, "surveys.write")
    if not reason.strip():
        raise Refused("取下げの理由を入れてください。", fields={"reason": "理由を入れてください。"})
    row = SurveyRequest.objects.select_for_update().filter(pk=request).first()
    if row is None:
        raise NotFound(UNKNOWN_REQUEST)
    _end(row, by, "withdraw", reason.strip()[:200])
    audit(by=by, act="damage.withdraw_survey", subject=f"house:{row.house_id}", stage=row.stage)
    return row


def _end(row: SurveyRequest, by: Staff, act: str, reason: str = "") -> None:
    if why := rules.request_refusal(row.step, act):
        raise Conflict(why)
    how = rules.REQUEST_TRANSITIONS[row.step][act]
    row.until, row.ended, row.ended_by, row.ended_reason = now(), how, by, reason
    row.save(update_fields=["until", "ended", "ended_by", "ended_reason"])


# What was found ------------------------------------------------------------------------------------------------------


def _kept(value: Any) -> Any:
    """As JSON keeps it; 2.0 is the same as 2."""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value if isinstance(value, bool | int | str) else str(value)


@dataclass(frozen=True)
class Sheet:
    """A survey sheet as it was typed, in the order of the sheet."""

    surveyed_on: date
    surveyors: str
    stage: str
    cause: str
    method: str
    structure: str = ""
    detached: bool | None = None
    floors: int | None = None
    external_force: bool | None = None
    water: str | None = None
    depth: Decimal | None = None
    whole_loss: str = ""
    measured: Mapping[str, int | Decimal] = field(default_factory=dict)  # lean and parts, by `questions`
    ratio: int | None = None
    found: str = ""
    consent_on: date | None = None
    edition: str = ""
    sheet_place: str = ""
    sheet_no: str = ""
    note: str = ""

    def answers(self) -> dict[str, Any]:
        """All of it as JSON keeps it; what was left empty is left out."""
        said = {**asdict(self), **self.measured}
        del said["measured"]
        said["sheet_place"] = self.sheet_place.strip()
        return {key: _kept(said[key]) for key in questions.BY_KEY if said.get(key) not in (None, "")}

    def wet(self) -> rules.Wet:
        return rules.Wet(
            self.cause,
            self.stage,
            self.structure,
            self.detached,
            self.floors,
            self.external_force,
            self.water,
            self.depth,
        )


def edition_of(sheet: Sheet) -> rules.Edition:
    """The edition that the sheet names; that of its day where it names none."""
    return rules.BY_KEY[sheet.edition] if sheet.edition else rules.edition_on(sheet.surveyed_on)


def judge(sheet: Sheet) -> Answer:
    """The class by the method of the sheet: value, does not apply, or can't tell."""
    on = rules.day_in(edition_of(sheet), sheet.surveyed_on)
    if sheet.method == "flood_depth":
        return rules.flood(sheet.wet(), on)
    if sheet.method == "photo_self":
        return rules.photo_self(consent_on=sheet.consent_on, surveyed_on=sheet.surveyed_on, photos=None, on=on)
    return rules.typed(found=sheet.found, ratio=sheet.ratio, whole_loss=sheet.whole_loss in questions.LOST, on=on)


# Where on the sheet the reason of a refusal lies, by the method.
PLACE = {"flood_depth": "method", "photo_self": "consent_on"}


def check(sheet: Sheet, *, occurred: date) -> str:
    """The class that the sheet says. Raises `Refused` with the field that is wrong."""
    problems: dict[str, str] = {}
    if sheet.surveyed_on > today():
        problems["surveyed_on"] = "調査日が今日より後です。日付を確かめてください。"
    elif sheet.surveyed_on < occurred:
        problems["surveyed_on"] = "調査日が発災の日より前です。日付か、選んでいる災害を確かめてください。"
    if not sheet.surveyors.strip():
        problems["surveyors"] = "調査した人を入れてください。"
    for name, known, what in (
        ("stage", rules.STAGES, "調査の回"),
        ("cause", rules.CAUSES, "災害の種類"),
        ("method", rules.METHODS, "方法"),
    ):
        if getattr(sheet, name) not in known:
            problems[name] = f"{what}を選んでください。"
    if not problems and sheet.method not in (*rules.METHODS_OF[sheet.stage], "area"):
        allowed = "・".join(rules.METHODS[name] for name in rules.METHODS_OF[sheet.stage] if name != "area")
        problems["method"] = f"{rules.STAGES[sheet.stage]}の方法は、{allowed}です。"
    problems |= questions.problems(sheet.measured, cause=sheet.cause, structure=sheet.structure, stage=sheet.stage)
    if "surveyed_on" not in problems and (why := _edition_problem(sheet, occurred)):
        problems["edition"] = why
    if problems:
        raise Refused(next(iter(problems.values())), fields=problems)
    answer = judge(sheet)
    if not answer.known:
        field = PLACE.get(sheet.method, "found" if sheet.found else "ratio")
        raise Refused(answer.why, fields={field: answer.why})
    if sheet.found and sheet.found != answer.value:
        why = f"{rules.METHODS[sheet.method]}では{LABELS[answer.value]}です。区分を空にするか、直してください。"
        raise Refused(why, fields={"found": why})
    return str(answer.value)


def _edition_problem(sheet: Sheet, occurred: date) -> str:
    """Why the named edition can't be used; empty if it can."""
    allowed = rules.editions_for(occurred=occurred, surveyed_on=sheet.surveyed_on)
    if not sheet.edition or sheet.edition in {edition.key for edition in allowed}:
        return ""
    named = rules.BY_KEY.get(sheet.edition)
    whose = "調査日の版" if len(allowed) == 1 else "調査日の版か発災日の版"
    titles = "・".join(edition.title for edition in allowed)
    return (
        f"{named.title if named else sheet.edition}の運用指針は、この調査には使えません。"
        f"使えるのは{whose}（{titles}）です。空にすると調査日の版になります。"
    )


@transaction.atomic
def record(
    *, by: Staff, disaster: Disaster, house: UUID, sheet: Sheet, replaces: UUID | None = None, team: Team | None = None
) -> Survey:
    """Type what was found. `replaces`: the survey that was typed wrong; it stays, and this one follows it.

    An open request of the same stage is answered. Raises `Refused` (with the field), `NotFound` or `Conflict`.
    """
    require(by, "surveys.write")
    if sheet.method == "area":
        raise Refused("区域の一括判定は、区域の画面から行ってください。", fields={"method": "区域の画面で行います。"})
    house_or_refuse(house)
    found = check(sheet, occurred=tokyo_date(disaster.occurred_at))
    House.objects.select_for_update().get(pk=house)
    before = _to_follow(disaster, house, replaces) if replaces else None
    row = write(by=by, disaster=disaster, house=house, sheet=sheet, found=found, replaces=before, team=team)
    act = "damage.retype_survey" if before else "damage.record_survey"
    audit(by=by, act=act, subject=f"house:{house}", survey=str(row.pk), method=row.method, stage=row.stage)
    return row


def _to_follow(disaster: Disaster, house: UUID, survey: UUID) -> Survey:
    row = Survey.objects.filter(pk=survey, disaster=disaster, house=house).first()
    if row is None:
        raise NotFound("打ち直す調査がありません。画面を開き直してください。")
    if Survey.objects.filter(replaces=row).exists():
        raise Conflict("この調査は、すでに打ち直されています。新しいほうを見てください。")
    return row


def write(
    *,
    by: Staff,
    disaster: Disaster,
    house: UUID,
    sheet: Sheet,
    found: str,
    replaces: Survey | None = None,
    team: Team | None = None,
    area: SurveyArea | None = None,
) -> Survey:
    """The row, and the request that it answers. The caller holds the house."""
    if (taken := _day_taken(disaster, house, sheet, replaces)) is not None:
        raise Conflict(_TAKEN[replaces is not None].format(stage=rules.STAGES[sheet.stage], day=era_short(taken)))
    waiting = SurveyRequest.objects.filter(disaster=disaster, house=house, stage=sheet.stage, until=None).first()
    try:
        with transaction.atomic():
            row = Survey.objects.create(
                disaster=disaster,
                house_id=house,
                request=waiting or (replaces.request if replaces else None),
                area=area,
                stage=sheet.stage,
                method=sheet.method,
                edition=edition_of(sheet).key,
                cause=sheet.cause,
                structure=sheet.structure,
                external_force=sheet.external_force,
                answers=sheet.answers(),
                ratio=sheet.ratio,
                damage_class=found,
                surveyed_on=sheet.surveyed_on,
                surveyors=sheet.surveyors.strip(),
                team=team,
                sheet_no=sheet.sheet_no.strip(),
                note=sheet.note.strip(),
                drawn=area is None and _is_drawn(replaces),
                replaces=replaces,
                by=by,
            )
    except IntegrityError as error:  # somebody else typed it in the same moment
        raise Conflict("たった今、ほかの職員がこの調査を入力しました。画面を開き直してください。") from error
    if waiting is not None:
        _end(waiting, by, "answer")
    return row


def _is_drawn(replaces: Survey | None) -> bool:
    """Whether the sheet shall be typed twice: by lot, which nobody at the keyboard knows or steers.

    What was drawn and is typed again before its second typing stays drawn.
    """
    if replaces is not None:
        return replaces.drawn and not SecondTyping.objects.filter(survey=replaces).exists()
    return secrets.randbelow(100) < settings.SECOND_TYPING_PERCENT


# A new survey, and one that is typed again.
_TAKEN = {
    False: "この家屋には、同じ日（{day}）の{stage}がすでに入っています。打ち間違いなら、その調査を打ち直してください。",
    True: "この家屋には、同じ日（{day}）の{stage}が別に入っています。打ち直しでも、同じ日・同じ回にはできません。調査日と調査の回を確かめてください。",
}


def _day_taken(disaster: Disaster, house: UUID, sheet: Sheet, replaces: Survey | None) -> date | None:
    """The day of the sheet where another survey of the house has, or had until it was typed again, this day and stage.

    Two of one day and stage could only be told apart by which was typed first, and that must decide nothing. The
    database says it of first typings; of later ones this does, while the house is held.
    """
    day = sheet.surveyed_on
    chains = dict(Survey.objects.filter(disaster=disaster, house=house).values_list("pk", "replaces"))
    own, one = set(), replaces.pk if replaces else None
    while one is not None:
        own.add(one)
        one = chains.get(one)
    same = Survey.objects.filter(disaster=disaster, house=house, stage=sheet.stage, surveyed_on=day)
    return day if same.exclude(pk__in=own).exists() else None


@transaction.atomic
def type_again(*, by: Staff, survey: UUID, sheet: Sheet) -> SecondTyping:
    """Type the sheet of a survey once more, without seeing the first: somebody else, once. Keeps where the two differ."""
    require(by, "surveys.write")
    row = Survey.objects.select_for_update().filter(pk=survey).first()
    if row is None:
        raise NotFound("この調査はありません。画面を開き直してください。")
    if row.by_id == by.pk:
        raise Refused("二度目は、はじめに入力した人とは別の職員が入力します。")
    if SecondTyping.objects.filter(survey=row).exists():
        raise Conflict("この調査は、すでに二度目が入力されています。")
    said = sheet.answers()
    found = set(rules.differences(row.answers, said)) - {"sheet_place"}  # not on the sheet
    differs = [key for key in questions.BY_KEY if key in found]
    second = SecondTyping.objects.create(survey=row, answers=said, differs=differs, by=by)
    audit(by=by, act="damage.type_again", subject=f"house:{row.house_id}", survey=str(row.pk), differs=len(differs))
    return second


@transaction.atomic
def keep_first(*, by: Staff, survey: UUID) -> SecondTyping:
    """Somebody looked at the paper and the first typing is right; where it is wrong it is typed again instead (`record`)."""
    require(by, "surveys.write")
    row = SecondTyping.objects.select_for_update().filter(survey=survey).first()
    if row is None:
        raise NotFound("この調査は、まだ二度打ちされていません。画面を開き直してください。")
    if row.differs and row.settled_at is None and not Survey.objects.filter(replaces=survey).exists():
        row.settled_by, row.settled_at = by, now()
        row.save(update_fields=["settled_by", "settled_at"])
        audit(by=by, act="damage.keep_first_typing", subject=f"house:{row.survey.house_id}", survey=str(survey))
    return row


@transaction.atomic
def inspect(
    *,
    by: Staff,
    disaster: Disaster,
    house: UUID,
    colour: str,
    inspected_on: date,
    inspector: str = "",
    note: str = "",
) -> QuickInspection:
    """Note a 応急危険度判定 that others made. It computes no class and answers no request."""
    require(by, "surveys.write")
    house_or_refuse(house)
    if colour not in QuickInspection.Colour.values:
        raise Refused("判定の色を選んでください。", fields={"colour": "選んでください。"})
    if inspected_on > today():
        raise Refused("判定日が今日より後です。", fields={"inspected_on": "今日より後です。"})
    row = QuickInspection.objects.create(
        disaster=disaster,
        house_id=house,
        colour=colour,
        inspected_on=inspected_on,
        inspector=inspector.strip(),
        note=note.strip(),
        by=by,
    )
    audit(by=by, act="damage.quick_inspection", subject=f"house:{house}", colour=colour)
    return row
