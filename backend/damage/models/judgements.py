"""Which class a house has been given: made by one, confirmed by another, followed by a later one, never edited."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.damage import classes

from .surveys import Survey, whole


class Judgement(models.Model):
    """判定: the class of a house by one survey. It holds from its confirmation until one of a later survey does."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey("ledger.Disaster", models.PROTECT, related_name="+", db_index=False)
    house = models.ForeignKey("ledger.House", models.PROTECT, related_name="judgements")
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="judgements")
    damage_class = models.CharField("被害の程度", max_length=6, choices=classes.CHOICES)
    effective_on = models.DateField("判定日")
    reason = models.CharField("理由", max_length=300, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField("起案日時", default=now)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField("確認日時", null=True)
    rejected_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rejected_at = models.DateTimeField("差戻し日時", null=True)
    rejected_reason = models.CharField("差戻しの理由", max_length=300, blank=True)
    held_from = models.DateTimeField("現在の判定になった日時", null=True)
    held_until = models.DateTimeField("後の判定に替わった日時", null=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        verbose_name = "判定"
        verbose_name_plural = "判定"
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("made_by")), name="judgement_confirmed_by_another"
            ),
            models.CheckConstraint(condition=whole("confirmed_by", "confirmed_at"), name="judgement_confirmed_at"),
            models.CheckConstraint(condition=whole("rejected_by", "rejected_at"), name="judgement_rejected_at"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None) | Q(rejected_at=None), name="judgement_confirmed_or_rejected"
            ),
            models.CheckConstraint(
                condition=Q(rejected_at=None, rejected_reason="")
                | (Q(rejected_at__isnull=False) & ~Q(rejected_reason="")),
                name="judgement_rejected_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(held_from=None, held_until=None) | Q(held_from__isnull=False, confirmed_at__isnull=False),
                name="judgement_holds_when_confirmed",
            ),
            models.UniqueConstraint(fields=["survey"], condition=Q(rejected_at=None), name="judgement_one_a_survey"),
            models.UniqueConstraint(
                fields=["disaster", "house"],
                condition=Q(held_from__isnull=False, held_until=None),
                name="judgement_one_holds",
            ),
        ]
        indexes = [
            models.Index(
                fields=["disaster", "made_at"],
                condition=Q(confirmed_at=None, rejected_at=None),
                name="judgement_waiting",
            )
        ]

    @property
    def step(self) -> str:
        """Where it stands in `judgements.rules.TRANSITIONS`."""
        if self.rejected_at:
            return "rejected"
        return "confirmed" if self.confirmed_at else "waiting"

    @property
    def state(self) -> str:
        """waiting, rejected, holds, or past (confirmed, and a later survey counts)."""
        if self.step != "confirmed":
            return self.step
        return "holds" if self.held_from and not self.held_until else "past"
