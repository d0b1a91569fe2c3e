"""The register of disclosures (台帳情報の提供, 災害対策基本法 第90条の4): recipients, consents, what was asked and handed over."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.ledger.disclosures import rules

from .disaster import Disaster
from .people import Person


def _staff(**options: Any) -> models.ForeignKey:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", **options)


class Recipient(models.Model):
    """提供先: a body that may be given information; what changes about it is a new one, and this one is ended."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField("名称", max_length=100)
    kind = models.CharField("区分", max_length=20, choices=list(rules.RECIPIENTS.items()))
    address = models.CharField("所在地", max_length=300, blank=True)
    representative = models.CharField("代表者", max_length=100, blank=True)
    named_at_shelters = models.BooleanField("避難所の同意を含む", default=False)
    added_at = models.DateTimeField(default=now)
    added_by = _staff()
    ended_at = models.DateTimeField("終了日時", null=True)
    ended_by = _staff(null=True)

    class Meta:
        verbose_name = "提供先"
        verbose_name_plural = "提供先"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["name"], condition=Q(ended_at__isnull=True), name="recipient_named_once"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="recipient_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class DisclosureConsent(models.Model):
    """提供への同意: a person agrees that one recipient be given their information, from when to when; withdrawable."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="disclosure_consents")
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="consents")
    since = models.DateField("同意した日")
    until = models.DateField("期限", null=True)
    stated = models.CharField("同意の方法", max_length=10, choices=list(rules.STATED.items()))
    recorded_at = models.DateTimeField(default=now)
    recorded_by = _staff()
    withdrawn_on = models.DateField("取りやめた日", null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = _staff(null=True)

    class Meta:
        verbose_name = "提供への同意"
        verbose_name_plural = "提供への同意"
        ordering = ["-since", "-recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "recipient"], condition=Q(withdrawn_at__isnull=True), name="disclosure_consent_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="disclosure_consent_in_order"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawn_on__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, withdrawn_on__isnull=False),
                name="disclosure_consent_withdrawn_whole",
            ),
        ]


class Disclosure(models.Model):
    """提供の申し出: what one asker wants of whom; asked by one person, decided by another."""

    class Status(models.TextChoices):
        DRAFT = "draft", "起案中"
        ASKED = "asked", "承認待ち"
        APPROVED = "approved", "承認済み"
        REFUSED = "refused", "不承認"
        HANDED = "handed", "引渡し済み"
        CLOSED = "closed", "完了"
        CANCELLED = "cancelled", "取りやめ"

    DECIDED = ("approved", "refused", "handed", "closed")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="disclosures", db_index=False)
    number = models.PositiveIntegerField("番号")
    status = models.CharField("状態", max_length=10, choices=Status.choices, default=Status.DRAFT)
    recipient = models.ForeignKey(Recipient, models.PROTECT, null=True, related_name="disclosures")
    asker = models.CharField("申し出た人", max_length=100)
    contact = models.CharField("連絡先", max_length=200)
    ground = models.CharField(
        "根拠", max_length=20, choices=[(code, ground.label) for code, ground in rules.GROUNDS.items()]
    )
    purpose = models.CharField("利用の目的", max_length=300)
    items = models.JSONField("項目")
    period_from = models.DateField("利用期間の初日")
    period_until = models.DateField("利用期間の末日")
    drafted_at = models.DateTimeField(default=now)
    drafted_by = _staff()
    asked_at = models.DateTimeField(null=True)
    asked_by = _staff(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = _staff(null=True)
    decided_reason = models.CharField("不承認の理由", max_length=200, blank=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = _staff(null=True)
    ending = models.CharField("終わり方", max_length=10, blank=True, choices=list(rules.ENDINGS.items()))
    ending_note = models.CharField("確認の内容", max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = _staff(null=True)

    class Meta:
        verbose_name = "台帳情報の提供"
        verbose_name_plural = "台帳情報の提供"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["disaster", "number"], name="disclosure_number_once"),
            models.CheckConstraint(
                condition=Q(ground="self", recipient__isnull=True) | (~Q(ground="self") & Q(recipient__isnull=False)),
                name="disclosure_to_somebody",
            ),
            models.CheckConstraint(condition=Q(period_until__gte=F("period_from")), name="disclosure_period_in_order"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "cancelled"]) | Q(asked_at__isnull=False, asked_by__isnull=False),
                name="disclosure_asked_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["approved", "refused", "handed", "closed"])
                | Q(decided_at__isnull=False, decided_by__isnull=False),
                name="disclosure_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | (~Q(decided_by=F("asked_by")) & ~Q(decided_by=F("drafted_by"))),
                name="disclosure_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | Q(decided_reason__gt=""), name="disclosure_refused_with_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="closed") | Q(closed_at__isnull=False, closed_by__isnull=False, ending__gt=""),
                name="disclosure_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"第{self.number}号"

    @property
    def to(self) -> str:
        """Whom it goes to."""
        return self.recipient.name if self.recipient else "本人"


class DisclosurePerson(models.Model):
    """提供の対象者: somebody whose information is asked for, and how they were chosen; taken off again by an end."""

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="people")
    person = models.ForeignKey(Person, models.PROTECT, related_name="asked_in")
    way = models.CharField("選び方", max_length=10, choices=list(rules.WAYS.items()))
    added_at = models.DateTimeField(default=now)
    added_by = _staff()
    taken_off_at = models.DateTimeField(null=True)
    taken_off_by = _staff(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["disclosure", "person"], condition=Q(taken_off_at__isnull=True), name="disclosure_person_once"
            )
        ]


class HandOver(models.Model):
    """引渡し: made once; its content is frozen in its rows and sealed by a hash. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disclosure = models.OneToOneField(Disclosure, models.PROTECT, related_name="hand_over")
    at = models.DateTimeField("引渡し日時", default=now)
    by = _staff()
    columns = models.JSONField("見出し")
    content_sha256 = models.CharField("内容のハッシュ", max_length=64)

    class Meta:
        verbose_name = "引渡し"
        verbose_name_plural = "引渡し"


class HandOverLine(models.Model):
    """What became of one person at a hand-over: their values as given, or why they were left out. Never changed."""

    hand_over = models.ForeignKey(HandOver, models.PROTECT, related_name="lines", db_index=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="handed_in")
    position = models.PositiveIntegerField("順")
    outcome = models.CharField("結果", max_length=12, choices=list(rules.OUTCOMES.items()))
    values = models.JSONField("渡した内容", default=list)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["hand_over", "position"], name="hand_over_line_in_order"),
            models.UniqueConstraint(fields=["hand_over", "person"], name="hand_over_person_once"),
        ]
