"""Who is hidden from nearly everybody: 支援措置 and 秘匿希望."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .people import Person


class Protection(models.Model):
    """支援措置 (from the register) or 秘匿希望 (asked at a desk): hides a person until a named supervisor lifts it.

    An expiry that the register gives never lifts it by itself (住民基本台帳事務処理要領 第6-10; the register is asked again).
    """

    class Source(models.TextChoices):
        REGISTER = "register", "支援措置（住民記録）"
        DESK = "desk", "秘匿希望（窓口）"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    atena_no = models.CharField("宛名番号", max_length=15, null=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="protections")
    evacuee = models.UUIDField("避難者", null=True, help_text="somebody who is in no ledger yet")
    source = models.CharField("出所", max_length=10, choices=Source.choices)
    expires_on = models.DateField("期限", null=True)
    asked_at = models.DateTimeField("受付日時", default=now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    derived = models.BooleanField(
        "照合による",
        default=False,
        db_default=False,
        help_text="nobody asked: what was typed is certainly somebody under protection",
    )
    lifted_at = models.DateTimeField("解除日時", null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_reason = models.CharField("解除の理由", max_length=200, blank=True)
    lifted_entry = models.UUIDField(
        "解除の記録", null=True, help_text="where headquarters lifted it: the entry by which this database learnt that"
    )

    class Meta:
        verbose_name = "秘匿"
        verbose_name_plural = "秘匿"
        constraints = [
            models.CheckConstraint(
                condition=Q(atena_no__isnull=False) | Q(person__isnull=False) | Q(evacuee__isnull=False),
                name="protection_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lifted_entry__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, lifted_reason__gt="")
                | Q(lifted_at__isnull=False, lifted_entry__isnull=False),
                name="protection_lifted_by_somebody_with_reason",
            ),
            models.UniqueConstraint(
                fields=["atena_no", "source"],
                condition=Q(atena_no__isnull=False, lifted_at__isnull=True),
                name="protection_live_once",
            ),
        ]
