"""Who goes to which houses on a day, and what became of each call."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .surveys import SurveyRequest


class Team(models.Model):
    """調査班: two or three people on one day, with a lead, a district and a telephone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey("ledger.Disaster", models.PROTECT, related_name="+", db_index=False)
    day = models.DateField("日")
    name = models.CharField("班", max_length=30)
    lead = models.CharField("班長", max_length=60)
    members = models.JSONField("班員", default=list)
    district = models.CharField("担当地区", max_length=100, blank=True)
    telephone = models.CharField("電話", max_length=30, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = "調査班"
        verbose_name_plural = "調査班"
        constraints = [models.UniqueConstraint(fields=["disaster", "day", "name"], name="team_of_a_day_once")]

    def __str__(self) -> str:
        return self.name


class Visit(models.Model):
    """訪問: a planned call of a team at a house, and what came of it."""

    class Result(models.TextChoices):
        SURVEYED = "surveyed", "調査済票を残した"
        ABSENT = "absent", "不在票を残した"
        NOT_FOUND = "not_found", "家屋が見つからない"
        CANCELLED = "cancelled", "行かなかった"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    team = models.ForeignKey(Team, models.PROTECT, related_name="visits")
    request = models.ForeignKey(SurveyRequest, models.PROTECT, related_name="visits")
    place = models.PositiveSmallIntegerField("順番")
    at_time = models.TimeField("約束の時刻", null=True)
    result = models.CharField("結果", max_length=9, choices=Result.choices, blank=True)
    result_at = models.DateTimeField("訪問日時", null=True)
    result_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    appointment_on = models.DateField("次の約束の日", null=True)
    appointment_at = models.TimeField("次の約束の時刻", null=True)
    note = models.CharField("覚え書き", max_length=200, blank=True)

    class Meta:
        verbose_name = "訪問"
        verbose_name_plural = "訪問"
        constraints = [
            models.UniqueConstraint(fields=["request"], condition=Q(result=""), name="visit_planned_once"),
            models.CheckConstraint(
                condition=Q(result="", result_at=None, result_by=None)
                | (Q(result_at__isnull=False, result_by__isnull=False) & ~Q(result="")),
                name="visit_result_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(appointment_at=None) | Q(appointment_on__isnull=False), name="visit_appointment_has_a_day"
            ),
        ]
