"""Staff and their divisions, who looked at whom (access log), and who did what (audit row)."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from backend.core.clock import now
from backend.core.fields import uuid7


class Division(models.TextChoices):
    """部署: what a person may see and do hangs on it (permissions.py)."""

    SHELTER = "shelter", "避難所班"
    TAX = "tax", "税務・被害認定班"
    WELFARE = "welfare", "福祉班"
    HOUSING = "housing", "住宅班"
    SUPPLIES = "supplies", "物資班"
    ACCOUNTING = "accounting", "会計班"
    PUBLICITY = "publicity", "広報班"
    REGISTER = "register", "住民記録班"
    ADMINISTRATOR = "administrator", "システム管理者"
    AUDITOR = "auditor", "監査"


class Staff(AbstractUser):
    """職員: one who may sign in. `is_superuser` is never set: rights come from the division alone."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    display_name = models.CharField("氏名（表示名）", max_length=60)
    division = models.CharField("部署", max_length=20, choices=Division.choices)
    home = models.CharField("所属（応援職員は派遣元）", max_length=60, blank=True)
    is_supervisor = models.BooleanField("監督者（秘匿の解除ができる）", default=False)
    sees_protected = models.BooleanField("支援措置対象者を見られる", default=False)
    temporary_until = models.DateTimeField(
        "仮パスワードの期限", null=True, blank=True, editable=False, help_text="empty: the password is the person's own"
    )

    class Meta:
        verbose_name = "職員"
        verbose_name_plural = "職員"
        constraints = [
            models.CheckConstraint(condition=models.Q(division__in=Division.values), name="staff_division_known"),
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="staff_never_superuser"),
        ]

    def __str__(self) -> str:
        return self.display_name or self.username


class AccessLog(models.Model):
    """One look at personal data: who, when, at what, why. Rows are inserted and never changed (triggers hold that)."""

    class What(models.TextChoices):
        SEARCH = "search", "検索"
        HOUSEHOLD = "household", "世帯の閲覧"
        PERSON = "person", "個人の閲覧"
        LIST = "list", "一覧の閲覧"
        EXPORT = "export", "出力"

    at = models.DateTimeField("日時", default=now, db_index=True)
    staff = models.ForeignKey(Staff, models.PROTECT, verbose_name="職員", db_constraint=True)
    division = models.CharField("部署", max_length=20)
    what = models.CharField("種別", max_length=20, choices=What.choices)
    subject = models.CharField("対象", max_length=60, blank=True, db_index=True, help_text="household:UUID の形")
    hits = models.PositiveIntegerField("件数", default=1)
    reason = models.CharField("理由", max_length=200, blank=True)
    detail = models.CharField(
        "条件の種類", max_length=200, blank=True, help_text="names of the fields asked, never values"
    )

    class Meta:
        verbose_name = "閲覧記録"
        verbose_name_plural = "閲覧記録"
        ordering = ["-at", "-id"]


class AuditRow(models.Model):
    """One act of a service: written in the act's own transaction, never changed (triggers hold that)."""

    at = models.DateTimeField("日時", default=now, db_index=True)
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, verbose_name="職員", help_text="empty: a command")
    act = models.CharField("行為", max_length=60)
    subject = models.CharField("対象", max_length=80, blank=True, db_index=True, help_text="household:UUID の形")
    detail = models.JSONField("内容", default=dict, help_text="numbers, codes and ids; no names, no addresses")

    class Meta:
        verbose_name = "操作記録"
        verbose_name_plural = "操作記録"
        ordering = ["-at", "-id"]
