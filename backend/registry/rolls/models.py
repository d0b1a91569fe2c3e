"""The tax rolls as received: files, their rows, what was set aside. A later row about the same follows, none is changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.core.clock import now


class RollFile(models.Model):
    """One file of a roll that was taken, or corrected rows of one."""

    class Kind(models.TextChoices):
        HOUSE = "house", "家屋課税台帳"
        INCOME = "income", "所得・住民税"

    kind = models.CharField("台帳", max_length=10, choices=Kind.choices)
    year = models.PositiveSmallIntegerField("年度", null=True, help_text="house roll: of which fiscal year it is")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    name = models.CharField("ファイル名", max_length=200)
    fingerprint = models.CharField("指紋（SHA-256）", max_length=64, unique=True)
    size = models.BigIntegerField("バイト数")
    encoding = models.CharField("文字コード", max_length=20)
    columns = models.JSONField("列", default=list)
    unknown_columns = models.JSONField("対応のない列", default=list)
    dropped_columns = models.JSONField("破棄した列", default=list, help_text="columns of My Number: never stored")
    received_at = models.DateTimeField("受領日時", default=now, db_index=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rows = models.PositiveIntegerField("行数")
    accepted = models.PositiveIntegerField("取込")
    unchanged = models.PositiveIntegerField("変更なし")
    pending = models.PositiveIntegerField("保留", default=0, help_text="always 0: the rolls know no such rows")
    set_aside = models.PositiveIntegerField("取り置き")

    class Meta:
        verbose_name = "課税台帳のファイル"
        verbose_name_plural = "課税台帳のファイル"
        ordering = ["-received_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rows=F("accepted") + F("unchanged") + F("pending") + F("set_aside")),
                name="roll_rows_add_up",
            ),
            models.CheckConstraint(condition=~Q(kind="house") | Q(year__isnull=False), name="house_roll_is_of_a_year"),
        ]

    def __str__(self) -> str:
        return self.name


class RollRow(models.Model):
    """What every row of a roll has. Of rows about the same the one with the highest id is in force."""

    file = models.ForeignKey(RollFile, models.PROTECT, related_name="+")
    line_no = models.PositiveIntegerField("行番号")
    corrected_by = models.ForeignKey(RollFile, models.PROTECT, null=True, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField("年度")
    digest = models.CharField("行の指紋", max_length=32)
    extra = models.JSONField("対応のない列の値", null=True)

    class Meta:
        abstract = True


class HouseRow(RollRow):
    """A house of the house roll of one fiscal year."""

    property_no = models.CharField("物件番号", max_length=40)
    lot = models.CharField("所在地", max_length=300)
    address = models.CharField("住居表示住所", max_length=300, blank=True)
    house_no = models.CharField("家屋番号", max_length=60, blank=True)
    roll = models.CharField("台帳区分", max_length=4, blank=True)
    owner_no = models.CharField("所有者宛名番号", max_length=15, blank=True)
    owner_name = models.CharField("所有者氏名", max_length=200, blank=True)
    present_owner = models.CharField("現況所有者", max_length=200, blank=True)
    tax_agent = models.CharField("納税管理人", max_length=200, blank=True)
    shared = models.BooleanField("共有", null=True)
    sectional = models.BooleanField("区分所有", null=True)
    annex = models.BooleanField("附属家", null=True)
    kind = models.CharField("種類", max_length=60, blank=True)
    use = models.CharField("用途", max_length=60, blank=True)
    structure = models.CharField("構造", max_length=100, blank=True)
    floors = models.CharField("階数", max_length=40, blank=True)
    area = models.DecimalField("床面積", max_digits=9, decimal_places=2, null=True)
    built = models.CharField("建築年", max_length=40, blank=True)
    assessed = models.BigIntegerField("評価額", null=True)
    latitude = models.FloatField("緯度", null=True)
    longitude = models.FloatField("経度", null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "property_no"], name="house_row_once_a_file")]
        indexes = [models.Index(fields=["property_no", "year"])]


class IncomeRow(RollRow):
    """The income of one person, by the municipal tax of one fiscal year (of the calendar year before it)."""

    atena_no = models.CharField("宛名番号", max_length=15)
    total_income = models.BigIntegerField("合計所得金額", null=True)
    gross_income = models.BigIntegerField("総所得金額", null=True)
    gross_income_etc = models.BigIntegerField("総所得金額等", null=True)
    salary = models.BigIntegerField("給与収入", null=True)
    pension = models.BigIntegerField("公的年金等収入", null=True)
    tax_class = models.CharField("課税区分", max_length=10, blank=True)
    income_levy = models.BigIntegerField("所得割額", null=True)
    per_capita_levy = models.BigIntegerField("均等割額", null=True)
    deductions = models.BigIntegerField("所得控除合計", null=True)
    casualty_deduction = models.BigIntegerField("雑損控除", null=True)
    dependants = models.PositiveSmallIntegerField("扶養人数", null=True)
    disability = models.BooleanField("障害者控除", null=True)
    single_parent = models.BooleanField("ひとり親・寡婦控除", null=True)
    dependant = models.BooleanField("被扶養者", null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "atena_no", "year"], name="income_row_once_a_file")]
        indexes = [models.Index(fields=["atena_no", "year"])]


class RollSetAside(models.Model):
    """A row that could not be taken, as received, with the reasons; it waits to be corrected."""

    file = models.ForeignKey(RollFile, models.PROTECT, related_name="set_aside_rows")
    line_no = models.PositiveIntegerField("行番号")
    reasons = models.JSONField("理由")
    values = models.JSONField("値", help_text="column -> text, as received, without My Number")
    corrected_by = models.ForeignKey(RollFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["file", "line_no"]
        constraints = [models.UniqueConstraint(fields=["file", "line_no"], name="roll_set_aside_once")]
