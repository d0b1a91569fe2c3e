"""What the auditor asks of the two books."""

from __future__ import annotations

from datetime import datetime

from django.apps import apps
from django.db.models import QuerySet

from .models import AccessLog, AuditRow, Staff


def looks(
    *,
    staff: Staff | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    what: str = "",
    subject: str = "",
) -> QuerySet[AccessLog]:
    """Looks at personal data, newest first; `since` and `until` included, `subject` a part of it."""
    rows = AccessLog.objects.select_related("staff")
    return _narrowed(rows.filter(what=what) if what else rows, staff, since, until, subject)


def acts(
    *,
    staff: Staff | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    act: str = "",
    subject: str = "",
) -> QuerySet[AuditRow]:
    """Acts, newest first; `since` and `until` included, `subject` a part of it."""
    rows = AuditRow.objects.select_related("staff")
    return _narrowed(rows.filter(act=act) if act else rows, staff, since, until, subject)


def _narrowed(
    rows: QuerySet, staff: Staff | None, since: datetime | None, until: datetime | None, subject: str
) -> QuerySet:
    if staff is not None:
        rows = rows.filter(staff=staff)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lte=until)
    if subject.strip():
        rows = rows.filter(subject__icontains=subject.strip())
    return rows


def act_labels() -> dict[str, str]:
    """Act -> Japanese words. A room gives its own as the plain attribute `audit_acts` of its AppConfig."""
    labels: dict[str, str] = {}
    for config in apps.get_app_configs():
        labels.update(getattr(config, "audit_acts", {}))
    return labels


def known_acts() -> list[tuple[str, str]]:
    """Every act that stands in the book, with its words, as choices."""
    labels = act_labels()
    found = AuditRow.objects.order_by("act").values_list("act", flat=True).distinct()
    return [(act, labels.get(act, act)) for act in found]
