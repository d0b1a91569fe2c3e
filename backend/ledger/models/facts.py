"""Facts that rooms hand to each other."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .disaster import Disaster
from .people import Household, Person


class Fact(models.Model):
    """A fact that rooms hand to each other: what it is about, what, since when, who said so. Followed, never edited."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="facts")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="facts")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="facts")
    kind = models.CharField("種別", max_length=40)
    value = models.JSONField("内容")
    effective_on = models.DateField("効力日", null=True)
    recorded_at = models.DateTimeField("記録日時", default=now)
    received_at = models.DateTimeField("受領日時", default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    source_room = models.CharField("出所", max_length=20)
    source_id = models.CharField("出所の番号", max_length=60, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        verbose_name = "事実"
        verbose_name_plural = "事実"
        constraints = [
            models.CheckConstraint(
                condition=Q(household__isnull=False, person__isnull=True)
                | Q(household__isnull=True, person__isnull=False),
                name="fact_has_one_subject",
            )
        ]
        indexes = [models.Index(fields=["household", "kind"]), models.Index(fields=["person", "kind"])]
