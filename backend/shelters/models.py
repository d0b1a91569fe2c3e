"""Who is known at shelters, and what the journal says of them. All of it can be dropped and rebuilt from the entries.

Every row but `Evacuee` is what one entry left behind (see facilities.models.Projection), so that each can be asked as
of any time, as known at any time.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.facilities.models import Projection

# Subjects with a folder of their own keep their tables there; here Django finds them.
from .daysheet.models import DaySheet
from .exchange.models import ExchangeFile, ExchangeGiven, ExchangePerson
from .frontdesk.models import Away, Ended, Parcel, Visitor
from .help_first.models import HelpPlan, HelpPlanFile
from .rules import CONSENTS, DESTINATIONS, HOW
from .sheets.models import Sheet, SheetLine
from .welfare.models import WelfareAnswer, WelfareCancel, WelfarePlaces, WelfareRequest, WelfareTransport

__all__ = [
    "Away",
    "Consent",
    "Contact",
    "DaySheet",
    "Details",
    "Ended",
    "Evacuee",
    "ExchangeFile",
    "ExchangeGiven",
    "ExchangePerson",
    "HelpFile",
    "HelpPerson",
    "HelpPlan",
    "HelpPlanFile",
    "Merge",
    "Need",
    "NeedMet",
    "Note",
    "Parcel",
    "ProtectionAsked",
    "Sheet",
    "SheetLine",
    "Status",
    "StayEvent",
    "ToldApart",
    "Visitor",
    "WelfareAnswer",
    "WelfareCancel",
    "WelfarePlaces",
    "WelfareRequest",
    "WelfareTransport",
]


class Evacuee(models.Model):
    """避難者: somebody whom an entry named. The name of a resident is the ledger's; `id` of a person of the ledger without
    宛名番号 is that person's own."""

    id = models.UUIDField(primary_key=True, editable=False)
    atena_no = models.CharField("宛名番号", max_length=15, null=True, unique=True)
    card = models.CharField(
        "札の番号", max_length=12, db_index=True, help_text="follows from the id; very seldom two have one"
    )

    class Meta:
        verbose_name = "避難者"
        verbose_name_plural = "避難者"


class Details(Projection):
    """What somebody said of themselves, whole, as registered or corrected; of each field the latest change holds (said.py)."""

    evacuee = models.UUIDField()
    name = models.CharField("氏名", max_length=200)
    kana = models.CharField("氏名カナ", max_length=300, blank=True)
    birth = models.CharField("生年月日", max_length=10, blank=True, help_text="YYYY-MM-DD, unknown parts 00")
    sex = models.CharField("性別", max_length=1, blank=True)
    address = models.CharField("住所", max_length=300, blank=True)
    origin = models.CharField("避難前の市町村", max_length=60, blank=True)
    telephone = models.CharField("電話番号", max_length=40, blank=True)
    was = models.JSONField(
        null=True, help_text="of a correction: what stood in the fields that it changed, when it was written"
    )

    class Meta:
        indexes = [models.Index(fields=["evacuee", "occurred_at", "received_no"], name="details_latest")]


class StayEvent(Projection):
    """One arrival, move or departure. Somebody is where their latest arrival or move led, unless they left there since."""

    class Kind(models.TextChoices):
        ARRIVED = "arrived", "到着"
        MOVED = "moved", "移動"
        LEFT = "left", "退所"

    evacuee = models.UUIDField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    opening = models.UUIDField(help_text="the shelter arrived at, or left")
    from_opening = models.UUIDField(null=True, help_text="of a move")
    how = models.CharField("避難形態", max_length=10, default="inside", choices=list(HOW.items()))
    party = models.UUIDField(null=True, help_text="those who belong together, for counting households")
    spot = models.CharField("場所", max_length=60, blank=True, help_text="room, place in the car park")
    plate = models.CharField("車のナンバー", max_length=20, blank=True)
    destination = models.CharField("退所先", max_length=20, blank=True, choices=list(DESTINATIONS.items()))
    note = models.CharField(max_length=200, blank=True)
    corrects = models.UUIDField(null=True, help_text="the entry whose time or destination this one corrects")

    class Meta:
        indexes = [
            models.Index(fields=["evacuee", "occurred_at", "received_no"], name="stay_latest"),
            models.Index(fields=["opening", "received_no"], name="stay_of_opening"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="left", destination__gt="") | Q(kind__in=["arrived", "moved"], destination=""),
                name="stay_left_somewhere",
            ),
            models.CheckConstraint(
                condition=Q(kind="moved", from_opening__isnull=False)
                | Q(kind__in=["arrived", "left"], from_opening__isnull=True),
                name="stay_moved_from_somewhere",
            ),
        ]


