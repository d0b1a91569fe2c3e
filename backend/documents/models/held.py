"""Characters that nothing prints, and what was decided of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .kinds import DocumentKind


class HeldCharacter(models.Model):
    """保留の文字: a character that kept a paper from being issued. Whether it still does is asked anew each time."""

    class Closed(models.TextChoices):
        ISSUED = "issued", "交付済み"
        NOT_NEEDED = "not_needed", "交付しない"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="+")
    disaster = models.UUIDField("災害")
    household = models.UUIDField("台帳世帯", db_index=True)
    person = models.UUIDField("本人", null=True, help_text="empty: of the household, such as its address")
    source = models.CharField("文字の出所", max_length=20)
    cluster = models.CharField("文字", max_length=20)
    label = models.CharField("欄", max_length=60)
    held_at = models.DateTimeField("保留日時", default=now)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField("終了日時", null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    closed_why = models.CharField("終了の理由", max_length=10, choices=Closed.choices, blank=True)

    class Meta:
        verbose_name = "保留の文字"
        verbose_name_plural = "保留の文字"
        ordering = ["held_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "household", "label", "cluster"],
                condition=Q(closed_at__isnull=True),
                name="held_character_once",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True, closed_why="")
                | Q(closed_at__isnull=False, closed_by__isnull=False, closed_why__gt=""),
                name="held_character_closed_by_somebody",
            ),
        ]


class CharacterDecision(models.Model):
    """文字の扱いの決定: how a character that nothing prints is dealt with, for one person, one household, or everywhere."""

    class Scope(models.TextChoices):
        PERSON = "person", "この方だけ"
        HOUSEHOLD = "household", "この世帯だけ"
        ALL = "all", "この文字のすべて"

    class How(models.TextChoices):
        SUBSTITUTE = "substitute", "別の字形で印字（同意あり）"
        BY_HAND = "by_hand", "手書き"
        FONT = "font", "書体・対応表の追加"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    cluster = models.CharField("文字", max_length=20)
    source = models.CharField("文字の出所", max_length=20)
    scope = models.CharField("範囲", max_length=10, choices=Scope.choices)
    subject = models.UUIDField("本人または世帯", null=True)
    how = models.CharField("扱い", max_length=10, choices=How.choices)
    text = models.CharField("印字する文字", max_length=20, blank=True)
    font = models.CharField("書体", max_length=100, blank=True)
    consent_by = models.CharField("同意した方", max_length=100, blank=True)
    consent_on = models.DateField("同意の日", null=True)
    ground = models.CharField("理由", max_length=200)
    decided_at = models.DateTimeField("決定日時", default=now)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField("取消日時", null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_reason = models.CharField("取消の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "文字の扱いの決定"
        verbose_name_plural = "文字の扱いの決定"
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["cluster", "source", "scope", "subject"],
                condition=Q(ended_at__isnull=True, subject__isnull=False),
                name="character_decision_live_once",
            ),
            models.UniqueConstraint(
                fields=["cluster", "source"],
                condition=Q(ended_at__isnull=True, subject__isnull=True),
                name="character_decision_everywhere_once",
            ),
            models.CheckConstraint(
                condition=Q(scope="all", subject__isnull=True) | (~Q(scope="all") & Q(subject__isnull=False)),
                name="character_decision_of_somebody_or_all",
            ),
            # Another character in somebody's name: only with their word, and only for them.
            models.CheckConstraint(
                condition=(~Q(how="substitute") & Q(text="", consent_by="", consent_on__isnull=True))
                | (Q(how="substitute", text__gt="", consent_by__gt="", consent_on__isnull=False) & ~Q(scope="all")),
                name="character_decision_substitute_with_consent",
            ),
            models.CheckConstraint(
                condition=Q(how="font", font__gt="", scope="all") | (~Q(how="font") & Q(font="")),
                name="character_decision_names_its_font",
            ),
            models.CheckConstraint(condition=Q(ground__gt=""), name="character_decision_has_a_ground"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, ended_reason__gt=""),
                name="character_decision_ended_by_somebody",
            ),
        ]
