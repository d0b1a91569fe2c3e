"""The victim ledger (被災者台帳, 災害対策基本法 第90条の3): disasters, their households and persons, and facts about them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from backend.core.clock import now
from backend.core.fields import uuid7

from .fields import OrderedByCode

models.CharField.register_lookup(Length)


class Disaster(models.Model):
    """災害: opened once, with a code of its own that every り災番号 begins with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField("災害コード", max_length=4, unique=True)
    name = models.CharField("災害名", max_length=100)
    occurred_at = models.DateTimeField("発災日時")
    drill = models.BooleanField("訓練", default=False)
    opened_at = models.DateTimeField("開設日時", default=now)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    last_number = models.PositiveIntegerField("最後のり災番号", default=0)
    register_revision = models.BigIntegerField("基準日住民記録の版", null=True, help_text="empty: not filled yet")
    filled_at = models.DateTimeField("台帳作成日時", null=True)

    class Meta:
        verbose_name = "災害"
        verbose_name_plural = "災害"
        ordering = ["-occurred_at", "code"]
        constraints = [
            models.CheckConstraint(condition=Q(code__length=4), name="disaster_code_four_characters"),
            models.CheckConstraint(
                condition=Q(register_revision__isnull=True, filled_at__isnull=True)
                | Q(register_revision__isnull=False, filled_at__isnull=False),
                name="disaster_filled_with_its_revision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"


class Household(models.Model):
    """台帳世帯: one り災番号; from the register, from elsewhere, or not known yet."""

    class Kind(models.TextChoices):
        RESIDENT = "resident", "住民"
        OUTSIDE = "outside", "他市町村"
        UNKNOWN = "unknown", "未確認"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="households", db_index=False)
    number = models.PositiveIntegerField("連番")
    disaster_number = models.CharField("り災番号", max_length=15, unique=True)
    kind = models.CharField("区分", max_length=10, choices=Kind.choices, default=Kind.RESIDENT)
    household_no = models.CharField("世帯番号", max_length=15, null=True)
    postal_code = models.CharField("郵便番号", max_length=10, blank=True)
    address = models.CharField("住所", max_length=300, blank=True)
    building = models.CharField("方書", max_length=200, blank=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = "台帳世帯"
        verbose_name_plural = "台帳世帯"
        constraints = [
            models.UniqueConstraint(fields=["disaster", "number"], name="household_number_once"),
            models.UniqueConstraint(
                fields=["disaster", "household_no"],
                condition=Q(household_no__isnull=False),
                name="household_of_register_once",
            ),
            models.CheckConstraint(
                condition=~Q(kind="resident") | Q(household_no__isnull=False), name="household_resident_has_number"
            ),
        ]

    def __str__(self) -> str:
        return self.disaster_number


class Person(models.Model):
    """台帳の個人, as of the disaster. `household` is empty while it is undecided where they belong (世帯未定)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="persons", db_index=False)
    household = models.ForeignKey(Household, models.PROTECT, related_name="members", null=True)
    position = models.PositiveSmallIntegerField("記載順位", default=1)
    is_head = models.BooleanField("世帯主", default=False)
    atena_no = models.CharField("宛名番号", max_length=15, null=True)
    name = models.CharField("氏名", max_length=200)
    kana = models.CharField("氏名カナ", max_length=300, blank=True)
    alias = models.CharField("通称", max_length=200, blank=True)
    birth = models.CharField("生年月日", max_length=10, blank=True, help_text="YYYY-MM-DD, unknown parts 00")
    sex = models.CharField("性別", max_length=1, blank=True, help_text="1 male, 2 female, else not known")
    relationship = models.CharField("続柄", max_length=40, blank=True)
    nationality = models.CharField("国籍区分", max_length=1, blank=True)
    address = models.CharField("住所", max_length=300, blank=True)
    building = models.CharField("方書", max_length=200, blank=True)
    changed_on = models.CharField("異動年月日", max_length=10, blank=True)
    changed_by = models.CharField("異動事由", max_length=40, blank=True)

    # Search keys: folds of the columns above, made by core; never shown, never proof that two people are one.
    family_key = models.CharField(max_length=100, blank=True)
    given_key = models.CharField(max_length=200, blank=True)
    kana_family_key = models.CharField(max_length=150, blank=True)
    kana_given_key = models.CharField(max_length=200, blank=True)
    alias_key = models.CharField(max_length=200, blank=True)
    town_key = models.CharField(max_length=200, blank=True)
    lot_key = OrderedByCode(max_length=100, blank=True)

    class Meta:
        verbose_name = "被災者"
        verbose_name_plural = "被災者"
        constraints = [
            models.UniqueConstraint(
                fields=["disaster", "atena_no"], condition=Q(atena_no__isnull=False), name="person_of_register_once"
            ),
        ]
        indexes = [
            models.Index(fields=["family_key", "given_key"], name="person_family"),
            models.Index(fields=["given_key"], name="person_given"),
            models.Index(fields=["kana_family_key", "kana_given_key"], name="person_kana_family"),
            models.Index(fields=["kana_given_key"], name="person_kana_given"),
            models.Index(fields=["alias_key"], condition=~Q(alias_key=""), name="person_alias"),
            models.Index(fields=["birth"], name="person_birth"),
            models.Index(fields=["town_key", "lot_key"], name="person_town"),
        ]


class SearchWord(models.Model):
    """Every different word of one search field, with how many people have it: a part of a word is looked up here."""

    class Field(models.TextChoices):
        FAMILY = "family", "氏"
        GIVEN = "given", "名"
        KANA_FAMILY = "kana_family", "氏カナ"
        KANA_GIVEN = "kana_given", "名カナ"
        ALIAS = "alias", "通称"
        TOWN = "town", "町字"

    disaster = models.ForeignKey(Disaster, models.CASCADE, db_index=False)
    field = models.CharField(max_length=12, choices=Field.choices)
    word = models.CharField(max_length=200)
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["disaster", "field", "word"], name="search_word_once")]


class Fact(models.Model):
    """A fact that rooms hand to each other: what it is about, what, since when, who said so. Followed, never edited."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="facts")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="facts")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="facts")
    kind = models.CharField("種別", max_length=40)
    value = models.JSONField("内容")
    effective_on = models.DateField("効力日", null=True)
    recorded_at = models.DateTimeField("記録日時", default=now)
    received_at = models.DateTimeField("受領日時", default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    source_room = models.CharField("出所", max_length=20)
    source_id = models.CharField("出所の番号", max_length=60, blank=True)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        verbose_name = "事実"
        verbose_name_plural = "事実"
        constraints = [
            models.CheckConstraint(
                condition=Q(household__isnull=False, person__isnull=True)
                | Q(household__isnull=True, person__isnull=False),
                name="fact_has_one_subject",
            )
        ]
        indexes = [models.Index(fields=["household", "kind"]), models.Index(fields=["person", "kind"])]


class Protection(models.Model):
    """支援措置 (from the register) or 秘匿希望 (asked at a desk): hides a person until a named supervisor lifts it.

    An expiry that the register gives never lifts it by itself (住民基本台帳事務処理要領 第6-10; the register is asked again).
    """

    class Source(models.TextChoices):
        REGISTER = "register", "支援措置（住民記録）"
        DESK = "desk", "秘匿希望（窓口）"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    atena_no = models.CharField("宛名番号", max_length=15, null=True)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="protections")
    evacuee = models.UUIDField("避難者", null=True, help_text="somebody who is in no ledger yet")
    source = models.CharField("出所", max_length=10, choices=Source.choices)
    expires_on = models.DateField("期限", null=True)
    asked_at = models.DateTimeField("受付日時", default=now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField("解除日時", null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_reason = models.CharField("解除の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "秘匿"
        verbose_name_plural = "秘匿"
        constraints = [
            models.CheckConstraint(
                condition=Q(atena_no__isnull=False) | Q(person__isnull=False) | Q(evacuee__isnull=False),
                name="protection_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, lifted_reason__gt=""),
                name="protection_lifted_by_somebody_with_reason",
            ),
            models.UniqueConstraint(
                fields=["atena_no", "source"],
                condition=Q(atena_no__isnull=False, lifted_at__isnull=True),
                name="protection_live_once",
            ),
        ]


class SameAs(models.Model):
    """Two persons of the ledger are one: a row that can be ended, so that nothing is ever re-pointed.

    `confirmed_by` empty: a reading aid only; certificates and disclosures need a confirmed one.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="same_as_to", verbose_name="入力された個人")
    into = models.ForeignKey(Person, models.PROTECT, related_name="same_as_from", verbose_name="住民記録の個人")
    ground = models.CharField("根拠", max_length=40)
    since = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(until__isnull=True), name="same_as_one_live"),
            models.CheckConstraint(condition=~Q(person=F("into")), name="same_as_not_itself"),
        ]


class OpeningFlag(models.Model):
    """What the rebuild of the register could only guess, or found odd: one line for a clerk to look at."""

    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="flags", db_index=False)
    code = models.CharField("種別", max_length=40)
    atena_no = models.CharField("宛名番号", max_length=15, blank=True)
    household_no = models.CharField("世帯番号", max_length=15, blank=True)
    detail = models.CharField("内容", max_length=200, blank=True)
    settled_at = models.DateTimeField("確認日時", null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["disaster", "code"]), models.Index(fields=["disaster", "atena_no"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True)
                | Q(settled_at__isnull=False, settled_by__isnull=False),
                name="opening_flag_settled_by_somebody",
            )
        ]
