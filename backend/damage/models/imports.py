"""Applications that came from another system: once for each of its numbers."""

from __future__ import annotations

from django.db import models

from backend.core.clock import now

from .applications import Application


class ImportedApplication(models.Model):
    """取り込んだ申請: which number of which system became which application, and the fingerprint of what it said."""

    source = models.CharField("取込元", max_length=60)
    number = models.CharField("取込元の受付番号", max_length=100)
    application = models.OneToOneField(Application, models.PROTECT, related_name="imported")
    digest = models.CharField("指紋", max_length=64)
    at = models.DateTimeField("取込日時", default=now)

    class Meta:
        verbose_name = "取り込んだ申請"
        verbose_name_plural = "取り込んだ申請"
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="imported_application_once")]
