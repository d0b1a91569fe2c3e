"""The resident register as received: files, their rows, what was set aside, and the register as of a day."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now


class RegisterFile(models.Model):
    """One file that was taken: a full export, a day's changes, or corrected rows of an earlier file."""

    class Kind(models.TextChoices):
        FULL = "full", "全件"
        CHANGE = "change", "異動"
        CORRECTION = "correction", "修正行"

    kind = models.CharField("種別", max_length=10, choices=Kind.choices)
    as_of = models.DateField("基準日", null=True, help_text="full export: the day whose end it shows")
    name = models.CharField("ファイル名", max_length=200)
    fingerprint = models.CharField("指紋（SHA-256）", max_length=64, unique=True)
    size = models.BigIntegerField("バイト数")
    encoding = models.CharField("文字コード", max_length=20)
    layout = models.CharField("列の対応表", max_length=60, default="canonical")
    layout_version = models.PositiveIntegerField("対応表の版", null=True, help_text="of a mapping that was saved here")
    header = models.JSONField("見出し", default=list, help_text="their columns as they came, without any of My Number")
    header_changes = models.JSONField("見出しの変化", default=dict, help_text="gone, new, renamed since the last file")
    whole = models.BooleanField("全行を保管", default=True, help_text="full export: its rows are all in FullRow")
    anchor = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    left_out = models.PositiveIntegerField("対象外", default=0, help_text="rows that are none of the register's")
    columns = models.JSONField("列", default=list, help_text="our columns that the file has; others state nothing")
    unknown_columns = models.JSONField("対応のない列", default=list)
    dropped_columns = models.JSONField("破棄した列", default=list, help_text="columns of My Number: never stored")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    received_at = models.DateTimeField("受領日時", default=now, db_index=True)
    received_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    rows = models.PositiveIntegerField("行数")
    accepted = models.PositiveIntegerField("取込")
    unchanged = models.PositiveIntegerField("変更なし")
    pending = models.PositiveIntegerField("保留")
    set_aside = models.PositiveIntegerField("取り置き")
    flagged = models.PositiveIntegerField("要確認", default=0)

    class Meta:
        verbose_name = "住民記録ファイル"
        verbose_name_plural = "住民記録ファイル"
        ordering = ["-received_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="full") & Q(as_of__isnull=False)) | ~Q(kind="full"), name="full_file_has_a_day"
            ),
            models.UniqueConstraint(fields=["as_of"], condition=Q(kind="full"), name="full_file_one_a_day"),
            models.CheckConstraint(
                condition=Q(
                    rows=models.F("accepted") + models.F("unchanged") + models.F("pending") + models.F("set_aside")
                ),
                name="file_rows_add_up",
            ),
            models.CheckConstraint(
                condition=(Q(kind="correction") & Q(corrects__isnull=False))
                | (~Q(kind="correction") & Q(corrects__isnull=True)),
                name="correction_has_its_file",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RowColumns(models.Model):
    """The columns of the canonical layout, as stated by the file (dates as YYYY-MM-DD with unknown parts 00).

    NULL: the file has no such column, so the row states nothing about it. Empty: it states "empty".
    """

    atena_no = models.CharField("宛名番号", max_length=15)
    household_no = models.CharField("世帯番号", max_length=15, null=True)
    name = models.CharField("氏名", max_length=200, null=True)
    kana = models.CharField("氏名カナ", max_length=300, null=True)
    alias = models.CharField("通称", max_length=200, null=True)
    birth = models.CharField("生年月日", max_length=10, null=True)
    sex = models.CharField("性別", max_length=1, null=True)
    relationship = models.CharField("続柄", max_length=40, null=True)
    postal_code = models.CharField("郵便番号", max_length=10, null=True)
    address = models.CharField("住所", max_length=300, null=True)
    building = models.CharField("方書", max_length=200, null=True)
    resident_since = models.CharField("住民となった日", max_length=10, null=True)
    nationality = models.CharField("国籍区分", max_length=1, null=True)
    protection = models.CharField("支援措置", max_length=1, null=True)
    protection_until = models.CharField("支援措置期限", max_length=10, null=True)

    class Meta:
        abstract = True


class FullRow(RowColumns):
    """One person of a full export."""

    file = models.ForeignKey(RegisterFile, models.PROTECT, related_name="full_rows", db_index=False)
    line_no = models.PositiveIntegerField("行番号")
    corrected_by = models.ForeignKey(RegisterFile, models.PROTECT, null=True, related_name="+", db_index=False)
    flags = models.PositiveSmallIntegerField("要確認", default=0)
    extra = models.JSONField("対応のない列の値", null=True)
    changed_on = models.CharField("異動年月日", max_length=10, blank=True)
    changed_by = models.CharField("異動事由", max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "atena_no"], name="full_row_one_a_person")]
        indexes = [
            models.Index(fields=["atena_no"], condition=Q(protection="1"), name="full_row_protected"),
            models.Index(fields=["file"], condition=Q(flags__gt=0), name="full_row_flagged"),
        ]


