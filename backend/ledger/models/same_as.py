"""Who is who: links between two persons of the ledger."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .people import Person


class SameAs(models.Model):
    """Two persons of the ledger are one: a row that can be ended, so that nothing is ever re-pointed.

    `confirmed_by` empty: a reading aid only; certificates and disclosures need a confirmed one.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="same_as_to", verbose_name="入力された個人")
    into = models.ForeignKey(Person, models.PROTECT, related_name="same_as_from", verbose_name="住民記録の個人")
    ground = models.CharField("根拠", max_length=40)
    since = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(until__isnull=True), name="same_as_one_live"),
            models.CheckConstraint(condition=~Q(person=F("into")), name="same_as_not_itself"),
        ]
