"""Photographed lists and what was typed from them, as entries wrote it; the picture itself is `journal.Attachment`."""

from __future__ import annotations

from django.db import models

from backend.facilities.models import Projection

from .rules import RESULTS


class Sheet(Projection):
    """紙の名簿の写真: `occurred_at` is the time of the list."""

    opening = models.UUIDField(db_index=True)
    number = models.PositiveIntegerField("番号")
    title = models.CharField("見出し", max_length=100, blank=True)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    kind = models.CharField(max_length=4)

    class Meta:
        app_label = "shelters"


class SheetLine(Projection):
    """One line of a sheet, as somebody read it."""

    sheet = models.UUIDField(db_index=True, help_text="the entry of the sheet")
    line = models.PositiveIntegerField("行")
    result = models.CharField(max_length=10, choices=list(RESULTS.items()))
    evacuee = models.UUIDField(null=True)
    text = models.CharField("読めたところ", max_length=300, blank=True)

    class Meta:
        app_label = "shelters"
