"""What the town gives so that houses are found: its 住居表示–地番 table and the outlines of its buildings."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.ledger.fields import OrderedByCode

from .houses import House


class HouseTable(models.Model):
    """One file of a table that was taken. It is in force until another one is taken in its place."""

    class Kind(models.TextChoices):
        ADDRESSES = "addresses", "住居表示と地番の対応表"
        OUTLINES = "outlines", "建物の外形"

    kind = models.CharField("種類", max_length=10, choices=Kind.choices)
    name = models.CharField("ファイル名", max_length=200)
    fingerprint = models.CharField("指紋（SHA-256）", max_length=64)
    rows = models.PositiveIntegerField("行数", default=0)
    accepted = models.PositiveIntegerField("取込", default=0)
    unchanged = models.PositiveIntegerField("変更なし", default=0)
    set_aside = models.PositiveIntegerField("読めなかった行", default=0)
    problems = models.JSONField("読めなかった行の理由", default=list, help_text="the first of them: [place, why]")
    received_at = models.DateTimeField("受領日時", default=now)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    until = models.DateTimeField("終了日時", null=True)

    class Meta:
        verbose_name = "家屋の表"
        verbose_name_plural = "家屋の表"
        ordering = ["-received_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "fingerprint"], condition=Q(until=None), name="house_table_once_in_force"
            )
        ]

    def __str__(self) -> str:
        return self.name


class AddressPair(models.Model):
    """A 住居表示 and a 地番 that are one place."""

    table = models.ForeignKey(HouseTable, models.PROTECT, related_name="pairs", db_index=False)
    address = models.CharField("住居表示", max_length=300)
    lot = models.CharField("地番", max_length=300)
    address_key = OrderedByCode(max_length=200)
    lot_key = OrderedByCode(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "address_key", "lot_key"], name="address_pair_once_a_table")
        ]
        indexes = [models.Index(fields=["lot_key"]), models.Index(fields=["address_key"])]


class Outline(models.Model):
    """The outline of a building on the ground (WGS 84 or JGD, which differ by less than a wall is thick)."""

    class Ground(models.TextChoices):
        NUMBER = "number", "物件番号"
        PLACE = "place", "家屋の位置が中にある"
        ADDRESS = "address", "所在地"

    table = models.ForeignKey(HouseTable, models.PROTECT, related_name="outlines")
    digest = models.CharField(max_length=32, help_text="of the geometry: the same outline from two files is one")
    rings = models.JSONField(
        "外形", help_text="closed rings of [longitude, latitude]; the first of each polygon is outer"
    )
    south = models.FloatField()
    west = models.FloatField()
    north = models.FloatField()
    east = models.FloatField()
    property_no = models.CharField("物件番号", max_length=40, blank=True)
    address_key = OrderedByCode("所在地", max_length=200, blank=True)
    house = models.ForeignKey(House, models.PROTECT, null=True, related_name="outlines")
    ground = models.CharField("照合の根拠", max_length=10, choices=Ground.choices, blank=True)

    class Meta:
        verbose_name = "建物の外形"
        verbose_name_plural = "建物の外形"
        constraints = [
            models.UniqueConstraint(fields=["table", "digest"], name="outline_once_a_table"),
            models.CheckConstraint(
                condition=Q(house=None, ground="") | (Q(house__isnull=False) & ~Q(ground="")),
                name="outline_house_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["south", "west"], name="outline_place")]
