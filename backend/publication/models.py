"""The book of what was published: one row a run, never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.ledger.models import Disaster


class PublicationRun(models.Model):
    """公表: which files were put where, as of when, by whom."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="+", verbose_name="災害")
    at = models.DateTimeField("公表日時", default=now)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="公表した職員"
    )
    as_of = models.DateTimeField("時点")
    target = models.CharField("公表先", max_length=255)
    shelters = models.PositiveIntegerField("避難所数")
    files = models.PositiveIntegerField("ファイル数")
    bytes = models.PositiveBigIntegerField("バイト数")
    sha256 = models.JSONField("ファイルごとのSHA-256", help_text="path inside the folder → hexadecimal digest")

    class Meta:
        verbose_name = "公表"
        verbose_name_plural = "公表"
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["-at"], name="publication_run_latest")]
        constraints = [
            models.CheckConstraint(condition=Q(as_of__lte=F("at")), name="publication_of_the_past"),
            models.CheckConstraint(condition=Q(files__gt=0), name="publication_has_files"),
        ]

    def __str__(self) -> str:
        return f"{self.target} {self.at:%Y-%m-%dT%H:%M}"
