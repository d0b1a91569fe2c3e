"""What goes out: where one may apply, and how far each application is; and what staff see of what came."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Subquery, Value, When

from backend.core.clock import today, tokyo_date
from backend.damage.applications.queries import is_waiting
from backend.damage.models import Application, ApplicationHouse, OnlineDesk, OnlineReceipt, SurveyRequest, Visit
from backend.ledger.models import Disaster


def desks() -> Iterator[dict[str, str]]:
    """For the bundle: the open ones, with the public half of the key."""
    for desk in OnlineDesk.objects.filter(closed_at=None).select_related("disaster"):
        yield {
            "disaster": str(desk.disaster_id),
            "name": desk.disaster.name[:100],
            "since": tokyo_date(desk.disaster.occurred_at).isoformat(),
            "key": desk.key,
            "public": desk.public,
        }


def states() -> Iterator[dict[str, str]]:
    """For the bundle: how far each online application is, by what outside asks for. No name, no place, no number."""
    for lookup, state in _with_state().values_list("lookup", "told").iterator():
        yield {"lookup": lookup, "state": state}
    for lookup in OnlineReceipt.objects.filter(application=None).values_list("lookup", flat=True):
        yield {"lookup": lookup, "state": "checking"}


def _with_state() -> QuerySet[Application]:
    """The last row of each online application, with `lookup` and what is `told` of it."""
    receipt = OnlineReceipt.objects.filter(
        application__fiscal_year=OuterRef("fiscal_year"), application__number=OuterRef("number")
    )
    asked = ApplicationHouse.objects.filter(application=OuterRef("pk"), request__isnull=False)
    planned = Visit.objects.filter(request=OuterRef("request")).filter(
        Q(result="") | Q(appointment_on__gte=today(), request__until=None)
    )
    rows = Application.objects.filter(replaced_by=None).annotate(lookup=Subquery(receipt.values("lookup")[:1]))
    return rows.filter(lookup__isnull=False).annotate(
        told=Case(
            When(withdrawn_at__isnull=False, then=Value("withdrawn")),
            When(~is_waiting() & ~Q(Exists(_unfound())), then=Value("decided")),
            When(Exists(asked.filter(request__ended=SurveyRequest.Ended.ANSWERED)), then=Value("surveyed")),
            When(Exists(asked.filter(Exists(planned))), then=Value("planned")),
            default=Value("received"),
            output_field=CharField(),
        )
    )


def _unfound() -> QuerySet[ApplicationHouse]:
    """Places of which nobody has said yet which house they are."""
    return ApplicationHouse.objects.filter(application=OuterRef("pk"), house=None, what="dwelling")


def desk_of(disaster: Disaster | None) -> OnlineDesk | None:
    """The one that was opened last."""
    rows = OnlineDesk.objects.filter(disaster=disaster).select_related("opened_by", "closed_by")
    return rows.order_by("-opened_at").first()


def told_to_everybody(disaster: Disaster) -> str:
    """What the public page says of applying online: `open`, `closed` (one may still ask how far it is), or empty: never taken."""
    rows = OnlineDesk.objects.filter(disaster=disaster)
    return "open" if rows.filter(closed_at=None).exists() else "closed" if rows.exists() else ""


def counts() -> dict[str, int]:
    rows = OnlineReceipt.objects
    return {
        "taken": rows.exclude(application=None).count(),
        "kept": rows.filter(application=None).count(),
        "torn": rows.exclude(application=None).exclude(trouble="").count(),
    }


def troubles(limit: int = 50) -> list[OnlineReceipt]:
    """What could not be taken at all, with the reason; nobody's name is known of these."""
    return list(OnlineReceipt.objects.filter(application=None).defer("package").order_by("came_at")[:limit])
