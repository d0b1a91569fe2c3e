"""Devices, their entries in the order of receipt, and what was found contradictory."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from backend.core.clock import now
from backend.core.fields import uuid7

FIRST_PREV = "0" * 64
models.CharField.register_lookup(Length)


class Terminal(models.Model):
    """A shelter's laptop as headquarters knows it: made ready for one place, known by a secret, cut off when it is lost."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField("名称", max_length=60)
    facility = models.UUIDField("施設", db_index=True, help_text="no foreign key: the journal knows places by id only")
    area = models.CharField("受け持つ町", max_length=400, blank=True, help_text="empty: the whole municipality")
    enrolment_sha256 = models.CharField(max_length=64, unique=True, help_text="of the token that joins it, once")
    enrolment_until = models.DateTimeField("登録の期限")
    secret_sha256 = models.CharField(max_length=64, blank=True, help_text="of the secret that the laptop made itself")
    joined_at = models.DateTimeField("登録日時", null=True)
    made_at = models.DateTimeField(default=now)
    released_at = models.DateTimeField("名簿の鍵を渡した日時", null=True)
    revoked_at = models.DateTimeField("失効日時", null=True)
    seen_at = models.DateTimeField("最後の連絡", null=True)
    unsent = models.PositiveIntegerField("未送信", null=True, help_text="as the laptop said at the last contact")
    clock_off = models.BigIntegerField("時計のずれ（秒）", null=True, help_text="the laptop's clock less this one's")
    version = models.CharField("版", max_length=20, blank=True)

    class Meta:
        verbose_name = "避難所の端末"
        verbose_name_plural = "避難所の端末"
        constraints = [
            models.CheckConstraint(
                condition=Q(joined_at=None, secret_sha256="") | Q(joined_at__isnull=False, secret_sha256__length=64),
                name="terminal_joined_with_secret",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Device(models.Model):
    """One chain of entries, with its head. This database itself is a device too: one row, made on first use.

    A laptop that was set back from a backup goes on with a new device; its terminal stays the same.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField("名称", max_length=60)
    is_own = models.BooleanField(default=False, help_text="the chain that this database itself writes")
    terminal = models.ForeignKey(Terminal, models.PROTECT, null=True, related_name="chains")
    registered_at = models.DateTimeField("登録日時", default=now)
    last_seq = models.PositiveBigIntegerField(default=0)
    last_sha256 = models.CharField(max_length=64, default=FIRST_PREV)
    last_uuid = models.UUIDField(null=True, help_text="of its own entries: ids of one chain only grow")
    # Entries that came before their turn (by a stick out of order) and were asked for again: the first and the last of them.
    waiting_from = models.PositiveBigIntegerField("前の部分を待つ最初の番号", null=True)
    waiting_upto = models.PositiveBigIntegerField("前の部分を待つ最後の番号", null=True)
    waiting_since = models.DateTimeField("前の部分を待ち始めた日時", null=True)

    class Meta:
        verbose_name = "端末の記録列"
        verbose_name_plural = "端末の記録列"
        constraints = [
            models.UniqueConstraint(fields=["is_own"], condition=Q(is_own=True), name="device_one_own"),
            models.CheckConstraint(
                condition=Q(waiting_from=None, waiting_upto=None, waiting_since=None)
                | Q(waiting_from__gte=1, waiting_upto__gte=F("waiting_from"), waiting_since__isnull=False),
                name="device_waits_for_something",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Head(models.Model):
    """The one row that whoever writes entries holds locked: so `received_no` has no gaps, in the order of commit."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    received_no = models.PositiveBigIntegerField(default=0)
    history = models.CharField(max_length=64, default=FIRST_PREV, help_text="of the last entry received")

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
    history = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 over all that was received until here: tells a restored database"
    )
    receipt = models.CharField(
        max_length=32, blank=True, help_text="on a laptop: by which the server knows its own word"
    )

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
        indexes = [
            models.Index(fields=["kind", "received_no"], name="entry_by_kind"),
            models.Index(fields=["sha256"], condition=Q(verdict="refused"), name="entry_refused_bytes"),
        ]


class Topic(models.Model):
    """What an accepted entry speaks of, so that each laptop is given what its shelter must know, and no more."""

    class Of(models.TextChoices):
        PLACE = "place", "避難所"  # an opening
        PERSON = "person", "人"
        ENTRY = "entry", "記録"  # another entry, which it corrects or takes back
        ALL = "all", "全員"

    received_no = models.PositiveBigIntegerField()
    of = models.CharField(max_length=6, choices=Of.choices)
    topic = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["topic", "received_no"], name="topic_entries"),
            models.Index(fields=["received_no"], name="topic_of_entry"),
        ]


class Settled(models.Model):
    """What headquarters decided about a refused entry: taken over as an entry of its own, or left, with the reason."""

    refused = models.OneToOneField(Entry, models.PROTECT, primary_key=True, related_name="settled")
    taken_as = models.UUIDField(null=True, help_text="the entry that was recorded in its place")
    note = models.CharField("理由", max_length=200, blank=True)
    at = models.DateTimeField(default=now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)


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
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True)
    note = models.CharField("解決の内容", max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "code"], name="conflict_named_once")]
        indexes = [models.Index(fields=["settled_at", "found_at"], name="conflict_open")]


class Attachment(models.Model):
    """A picture that entries name by its hash; it may come later than they, in pieces. Never altered once it is whole."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveIntegerField(help_text="of the whole, as the entry says; `data` may be its beginning")
    data = models.BinaryField()
    kept_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True, help_text="on a laptop: when headquarters said that it has it")

    class Meta:
        verbose_name = "写真"
        verbose_name_plural = "写真"
        constraints = [models.CheckConstraint(condition=Q(sha256__length=64), name="attachment_has_hash")]
