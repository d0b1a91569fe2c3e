"""申請: what somebody applied for, in their own words; who and which house that is, is filled in once by a person."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.damage.applications import rules
from backend.damage.surveys import rules as surveys
from backend.documents.models import IssueCopy
from backend.documents.rules import number_text

from .surveys import SurveyRequest, whole


class ReceiptCounter(models.Model):
    """The last receipt number of a fiscal year. Drawn in the application's own transaction, so there are no gaps."""

    fiscal_year = models.PositiveSmallIntegerField("年度", primary_key=True)
    last = models.PositiveIntegerField("最後の番号", default=0)


class Application(models.Model):
    """罹災証明書の申請. A change is another row with the same number that follows; a withdrawal ends the row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey("ledger.Disaster", models.PROTECT, related_name="+", db_index=False)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("受付番号")
    version = models.PositiveSmallIntegerField("版", default=1)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    change_reason = models.CharField("訂正の理由", max_length=200, blank=True)
    stage = models.CharField("調査の回", max_length=6, choices=list(surveys.STAGES.items()), default="first")
    reason = models.CharField("調査を求める理由", max_length=200, blank=True)
    channel = models.CharField("受付の方法", max_length=7, choices=list(rules.CHANNELS.items()))
    applicant = models.CharField("申請者の区分", max_length=11, choices=list(rules.APPLICANTS.items()))
    name = models.CharField("申請者の氏名", max_length=200)
    kana = models.CharField("かな", max_length=300, blank=True)
    birth = models.CharField("生年月日", max_length=10, blank=True, help_text="YYYY-MM-DD, unknown parts 00")
    address = models.CharField("現在の連絡先の住所", max_length=300, blank=True)
    telephone = models.CharField("電話", max_length=40, blank=True)
    relation = models.CharField("被災した方との関係", max_length=100, blank=True)
    mandate_seen = models.BooleanField("委任状を確かめた", default=False)
    head_name = models.CharField("世帯主の氏名", max_length=200, blank=True)
    head_address = models.CharField("世帯主の住所", max_length=300, blank=True)
    identity = models.CharField("本人確認", max_length=20, choices=IssueCopy.IdChecked.choices, blank=True)
    copies = models.PositiveSmallIntegerField("必要な部数", default=1)
    purpose = models.CharField("使用目的", max_length=100, blank=True)
    cause = models.CharField("罹災原因", max_length=10, choices=list(surveys.CAUSES.items()))
    applied_on = models.DateField("申請日")
    secret = models.BooleanField("秘匿の希望", default=False)
    photo_consent_on = models.DateField("写真による判定に同意した日", null=True)
    note = models.CharField("覚え書き", max_length=300, blank=True)
    household = models.ForeignKey("ledger.Household", models.PROTECT, null=True, related_name="applications")
    matched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    matched_at = models.DateTimeField("照合日時", null=True)
    received_at = models.DateTimeField("受付日時", default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("入力日時", default=now)
    withdrawn_at = models.DateTimeField("取下げ日時", null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField("取下げの理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "罹災証明書の申請"
        verbose_name_plural = "罹災証明書の申請"
        constraints = [
            models.UniqueConstraint(fields=["fiscal_year", "number", "version"], name="application_number_once"),
            models.CheckConstraint(
                condition=Q(household=None, matched_by=None, matched_at=None)
                | Q(household__isnull=False, matched_by__isnull=False, matched_at__isnull=False),
                name="application_matched_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_reason="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False, withdrawn_reason__gt=""),
                name="application_withdrawn_for_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(version=1, replaces=None) | Q(version__gt=1, replaces__isnull=False),
                name="application_later_ones_follow",
            ),
            models.CheckConstraint(condition=Q(stage="first") | ~Q(reason=""), name="application_again_for_a_reason"),
            models.CheckConstraint(
                condition=Q(copies__gte=1, copies__lte=rules.MOST_COPIES), name="application_copies_in_reason"
            ),
        ]
        indexes = [models.Index(fields=["disaster", "applied_on"], name="application_by_day")]

    @property
    def number_text(self) -> str:
        return number_text(settings.MUNICIPALITY, rules.NUMBER_MARK, self.fiscal_year, self.number)

    @property
    def step(self) -> str:
        """Where it stands in `applications.rules.TRANSITIONS`; asks whether another row follows."""
        if Application.objects.filter(replaces=self).exists():
            return "changed"
        if self.withdrawn_at is not None:
            return "withdrawn"
        return "matched" if self.household_id else "unmatched"


class ApplicationHouse(models.Model):
    """What was struck: the place in words, the house of the roll once a person has found it, and the survey asked for."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="houses")
    position = models.PositiveSmallIntegerField("順")
    place = models.CharField("被災した所在地", max_length=300)
    what = models.CharField("種類", max_length=8, choices=list(rules.WHAT.items()))
    house = models.ForeignKey("ledger.House", models.PROTECT, null=True, related_name="applied_for")
    matched_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    matched_at = models.DateTimeField("照合日時", null=True)
    request = models.ForeignKey(SurveyRequest, models.PROTECT, null=True, related_name="applied_for")

    class Meta:
        verbose_name = "申請の家屋"
        verbose_name_plural = "申請の家屋"
        constraints = [
            models.UniqueConstraint(fields=["application", "position"], name="application_house_position_once"),
            models.UniqueConstraint(
                fields=["application", "house"], condition=Q(house__isnull=False), name="application_house_once"
            ),
            models.CheckConstraint(condition=whole("matched_by", "matched_at"), name="application_house_matched_at"),
            models.CheckConstraint(condition=whole("house", "matched_by"), name="application_house_matched_by"),
            models.CheckConstraint(
                condition=Q(request=None) | Q(house__isnull=False, what=rules.DWELLING),
                name="application_house_survey_of_a_dwelling",
            ),
        ]


class ApplicationFile(models.Model):
    """添付: a photograph or the 委任状, the original kept as it came, a reduced and stripped copy for everybody else.

    A PDF is kept as it came, and has no copy: it is never shown, only given as a file.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    application = models.ForeignKey(Application, models.PROTECT, related_name="files")
    what = models.CharField("種類", max_length=8, choices=list(rules.FILES.items()))
    sha256 = models.CharField(max_length=64)
    reduced = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the copy; a PDF has none")
    kind = models.CharField(max_length=4, choices=list(rules.FILE_KINDS.items()))
    size = models.PositiveIntegerField("バイト数")
    taken_at = models.DateTimeField("撮影日時", null=True)
    latitude = models.FloatField("緯度", null=True)
    longitude = models.FloatField("経度", null=True)
    about = models.CharField("説明", max_length=100, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    withdrawn_at = models.DateTimeField("取消日時", null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "申請の添付"
        verbose_name_plural = "申請の添付"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "sha256"], condition=Q(withdrawn_at=None), name="application_file_once"
            ),
            models.CheckConstraint(condition=whole("latitude", "longitude"), name="application_file_has_a_whole_place"),
            models.CheckConstraint(
                condition=(Q(kind__in=rules.PICTURES) & ~Q(reduced=""))
                | (Q(kind=rules.PDF, reduced="", taken_at=None, latitude=None) & ~Q(what="photo")),
                name="application_file_pdf_is_no_photo",
            ),
            models.CheckConstraint(
                condition=whole("withdrawn_at", "withdrawn_by"), name="application_file_withdrawn_by_somebody"
            ),
        ]