class Consent(Projection):
    """What somebody said to one question; the latest holds, and silence is no."""

    evacuee = models.UUIDField()
    item = models.CharField("項目", max_length=20, choices=list(CONSENTS.items()))
    given = models.BooleanField("同意")

    class Meta:
        indexes = [models.Index(fields=["evacuee", "item", "occurred_at", "received_no"], name="consent_latest")]


class Need(Projection):
    """配慮すること: one thing that somebody needs, as one desk wrote it. All that is not met holds together."""

    evacuee = models.UUIDField(db_index=True)
    need = models.CharField("項目", max_length=20)
    text = models.CharField("内容", max_length=200, blank=True)


class NeedMet(Projection):
    """What one entry stated is settled, or was not so."""

    stated = models.UUIDField(db_index=True, help_text="the entry that stated it")
    note = models.CharField(max_length=200, blank=True)


class ProtectionAsked(Projection):
    """Somebody asked at a shelter that nobody be told; the protection itself is a row of the ledger with the same id."""

    evacuee = models.UUIDField(db_index=True)


class Note(Projection):
    """覚え書き about somebody or about a shelter."""

    evacuee = models.UUIDField(null=True, db_index=True)
    opening = models.UUIDField(null=True, db_index=True)
    text = models.CharField(max_length=1000)


class Merge(Projection):
    """Two evacuees are one person: `evacuee` is asked no more, `into` stands for both, until they are taken apart."""

    evacuee = models.UUIDField()
    into = models.UUIDField(db_index=True)
    carried = models.UUIDField(null=True, help_text="the entry by which `into` went where the other one was")

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(evacuee=models.F("into")), name="merge_not_itself")]
        indexes = [models.Index(fields=["evacuee", "voided_at"], name="merge_alive")]


class ToldApart(Projection):
    """Two records that look like one person were found to be two."""

    evacuee = models.UUIDField(db_index=True)
    other = models.UUIDField()


class Contact(Projection):
    """A call or a visit to somebody whom nobody had heard of, or who needs help: what it brought, and who asks next."""

    evacuee = models.UUIDField()
    how = models.CharField("連絡のしかた", max_length=20)
    result = models.CharField("結果", max_length=20)
    note = models.CharField("覚え書き", max_length=300, blank=True)
    next_by = models.CharField("次に聞く人", max_length=60, blank=True, db_index=True)
    next_on = models.CharField("次に聞く日", max_length=10, blank=True)

    class Meta:
        indexes = [models.Index(fields=["evacuee", "occurred_at", "received_no"], name="contact_latest")]


class Status(Projection):
    """Where somebody is, as they or others told it; beside the stays at shelters, whichever is newer holds."""

    evacuee = models.UUIDField()
    status = models.CharField("居場所", max_length=20)
    place = models.CharField("場所の詳しいこと", max_length=200, blank=True)
    plate = models.CharField("車のナンバー", max_length=20, blank=True)
    told_by = models.CharField("だれから聞いたか", max_length=60, blank=True)

    class Meta:
        indexes = [models.Index(fields=["evacuee", "occurred_at", "received_no"], name="status_latest")]


class HelpFile(models.Model):
    """避難行動要支援者名簿 as it was taken over; the newest is asked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField("ファイル名", max_length=200)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the file and its mapping")
    rows = models.PositiveIntegerField("行数")
    taken_at = models.DateTimeField("取込日時", default=now)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")


class HelpPerson(models.Model):
    """One person of such a list, with their individual plan. `evacuee`: by whom entries of the journal know them."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    file = models.ForeignKey(HelpFile, models.CASCADE, related_name="people")
    line = models.PositiveIntegerField("行番号")
    evacuee = models.UUIDField(db_index=True)
    atena_no = models.CharField("宛名番号", max_length=15, blank=True)
    name = models.CharField("氏名", max_length=200)
    kana = models.CharField("氏名カナ", max_length=300, blank=True)
    birth = models.CharField("生年月日", max_length=10, blank=True)
    sex = models.CharField("性別", max_length=1, blank=True)
    address = models.CharField("住所又は居所", max_length=300, blank=True)
    telephone = models.CharField("電話番号その他の連絡先", max_length=100, blank=True)
    reason = models.CharField("避難支援等を必要とする事由", max_length=500, blank=True)
    district = models.CharField("地区", max_length=500, blank=True)
    supporter = models.CharField("避難支援等実施者", max_length=60, blank=True)
    supporter_phone = models.CharField("避難支援等実施者の連絡先", max_length=500, blank=True)
    plan_place = models.CharField("計画の避難先", max_length=500, blank=True)
    plan = models.CharField("個別避難計画", max_length=500, blank=True)
    note = models.CharField("備考", max_length=500, blank=True)
    devices = models.CharField("命をつなぐ機器・処置", max_length=60, blank=True, help_text="keys of rules.DEVICES")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["file", "line"], name="help_person_line_once")]

    @property
    def device_list(self) -> list[str]:
        return self.devices.split()
