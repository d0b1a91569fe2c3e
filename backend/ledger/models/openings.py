"""Which disaster an opening of a shelter is for, where headquarters has said it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from backend.core.clock import now

from .disaster import Disaster


class OpeningOfDisaster(models.Model):
    """Entries name an opening and no disaster. Headquarters says it here; the newest line counts, none is changed."""

    opening = models.UUIDField("開設", db_index=True)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="openings")
    said_at = models.DateTimeField("記録日時", default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "避難所の開設の災害"
        verbose_name_plural = "避難所の開設の災害"
