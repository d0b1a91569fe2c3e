"""What a person does with applications: take one, change it, withdraw it, say which household and which house it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now, today, tokyo_date
from backend.core.errors import Conflict, NotFound, Refused
from backend.damage.models import Application, ApplicationHouse, ReceiptCounter, SurveyRequest
from backend.damage.surveys import services as surveys
from backend.documents.rules import fiscal_year
from backend.ledger import queries as ledger
from backend.ledger import services as typing
from backend.ledger.models import Disaster, Household

from . import queries, rules
from .rules import Place, Said

SOURCE = "damage:application:"  # of a survey that was asked for because somebody applied
UNKNOWN = "この申請はありません。画面を開き直してください。"
DUPLICATE = "同じ世帯の同じ家屋の申請が、すでにあります。見くらべて、別の申請として受け付けるときは印を付けてください。"


@transaction.atomic
def record(
    *,
    by: Staff,
    disaster: Disaster,
    said: Said,
    household: UUID | None = None,
    form: UUID | None = None,
    knowingly: bool = False,
) -> Application:
    """Take an application and ask for the survey of each dwelling that is known. `household` where the clerk has it open.

    `form` is the number of the form as it was opened: sent twice, it is one application. Without `knowingly` another
    application for the same is a `Conflict`.
    """
    require(by, "applications.write")
    _check(said, disaster)
    year = _hold_numbers()
    if form is not None:
        sent = Application.objects.filter(pk=form).first()
        if sent is not None:
            if sent.by_id != by.pk or sent.disaster_id != disaster.pk:
                raise Conflict("この画面の申請は、すでに受け付けられています。一覧から開いてください。")
            return sent
    home = _household(household, disaster, by) if household else None
    if not knowingly and queries.duplicates(said, disaster=disaster, household=home and home.pk, staff=by):
        raise Conflict(DUPLICATE, fields={"knowingly": DUPLICATE})
    at = now()
    row = Application.objects.create(
        **({"id": form} if form else {}),
        disaster=disaster,
        fiscal_year=year,
        number=_next_number(year),
        received_at=at,
        at=at,
        by=by,
        household=home,
        **({"matched_by": by, "matched_at": at} if home else {}),
        **_words(said),
    )
    _write_places(row, said.places, by)
    audit(by=by, act="damage.take_application", subject=f"application:{row.pk}", **_facts(row))
    return row


def _check(said: Said, disaster: Disaster) -> None:
    wrong = rules.problems(said, today=today(), occurred=tokyo_date(disaster.occurred_at))
    if wrong:
        raise Refused(next(iter(wrong.values())), fields=wrong)


def _words(said: Said) -> dict[str, Any]:
    words = {key: value.strip() if isinstance(value, str) else value for key, value in asdict(said).items()}
    del words["places"]
    return words | ({"reason": ""} if said.stage == "first" else {})


def _facts(row: Application) -> dict[str, Any]:
    """For the audit book: what it was, and nobody's name."""
    home = {"household": str(row.household_id)} if row.household_id else {}
    return {"number": row.number_text, "version": row.version, "stage": row.stage, "channel": row.channel, **home}


def _hold_numbers() -> int:
    """The fiscal year. From here on nobody else takes an application until we are done: no number is skipped or doubled,
    and who comes second with the same is told so."""
    year = fiscal_year(today())
    ReceiptCounter.objects.bulk_create([ReceiptCounter(fiscal_year=year)], ignore_conflicts=True)
    ReceiptCounter.objects.filter(pk=year).update(last=F("last"))
    return year


def _next_number(year: int) -> int:
    mine = ReceiptCounter.objects.filter(pk=year)
    mine.update(last=F("last") + 1)
    return mine.values_list("last", flat=True).get()


def _household(household: UUID, disaster: Disaster, by: Staff) -> Household:
    """The household, if this person may see it and it is of this disaster."""
    home = ledger.household_page(household, by).household
    if home.disaster_id != disaster.pk:
        raise Refused(f"この世帯は別の災害（{home.disaster.name}）の台帳です。災害を切り替えてから受け付けてください。")
    return home


def _write_places(
    row: Application, places: Sequence[Place], by: Staff, kept: dict[UUID, ApplicationHouse] | None = None
) -> None:
    """`kept`: house -> the line of the row before, of which the one who found it and the survey asked for stay."""
    kept = kept or {}
    for position, one in enumerate(places, 1):
        line = ApplicationHouse(application=row, position=position, place=one.place.strip(), what=one.what)
        before = kept.get(one.house) if one.house else None
        if before is not None and before.what == one.what and row.stage == before.application.stage:
            line.house_id, line.request = before.house_id, before.request
            line.matched_by, line.matched_at = before.matched_by, before.matched_at
        elif one.house:
            _found(line, one.house, by)
        line.save(force_insert=True)


def _found(line: ApplicationHouse, house: UUID, by: Staff) -> None:
    """This person says which house it is; a dwelling is to be surveyed from now on."""
    surveys.house_or_refuse(house)
    line.house_id, line.matched_by, line.matched_at = house, by, now()
    if line.what == rules.DWELLING:
        row = line.application
        line.request = surveys.ask(
            by=by, disaster=row.disaster, house=house, stage=row.stage, reason=row.reason, source=_source(row)
        )


