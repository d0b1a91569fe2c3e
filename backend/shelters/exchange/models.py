"""Files that went to others and came from them, and who was in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7


class ExchangeFile(models.Model):
    """One file, out or in. One that came in is looked at first: until `taken_at` nothing follows from it."""

    class Direction(models.TextChoices):
        OUT = "out", "提供"
        IN = "in", "受領"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    direction = models.CharField("向き", max_length=3, choices=Direction.choices)
    partner = models.CharField("相手", max_length=100)
    layout = models.CharField("対応表", max_length=100)
    columns = models.JSONField("項目", default=list)
    name = models.CharField("ファイル名", max_length=200, blank=True)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the content")
    as_of = models.DateTimeField("情報の時点")
    rows = models.PositiveIntegerField("行数", default=0)
    set_aside = models.JSONField("取り込まなかった行", default=list, help_text="line and reason; no personal data")
    made_at = models.DateTimeField("作成・受領日時", default=now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField("取込日時", null=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "fingerprint"],
                condition=Q(direction="in", taken_at__isnull=False),
                name="exchange_file_taken_once",
            ),
        ]


class ExchangeGiven(models.Model):
    """Somebody whose data went out in a file."""

    file = models.ForeignKey(ExchangeFile, models.CASCADE, related_name="given")
    evacuee = models.UUIDField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "evacuee"], name="exchange_given_once")]


class ExchangePerson(models.Model):
    """Somebody as another body reports them. `record`: the same for whoever they are known again by, in every file of theirs;
    the newest file holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(ExchangeFile, models.CASCADE, related_name="people")
    line = models.PositiveIntegerField("行")
    record = models.UUIDField(db_index=True)
    name = models.CharField("氏名", max_length=200)
    kana = models.CharField("氏名カナ", max_length=300, blank=True)
    birth = models.CharField("生年月日", max_length=10, blank=True)
    sex = models.CharField("性別", max_length=1, blank=True)
    address = models.CharField("住所", max_length=300, blank=True)
    telephone = models.CharField("電話番号", max_length=40, blank=True)
    kind = models.CharField("避難先の区分", max_length=20, blank=True)
    place = models.CharField("避難先", max_length=200, blank=True)
    needs = models.CharField("配慮すること", max_length=500, blank=True)
    told = models.UUIDField(
        "居場所の記録", null=True, help_text="the person of the ledger of whom this was put down as a place"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "record"], name="exchange_person_once_a_file")]
