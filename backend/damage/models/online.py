"""Applications from outside: for which disasters they are taken, with the key they are sealed for, and what came."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .applications import Application
from .surveys import whole


class OnlineDesk(models.Model):
    """オンライン申請の受付: open from one person's click to another's. Its key opens what was sealed while it was open."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey("ledger.Disaster", models.PROTECT, related_name="+")
    key = models.CharField("鍵の番号", max_length=8, unique=True)
    public = models.CharField("公開鍵", max_length=64)
    sealed = models.CharField("封をした秘密鍵", max_length=200, help_text="sealed under SECRET_KEY")
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField("開始日時", default=now)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField("終了日時", null=True)

    class Meta:
        verbose_name = "オンライン申請の受付"
        verbose_name_plural = "オンライン申請の受付"
        constraints = [
            models.UniqueConstraint(fields=["disaster"], condition=Q(closed_at=None), name="online_desk_open_once"),
            models.CheckConstraint(condition=whole("closed_by", "closed_at"), name="online_desk_closed_by_somebody"),
        ]


class OnlineReceipt(models.Model):
    """One application that came. Where it could not be taken, it stays here as it came, with the reason."""

    lookup = models.CharField(max_length=64, primary_key=True, help_text="what outside asks the state by")
    number = models.CharField("オンラインの受付番号", max_length=12, blank=True, db_index=True)
    application = models.OneToOneField(Application, models.PROTECT, null=True, related_name="online")
    came_at = models.DateTimeField("届いた日時", default=now)
    trouble = models.CharField("受け付けられない理由", max_length=300, blank=True)
    package = models.BinaryField("届いたもの", null=True, help_text="still sealed")

    class Meta:
        verbose_name = "オンライン申請"
        verbose_name_plural = "オンライン申請"
        constraints = [
            models.CheckConstraint(
                condition=Q(application__isnull=False) | Q(package__isnull=False), name="online_receipt_not_lost"
            ),
            models.CheckConstraint(
                condition=Q(trouble="") | Q(package__isnull=False), name="online_receipt_trouble_kept"
            ),
        ]
