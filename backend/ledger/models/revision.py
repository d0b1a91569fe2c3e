"""What a later revision of the register changes in an open ledger, household by household, and who accepted it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .disaster import Disaster
from .people import Household, Person


class RevisionReport(models.Model):
    """改訂の報告: a newer revision of the register held against the ledger. The newest one of a disaster counts."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="revision_reports")
    number = models.PositiveIntegerField("版")
    revision = models.BigIntegerField("基準日住民記録の版", help_text="the newer revision of the register")
    compared = models.BigIntegerField("比べた版", help_text="the revision that the ledger was at")
    made_at = models.DateTimeField("作成日時", default=now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "改訂の報告"
        verbose_name_plural = "改訂の報告"
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["disaster", "number"], name="revision_report_once")]


class RevisionLine(models.Model):
    """報告の1件: one household, or several between which people moved; accepted or left as a whole."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    report = models.ForeignKey(RevisionReport, models.PROTECT, related_name="lines", db_index=False)
    order = models.PositiveIntegerField("順")
    kinds = models.JSONField("区分", help_text="split merged moved entered left changed noted")
    substantial = models.BooleanField("発災日現在の内容が変わる", help_text="not only the note of the latest change")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "order"], name="revision_line_once")]


class RevisionChange(models.Model):
    """報告の一人: what the newer revision says otherwise of one person than the ledger."""

    class Kind(models.TextChoices):
        ENTERED = "entered", "加わる"
        LEFT = "left", "外れる"
        CHANGED = "changed", "変わる"
        NOTED = "noted", "直近の異動のみ"

    line = models.ForeignKey(RevisionLine, models.PROTECT, related_name="changes")
    kind = models.CharField("区分", max_length=10, choices=Kind.choices)
    atena_no = models.CharField("宛名番号", max_length=15)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+", help_text="empty: not in the ledger"
    )
    columns = models.JSONField("変わる項目", help_text="column -> [old, new]")
    household_from = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    household_to = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+")
    household_no = models.CharField("新しい世帯番号", max_length=15, blank=True, help_text="empty: stays, or undecided")
    why = models.CharField("外れる理由", max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["line", "atena_no"], name="revision_change_one_a_person")]


class RevisionAcceptance(models.Model):
    """受入: a line was taken into the ledger; what stood there before is kept, so that it can be taken back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    line = models.ForeignKey(RevisionLine, models.PROTECT, related_name="acceptances")
    at = models.DateTimeField("受入日時", default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    before = models.JSONField("受入前")
    after = models.JSONField("受入後")
    undone_at = models.DateTimeField("取消日時", null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "改訂の受入"
        verbose_name_plural = "改訂の受入"
        constraints = [
            models.UniqueConstraint(fields=["line"], condition=Q(undone_at=None), name="revision_accepted_once"),
            models.CheckConstraint(
                condition=Q(undone_by=None) | Q(undone_at__isnull=False), name="revision_undone_with_its_time"
            ),
        ]
