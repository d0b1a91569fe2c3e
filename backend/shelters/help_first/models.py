"""個別避難計画 as taken over. The newest file that names somebody holds for them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from backend.core.clock import now
from backend.core.fields import uuid7


class HelpPlanFile(models.Model):
    """One file of plans."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField("ファイル名", max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the file and its mapping")
    rows = models.PositiveIntegerField("行数")
    taken_at = models.DateTimeField("取込日時", default=now)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")


class HelpPlan(models.Model):
    """The plan of one person of the list."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(HelpPlanFile, models.CASCADE, related_name="plans")
    line = models.PositiveIntegerField("行")
    evacuee = models.UUIDField(db_index=True)
    place = models.CharField("避難先", max_length=500, blank=True)
    place2 = models.CharField("第二避難先", max_length=500, blank=True)
    route = models.CharField("避難経路", max_length=500, blank=True)
    means = models.CharField("移動手段", max_length=500, blank=True)
    steps = models.JSONField("避難の手順", default=list)
    supporters = models.JSONField("支援者・緊急連絡先", default=list, help_text="role, name, relation, phone of each")
    devices = models.CharField("命をつなぐ機器・処置", max_length=60, blank=True)
    power = models.CharField("電源の必要", max_length=500, blank=True)
    battery_hours = models.FloatField("電池の時間", null=True)
    clinic = models.CharField("かかりつけ医", max_length=500, blank=True)
    bring = models.CharField("持ち出し品", max_length=500, blank=True)
    care = models.CharField("配慮すること", max_length=500, blank=True)
    updated_on = models.CharField("更新日", max_length=10, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "line"], name="help_plan_line_once")]
