"""Decisions about households: which one counts as of the disaster, and what became of it afterwards."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .disaster import Disaster
from .people import Household, Person


class HouseholdDecision(models.Model):
    """世帯の認定・異動: decided by somebody on a ground, with the documents seen. Undone with a reason, never edited."""

    class Kind(models.TextChoices):
        ACTUAL_SPLIT = "actual_split", "実態世帯の認定（分ける）"
        ACTUAL_JOIN = "actual_join", "実態世帯の認定（合わせる）"
        ACTUAL_MOVE = "actual_move", "実態世帯の認定（ほかの世帯に入れる）"
        SPLIT = "split", "世帯の分離"
        MERGE = "merge", "世帯の合併"
        MOVE = "move", "世帯員の異動"
        HEAD = "head", "世帯主の変更"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="household_decisions")
    kind = models.CharField("種別", max_length=12, choices=Kind.choices)
    effective_on = models.DateField("効力日")
    ground = models.CharField("根拠", max_length=200)
    evidence = models.CharField("確認した資料", max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField("決定日時", default=now)
    undone_at = models.DateTimeField("取消日時", null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    undone_reason = models.CharField("取消の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "世帯の認定・異動"
        verbose_name_plural = "世帯の認定・異動"
        ordering = ["decided_at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ground__gt="", evidence__gt=""), name="household_decision_has_ground"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undone_reason="")
                | Q(undone_at__isnull=False, undone_by__isnull=False, undone_reason__gt=""),
                name="household_decision_undone_by_somebody_with_reason",
            ),
        ]


class HouseholdLine(models.Model):
    """One person in a decision: from which household into which, since when, as what.

    `Person.household` stays what the register says; a line says what holds instead from `since` until `until`. One that
    leads into the same household (`moves` false) only says who is head, and how the others are related to the head.
    A trigger (migration of this table) refuses two households for one person at one time, and households of two disasters.
    """

    decision = models.ForeignKey(HouseholdDecision, models.PROTECT, related_name="lines")
    person = models.ForeignKey(Person, models.PROTECT, related_name="household_lines")
    from_household = models.ForeignKey(Household, models.PROTECT, related_name="lines_from")
    into_household = models.ForeignKey(Household, models.PROTECT, related_name="lines_into")
    moves = models.BooleanField("移る", default=True)
    as_of_disaster = models.BooleanField("発災日現在", default=False)
    since = models.DateField("開始日")
    until = models.DateField("終了日", null=True)
    is_head = models.BooleanField("世帯主", default=False)
    relationship = models.CharField("続柄", max_length=40, blank=True)
    position = models.PositiveSmallIntegerField("記載順位", default=1)
    undone_at = models.DateTimeField("取消日時", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "person"], name="household_line_once_a_decision"),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(moves=True, until__isnull=True, undone_at__isnull=True),
                name="household_line_one_open",
            ),
            models.UniqueConstraint(
                fields=["decision", "into_household"], condition=Q(is_head=True), name="household_line_one_head"
            ),
            models.CheckConstraint(
                condition=Q(moves=True) & ~Q(from_household=F("into_household"))
                | Q(moves=False, from_household=F("into_household"), until__isnull=True),
                name="household_line_moves_or_stays",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="household_line_ends_after_it_begins"
            ),
        ]


class HouseholdDescent(models.Model):
    """A line of descent: of which household's people another was made (`founds`), or whom it took in."""

    decision = models.ForeignKey(HouseholdDecision, models.PROTECT, related_name="descents")
    household = models.ForeignKey(Household, models.PROTECT, related_name="descents_from")
    origin = models.ForeignKey(Household, models.PROTECT, related_name="descents_to")
    founds = models.BooleanField("新しい世帯", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "household", "origin"], name="household_descent_once"),
            models.CheckConstraint(condition=~Q(household=F("origin")), name="household_descent_not_of_itself"),
        ]


class HouseholdToAssign(models.Model):
    """振り分け待ち（世帯）: what was written on a household while a decision held that was undone: whose is it?"""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    decision = models.ForeignKey(HouseholdDecision, models.PROTECT, related_name="to_assign")
    household = models.ForeignKey(Household, models.PROTECT, related_name="+", help_text="on which it was written")
    room = models.CharField("出所", max_length=20)
    source_id = models.CharField("出所の番号", max_length=60)
    title = models.CharField("内容", max_length=200)
    written_at = models.DateTimeField("記録日時")
    into = models.ForeignKey(Household, models.PROTECT, null=True, related_name="+", help_text="empty: stays there")
    settled_at = models.DateTimeField("振り分けた日時", null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "振り分け待ち（世帯）"
        verbose_name_plural = "振り分け待ち（世帯）"
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "household", "room", "source_id"], name="household_to_assign_once"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, into__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="household_to_assign_settled_by_somebody",
            ),
        ]
