"""Places, and what the journal says of them: when they were open, and how many people were seen there."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from backend.core.fields import uuid7

from .rules import HAZARDS


class Facility(models.Model):
    """施設: a shelter or another place, as in the municipality's open data."""

    class Kind(models.TextChoices):
        EMERGENCY = "emergency", "指定緊急避難場所"
        SHELTER = "shelter", "指定避難所"
        SPONTANEOUS = "spontaneous", "指定外・自主避難所"
        WELFARE = "welfare", "福祉避難所"
        INTERMEDIATE = "intermediate", "1.5次避難所"
        HOTEL = "hotel", "2次避難所（宿泊施設）"
        WIDE_AREA = "wide_area", "広域避難先"
        OTHER = "other", "その他"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    open_data_id = models.CharField("ID", max_length=40, unique=True, null=True, blank=True)
    name = models.CharField("名称", max_length=120)
    kana = models.CharField("名称_カナ", max_length=200, blank=True)
    name_en = models.CharField("名称_英字", max_length=200, blank=True)
    address = models.CharField("所在地", max_length=300, blank=True)
    latitude = models.DecimalField("緯度", max_digits=11, decimal_places=8, null=True, blank=True)
    longitude = models.DecimalField("経度", max_digits=11, decimal_places=8, null=True, blank=True)
    elevation = models.DecimalField("標高（m）", max_digits=7, decimal_places=2, null=True, blank=True)
    phone = models.CharField("電話番号", max_length=40, blank=True)
    kind = models.CharField("種別", max_length=20, choices=Kind.choices, default=Kind.EMERGENCY)
    also_shelter = models.BooleanField("指定避難所との重複", default=False)
    flood = models.BooleanField("洪水", default=False)
    landslide = models.BooleanField("崖崩れ、土石流及び地滑り", default=False)
    storm_surge = models.BooleanField("高潮", default=False)
    earthquake = models.BooleanField("地震", default=False)
    tsunami = models.BooleanField("津波", default=False)
    large_fire = models.BooleanField("大規模な火事", default=False)
    inland_flood = models.BooleanField("内水氾濫", default=False)
    volcano = models.BooleanField("火山現象", default=False)
    capacity = models.PositiveIntegerField("収容人数（人）", null=True, blank=True)
    capacity_text = models.CharField("想定収容人数", max_length=200, blank=True)
    districts = models.CharField("対象となる町会・自治会", max_length=2000, blank=True)
    note = models.CharField("備考", max_length=1000, blank=True)
    active = models.BooleanField("使用中", default=True)
    published = models.BooleanField("公表する", default=True, help_text="場所を知られてはならない施設では外す")

    class Meta:
        verbose_name = "施設"
        verbose_name_plural = "施設"
        ordering = ["kana", "name", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(open_data_id=""), name="facility_open_data_id_not_empty"),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="facility_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def hazards(self) -> list[str]:
        """The hazards for which this place is designated, in the order of the law."""
        return [label for field, label in HAZARDS.items() if getattr(self, field)]


class Projection(models.Model):
    """What an entry of the journal left behind: when it was so, when this database learnt it, when it was taken back."""

    entry = models.UUIDField(primary_key=True, editable=False)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    received_no = models.BigIntegerField(unique=True)
    voided_at = models.DateTimeField(null=True, help_text="received_at of the entry that took it back")

    class Meta:
        abstract = True


class Opening(Projection):
    """One opening of a place as a shelter; the UUID by which all entries name it."""

    opening = models.UUIDField(unique=True)
    facility = models.UUIDField(db_index=True, help_text="no foreign key: the place may become known later")
    name = models.CharField(max_length=120, blank=True, help_text="when the opening has a name of its own")


class FacilityState(Projection):
    """One change of the open state of an opening; the latest by `occurred_at` holds."""

    opening = models.UUIDField()
    is_open = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["opening", "occurred_at", "received_no"], name="facility_state_latest")]


class HeadCount(Projection):
    """A head count as reported; `occurred_at` is when it was seen. Counts are of people inside the shelter (EEI)."""

    opening = models.UUIDField()
    people = models.PositiveIntegerField()
    households = models.PositiveIntegerField(null=True)
    outside = models.PositiveIntegerField(
        null=True, help_text="避難所外避難者: in cars, tents, at home; not in `people`"
    )
    told_by = models.CharField("電話の相手", max_length=60, blank=True, help_text="who said so on the telephone")

    class Meta:
        indexes = [models.Index(fields=["opening", "occurred_at", "received_no"], name="head_count_latest")]
