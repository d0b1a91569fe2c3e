"""Who goes where: teams of a day, the houses they are to call at, what became of each call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time
from uuid import UUID

from django.db import IntegrityError, transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now, today
from backend.core.errors import Conflict, NotFound, Refused
from backend.damage.models import SurveyRequest, Team, Visit
from backend.ledger.models import Disaster

MEMBERS = (2, 3)  # of a team, its lead included
A_DAY = 60  # houses of a team on one day; more is a slip of the hand


@transaction.atomic
def make_team(
    *,
    by: Staff,
    disaster: Disaster,
    day: date,
    name: str,
    lead: str,
    members: Sequence[str] = (),
    district: str = "",
    telephone: str = "",
) -> Team:
    """A team for one day: its lead and one or two others. Raises `Refused` or `Conflict` for a name of that day."""
    require(by, "surveys.write")
    others = [member.strip() for member in members if member.strip()]
    if not name.strip():
        raise Refused("班の名前を入れてください。", fields={"name": "入れてください。"})
    if not lead.strip():
        raise Refused("班長を入れてください。", fields={"lead": "入れてください。"})
    if not MEMBERS[0] <= 1 + len(others) <= MEMBERS[1]:
        why = f"調査班は班長を含めて{MEMBERS[0]}人か{MEMBERS[1]}人です（いま{1 + len(others)}人）。"
        raise Refused(why, fields={"members": why})
    try:
        with transaction.atomic():
            team = Team.objects.create(
                disaster=disaster,
                day=day,
                name=name.strip(),
                lead=lead.strip(),
                members=others,
                district=district.strip(),
                telephone=telephone.strip(),
                by=by,
            )
    except IntegrityError as error:
        why = f"その日には、同じ名前の班「{name.strip()}」があります。"
        raise Conflict(why, fields={"name": why}) from error
    audit(by=by, act="damage.make_team", subject=f"team:{team.pk}", people=1 + len(others))
    return team


@transaction.atomic
def plan(*, by: Staff, team: UUID, requests: Sequence[UUID], at_time: time | None = None) -> tuple[int, int]:
    """Give houses to a team in the order in which they are named: (planned, left out because somebody was faster).

    A house that has been surveyed meanwhile, or that another team goes to, is left out.
    """
    require(by, "surveys.write")
    row = Team.objects.select_for_update().filter(pk=team).first()
    if row is None:
        raise NotFound("この調査班はありません。画面を開き直してください。")
    if row.day < today():
        raise Refused("過ぎた日の計画は変えられません。今日か、この先の日の班を選んでください。")
    standing = SurveyRequest.objects.select_for_update().filter(pk__in=requests, disaster=row.disaster_id, until=None)
    open_now = {one.pk for one in standing.order_by("pk")}
    # What was left over of a day that has passed stands in nobody's way.
    over = Visit.objects.filter(request__in=open_now, result="", team__day__lt=today())
    over.update(result=Visit.Result.CANCELLED, result_at=now(), result_by=by, note="計画の日に結果の記録なし")
    taken = set(Visit.objects.filter(request__in=open_now, result="").values_list("request", flat=True))
    chosen = [pk for pk in dict.fromkeys(requests) if pk in open_now - taken]
    last = Visit.objects.filter(team=row).order_by("-place").values_list("place", flat=True).first() or 0
    if last + len(chosen) > A_DAY:
        raise Refused(f"1班が1日に回るのは{A_DAY}棟までです。ほかの班か、ほかの日に分けてください。")
    Visit.objects.bulk_create(
        [Visit(team=row, request_id=pk, place=place, at_time=at_time) for place, pk in enumerate(chosen, last + 1)]
    )
    audit(by=by, act="damage.plan_visits", subject=f"team:{row.pk}", houses=len(chosen))
    return len(chosen), len(set(requests)) - len(chosen)


@transaction.atomic
def close(
    *,
    by: Staff,
    visit: UUID,
    result: str,
    note: str = "",
    appointment_on: date | None = None,
    appointment_at: time | None = None,
) -> Visit:
    """What became of a call: 調査済票 left, 不在票 left (with the next appointment), no such house, or not gone there."""
    require(by, "surveys.write")
    row = Visit.objects.select_for_update(of=("self",)).select_related("team", "request").filter(pk=visit).first()
    if row is None:
        raise NotFound("この訪問はありません。画面を開き直してください。")
    if row.result:
        raise Conflict(f"この訪問は、すでに「{row.get_result_display()}」と記録されています。")
    if result not in Visit.Result.values:
        raise Refused("訪問の結果を選んでください。", fields={"result": "選んでください。"})
    if row.team.day > today() and result != Visit.Result.CANCELLED:
        raise Refused("まだ来ていない日の訪問です。取りやめるときは「行かなかった」を選んでください。")
    if appointment_at and not appointment_on:
        raise Refused("約束の時刻だけでなく、日も入れてください。", fields={"appointment_on": "日を入れてください。"})
    if appointment_on and appointment_on < today():
        raise Refused("次の約束の日が、今日より前です。", fields={"appointment_on": "今日からの日を入れてください。"})
    row.result, row.result_at, row.result_by, row.note = result, now(), by, note.strip()[:200]
    row.appointment_on, row.appointment_at = appointment_on, appointment_at
    row.save()
    audit(by=by, act="damage.close_visit", subject=f"house:{row.request.house_id}", visit=str(row.pk), result=result)
    return row
