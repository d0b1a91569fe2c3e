"""Kinds of papers, their words as each municipality sets them, and their running numbers."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from backend.core.fields import uuid7
from backend.documents.rules import NUMBER_FORMAT, number_text

from .approved import IN_USE, WAITING, Approved, approved_by_another, ended_by_somebody


def check_number_format(text: str) -> None:
    """Refuses a shape of document numbers that would give two papers the same number."""
    try:
        number_text("市", "記", 2026, 1, text)
    except ValueError as error:
        raise ValidationError(str(error)) from error


class DocumentKind(models.Model):
    """文書の種類: its name, wording and department are each municipality's own."""

    key = models.CharField("種類", max_length=20, primary_key=True)
    title = models.CharField("名称", max_length=40, help_text="例：被災証明書、被災届出証明書")
    mark = models.CharField("文書記号", max_length=10, help_text="番号の「第」の前に入る文字。例：被災")
    statement = models.CharField("証明の文", max_length=300)
    note = models.CharField("注記", max_length=300, blank=True)
    department = models.CharField("担当課", max_length=60, blank=True)
    number_format = models.CharField(
        "文書番号の形",
        max_length=60,
        default=NUMBER_FORMAT,
        validators=[check_number_format],
        help_text="{発行者} {記号} {年度} {和暦年度} {番号} を並べます。{番号6} は6桁にそろえます。例：税第{番号}号の{和暦年度}",
    )
    qr = models.BooleanField("二次元コードを印字する", default=True)

    class Meta:
        verbose_name = "文書の種類"
        verbose_name_plural = "文書の種類"

    def __str__(self) -> str:
        return self.title


class KindWording(Approved):
    """証明書の文面: the words of a kind of paper, asked for by one and approved by another; one set of a kind is printed at
    a time, and what was printed before stays."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="wordings")
    title = models.CharField("名称", max_length=40)
    statement = models.CharField("証明の文", max_length=300)
    note = models.CharField("注記", max_length=300, blank=True)
    department = models.CharField("担当課", max_length=60, blank=True)
    why = models.CharField("変更の理由", max_length=200)

    class Meta:
        verbose_name = "証明書の文面"
        verbose_name_plural = "証明書の文面"
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=IN_USE, name="kind_wording_one_in_use"),
            models.UniqueConstraint(fields=["kind"], condition=WAITING, name="kind_wording_one_waiting"),
            approved_by_another("kind_wording"),
            ended_by_somebody("kind_wording"),
        ]


class Counter(models.Model):
    """The last number given, by kind and fiscal year. Drawn in the issue's own transaction, so there are no gaps."""

    kind = models.ForeignKey(DocumentKind, models.PROTECT)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    last = models.PositiveIntegerField("最後の番号", default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "fiscal_year"], name="counter_once")]
