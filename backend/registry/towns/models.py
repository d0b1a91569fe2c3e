"""Lists of 町字 as taken. The newest one is in force; earlier ones stay."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from backend.core.clock import now


class TownList(models.Model):
    """One file of 町字 that was taken."""

    name = models.CharField("ファイル名", max_length=200)
    fingerprint = models.CharField("指紋（SHA-256）", max_length=64, unique=True)
    rows = models.PositiveIntegerField("行数")
    received_at = models.DateTimeField("受領日時", default=now)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "町字の一覧"
        verbose_name_plural = "町字の一覧"
        ordering = ["-received_at", "-id"]

    def __str__(self) -> str:
        return self.name


class Town(models.Model):
    """One 町字: 大字・町, 丁目 and 小字 in one name, with the identifier of the address base registry."""

    list = models.ForeignKey(TownList, models.PROTECT, related_name="towns")
    town_id = models.CharField("町字ID", max_length=7, blank=True)
    city = models.CharField("市区町村名", max_length=100, blank=True)
    name = models.CharField("町字名", max_length=200)
    by_street = models.BooleanField("住居表示実施", null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "city", "name"], name="town_once_a_list")]

    def __str__(self) -> str:
        return self.name