class FullDifference(RowColumns):
    """One person of a full export that is kept as what differs from the whole one near it (`RegisterFile.anchor`)."""

    file = models.ForeignKey(RegisterFile, models.PROTECT, related_name="differences", db_index=False)
    gone = models.BooleanField("記載がない", default=False)
    line_no = models.PositiveIntegerField("行番号")
    corrected_by = models.ForeignKey(RegisterFile, models.PROTECT, null=True, related_name="+", db_index=False)
    flags = models.PositiveSmallIntegerField("要確認", default=0)
    extra = models.JSONField("対応のない列の値", null=True)
    changed_on = models.CharField("異動年月日", max_length=10, blank=True)
    changed_by = models.CharField("異動事由", max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "atena_no"], name="full_difference_one_a_person")]
        indexes = [models.Index(fields=["atena_no"], condition=Q(protection="1"), name="full_difference_protected")]


class Comparison(models.Model):
    """Two exports that follow each other, compared because the vendor gave no changes of the days between."""

    earlier = models.ForeignKey(RegisterFile, models.PROTECT, related_name="+")
    later = models.ForeignKey(RegisterFile, models.PROTECT, related_name="comparisons")
    made_by = models.ForeignKey(RegisterFile, models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(RegisterFile, models.PROTECT, null=True, related_name="+")
    rows = models.PositiveIntegerField("見つかった異動")
    missing = models.PositiveIntegerField("後の全件にない人")
    torn = models.BooleanField(
        "欠けたファイルのおそれ", default=False, help_text="so many are missing that nothing was taken from it"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["earlier", "later"], condition=Q(ended_by__isnull=True), name="comparison_one_alive"
            )
        ]


class ChangeRow(RowColumns):
    """One row of a change file: the person's whole row after the change."""

    file = models.ForeignKey(RegisterFile, models.PROTECT, related_name="change_rows")
    line_no = models.PositiveIntegerField("行番号")
    corrected_by = models.ForeignKey(RegisterFile, models.PROTECT, null=True, related_name="+")
    flags = models.PositiveSmallIntegerField("要確認", default=0)
    extra = models.JSONField("対応のない列の値", null=True)
    reason = models.CharField("異動事由", max_length=20)
    effective = models.CharField("異動年月日", max_length=10, help_text="of a death parts may be unknown (00)")
    notified = models.CharField("届出年月日", max_length=10, blank=True)
    processed_at = models.DateTimeField("処理日時")
    sequence = models.CharField("処理連番", max_length=20, blank=True)
    comparison = models.ForeignKey(Comparison, models.PROTECT, null=True, related_name="found")
    digest = models.CharField("行の指紋", max_length=64, help_text="SHA-256 of what the row says; equal rows are one")

    class Meta:
        indexes = [
            models.Index(fields=["atena_no"]),
            models.Index(fields=["file"], condition=Q(protection="1"), name="change_row_protected"),
        ]
        constraints = [models.UniqueConstraint(fields=["digest"], name="change_row_once")]


