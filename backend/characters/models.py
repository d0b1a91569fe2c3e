"""外字対応表: what a vendor's private-use code points mean. Versions are added, never changed: triggers hold that."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from backend.core.clock import now
from backend.core.fields import uuid7

models.CharField.register_lookup(Length)


class Source(models.TextChoices):
    """Where a text came from. Two vendors give the same code point to different characters, so a map is one source's."""

    REGISTER = "register", "住民記録"
    HOUSE_ROLL = "house_roll", "家屋台帳"
    INCOME_ROLL = "income_roll", "所得台帳"
    TYPED = "typed", "窓口での入力"


class GaijiMap(models.Model):
    """One version of one source's map. The newest is in force."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField("対象の台帳", max_length=20, choices=Source.choices)
    version = models.PositiveIntegerField("版")
    name = models.CharField("ファイル名", max_length=200)
    sha256 = models.CharField("指紋", max_length=64)
    note = models.CharField("覚え書き", max_length=200, blank=True)
    loaded_at = models.DateTimeField("登録日時", default=now)
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "外字対応表"
        verbose_name_plural = "外字対応表"
        ordering = ["source", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["source", "version"], name="gaiji_map_version_once"),
            models.CheckConstraint(condition=Q(sha256__length=64), name="gaiji_map_has_fingerprint"),
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} 第{self.version}版"


class GaijiRow(models.Model):
    """One code point: the Unicode text it stands for, or its MJ文字図形名, or the only font that has it, or a picture."""

    id = models.BigAutoField(primary_key=True)
    map = models.ForeignKey(GaijiMap, models.PROTECT, related_name="rows")
    code = models.PositiveIntegerField("コード")
    text = models.CharField("文字", max_length=20, blank=True)
    mj = models.CharField("MJ文字図形名", max_length=8, blank=True)
    font = models.CharField("書体", max_length=100, blank=True)
    note = models.CharField("備考", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["map", "code"], name="gaiji_row_once"),
            models.CheckConstraint(
                condition=Q(code__gte=0xE000, code__lte=0xF8FF)
                | Q(code__gte=0xF0000, code__lte=0xFFFFD)
                | Q(code__gte=0x100000, code__lte=0x10FFFD),
                name="gaiji_row_is_private_use",
            ),
        ]
