"""Who is who: links from people who were typed by hand to those of the register."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from backend.core.clock import now
from backend.core.fields import uuid7

from .people import Person


class SameAs(models.Model):
    """Somebody typed by hand is a person of the register: a row that can be ended, so that nothing is ever re-pointed.

    `person`: typed into the ledger; `record`: typed elsewhere (an evacuee, an application), by the id of that room.
    `confirmed_by` empty: a reading aid only; certificates, payments, consents and disclosures need a confirmed one.
    """

    class Proof(models.TextChoices):
        RECORDS = "records", "記録を見比べて確認"
        DOCUMENT = "document", "本人確認書類で確認"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="same_as_to", verbose_name="入力された個人"
    )
    record = models.UUIDField("入力された記録", null=True, help_text="somebody who is no person of the ledger")
    into = models.ForeignKey(Person, models.PROTECT, related_name="same_as_from", verbose_name="住民記録の個人")
    ground = models.CharField("根拠", max_length=200)
    since = models.DateTimeField(default=now)
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    proof = models.CharField("確認の方法", max_length=10, choices=Proof.choices, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    ended_reason = models.CharField("外した理由", max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(until__isnull=True, person__isnull=False), name="same_as_one_live"
            ),
            models.UniqueConstraint(
                fields=["record"], condition=Q(until__isnull=True, record__isnull=False), name="same_as_record_one_live"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=True, record__isnull=False)
                | Q(person__isnull=False, record__isnull=True) & ~Q(person=F("into")),
                name="same_as_of_one_not_itself",
            ),
            models.CheckConstraint(
                condition=Q(proof="") | Q(confirmed_by__isnull=False), name="same_as_proof_of_somebody"
            ),
        ]
