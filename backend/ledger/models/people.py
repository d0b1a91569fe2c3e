"""Households and persons as of the disaster, and the words that they are found by."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.ledger.fields import OrderedByCode

from .disaster import Disaster


class Household(models.Model):
    """台帳世帯: one り災番号; from the register, from elsewhere, or not known yet."""

    class Kind(models.TextChoices):
        RESIDENT = "resident", "住民"
        OUTSIDE = "outside", "他市町村"
        UNKNOWN = "unknown", "未確認"
        ACTUAL = "actual", "実態世帯"
        LATER = "later", "発災後の世帯"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="households", db_index=False)
    number = models.PositiveIntegerField("連番")
    disaster_number = models.CharField("り災番号", max_length=15)
    kind = models.CharField("区分", max_length=10, choices=Kind.choices, default=Kind.RESIDENT)
    household_no = models.CharField("世帯番号", max_length=15, null=True)
    postal_code = models.CharField("郵便番号", max_length=10, blank=True)
    address = models.CharField("住所", max_length=300, blank=True)
    building = models.CharField("方書", max_length=200, blank=True)
    created_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField("台帳から外れた日時", null=True, help_text="nobody is in it any more")

    class Meta:
        verbose_name = "台帳世帯"
        verbose_name_plural = "台帳世帯"
        constraints = [
            models.UniqueConstraint(fields=["disaster", "number"], name="household_number_once"),
            # Said so and not by `unique=True`, which on PostgreSQL adds an index for searching beginnings.
            models.UniqueConstraint(fields=["disaster_number"], name="household_disaster_number_once"),
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
    birth = OrderedByCode("生年月日", max_length=10, blank=True, help_text="YYYY-MM-DD, unknown parts 00")
    sex = models.CharField("性別", max_length=1, blank=True, help_text="1 male, 2 female, else not known")
    relationship = models.CharField("続柄", max_length=40, blank=True)
    nationality = models.CharField("国籍区分", max_length=1, blank=True)
    address = models.CharField("住所", max_length=300, blank=True)
    building = models.CharField("方書", max_length=200, blank=True)
    changed_on = models.CharField("異動年月日", max_length=10, blank=True)
    changed_by = models.CharField("異動事由", max_length=40, blank=True)
    # What they had in the emergency register: shelters and papers may know them by it, and it still leads here.
    former_no = models.CharField("前の宛名番号", max_length=15, null=True)
    # Who turned out not to have been a resident that day stays, and is found, with the end of their entry.
    ended_at = models.DateTimeField("台帳から外れた日時", null=True)
    ended_why = models.CharField("外れた理由", max_length=60, blank=True, default="", db_default="")

    # Search keys: folds of the columns above, made by core; never shown, never proof that two people are one.
    family_key = OrderedByCode(max_length=100, blank=True)
    given_key = OrderedByCode(max_length=200, blank=True)
    kana_family_key = OrderedByCode(max_length=150, blank=True)
    kana_given_key = OrderedByCode(max_length=200, blank=True)
    alias_key = OrderedByCode(max_length=200, blank=True)
    town_key = OrderedByCode(max_length=200, blank=True)
    lot_key = OrderedByCode(max_length=100, blank=True)

    class Meta:
        verbose_name = "被災者"
        verbose_name_plural = "被災者"
        constraints = [
            models.UniqueConstraint(
                fields=["atena_no", "disaster"], condition=Q(atena_no__isnull=False), name="person_of_register_once"
            ),
        ]
        indexes = [
            models.Index(fields=["former_no"], condition=Q(former_no__isnull=False), name="person_former_no"),
            # Each holds all that a search by both parts of a name asks for: it reads no row but those it shows.
            models.Index(fields=["family_key", "given_key", "id"], name="person_family"),
            models.Index(fields=["given_key", "family_key", "id"], name="person_given"),
            models.Index(fields=["kana_family_key", "kana_given_key", "id"], name="person_kana_family"),
            models.Index(fields=["kana_given_key", "kana_family_key", "id"], name="person_kana_given"),
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
    word = OrderedByCode(max_length=200)
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["field", "word", "disaster"], name="search_word_once")]


class SearchPart(models.Model):
    """Every single character and every pair of a search word, so that the words that contain a text are found by an index.

    Word and number are written once more, so that the index answers alone and in order: first the word that is just
    this part, then those that begin with it, then the others.
    """

    class Rank(models.IntegerChoices):
        WHOLE = 0, "全部"
        BEGINS = 1, "先頭"
        WITHIN = 2, "途中"

    disaster = models.ForeignKey(Disaster, models.CASCADE, db_index=False)
    field = models.CharField(max_length=12, choices=SearchWord.Field.choices)
    part = OrderedByCode(max_length=2)
    rank = models.PositiveSmallIntegerField(choices=Rank.choices)
    word = OrderedByCode(max_length=200)
    people = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["part", "field", "disaster", "rank", "word"], name="search_part_once")
        ]
