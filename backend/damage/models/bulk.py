"""一括交付: certificates for everybody of a disaster, in files for the printer, and who was left out and why.

The papers themselves are issues of `documents`. A file's row and the numbers of its papers are written in one
transaction, before the file: so after a power cut every number is known to belong to a file, which is written again
from what was frozen, byte for byte.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.ledger.models import Disaster


class BulkRun(models.Model):
    """一括交付: one round over all households of a disaster. It is gone on with until `ended_at` is set."""

    class Post(models.TextChoices):
        PAGE = "page", "宛名のページを付ける"
        BLOCK = "block", "証明書に宛名を印字する"
        NONE = "none", "宛名を付けない"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="bulk_runs")
    kind = models.CharField("種類", max_length=20)
    purpose = models.CharField("使用目的", max_length=60)
    post = models.CharField("宛名", max_length=10, choices=Post.choices, default=Post.PAGE)
    split = models.BooleanField("1通1ファイル", default=False)
    pages_a_file = models.PositiveIntegerField("1ファイルのページ数", default=1000)
    began_at = models.DateTimeField("開始日時", default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="職員")
    ended_at = models.DateTimeField("終了日時", null=True)

    class Meta:
        verbose_name = "一括交付"
        verbose_name_plural = "一括交付"
        ordering = ["-began_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["disaster", "kind"], condition=Q(ended_at__isnull=True), name="bulk_run_one_open"
            ),
            models.CheckConstraint(condition=Q(post__in=["page", "block", "none"]), name="bulk_run_post_known"),
            models.CheckConstraint(condition=Q(pages_a_file__gte=2), name="bulk_run_pages_a_file"),
        ]


class BulkFile(models.Model):
    """印刷用ファイル: papers with running numbers, in the order of the post. `written_at` is empty until it is on the disk.

    `papers`: of each its issue, its household, and to whom it is posted, as it was when it was numbered; once written,
    the page on which it begins, or why it was left out at the last moment.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    run = models.ForeignKey(BulkRun, models.PROTECT, related_name="files")
    number = models.PositiveIntegerField("連番")
    name = models.CharField("ファイル名", max_length=80)
    first_number = models.PositiveIntegerField("最初の番号")
    last_number = models.PositiveIntegerField("最後の番号")
    count = models.PositiveIntegerField("通数")
    papers = models.JSONField("内容")
    numbered_at = models.DateTimeField("採番日時", default=now)
    written_at = models.DateTimeField("書込日時", null=True)
    pages = models.PositiveIntegerField("ページ数", null=True)
    size = models.PositiveBigIntegerField("バイト数", null=True)
    sha256 = models.CharField("指紋", max_length=64, blank=True)

    class Meta:
        verbose_name = "一括交付のファイル"
        verbose_name_plural = "一括交付のファイル"
        ordering = ["run", "number"]
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="bulk_file_once"),
            models.CheckConstraint(
                condition=Q(first_number__gte=1, last_number__gte=models.F("first_number"), count__gte=1),
                name="bulk_file_numbers",
            ),
            models.CheckConstraint(
                condition=Q(written_at__isnull=True, pages__isnull=True, size__isnull=True, sha256="")
                | Q(written_at__isnull=False, pages__isnull=False, size__isnull=False, sha256__gt=""),
                name="bulk_file_written_whole",
            ),
        ]


class BulkHeld(models.Model):
    """除いた世帯: a household that got none in this round, before a number was drawn for it."""

    class Reason(models.TextChoices):
        PROTECTED = "protected", "秘匿の方がいる"
        DECEASED = "deceased", "全員が亡くなっている"
        ADDRESS = "address", "送付先がない"
        CHARACTERS = "characters", "印字できない文字がある"
        APPLICATION = "application", "申請の確認が要る"
        OTHER = "other", "窓口で確認が要る"
        UNAPPLIED = "unapplied", "申請がない"

    run = models.ForeignKey(BulkRun, models.PROTECT, related_name="held")
    household = models.UUIDField("台帳世帯")
    reason = models.CharField("理由", max_length=12, choices=Reason.choices)
    text = models.CharField("説明", max_length=300, blank=True)

    class Meta:
        verbose_name = "一括交付から除いた世帯"
        verbose_name_plural = "一括交付から除いた世帯"
        constraints = [
            models.UniqueConstraint(fields=["run", "household"], name="bulk_held_once"),
            models.CheckConstraint(
                condition=Q(
                    reason__in=[
                        "protected",
                        "deceased",
                        "address",
                        "characters",
                        "application",
                        "other",
                        "unapplied",
                    ]
                ),
                name="bulk_held_reason_known",
            ),
        ]
