"""Devices, their entries in the order of receipt, and what was found contradictory."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from backend.core.clock import now
from backend.core.fields import uuid7

FIRST_PREV = "0" * 64
models.CharField.register_lookup(Length)


class Device(models.Model):
    """One that writes entries, with the head of its chain. The server is a device too: one row, made on first use."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField("名称", max_length=60)
    is_server = models.BooleanField(default=False)
    registered_at = models.DateTimeField("登録日時", default=now)
    revoked_at = models.DateTimeField("失効日時", null=True)
    last_seq = models.PositiveBigIntegerField(default=0)
    last_sha256 = models.CharField(max_length=64, default=FIRST_PREV)

    class Meta:
        verbose_name = "端末"
        verbose_name_plural = "端末"
        constraints = [
            models.UniqueConstraint(fields=["is_server"], condition=Q(is_server=True), name="device_one_server")
        ]

    def __str__(self) -> str:
        return self.name


class Head(models.Model):
    """The one row that whoever writes entries holds locked: so `received_no` has no gaps, in the order of commit."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    received_no = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="head_is_one")]


class Entry(models.Model):
    """One fact, for ever. `raw` is its JSON as first written; the columns say the same. Refused ones are kept too.

    A refused entry may be unreadable, so only accepted ones must have every part.
    """

    class Verdict(models.TextChoices):
        ACCEPTED = "accepted", "受付"
        REFUSED = "refused", "拒否"

    received_no = models.PositiveBigIntegerField(primary_key=True)
    received_at = models.DateTimeField()
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    reason = models.CharField(max_length=200, blank=True, help_text="why it was refused")
    raw = models.BinaryField()
    sha256 = models.CharField(max_length=64)

    uuid = models.UUIDField(null=True, db_index=True, help_text="`id` of the entry")
    device = models.ForeignKey(Device, models.PROTECT, null=True, db_index=False)
    seq = models.PositiveBigIntegerField(null=True)
    kind = models.CharField(max_length=40, blank=True)
    v = models.PositiveSmallIntegerField(null=True)
    occurred_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField(null=True, help_text="by the author's clock")
    actor = models.CharField(max_length=60, blank=True, help_text="id of the staff member, or `command`")
    payload = models.JSONField(null=True)
    prev = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "現場記録"
        verbose_name_plural = "現場記録"
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="refused")
                | Q(
                    verdict="accepted",
                    reason="",
                    uuid__isnull=False,
                    device__isnull=False,
                    seq__gte=1,
                    seq__isnull=False,
                    kind__gt="",
                    v__isnull=False,
                    occurred_at__isnull=False,
                    recorded_at__isnull=False,
                    payload__isnull=False,
                    prev__length=64,
                ),
                name="entry_accepted_is_whole",
            ),
            models.CheckConstraint(condition=Q(sha256__length=64), name="entry_has_hash"),
            models.CheckConstraint(
                condition=Q(verdict="accepted") | Q(reason__gt=""), name="entry_refused_with_reason"
            ),
            # The same id, or the same place in the chain, with other bytes is kept, but as a refused one.
            models.UniqueConstraint(fields=["uuid"], condition=Q(verdict="accepted"), name="entry_accepted_once"),
            models.UniqueConstraint(
                fields=["device", "seq"], condition=Q(verdict="accepted"), name="entry_place_in_chain_once"
            ),
        ]
        indexes = [models.Index(fields=["kind", "received_no"], name="entry_by_kind")]


class Voiding(models.Model):
    """Projection of `entry.voided`: which entry was taken back, when this database learnt it, by whom and why."""

    entry = models.UUIDField(primary_key=True)
    target = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    received_no = models.PositiveBigIntegerField(unique=True)


class Conflict(models.Model):
    """A named contradiction that an accepted entry opened; written once, when it was received. Settled by people."""

    entry = models.UUIDField()
    code = models.CharField("種別", max_length=40)
    text = models.CharField("内容", max_length=200, help_text="no names, no addresses")
    found_at = models.DateTimeField("発見日時", default=now)
    settled_at = models.DateTimeField("解決日時", null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "code"], name="conflict_named_once")]
        indexes = [models.Index(fields=["settled_at", "found_at"], name="conflict_open")]
