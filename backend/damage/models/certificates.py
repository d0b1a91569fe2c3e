"""Which judgement of which house a 罹災証明書 rests on. The paper itself is an issue of `documents`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from .applications import Application
from .judgements import Judgement


class RisaiCertificate(models.Model):
    """罹災証明書: the paper, the household it was issued to, the house and the judgement. Rows are only ever added."""

    issue = models.OneToOneField("documents.Issue", models.PROTECT, primary_key=True, related_name="+")
    household = models.ForeignKey("ledger.Household", models.PROTECT, related_name="+")
    house = models.ForeignKey("ledger.House", models.PROTECT, related_name="+")
    judgement = models.ForeignKey(Judgement, models.PROTECT, related_name="certificates")
    application = models.ForeignKey(Application, models.PROTECT, null=True, related_name="certificates")
    role = models.CharField("関係", max_length=5, choices=[("lives", "居住"), ("owns", "所有")])
    purpose = models.CharField("使用目的", max_length=60)
    copies = models.PositiveSmallIntegerField("通数")

    class Meta:
        verbose_name = "罹災証明書"
        verbose_name_plural = "罹災証明書"
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["lives", "owns"]), name="risai_role_known"),
            models.CheckConstraint(condition=Q(copies__gte=1), name="risai_copies_from_one"),
        ]