def _source(row: Application) -> str:
    return f"{SOURCE}{row.fiscal_year}-{row.number}"


def held(application: UUID, by: Staff, act: str) -> Application:
    """The row, locked. Raises `NotFound`, or `Conflict` where its step does not allow the act (`rules.TRANSITIONS`)."""
    row = Application.objects.select_for_update(of=("self",)).select_related("disaster").filter(pk=application).first()
    if row is None or not queries.visible(by).filter(pk=application).exists():
        raise NotFound(UNKNOWN)
    if why := rules.refusal(row.step, act):
        raise Conflict(why)
    return row


@transaction.atomic
def change(*, by: Staff, application: UUID, said: Said, why: str, detach: bool = False) -> Application:
    """Another row with the same number follows. `detach`: it was matched to the wrong household, and waits again.

    A place that reads as before keeps its house; a survey asked for a house that is not meant any more is withdrawn.
    """
    require(by, "applications.write")
    if not why.strip():
        raise Refused("訂正の理由を入れてください。", fields={"why": "理由を入れてください。"})
    row = held(application, by, "change")
    _check(said, row.disaster)
    if row.secret and not said.secret and not ledger.sees_protected(by):
        raise NotFound(UNKNOWN)
    kept = {line.house_id: line for line in row.houses.select_related("request", "application") if line.house_id}
    home = {} if detach else {name: getattr(row, name) for name in ("household", "matched_by", "matched_at")}
    new = Application.objects.create(
        disaster=row.disaster,
        fiscal_year=row.fiscal_year,
        number=row.number,
        version=row.version + 1,
        replaces=row,
        change_reason=why.strip()[:200],
        received_at=row.received_at,
        by=by,
        **home,
        **_words(said),
    )
    _write_places(new, said.places, by, kept)
    still = set(new.houses.exclude(request=None).values_list("request", flat=True))
    _take_back(row, by, "申請の訂正", still)
    audit(by=by, act="damage.change_application", subject=f"application:{new.pk}", **_facts(new))
    return new


@transaction.atomic
def withdraw(*, by: Staff, application: UUID, reason: str) -> Application:
    """The applicant does not want it any more; surveys that nobody else applied for are withdrawn with it."""
    require(by, "applications.write")
    if not reason.strip():
        raise Refused("取下げの理由を入れてください。", fields={"reason": "理由を入れてください。"})
    row = held(application, by, "withdraw")
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_reason = now(), by, reason.strip()[:200]
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    _take_back(row, by, "申請の取下げ")
    audit(by=by, act="damage.withdraw_application", subject=f"application:{row.pk}", **_facts(row))
    return row


def _take_back(row: Application, by: Staff, reason: str, still: set[UUID] | None = None) -> None:
    """Withdraw the open surveys of this application that applications asked for, unless another living one waits."""
    asked = SurveyRequest.objects.filter(applied_for__application=row, until=None, source__startswith=SOURCE)
    for request in asked.exclude(pk__in=still or set()).distinct():
        others = ApplicationHouse.objects.filter(request=request, application__in=queries.living())
        if not others.exclude(application__number=row.number, application__fiscal_year=row.fiscal_year).exists():
            surveys.withdraw(by=by, request=request.pk, reason=reason)


@transaction.atomic
def match_household(*, by: Staff, application: UUID, household: UUID) -> Application:
    """A person says which household this is. Once: where that was wrong, a change takes it off again."""
    require(by, "applications.write")
    row = held(application, by, "match")
    home = _household(household, row.disaster, by)
    row.household, row.matched_by, row.matched_at = home, by, now()
    row.save(update_fields=["household", "matched_by", "matched_at"])
    audit(by=by, act="damage.match_application", subject=f"application:{row.pk}", **_facts(row))
    return row


@transaction.atomic
def open_household(
    *, by: Staff, application: UUID, people: Sequence[dict[str, Any]], kind: str, address: str = ""
) -> Application:
    """Whoever applied is in no register: enter their household on its own word, and match the application with it.

    A register that comes later is matched with that household as with every other one that was entered by hand.
    """
    require(by, "applications.write")
    row = held(application, by, "match")
    home = typing.add_household(by=by, disaster=row.disaster, people=list(people), kind=kind, address=address)
    return match_household(by=by, application=application, household=home.pk)


@transaction.atomic
def match_house(*, by: Staff, line: UUID, house: UUID) -> ApplicationHouse:
    """A person says which house of the roll was meant, and a dwelling is to be surveyed."""
    require(by, "applications.write")
    of = ApplicationHouse.objects.filter(pk=line).values_list("application", flat=True).first()
    if of is None:
        raise NotFound(UNKNOWN)
    row = held(of, by, "match_house")
    found = row.houses.get(pk=line)
    if found.house_id is not None:
        raise Conflict("この所在地は、ほかの職員が先に家屋と照合しています。")
    if row.houses.filter(house=house).exists():
        raise Refused("この家屋は、同じ申請の別の行で照合しています。")
    _found(found, house, by)
    found.save(update_fields=["house", "matched_by", "matched_at", "request"])
    audit(by=by, act="damage.match_application_house", subject=f"house:{house}", application=str(row.pk))
    return found
