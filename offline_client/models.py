"""What the laptop remembers of its conversation with headquarters. The entries themselves are the journal's."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from backend.core.clock import now


class State(models.Model):
    """The one row: who this laptop is to headquarters, and how far they have come together."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    url = models.CharField(max_length=200)
    secret = models.CharField(max_length=80)
    terminal = models.UUIDField(null=True)
    name = models.CharField(max_length=60, blank=True)
    facility = models.UUIDField(null=True)
    municipality = models.CharField(max_length=6, blank=True)
    cursor = models.CharField(max_length=80, blank=True, help_text="place in the server's history")
    answered_seq = models.PositiveBigIntegerField(default=0, help_text="own entries with a final answer")
    new_chain = models.UUIDField(null=True, help_text="chosen, and not begun yet")
    contacted_at = models.DateTimeField(null=True, help_text="the last exchange that came to its end")
    packed_at = models.DateTimeField(null=True)
    clock_seconds = models.FloatField(default=0, help_text="what this machine's clock lacks")
    revoked = models.BooleanField(default=False)
    key = models.CharField(max_length=60, blank=True, help_text="of the sealed parts, once headquarters gave it")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="laptop_state_is_one")]


class SealedPart(models.Model):
    """A part of the pack that nobody could open yet, as it came."""

    line = models.BinaryField()
    opened_at = models.DateTimeField(null=True)


class Refusal(models.Model):
    """An own entry that headquarters has, but did not believe: it is shown there, and never sent again."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=40)
    reason = models.CharField(max_length=40)
    at = models.DateTimeField(default=now)


class PutAside(models.Model):
    """An entry that is not in the history of today: kept as it was until the disaster is over."""

    raw = models.BinaryField()
    sha256 = models.CharField(max_length=64, unique=True)
    receipt = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField(default=now)


class Exchange(models.Model):
    """One exchange with headquarters, over the line or by USB: what went, what came, and why it stopped."""

    began_at = models.DateTimeField(default=now)
    way = models.CharField(max_length=4, choices=[("line", "回線"), ("usb", "USB")], default="line")
    sent = models.PositiveIntegerField(default=0)
    received = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=200, blank=True)
    note = models.CharField(max_length=200, blank=True)
