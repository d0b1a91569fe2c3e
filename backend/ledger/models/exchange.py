"""The emergency register's numbers exchanged for the real ones: who had which number, and who may be whom."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now

from .disaster import Disaster
from .people import Household, Person


class NumberExchange(models.Model):
    """番号の入れ替え: the person keeps their row and all that hangs on it, and has another 宛名番号 from then on.

    `new_no` empty: somebody looked, and they are not in the real register. An end, not a deletion, takes it back.
    """

    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="exchanges", db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="exchanges", db_index=False)
    old_no = models.CharField("前の宛名番号", max_length=15)
    new_no = models.CharField("宛名番号", max_length=15, blank=True)
    household_from = models.ForeignKey(Household, models.PROTECT, null=True, related_name="exchanged_from")
    ground = models.CharField("根拠", max_length=40)
    at = models.DateTimeField("入替日時", default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField("取消日時", null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "番号の入れ替え"
        verbose_name_plural = "番号の入れ替え"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(undone_at=None), name="exchange_one_live_a_person"),
            models.UniqueConstraint(
                fields=["disaster", "new_no"],
                condition=Q(undone_at=None) & ~Q(new_no=""),
                name="exchange_one_live_a_number",
            ),
        ]
        indexes = [models.Index(fields=["old_no"], name="exchange_old_no")]


class ExchangeCandidate(models.Model):
    """Somebody of the real register who may be this person: for a clerk to decide. Settled ones stay as they were."""

    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="exchange_candidates")
    atena_no = models.CharField("宛名番号", max_length=15)
    settled_at = models.DateTimeField("決定日時", null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "atena_no"], name="exchange_candidate_once")]
        indexes = [models.Index(fields=["disaster", "atena_no"], name="exchange_candidate_no")]