class SetAsideRow(models.Model):
    """A row that could not be taken, as received, with the reasons; it waits to be corrected."""

    file = models.ForeignKey(RegisterFile, models.PROTECT, related_name="set_aside_rows")
    line_no = models.PositiveIntegerField("行番号")
    reasons = models.JSONField("理由")
    values = models.JSONField("値", help_text="column -> text, as received, without My Number")
    read = models.JSONField("標準の列での値", null=True, help_text="of a file with a mapping: our columns -> text")
    corrected_by = models.ForeignKey(RegisterFile, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["file", "line_no"]
        constraints = [models.UniqueConstraint(fields=["file", "line_no"], name="set_aside_once")]


class SavedLayout(models.Model):
    """列の対応表: a mapping that was made here, in the version that held from then on. It only grows."""

    name = models.CharField("名前", max_length=60)
    version = models.PositiveIntegerField("版")
    kind = models.CharField("種別", max_length=10, choices=RegisterFile.Kind.choices[:2])
    definition = models.JSONField("対応")
    header = models.JSONField("見出し", help_text="the header that it was made from")
    made_at = models.DateTimeField("保存日時", default=now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["name", "-version"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="saved_layout_once")]


class OwnNumber(models.Model):
    """宛名番号 that was given here to somebody of a file without numbers, remembered by what the file says of them."""

    atena_no = models.CharField("宛名番号", max_length=15, unique=True)
    facts = models.CharField("四情報の指紋", max_length=64, help_text="SHA-256 of name, birth date, address and sex")
    ordinal = models.PositiveIntegerField("同じ四情報の何人目か", default=1)
    given_at = models.DateTimeField("付番日時", default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["facts", "ordinal"], name="own_number_once")]


class AsOfRevision(models.Model):
    """基準日住民記録の版: the register as of a day, as it was known at a moment.

    The rows of a revision are those of `base`, but for the persons that have an `AsOfDifference` alive in it.
    """

    code = models.CharField("災害コード", max_length=4)
    number = models.PositiveIntegerField("版")
    day = models.DateField("基準日")
    known_at = models.DateTimeField("受領時点")
    base = models.ForeignKey(RegisterFile, models.PROTECT, related_name="+")
    base_after = models.BooleanField("基準日より後の全件による", default=False)
    made_at = models.DateTimeField("作成日時", default=now)
    persons = models.PositiveIntegerField("人数")
    flagged = models.PositiveIntegerField("要確認")
    files = models.JSONField("もとにしたファイル", null=True, help_text="every file that it knows, by key")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["code", "number"], name="as_of_revision_once")]


class AsOfDifference(RowColumns):
    """A person whose row as of the day is not the base's, or who is not in the base, or was not registered that day."""

    revisions = models.CharField(max_length=4, help_text="the disaster's code")
    from_revision = models.PositiveIntegerField()
    until_revision = models.PositiveIntegerField(null=True, help_text="first revision in which it is not so any more")
    registered = models.BooleanField("住民であった")
    changed_on = models.CharField("異動年月日", max_length=10, blank=True)
    changed_by = models.CharField("異動事由", max_length=20, blank=True)
    removed_on = models.CharField("消除の日", max_length=10, blank=True, help_text="a removal on the day or after it")
    removed_by = models.CharField("消除の事由", max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["revisions", "atena_no"],
                condition=Q(until_revision__isnull=True),
                name="as_of_difference_one_live",
            )
        ]
        indexes = [models.Index(fields=["revisions", "atena_no"])]


class AsOfFlag(models.Model):
    """What the rebuild could only guess, or found odd."""

    revision = models.ForeignKey(AsOfRevision, models.CASCADE, related_name="flags")
    code = models.CharField("種別", max_length=40)
    atena_no = models.CharField("宛名番号", max_length=15, blank=True)
    household_no = models.CharField("世帯番号", max_length=15, blank=True)
    detail = models.CharField("内容", max_length=200, blank=True)


# The tax rolls are of this room too; their tables stand with what reads them.
from .rolls.models import HouseRow, IncomeRow, RollFile, RollSetAside  # noqa: E402, F401
from .towns.models import Town, TownList  # noqa: E402, F401
