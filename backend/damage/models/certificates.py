"""Which judgement of which house a 罹災証明書 rests on. The paper itself is an issue of `documents`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from backend.damage.applications import rules as applications

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


class DeclaredCertificate(models.Model):
    """届出証明書: the paper, the application and which of its places it is about. Rows are only ever added."""

    issue = models.OneToOneField("documents.Issue", models.PROTECT, primary_key=True, related_name="+")
    application = models.ForeignKey(Application, models.PROTECT, related_name="declared")
    what = models.CharField("届出の対象", max_length=8, choices=list(applications.WHAT.items()))
    place = models.CharField("被災した場所", max_length=300)
    said = models.CharField("届出の内容", max_length=300)
    purpose = models.CharField("使用目的", max_length=60)
    copies = models.PositiveSmallIntegerField("通数")

    class Meta:
        verbose_name = "届出証明書"
        verbose_name_plural = "届出証明書"
        constraints = [
            models.CheckConstraint(condition=~Q(what=applications.DWELLING), name="declared_no_dwelling"),
            models.CheckConstraint(condition=Q(said__gt=""), name="declared_says_what"),
            models.CheckConstraint(condition=Q(copies__gte=1), name="declared_copies_from_one"),
        ]
