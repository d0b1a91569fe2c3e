"""Houses, what is known of them, and which households live in them or own them.

A house is of no disaster: two disasters share it. What a roll of a later year says of it follows as a new record.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.ledger.fields import OrderedByCode

from .people import Household


class House(models.Model):
    """家屋: of the house roll (by its 物件番号), or entered by hand because no roll has it (未登録家屋)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    property_no = models.CharField("物件番号", max_length=40, null=True, unique=True)
    created_at = models.DateTimeField("登録日時", default=now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "家屋"
        verbose_name_plural = "家屋"

    def __str__(self) -> str:
        return self.property_no or "未登録家屋"


class HouseRecord(models.Model):
    """What is known of a house, from a roll or by hand. The one without an end holds now."""

    house = models.ForeignKey(House, models.PROTECT, related_name="records", db_index=False)
    year = models.PositiveSmallIntegerField("年度", null=True, help_text="of the roll; empty: entered by hand")
    lot = models.CharField("所在地", max_length=300)
    address = models.CharField("住居表示住所", max_length=300, blank=True)
    house_no = models.CharField("家屋番号", max_length=60, blank=True)
    roll = models.CharField("台帳区分", max_length=4, blank=True)
    owner_no = models.CharField("所有者宛名番号", max_length=15, blank=True)
    owner_name = models.CharField("所有者氏名", max_length=200, blank=True)
    present_owner = models.CharField("現況所有者", max_length=200, blank=True)
    shared = models.BooleanField("共有", default=False)
    sectional = models.BooleanField("区分所有", default=False)
    annex = models.BooleanField("附属家", default=False)
    kind = models.CharField("種類", max_length=60, blank=True)
    use = models.CharField("用途", max_length=60, blank=True)
    structure = models.CharField("構造", max_length=100, blank=True)
    floors = models.CharField("階数", max_length=40, blank=True)
    area = models.DecimalField("床面積", max_digits=9, decimal_places=2, null=True)
    built = models.CharField("建築年", max_length=40, blank=True)
    latitude = models.FloatField("緯度", null=True)
    longitude = models.FloatField("経度", null=True)
    note = models.CharField("覚え書き", max_length=200, blank=True)
    lot_key = OrderedByCode(max_length=200, blank=True)
    address_key = OrderedByCode(max_length=200, blank=True)
    digest = models.CharField(max_length=32, help_text="of what the roll says; equal rows are no new record")
    since = models.DateTimeField("記録日時", default=now)
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "家屋の記録"
        verbose_name_plural = "家屋の記録"
        constraints = [
            models.UniqueConstraint(fields=["house"], condition=Q(until=None), name="house_record_one_live"),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None) | Q(latitude__isnull=False, longitude__isnull=False),
                name="house_record_has_a_whole_place",
            ),
        ]
        indexes = [
            models.Index(fields=["house", "since"], name="house_record_house"),
            models.Index(fields=["owner_no"], condition=Q(until=None) & ~Q(owner_no=""), name="house_record_owner"),
            models.Index(fields=["lot_key"], condition=Q(until=None), name="house_record_lot"),
            models.Index(fields=["address_key"], condition=Q(until=None), name="house_record_address"),
            models.Index(
                fields=["latitude", "longitude"],
                condition=Q(until=None, latitude__isnull=False),
                name="house_record_place",
            ),
        ]


class HouseLink(models.Model):
    """That a household lives in a house, or owns it: by rule, with its confidence and reasons, or by a person.

    A link that nobody has confirmed is a reading aid; certificates and payments need a confirmed one. What somebody
    rejected is not made again by rule.
    """

    class Role(models.TextChoices):
        LIVES = "lives", "居住"
        OWNS = "owns", "所有"

    class Confidence(models.TextChoices):
        CERTAIN = "certain", "確実"
        LIKELY = "likely", "有力"
        UNSURE = "unsure", "要確認"

    class Ended(models.TextChoices):
        REJECTED = "rejected", "違うと判断"
        SUPERSEDED = "superseded", "新しい照合に置換え"
        UNDONE = "undone", "取消"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    house = models.ForeignKey(House, models.PROTECT, related_name="links", db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="house_links", db_index=False)
    role = models.CharField("関係", max_length=5, choices=Role.choices)
    confidence = models.CharField("確からしさ", max_length=7, choices=Confidence.choices)
    reasons = models.JSONField("理由", default=list)
    by_rule = models.BooleanField("自動の照合", default=True)
    since = models.DateTimeField(default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField("確認日時", null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    until = models.DateTimeField(null=True)
    ended = models.CharField("終わった理由", max_length=10, choices=Ended.choices, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "家屋と世帯のつながり"
        verbose_name_plural = "家屋と世帯のつながり"
        constraints = [
            models.UniqueConstraint(
                fields=["house", "household", "role"], condition=Q(until=None), name="house_link_live_once"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="house_link_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(until=None, ended="") | (Q(until__isnull=False) & ~Q(ended="")),
                name="house_link_ended_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["household", "role"], condition=Q(until=None), name="house_link_household"),
            models.Index(fields=["house", "household"], name="house_link_pair"),
            models.Index(
                fields=["confidence", "house"],
                condition=Q(until=None, confirmed_at=None, role="lives"),
                name="house_link_to_look_at",
            ),
        ]
