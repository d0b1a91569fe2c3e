"""The day's sheet of a shelter, as one entry wrote it."""

from __future__ import annotations

from django.db import models

from backend.facilities.models import Projection


class DaySheet(Projection):
    """避難所日報: what one report says of one shelter and day. The latest of a day holds; the others stay, to be looked at."""

    opening = models.UUIDField()
    day = models.CharField("日", max_length=10, help_text="YYYY-MM-DD")
    answers = models.JSONField(
        "答え", help_text="by the keys of daysheet.rules.ITEMS; what was not answered is missing"
    )

    class Meta:
        app_label = "shelters"
        indexes = [models.Index(fields=["opening", "day", "occurred_at", "received_no"], name="day_sheet_latest")]
