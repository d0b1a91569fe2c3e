"""Issued papers (交付): frozen content, and one line for every printing.

Content, number and token of an issue never change, and no row is ever deleted: triggers of the database hold that
(migration 0002). What may change once is that what it says is superseded, that it becomes void (失効), and which issue took
its place.
Disaster and household are values, not foreign keys: this room doesn't know the ledger.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .kinds import DocumentKind

SUPERSEDED = "後の判定あり（要返納）"


class Issue(models.Model):
    """交付: one paper with its number and its content as it was on the day."""

    class Status(models.TextChoices):
        VALID = "valid", "有効"
        WITHDRAWN = "withdrawn", "失効"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="issues")
    fiscal_year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("番号")
    number_text = models.CharField("文書番号", max_length=100)
    disaster = models.UUIDField("災害")
    household = models.UUIDField("台帳世帯", db_index=True)
    subject = models.UUIDField("対象の家屋など", null=True, help_text="empty: one paper of the kind a household")
    restricted = models.BooleanField("秘匿の方への交付", default=False)
    content = models.JSONField("内容")
    content_sha256 = models.CharField("内容の指紋", max_length=64)
    token = models.CharField("確認番号", max_length=40, unique=True)
    as_of = models.DateTimeField("時点")
    issued_at = models.DateTimeField("交付日時", default=now, db_index=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="交付者")
    status = models.CharField("状態", max_length=10, choices=Status.choices, default=Status.VALID)
    superseded_at = models.DateTimeField("内容が替わった日時", null=True)
    withdrawn_at = models.DateTimeField("失効日時", null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField("失効の理由", max_length=200, blank=True)
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaces")

    class Meta:
        verbose_name = "交付"
        verbose_name_plural = "交付"
        ordering = ["-issued_at", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "fiscal_year", "number"], name="issue_number_once"),
            models.UniqueConstraint(
                fields=["kind", "disaster", "household", "restricted"],
                condition=Q(status="valid", subject__isnull=True),
                name="issue_one_valid",
            ),
            models.UniqueConstraint(
                fields=["kind", "disaster", "household", "restricted", "subject"],
                condition=Q(status="valid", subject__isnull=False),
                name="issue_one_valid_of_subject",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="issue_number_from_one"),
            models.CheckConstraint(condition=Q(content_sha256__length=64), name="issue_has_fingerprint"),
            models.CheckConstraint(condition=Q(token__length__gte=26), name="issue_token_cannot_be_guessed"),
            models.CheckConstraint(
                condition=Q(
                    status="valid",
                    withdrawn_at__isnull=True,
                    withdrawn_by__isnull=True,
                    withdrawn_reason="",
                    replaced_by__isnull=True,
                )
                | Q(
                    status="withdrawn",
                    withdrawn_at__isnull=False,
                    withdrawn_by__isnull=False,
                    withdrawn_reason__gt="",
                ),
                name="issue_withdrawn_by_somebody_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number_text

    @property
    def is_valid(self) -> bool:
        """Whether it may be relied upon: neither void, nor is what it says superseded by something decided later."""
        return self.is_out and self.superseded_at is None

    @property
    def is_out(self) -> bool:
        """Whether nobody has declared it void: it may be superseded, and is to be given back then (返納)."""
        return self.status == self.Status.VALID

    @property
    def state_label(self) -> str:
        return SUPERSEDED if self.is_out and not self.is_valid else self.get_status_display()


class IssueCopy(models.Model):
    """One handing over: the first, and every one (再交付) after it, of one copy or of as many as were asked for: `number`
    is the first of them. Rows are only ever added."""

    class Receiver(models.TextChoices):
        MEMBER = "member", "世帯の方"
        AGENT = "agent", "代理人（委任状あり）"
        OWNER = "owner", "所有者"
        HEIR = "heir", "相続人"
        CORPORATE = "corporate", "法人の担当者"
        POST = "post", "郵送"

    class IdChecked(models.TextChoices):
        """Which kind of document was seen; its number is never written down."""

        MY_NUMBER_CARD = "my_number_card", "マイナンバーカード（表面）"
        LICENCE = "licence", "運転免許証"
        PASSPORT = "passport", "パスポート"
        RESIDENCE = "residence", "在留カード・特別永住者証明書"
        DISABILITY = "disability", "障害者手帳"
        TWO_PAPERS = "two_papers", "写真のない書類2点"
        ASKED = "asked", "聞き取り（書類を失っている）"
        POSTED = "posted", "なし（登録された送付先へ郵送）"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="copies")
    number = models.PositiveSmallIntegerField("通番")
    quantity = models.PositiveSmallIntegerField("通数", default=1)
    at = models.DateTimeField("日時", default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="職員")
    reason = models.CharField("理由", max_length=200)
    receiver = models.CharField("受け取った人", max_length=10, choices=Receiver.choices)
    id_checked = models.CharField("本人確認", max_length=20, choices=IdChecked.choices)

    class Meta:
        verbose_name = "交付の記録"
        verbose_name_plural = "交付の記録"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "number"], name="issue_copy_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="issue_copy_from_one"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="issue_copy_quantity_from_one"),
            models.CheckConstraint(condition=Q(reason__gt=""), name="issue_copy_has_reason"),
            models.CheckConstraint(
                condition=Q(receiver__in=["member", "agent", "owner", "heir", "corporate", "post"]),
                name="issue_copy_receiver_known",
            ),
        ]

    @property
    def last(self) -> int:
        """Which one the last of these copies is, counted from the first that was ever handed over."""
        return self.number + self.quantity - 1

    @property
    def which(self) -> str:
        """`2`, or `2～4` where several were handed over at a time."""
        return str(self.number) if self.quantity == 1 else f"{self.number}～{self.last}"
