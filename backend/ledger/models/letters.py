"""Letters that came back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .disaster import Disaster
from .people import Household


class ReturnedMail(models.Model):
    """返戻: a letter to a household came back. It holds their letters until a newer mailing address, or until settled."""

    class Reason(models.TextChoices):
        UNKNOWN = "unknown", "転居先不明・あて所に尋ねあたらない"
        ABSENT = "absent", "不在（保管期間経過）"
        REFUSED = "refused", "受取拒否"
        OTHER = "other", "その他"

    class How(models.TextChoices):
        AGAIN = "again", "同じ送付先にもう一度送る"
        MISTAKE = "mistake", "記録の誤り"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    disaster = models.ForeignKey(Disaster, models.PROTECT, related_name="returned_mail")
    household = models.ForeignKey(Household, models.PROTECT, related_name="returned_mail")
    issue = models.UUIDField("交付した文書", null=True)
    reason = models.CharField("理由", max_length=10, choices=Reason.choices)
    returned_on = models.DateField("返戻の日")
    sent_to = models.CharField("送った先", max_length=400, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField("記録日時", default=now)
    settled_at = models.DateTimeField("解除日時", null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    settled_how = models.CharField("解除の種類", max_length=10, choices=How.choices, blank=True)
    settled_reason = models.CharField("解除の理由", max_length=200, blank=True)

    class Meta:
        verbose_name = "返戻"
        verbose_name_plural = "返戻"
        ordering = ["-recorded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "returned_on", "issue"],
                condition=Q(settled_at__isnull=True, issue__isnull=False),
                name="returned_mail_once_a_day_by_scan",
            ),
            models.UniqueConstraint(
                fields=["household", "returned_on"],
                condition=Q(settled_at__isnull=True, issue__isnull=True),
                name="returned_mail_once_a_day_by_hand",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, settled_how="", settled_reason="")
                | Q(settled_at__isnull=False, settled_by__isnull=False, settled_how__gt="", settled_reason__gt=""),
                name="returned_mail_settled_by_somebody_with_reason",
            ),
        ]
