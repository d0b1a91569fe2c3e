"""Issued papers (交付): kinds, running numbers, frozen content, and one line for every printing.

Content, number and token of an issue never change, and no row is ever deleted: triggers of the database hold that
(migration 0002). What may change once is that what it says is superseded, that it becomes void (失効), and which issue took
its place.
Disaster and household are values, not foreign keys: this room doesn't know the ledger.
"""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from backend.core.clock import now
from backend.core.fields import uuid7

from .rules import NUMBER_FORMAT, number_text

models.CharField.register_lookup(Length)


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


class KindWording(models.Model):
    """証明書の文面: the words of a kind of paper, asked for by one and approved by another; one set of a kind is printed at
    a time, and what was printed before stays."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="wordings")
    title = models.CharField("名称", max_length=40)
    statement = models.CharField("証明の文", max_length=300)
    note = models.CharField("注記", max_length=300, blank=True)
    department = models.CharField("担当課", max_length=60, blank=True)
    why = models.CharField("変更の理由", max_length=200)
    asked_at = models.DateTimeField("申請日時", default=now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申請者")
    approved_at = models.DateTimeField("承認日時", null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="承認者"
    )
    ended_at = models.DateTimeField("終了日時", null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_reason = models.CharField("終了の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "証明書の文面"
        verbose_name_plural = "証明書の文面"
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(approved_at__isnull=False, ended_at__isnull=True),
                name="kind_wording_one_in_use",
            ),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(approved_at__isnull=True, ended_at__isnull=True),
                name="kind_wording_one_waiting",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | (Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by=models.F("asked_by"))),
                name="kind_wording_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, ended_reason__gt=""),
                name="kind_wording_ended_by_somebody",
            ),
        ]


class SigningKey(models.Model):
    """署名の鍵: signs the proofs in QR codes. One is in use; those before it stay, for the papers they signed."""

    key = models.CharField("鍵の番号", max_length=8, primary_key=True)
    public = models.CharField("公開鍵", max_length=64)
    sealed = models.CharField("封をした秘密鍵", max_length=200)
    made_at = models.DateTimeField("作成日時", default=now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField("終了日時", null=True)
    ended_reason = models.CharField("終了の理由", max_length=200, blank=True)
    lost = models.BooleanField("漏えい", default=False)

    class Meta:
        verbose_name = "署名の鍵"
        verbose_name_plural = "署名の鍵"
        constraints = [
            # `lost` is false while a key is in use.
            models.UniqueConstraint(fields=["lost"], condition=Q(ended_at__isnull=True), name="signing_key_one_in_use"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_reason="", lost=False)
                | Q(ended_at__isnull=False, ended_reason__gt=""),
                name="signing_key_ended_with_reason",
            ),
        ]


class SealImage(models.Model):
    """公印の画像: asked for by one, approved by another, ended by somebody; one is printed at a time. Bytes never change."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    purpose = models.CharField("印", max_length=10, default="mayor", editable=False)
    image = models.BinaryField("画像")
    sha256 = models.CharField("指紋", max_length=64)
    note = models.CharField("説明", max_length=100)
    asked_at = models.DateTimeField("申請日時", default=now)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申請者")
    approved_at = models.DateTimeField("承認日時", null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="承認者"
    )
    ended_at = models.DateTimeField("終了日時", null=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    ended_reason = models.CharField("終了の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "公印の画像"
        verbose_name_plural = "公印の画像"
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose"],
                condition=Q(approved_at__isnull=False, ended_at__isnull=True),
                name="seal_one_in_use",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | (Q(approved_at__isnull=False, approved_by__isnull=False) & ~Q(approved_by=models.F("asked_by"))),
                name="seal_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True, ended_reason="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, ended_reason__gt=""),
                name="seal_ended_by_somebody",
            ),
        ]


class Counter(models.Model):
    """The last number given, by kind and fiscal year. Drawn in the issue's own transaction, so there are no gaps."""

    kind = models.ForeignKey(DocumentKind, models.PROTECT)
    fiscal_year = models.PositiveSmallIntegerField("年度")
    last = models.PositiveIntegerField("最後の番号", default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "fiscal_year"], name="counter_once")]


SUPERSEDED = "後の判定あり（要返納）"


