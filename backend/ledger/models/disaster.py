"""Disasters, and what opening one left to be looked at."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from backend.core.clock import now
from backend.core.fields import uuid7

models.CharField.register_lookup(Length)


class Disaster(models.Model):
    """災害: opened once, with a code of its own that every り災番号 begins with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField("災害コード", max_length=4, unique=True)
    name = models.CharField("災害名", max_length=100)
    occurred_at = models.DateTimeField("発災日時")
    drill = models.BooleanField("訓練", default=False)
    opened_at = models.DateTimeField("開設日時", default=now)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    last_number = models.PositiveIntegerField("最後のり災番号", default=0)
    register_revision = models.BigIntegerField("基準日住民記録の版", null=True, help_text="empty: not filled yet")
    filled_at = models.DateTimeField("台帳作成日時", null=True)

    class Meta:
        verbose_name = "災害"
        verbose_name_plural = "災害"
        ordering = ["-occurred_at", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__length=4), name="disaster_code_four_characters"),
            models.CheckConstraint(
                condition=Q(register_revision__isnull=True, filled_at__isnull=True)
                | Q(register_revision__isnull=False, filled_at__isnull=False),
                name="disaster_filled_with_its_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class OpeningFlag(models.Model):
    """What the rebuild of the register could only guess, or found odd: one line for a clerk to look at."""

    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="flags", db_index=False)
    code = models.CharField("種別", max_length=40)
    atena_no = models.CharField("宛名番号", max_length=15, blank=True)
    household_no = models.CharField("世帯番号", max_length=15, blank=True)
    detail = models.CharField("内容", max_length=200, blank=True)
    settled_at = models.DateTimeField("確認日時", null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["disaster", "code"]), models.Index(fields=["disaster", "atena_no"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="opening_flag_settled_by_somebody",
            )
        ]
