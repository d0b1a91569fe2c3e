"""What makes a paper genuine: the keys that sign, and the picture of the seal."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .approved import IN_USE, Approved, approved_by_another, ended_by_somebody


class SigningKey(models.Model):
    """署名の鍵: signs the proofs in QR codes. One is in use; those before it stay, for the papers they signed."""

    key = models.CharField("鍵の番号", max_length=8, primary_key=True)
    public = models.CharField("公開鍵", max_length=64)
    sealed = models.CharField("封をした秘密鍵", max_length=200)
    made_at = models.DateTimeField("作成日時", default=now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField("終了日時", null=True)
    ended_reason = models.CharField("終了の理由", max_length=200, blank=True)
    lost = models.BooleanField("漏えい", default=False)

    class Meta:
        verbose_name = "署名の鍵"
        verbose_name_plural = "署名の鍵"
        constraints = [
            # `lost` is false while a key is in use.
            models.UniqueConstraint(fields=["lost"], condition=Q(ended_at__isnull=True), name="signing_key_one_in_use"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_reason="", lost=False)
                | Q(ended_at__isnull=False, ended_reason__gt=""),
                name="signing_key_ended_with_reason",
            ),
        ]


class SealImage(Approved):
    """公印の画像: asked for by one, approved by another, ended by somebody; one is printed at a time. Bytes never change."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField("印", max_length=10, default="mayor", editable=False)
    image = models.BinaryField("画像")
    sha256 = models.CharField("指紋", max_length=64)
    note = models.CharField("説明", max_length=100)

    class Meta:
        verbose_name = "公印の画像"
        verbose_name_plural = "公印の画像"
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["purpose"], condition=IN_USE, name="seal_one_in_use"),
            approved_by_another("seal"),
            ended_by_somebody("seal"),
        ]
