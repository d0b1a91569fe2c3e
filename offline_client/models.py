"""What the laptop remembers of its conversation with headquarters. The entries themselves are the journal's."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7


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
    clock_guessed = models.BooleanField(default=False, help_text="that was not learnt, but follows from what is known")
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


class Certificate(models.Model):
    """The one row: by which phones in the shelter's network know this laptop."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    certificate = models.TextField(help_text="PEM")
    key = models.BinaryField(help_text="PKCS #8")
    sha256 = models.CharField(max_length=64, help_text="of the certificate: its fingerprint")
    holds_from = models.DateTimeField()
    holds_until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="laptop_certificate_is_one")]


class Guest(models.Model):
    """A phone or tablet that was let in, or is to be: a PIN until it has come, then a token that it alone holds."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField("機器の名前", max_length=40)
    made_at = models.DateTimeField(default=now)
    pin = models.CharField(max_length=8, blank=True)
    pin_until = models.DateTimeField(null=True)
    wrong_pins = models.PositiveSmallIntegerField(default=0, help_text="given by anybody while its PIN was open")
    token_sha256 = models.CharField(max_length=64, blank=True)
    wrong_logins = models.PositiveSmallIntegerField(default=0)
    first_seen = models.DateTimeField("最初の接続", null=True)
    seen_at = models.DateTimeField("最後の接続", null=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, help_text="who was last signed in")
    cut_at = models.DateTimeField("切断", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token_sha256"], condition=~Q(token_sha256=""), name="guest_token_once"),
            models.UniqueConstraint(fields=["pin"], condition=~Q(pin=""), name="guest_pin_once"),
            models.CheckConstraint(
                condition=Q(pin="", pin_until=None) | Q(pin__gt="", pin_until__isnull=False), name="guest_pin_ends"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class GuestEntry(models.Model):
    """Which entry was written on which device; the entry itself names the person who was signed in."""

    entry = models.UUIDField(primary_key=True)
    guest = models.ForeignKey(Guest, models.PROTECT, related_name="written")
    at = models.DateTimeField(default=now)
