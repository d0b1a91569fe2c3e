"""What takes two people: asked for by one, approved by another, ended by somebody with a reason."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.core.clock import now

WAITING = Q(approved_at__isnull=True, ended_at__isnull=True)
IN_USE = Q(approved_at__isnull=False, ended_at__isnull=True)


class Approved(models.Model):
    """The columns of it; a table that has them takes the constraints below as well."""

    asked_at = models.DateTimeField("申請日時", default=now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申請者")
    approved_at = models.DateTimeField("承認日時", null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="承認者"
    )
    ended_at = models.DateTimeField("終了日時", null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_reason = models.CharField("終了の理由", max_length=200, blank=True)

    class Meta:
        abstract = True


def approved_by_another(table: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(approved_at__isnull=True, approved_by__isnull=True)
        | (Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by=F("asked_by"))),
        name=f"{table}_approved_by_another",
    )


def ended_by_somebody(table: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_reason="")
        | Q(ended_at__isnull=False, ended_by__isnull=False, ended_reason__gt=""),
        name=f"{table}_ended_by_somebody",
    )