class Issue(models.Model):
    """交付: one paper with its number and its content as it was on the day."""

    class Status(models.TextChoices):
        VALID = "valid", "有効"
        WITHDRAWN = "withdrawn", "失効"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.ForeignKey(DocumentKind, models.PROTECT, related_name="issues")
    fiscal_year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("番号")
    number_text = models.CharField("文書番号", max_length=100)
    disaster = models.UUIDField("災害")
    household = models.UUIDField("台帳世帯", db_index=True)
    subject = models.UUIDField("対象の家屋など", null=True, help_text="empty: one paper of the kind a household")
    restricted = models.BooleanField("秘匿の方への交付", default=False)
    content = models.JSONField("内容")
    content_sha256 = models.CharField("内容の指紋", max_length=64)
    token = models.CharField("確認番号", max_length=40, unique=True)
    as_of = models.DateTimeField("時点")
    issued_at = models.DateTimeField("交付日時", default=now, db_index=True)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="交付者")
    status = models.CharField("状態", max_length=10, choices=Status.choices, default=Status.VALID)
    superseded_at = models.DateTimeField("内容が替わった日時", null=True)
    withdrawn_at = models.DateTimeField("失効日時", null=True)
    withdrawn_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    withdrawn_reason = models.CharField("失効の理由", max_length=200, blank=True)
    replaced_by = models.OneToOneField("self", models.PROTECT, null=True, related_name="replaces")

    class Meta:
        verbose_name = "交付"
        verbose_name_plural = "交付"
        ordering = ["-issued_at", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "fiscal_year", "number"], name="issue_number_once"),
            models.UniqueConstraint(
                fields=["kind", "disaster", "household", "restricted"],
                condition=Q(status="valid", subject__isnull=True),
                name="issue_one_valid",
            ),
            models.UniqueConstraint(
                fields=["kind", "disaster", "household", "restricted", "subject"],
                condition=Q(status="valid", subject__isnull=False),
                name="issue_one_valid_of_subject",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="issue_number_from_one"),
            models.CheckConstraint(condition=Q(content_sha256__length=64), name="issue_has_fingerprint"),
            models.CheckConstraint(condition=Q(token__length__gte=26), name="issue_token_cannot_be_guessed"),
            models.CheckConstraint(
                condition=Q(
                    status="valid",
                    withdrawn_at__isnull=True,
                    withdrawn_by__isnull=True,
                    withdrawn_reason="",
                    replaced_by__isnull=True,
                )
                | Q(
                    status="withdrawn",
                    withdrawn_at__isnull=False,
                    withdrawn_by__isnull=False,
                    withdrawn_reason__gt="",
                ),
                name="issue_withdrawn_by_somebody_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.number_text

    @property
    def is_valid(self) -> bool:
        """Whether it may be relied upon: neither void, nor is what it says superseded by something decided later."""
        return self.is_out and self.superseded_at is None

    @property
    def is_out(self) -> bool:
        """Whether nobody has declared it void: it may be superseded, and is to be given back then (返納)."""
        return self.status == self.Status.VALID

    @property
    def state_label(self) -> str:
        return SUPERSEDED if self.is_out and not self.is_valid else self.get_status_display()


class IssueCopy(models.Model):
    """One handing over: the first, and every one (再交付) after it, of one copy or of as many as were asked for: `number`
    is the first of them. Rows are only ever added."""

    class Receiver(models.TextChoices):
        MEMBER = "member", "世帯の方"
        AGENT = "agent", "代理人（委任状あり）"
        OWNER = "owner", "所有者"
        HEIR = "heir", "相続人"
        CORPORATE = "corporate", "法人の担当者"
        POST = "post", "郵送"

    class IdChecked(models.TextChoices):
        """Which kind of document was seen; its number is never written down."""

        MY_NUMBER_CARD = "my_number_card", "マイナンバーカード（表面）"
        LICENCE = "licence", "運転免許証"
        PASSPORT = "passport", "パスポート"
        RESIDENCE = "residence", "在留カード・特別永住者証明書"
        DISABILITY = "disability", "障害者手帳"
        TWO_PAPERS = "two_papers", "写真のない書類2点"
        ASKED = "asked", "聞き取り（書類を失っている）"
        POSTED = "posted", "なし（登録された送付先へ郵送）"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="copies")
    number = models.PositiveSmallIntegerField("通番")
    quantity = models.PositiveSmallIntegerField("通数", default=1)
    at = models.DateTimeField("日時", default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="職員")
    reason = models.CharField("理由", max_length=200)
    receiver = models.CharField("受け取った人", max_length=10, choices=Receiver.choices)
    id_checked = models.CharField("本人確認", max_length=20, choices=IdChecked.choices)

    class Meta:
        verbose_name = "交付の記録"
        verbose_name_plural = "交付の記録"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "number"], name="issue_copy_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="issue_copy_from_one"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="issue_copy_quantity_from_one"),
            models.CheckConstraint(condition=Q(reason__gt=""), name="issue_copy_has_reason"),
            models.CheckConstraint(
                condition=Q(receiver__in=["member", "agent", "owner", "heir", "corporate", "post"]),
                name="issue_copy_receiver_known",
            ),
        ]

    @property
    def last(self) -> int:
        """Which one the last of these copies is, counted from the first that was ever handed over."""
        return self.number + self.quantity - 1

    @property
    def which(self) -> str:
        """`2`, or `2～4` where several were handed over at a time."""
        return str(self.number) if self.quantity == 1 else f"{self.number}～{self.last}"


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
