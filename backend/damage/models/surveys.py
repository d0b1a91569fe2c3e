"""What is to be surveyed, and what was found. Rows follow each other: a survey typed wrong is followed by another one."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.damage import classes
from backend.damage.surveys import rules


def whole(*pair: str) -> Q:
    """Either all of these columns say something, or none."""
    return Q(**{f"{name}__isnull": True for name in pair}) | Q(**{f"{name}__isnull": False for name in pair})


class SurveyRequest(models.Model):
    """調査の依頼: that a house is to be surveyed. Open until a survey answers it or it is withdrawn."""

    class Ended(models.TextChoices):
        ANSWERED = "answered", "調査済み"
        WITHDRAWN = "withdrawn", "取下げ"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey("ledger.Disaster", models.PROTECT, related_name="+", db_index=False)
    house = models.ForeignKey("ledger.House", models.PROTECT, related_name="survey_requests")
    stage = models.CharField("調査の回", max_length=6, choices=list(rules.STAGES.items()))
    district = models.CharField("地区", max_length=100, blank=True)
    since = models.DateTimeField("依頼日時", default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField("理由", max_length=200, blank=True)
    source = models.CharField("出所", max_length=80, blank=True, help_text="room and id as text")
    until = models.DateTimeField("終わった日時", null=True)
    ended = models.CharField("終わり方", max_length=9, choices=Ended.choices, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_reason = models.CharField("取下げの理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "調査の依頼"
        verbose_name_plural = "調査の依頼"
        constraints = [
            models.UniqueConstraint(
                fields=["disaster", "house", "stage"], condition=Q(until=None), name="survey_request_open_once"
            ),
            models.CheckConstraint(
                condition=Q(until=None, ended="", ended_by=None)
                | (Q(until__isnull=False, ended_by__isnull=False) & ~Q(ended="")),
                name="survey_request_ended_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["disaster", "stage", "district", "since"],
                condition=Q(until=None),
                name="survey_request_waiting",
            )
        ]

    @property
    def step(self) -> str:
        """Where it stands in `surveys.rules.REQUEST_TRANSITIONS`."""
        return self.ended or "open"


class SurveyArea(models.Model):
    """区域の一括判定: an area of which the houses at its corners were surveyed for all of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey("ledger.Disaster", models.PROTECT, related_name="+")
    name = models.CharField("区域", max_length=100)
    note = models.CharField("覚え書き", max_length=300, blank=True)
    samples = models.ManyToManyField("damage.Survey", related_name="sample_of")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)


class Survey(models.Model):
    """調査の結果: one survey of one house, with the answers of its sheet, its edition, and the class it found."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey("ledger.Disaster", models.PROTECT, related_name="+", db_index=False)
    house = models.ForeignKey("ledger.House", models.PROTECT, related_name="surveys")
    request = models.ForeignKey(SurveyRequest, models.PROTECT, null=True, related_name="surveys")
    area = models.ForeignKey(SurveyArea, models.PROTECT, null=True, related_name="surveys")
    stage = models.CharField("調査の回", max_length=6, choices=list(rules.STAGES.items()))
    method = models.CharField("方法", max_length=11, choices=list(rules.METHODS.items()))
    edition = models.CharField("運用指針の版", max_length=6)
    cause = models.CharField("災害の種類", max_length=10, choices=list(rules.CAUSES.items()))
    structure = models.CharField("構造", max_length=5, choices=list(rules.STRUCTURES.items()), blank=True)
    external_force = models.BooleanField("外力による損傷", null=True)
    answers = models.JSONField("調査票の答え", default=dict, help_text="in the order of the sheet")
    ratio = models.PositiveSmallIntegerField("損害割合", null=True)
    damage_class = models.CharField("判定した区分", max_length=6, choices=classes.CHOICES)
    surveyed_on = models.DateField("調査日")
    surveyors = models.CharField("調査した人", max_length=100)
    team = models.ForeignKey("damage.Team", models.PROTECT, null=True, related_name="surveys")
    sheet_no = models.CharField("調査票番号", max_length=30, blank=True)
    note = models.CharField("備考", max_length=500, blank=True)
    drawn = models.BooleanField("二度打ちの抽出", default=False)
    replaces = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaced_by")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("入力日時", default=now)

    class Meta:
        verbose_name = "調査"
        verbose_name_plural = "調査"
        constraints = [
            models.UniqueConstraint(
                fields=["disaster", "house", "stage", "surveyed_on"],
                condition=Q(replaces=None),
                name="survey_of_a_day_once",
            ),
            models.CheckConstraint(condition=Q(ratio=None) | Q(ratio__lte=100), name="survey_ratio_in_percent"),
            models.CheckConstraint(
                condition=Q(method="area", area__isnull=False) | (~Q(method="area") & Q(area=None)),
                name="survey_by_area_names_it",
            ),
            models.CheckConstraint(
                condition=~Q(method="photo_self") | Q(damage_class=classes.BELOW),
                name="survey_by_photo_is_the_lightest",
            ),
        ]
        indexes = [models.Index(fields=["disaster", "at"], name="survey_by_day")]


class SecondTyping(models.Model):
    """二度打ち: the same sheet typed once more by somebody else, and in which answers the two differ."""

    survey = models.OneToOneField(Survey, models.PROTECT, primary_key=True, related_name="second")
    answers = models.JSONField("二度目の答え")
    differs = models.JSONField("違う項目", default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField("一度目でよいとした日時", null=True)

    class Meta:
        verbose_name = "二度打ち"
        verbose_name_plural = "二度打ち"
        constraints = [
            models.CheckConstraint(
                condition=whole("settled_by", "settled_at"), name="second_typing_settled_by_somebody"
            )
        ]


class SurveyPhoto(models.Model):
    """写真: the original with its time and place for those who decide, a reduced and stripped copy for everybody else."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="photos")
    sha256 = models.CharField(max_length=64)
    reduced = models.CharField(max_length=64, help_text="SHA-256 of the copy")
    kind = models.CharField(max_length=4)
    size = models.PositiveIntegerField("バイト数")
    taken_at = models.DateTimeField("撮影日時", null=True)
    latitude = models.FloatField("緯度", null=True)
    longitude = models.FloatField("経度", null=True)
    distance = models.PositiveIntegerField("家屋からの距離（m）", null=True)
    about = models.CharField("説明", max_length=100, blank=True)
    is_sheet = models.BooleanField("調査票の写し", default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "sha256"], name="survey_photo_once"),
            models.CheckConstraint(condition=whole("latitude", "longitude"), name="survey_photo_has_a_whole_place"),
        ]


class QuickInspection(models.Model):
    """応急危険度判定: whether one may go in. Kept apart from surveys: it says nothing about the class."""

    class Colour(models.TextChoices):
        RED = "red", "危険（赤）"
        YELLOW = "yellow", "要注意（黄）"
        GREEN = "green", "調査済（緑）"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey("ledger.Disaster", models.PROTECT, related_name="+", db_index=False)
    house = models.ForeignKey("ledger.House", models.PROTECT, related_name="quick_inspections")
    colour = models.CharField("判定", max_length=6, choices=Colour.choices)
    inspected_on = models.DateField("判定日")
    inspector = models.CharField("判定士", max_length=60, blank=True)
    note = models.CharField("覚え書き", max_length=200, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        verbose_name = "応急危険度判定"
        verbose_name_plural = "応急危険度判定"
