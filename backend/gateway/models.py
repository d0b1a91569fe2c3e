"""What the Internet side knows: the state of certificates by a hash of their token, and which bundles came.

Nothing here is about a person, a household or an address; tests/architecture/test_outside.py holds that.
"""

from django.db import models

from backend.core.clock import now


class CertificateStatus(models.Model):
    """One certificate as the last bundle told it."""

    class Status(models.TextChoices):
        VALID = "valid", "有効"
        SUPERSEDED = "superseded", "後の判定あり"
        WITHDRAWN = "withdrawn", "失効"

    token_hash = models.CharField("確認番号の指紋", max_length=64, primary_key=True)
    kind = models.CharField("種類", max_length=40)
    number = models.CharField("文書番号", max_length=100)
    issued_on = models.DateField("交付日")
    status = models.CharField("状態", max_length=10, choices=Status.choices)
    as_of = models.DateTimeField("一覧の時点")

    class Meta:
        verbose_name = "証明書の状態"
        verbose_name_plural = "証明書の状態"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["valid", "superseded", "withdrawn"]), name="certificate_status_known"
            ),
        ]


class PublicKey(models.Model):
    """A key that signs the proofs in QR codes, as the last bundle told it: its public half."""

    key = models.CharField("鍵の番号", max_length=8, primary_key=True)
    public = models.CharField("公開鍵", max_length=64)
    since = models.DateField("使い始め")
    until = models.DateField("使い終わり", null=True)
    state = models.CharField(
        "状態", max_length=10, choices=[("in_use", "使用中"), ("ended", "交代済み"), ("lost", "無効（漏えい）")]
    )

    class Meta:
        verbose_name = "公開鍵"
        verbose_name_plural = "公開鍵"
        ordering = ["-since", "key"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["in_use", "ended", "lost"]), name="public_key_state_known"
            ),
        ]


class PrintedKind(models.Model):
    """A name that papers of a kind are printed with, and how their numbers are written, as the last bundle told it."""

    kind = models.CharField("種類", max_length=20)
    title = models.CharField("名称", max_length=40)
    number = models.CharField("文書番号の形", max_length=200, blank=True)
    since = models.DateField("最初の日")
    until = models.DateField("最後の日", null=True)

    class Meta:
        verbose_name = "証明書の名称"
        verbose_name_plural = "証明書の名称"
        ordering = ["kind", "since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "title", "number"], name="printed_kind_once"),
        ]


class Bundle(models.Model):
    """A bundle that was made here (inside) or loaded here (outside)."""

    class Way(models.TextChoices):
        MADE = "made", "書き出し"
        LOADED = "loaded", "読み込み"

    sha256 = models.CharField("指紋", max_length=64)
    way = models.CharField("方向", max_length=10, choices=Way.choices)
    made_at = models.DateTimeField("作成日時")
    handled_at = models.DateTimeField("処理日時", default=now)
    rows = models.PositiveIntegerField("行数")

    class Meta:
        verbose_name = "公開用の束"
        verbose_name_plural = "公開用の束"
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=models.Q(way="loaded"), name="gateway_bundle_loaded_once"
            ),
            models.CheckConstraint(condition=models.Q(way__in=["made", "loaded"]), name="gateway_bundle_way_known"),
        ]


# Applications from outside. What somebody typed is here only sealed for inside, and only until inside has it.


class ApplicationDesk(models.Model):
    """A disaster for which applications are taken online, as the last bundle told it, with the key to seal them for."""

    disaster = models.UUIDField(primary_key=True)
    name = models.CharField("災害", max_length=100)
    since = models.DateField("発災日")
    key = models.CharField("鍵の番号", max_length=8)
    public = models.CharField("公開鍵", max_length=64)

    class Meta:
        verbose_name = "オンライン申請の受付"
        verbose_name_plural = "オンライン申請の受付"
        ordering = ["-since", "name"]


class SealedForm(models.Model):
    """An application that nobody here can read, until a bundle says that inside has it."""

    lookup = models.CharField(max_length=64, primary_key=True, help_text="keyed hash of receipt number and birth date")
    key = models.CharField("鍵の番号", max_length=8)
    body = models.BinaryField("封をした申請")
    size = models.PositiveIntegerField("バイト数")
    received_at = models.DateTimeField("届いた日時", default=now)

    class Meta:
        verbose_name = "封をした申請"
        verbose_name_plural = "封をした申請"
        indexes = [models.Index(fields=["received_at"], name="sealed_form_by_time")]


class SealedPicture(models.Model):
    """A picture, sealed as soon as it came. Without a form it waits for one that was not finished yet, for a day."""

    id = models.CharField(max_length=32, primary_key=True)
    form = models.ForeignKey(SealedForm, models.CASCADE, null=True, related_name="pictures")
    key = models.CharField("鍵の番号", max_length=8)
    body = models.BinaryField("封をした写真")
    size = models.PositiveIntegerField("バイト数")
    at = models.DateTimeField("届いた日時", default=now)

    class Meta:
        verbose_name = "封をした写真"
        verbose_name_plural = "封をした写真"


class ApplicationState(models.Model):
    """How far an application is, as the last bundle told it."""

    lookup = models.CharField(max_length=64, primary_key=True)
    state = models.CharField("状態", max_length=10)
    as_of = models.DateTimeField("一覧の時点")

    class Meta:
        verbose_name = "申請の状態"
        verbose_name_plural = "申請の状態"


class Use(models.Model):
    """How often something was done from somewhere within an hour or a day; the place is only a keyed hash of that time."""

    key = models.CharField(max_length=64, primary_key=True)
    until = models.DateTimeField("この時間の終わり")
    count = models.PositiveIntegerField("回数", default=0)

    class Meta:
        verbose_name = "利用の回数"
        verbose_name_plural = "利用の回数"
