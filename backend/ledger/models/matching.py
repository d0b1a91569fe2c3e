"""What was typed by hand, wherever, so that it can be matched to the register; and what people decided of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.ledger.fields import OrderedByCode

from .disaster import Disaster
from .people import Person
from .same_as import SameAs


class TypedRecord(models.Model):
    """入力された記録: one person as typed at a counter, a shelter, in an application, from paper.

    A projection: the room that took it holds the original, and gives it again at any time (`records.rebuild`).
    `id` is the id by which that room knows the person; of people of the ledger it is the person's own.
    """

    class Outcome(models.TextChoices):
        WAITING = "waiting", "照合待ち"
        CERTAIN = "certain", "自動で結び付け"
        LIKELY = "likely", "確認待ち"
        NONE = "none", "候補なし"
        DECIDED = "decided", "確認済み"

    id = models.UUIDField(primary_key=True, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, null=True, db_index=False, related_name="typed_records")
    room = models.CharField("出所", max_length=20)
    name = models.CharField("氏名", max_length=200)
    kana = models.CharField("氏名カナ", max_length=300, blank=True)
    birth = OrderedByCode("生年月日", max_length=10, blank=True, help_text="YYYY-MM-DD, unknown parts 00")
    birth_turned = OrderedByCode(max_length=10, blank=True, help_text="month and day the other way round")
    sex = models.CharField("性別", max_length=1, blank=True)
    address = models.CharField("住所", max_length=300, blank=True)
    telephone = models.CharField("電話番号", max_length=40, blank=True)
    typed_at = models.DateTimeField("入力日時", default=now)
    typed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    # The same folds as a person's; never shown.
    family_key = OrderedByCode(max_length=100, blank=True)
    given_key = OrderedByCode(max_length=200, blank=True)
    kana_family_key = OrderedByCode(max_length=150, blank=True)
    kana_given_key = OrderedByCode(max_length=200, blank=True)
    town_key = OrderedByCode(max_length=200, blank=True)
    lot_key = OrderedByCode(max_length=100, blank=True)

    outcome = models.CharField("照合", max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    # Somebody under protection is among the candidates: only those who may see them are asked.
    guarded = models.BooleanField(default=False)
    later_at = models.DateTimeField(null=True, help_text="put off by a clerk: asked again after the others")
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = "入力された記録"
        verbose_name_plural = "入力された記録"
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True, taken_by__isnull=True)
                | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="typed_record_taken_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["disaster", "outcome", "typed_at"], name="typed_record_queue"),
            models.Index(fields=["birth"], name="typed_record_birth"),
            models.Index(fields=["typed_by"], condition=Q(guarded=True), name="typed_record_guarded"),
        ]


class MatchDecision(models.Model):
    """What somebody decided of a typed record: the same person, another one, or not in the register. Undone: `until`."""

    class Verdict(models.TextChoices):
        SAME = "same", "同じ方"
        OTHER = "other", "別の方"
        ABSENT = "absent", "住民記録にない方"
        APART = "apart", "結び付けを外した"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record = models.UUIDField("入力された記録", db_index=True)
    into = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+", db_index=False)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    link = models.ForeignKey(SameAs, models.PROTECT, null=True, related_name="decisions")
    reason = models.CharField("理由", max_length=200, blank=True)
    since = models.DateTimeField(default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    until = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        verbose_name = "名寄せの判断"
        verbose_name_plural = "名寄せの判断"
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="absent", into__isnull=True) | ~Q(verdict="absent") & Q(into__isnull=False),
                name="match_decision_of_somebody",
            ),
            models.UniqueConstraint(
                fields=["record", "into"],
                condition=Q(until__isnull=True, into__isnull=False),
                name="match_decision_live_once",
            ),
            models.UniqueConstraint(
                fields=["record"], condition=Q(until__isnull=True, verdict="same"), name="match_decision_one_same"
            ),
        ]
        indexes = [models.Index(fields=["by", "since"], name="match_decision_last")]


class ToAssign(models.Model):
    """振り分け待ち: what was written under a joined identity before it was taken apart: whose is it?"""

    class Side(models.TextChoices):
        TYPED = "typed", "入力された方のもの"
        REGISTER = "register", "住民記録の方のもの"
        BOTH = "both", "両方に当てはまる"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    link = models.ForeignKey(SameAs, models.PROTECT, related_name="to_assign")
    room = models.CharField("出所", max_length=20)
    source_id = models.CharField("出所の番号", max_length=60)
    title = models.CharField("内容", max_length=200)
    written_at = models.DateTimeField("記録日時")
    side = models.CharField(max_length=10, choices=Side.choices, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = "振り分け待ち"
        verbose_name_plural = "振り分け待ち"
        constraints = [
            models.UniqueConstraint(fields=["link", "room", "source_id"], name="to_assign_once"),
            models.CheckConstraint(
                condition=Q(side="", settled_at__isnull=True, settled_by__isnull=True)
                | Q(side__gt="", settled_at__isnull=False, settled_by__isnull=False),
                name="to_assign_settled_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["settled_at"], name="to_assign_open")]
