"""Opening a disaster: the register as of that day becomes households and persons of the ledger.

The only module of the ledger that opens the register.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core import bulk
from backend.core.check_digits import format_disaster_number
from backend.core.clock import now, tokyo_date
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.fields import uuid7
from backend.registry import as_of, layout
from backend.registry import queries as register
from backend.registry.models import AsOfFlag, AsOfRevision

from . import joining, words
from .models import Disaster, Fact, Household, OpeningFlag, Person, Protection
from .search_keys import COLUMNS as KEY_COLUMNS
from .search_keys import key_values

Progress = Callable[[int, int], None]

HOUSEHOLD_COLUMNS = [
    "id",
    "disaster_id",
    "number",
    "disaster_number",
    "kind",
    "household_no",
    "postal_code",
    "address",
    "building",
    "created_at",
]
PERSON_COLUMNS = [
    *[
        "id",
        "disaster_id",
        "household_id",
        "position",
        "is_head",
        "atena_no",
        "name",
        "kana",
        "alias",
        "birth",
        "sex",
        "relationship",
    ],
    *["nationality", "address", "building", "changed_on", "changed_by"],
    *KEY_COLUMNS,
]
CHUNK = 50_000
AT = {name: i for i, name in enumerate(register.AS_OF_COLUMNS)}


@dataclass
class Opened:
    disaster: Disaster
    households: int = 0
    persons: int = 0
    flagged: int = 0
    revision: int | None = None
    joined: int = 0


def check_code(code: str) -> str:
    """A disaster's code: four digits or four letters A–Z, never mixed. Raises `Refused`."""
    try:
        format_disaster_number(code, 1)
    except ValueError as error:
        raise Refused(f"災害コード「{code}」：{error}") from error
    return code


@transaction.atomic
def open_disaster(
    *,
    code: str,
    name: str,
    occurred_at: datetime,
    by: Staff | None,
    drill: bool = False,
    progress: Progress | None = None,
) -> Opened:
    """Open a disaster and, where a register has been taken, fill its ledger; without one the ledger stays empty.

    `occurred_at` is aware. Raises `Refused` (code, name, a time in the future) or `Conflict` (opened already).
    """
    code = check_code(code.strip())
    if not name.strip():
        raise Refused("災害名を入れてください。")
    if occurred_at.tzinfo is None:
        raise Refused("発災日時は 2026-11-18T05:46:00+09:00 のように、時差を付けて書いてください。")
    if occurred_at > now():
        raise Refused("発災日時が未来です。日時を確認してください。")
    if Disaster.objects.filter(code=code).exists():
        raise Conflict(f"災害コード {code} はすでに開設されています。別のコードを使ってください。")
    try:
        with transaction.atomic():
            disaster = Disaster.objects.create(
                code=code, name=name.strip(), occurred_at=occurred_at, opened_by=by, drill=drill
            )
    except IntegrityError as error:
        raise Conflict(f"災害コード {code} はたった今、別の担当者により開設されました。") from error
    audit(by=by, act="ledger.open_disaster", subject=f"disaster:{disaster.pk}", code=code)
    if register.base_export(tokyo_date(occurred_at), now()) is None:
        return Opened(disaster)
    return _fill(disaster, by=by, progress=progress)


@transaction.atomic
def fill_disaster(*, code: str, by: Staff | None, progress: Progress | None = None) -> Opened:
    """Put the as-of register under a ledger that was opened empty. Once only; people entered before are joined to it."""
    disaster = Disaster.objects.select_for_update().filter(code=code.strip()).first()
    if disaster is None:
        raise NotFound(f"災害コード {code} は開設されていません。先に open_disaster で開設してください。")
    if disaster.register_revision is not None:
        raise Conflict(f"災害コード {code} の台帳には、住民記録がすでに入っています。")
    return _fill(disaster, by=by, progress=progress)


def _fill(disaster: Disaster, *, by: Staff | None, progress: Progress | None) -> Opened:
    revision = as_of.rebuild(code=disaster.code, day=tokyo_date(disaster.occurred_at), by=by)
    take_protection()
    early = joining.step_aside(disaster)
    loading = _Loading(disaster, revision, progress)
    loading.run()
    disaster.last_number = loading.number
    disaster.register_revision = revision.pk
    disaster.filled_at = now()
    disaster.save()
    words.rebuild(disaster)
    _take_flags(disaster, revision)
    joined = joining.join_early_people(disaster=disaster, early=early, by=by)
    audit(
        by=by,
        act="ledger.fill_disaster",
        subject=f"disaster:{disaster.pk}",
        households=loading.households,
        persons=loading.persons,
        revision=revision.number,
    )
    return Opened(disaster, loading.households, loading.persons, revision.flagged, revision.number, joined)


class _Loading:
    """The as-of register on its way into the ledger: by household, head first, chunk by chunk."""

    def __init__(self, disaster: Disaster, revision: AsOfRevision, progress: Progress | None) -> None:
        self.disaster, self.revision, self.progress = disaster, revision, progress
        self.number = disaster.last_number
        self.households = self.persons = 0
        self.dead: list[tuple[Any, str, str]] = []

    def run(self) -> None:
        homes: list[list[Any]] = []
        people: list[list[Any]] = []
        for home, members in self.by_household():
            if home is not None:
                homes.append(home)
            people += members
            if len(people) >= CHUNK:
                self.store(homes, people)
                homes, people = [], []
        self.store(homes, people)
        bulk.analyze(Household._meta.db_table)
        bulk.analyze(Person._meta.db_table)
        self.record_deaths()

    def by_household(self) -> Iterator[tuple[list[Any] | None, list[list[Any]]]]:
        """Each household of the register with its members; people without one (世帯未定) at the end."""
        at_no = AT["household_no"]
        group: list[tuple] = []
        for row in register.as_of_rows(self.revision, order="household"):
            if group and row[at_no] != group[0][at_no]:
                yield self.made(group)
                group = []
            group.append(row)
        if group:
            yield self.made(group)

    def made(self, group: list[tuple]) -> tuple[list[Any] | None, list[list[Any]]]:
        first = group[0]
        household_no = first[AT["household_no"]]
        home: list[Any] | None = None
        home_id = None
        if household_no:
            self.number += 1
            home_id = str(uuid7())
            home = [
                home_id,
                self.disaster_key,
                self.number,
                format_disaster_number(self.disaster.code, self.number),
                "resident",
                household_no,
                first[AT["postal_code"]] or "",
                first[AT["address"]] or "",
                first[AT["building"]] or "",
                self.created,
            ]
        return home, [self.person(home_id, position, row) for position, row in enumerate(group, 1)]

    def person(self, home_id: str | None, position: int, row: tuple) -> list[Any]:
        (
            atena_no, _, name, kana, alias, birth, sex, relationship, _, address, building, _, nationality, _, _,
            changed_on, changed_by, removed_on, removed_by,
        ) = row  # fmt: skip
        pk = str(uuid7())
        if removed_by == "死亡":
            self.dead.append((pk, removed_on, removed_by))
        relationship = relationship or ""
        is_head = self.true if relationship == layout.HEAD else self.false
        alias, kana, address = alias or "", kana or "", address or ""
        return [
            self.key(pk), self.disaster_key, self.key(home_id), position, is_head, atena_no, name, kana, alias,
            birth or "", sex or "", relationship, nationality or "", address, building or "", changed_on, changed_by,
            *key_values(name, kana, alias, address),
        ]  # fmt: skip

    def store(self, homes: list[list[Any]], people: list[list[Any]]) -> None:
        for home in homes:
            home[0] = self.key(home[0])
        bulk.load(Household._meta.db_table, HOUSEHOLD_COLUMNS, homes)
        bulk.load(Person._meta.db_table, PERSON_COLUMNS, people)
        self.households += len(homes)
        self.persons += len(people)
        if self.progress:
            self.progress(self.persons, self.revision.persons)

    # What the two databases want to be given: SQLite keeps a UUID as 32 characters and times as naive UTC text.
    @property
    def disaster_key(self) -> str:
        return str(self.key(str(self.disaster.pk)))

    @staticmethod
    def key(pk: str | None) -> str | None:
        return pk.replace("-", "") if pk and connection.vendor == "sqlite" else pk

    @property
    def created(self) -> str:
        return str(connection.ops.adapt_datetimefield_value(self.revision.made_at))

    @property
    def true(self) -> Any:
        return 1 if connection.vendor == "sqlite" else "t"

    @property
    def false(self) -> Any:
        return 0 if connection.vendor == "sqlite" else "f"

    def record_deaths(self) -> None:
        """A death on the day or after it, as the register has it, is a fact of the person."""
        Fact.objects.bulk_create(
            (
                Fact(
                    disaster=self.disaster,
                    person_id=pk,
                    kind="life_status",
                    value={"status": "dead", "on": on},
                    effective_on=_full_day(on),
                    source_room="ledger",
                    source_id="register",
                )
                for pk, on, _ in self.dead
            ),
            batch_size=500,
        )


def _full_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _take_flags(disaster: Disaster, revision: AsOfRevision) -> None:
    """What the rebuild flagged becomes the ledger's list to look at. "Base after T" concerns everybody: one line."""
    flags = AsOfFlag.objects.filter(revision=revision).exclude(code="base_after")
    OpeningFlag.objects.bulk_create(
        (
            OpeningFlag(
                disaster=disaster,
                code=flag.code,
                atena_no=flag.atena_no,
                household_no=flag.household_no,
                detail=flag.detail,
            )
            for flag in flags.iterator()
        ),
        batch_size=1000,
    )
    if revision.base_after:
        OpeningFlag.objects.create(disaster=disaster, code="base_after", detail=f"全件の基準日 {revision.base.as_of}")


@transaction.atomic
def take_protection(file_id: int | None = None) -> int:
    """Hide everybody whom the register protects (支援措置): those of one file, or of all. Returns how many are new.

    Somebody whose protection a supervisor has lifted is hidden again by a row of a *later* file only.
    """
    protected = register.ever_protected(file_id)
    known: set[str] = set()
    rows = Protection.objects.filter(source=Protection.Source.REGISTER)
    if file_id is not None:
        rows = rows.filter(lifted_at=None)
    known.update(rows.exclude(atena_no=None).values_list("atena_no", flat=True))
    new = [
        Protection(atena_no=number, source=Protection.Source.REGISTER, expires_on=_full_day(until))
        for number, until in protected.items()
        if number not in known
    ]
    # Another import may have hidden the same person a moment ago.
    Protection.objects.bulk_create(new, batch_size=1000, ignore_conflicts=True)
    _renew(rows.filter(lifted_at=None), protected)
    return len(new)


def _renew(live: QuerySet[Protection], protected: dict[str, str]) -> None:
    """A later expiry that the register gives takes the place of the earlier one."""
    renewed = []
    for protection in live:
        until = _full_day(protected.get(protection.atena_no or "", ""))
        if until and (protection.expires_on is None or until > protection.expires_on):
            protection.expires_on = until
            renewed.append(protection)
    Protection.objects.bulk_update(renewed, ["expires_on"], batch_size=500)


# Giving it back ----------------------------------------------------------------------------------------------------


def revision_for(disaster: Disaster, *, number: int | None = None, known_at: datetime | None = None) -> AsOfRevision:
    """The stored revision `number` (the ledger's own if none), or one made anew as known at a moment.

    A revision made anew is the caller's to roll back: it is for looking only.
    """
    if known_at is not None:
        return as_of.rebuild(code=disaster.code, day=tokyo_date(disaster.occurred_at), by=None, known_at=known_at)
    revisions = AsOfRevision.objects.filter(code=disaster.code)
    if number is not None:
        found = revisions.filter(number=number).first()
        if found is None:
            raise NotFound(f"版 {number} はありません。")
        return found
    found = revisions.filter(pk=disaster.register_revision).first()
    if found is None:
        raise Refused("この災害の台帳には、まだ住民記録が入っていません（open_disaster CODE --fill）。")
    return found


def export_rows(revision: AsOfRevision, *, known_at: datetime | None = None) -> Iterator[list[str]]:
    """The as-of register in the canonical layout, header first: sorted by 宛名番号 as a number.

    Who was ever protected is marked so; `known_at` leaves out what was received later, as it does for everything.
    """
    yield list(layout.COLUMNS)
    protected = register.ever_protected(known_at=known_at)
    blank = [""] * (len(layout.COLUMNS) - len(layout.PERSON_COLUMNS))
    at_number, at_flag, at_until = AT["atena_no"], AT["protection"], AT["protection_until"]
    for row in register.as_of_rows(revision, order="person"):
        values = [value or "" for value in row[: len(layout.PERSON_COLUMNS)]]
        until = protected.get(row[at_number])
        values[at_flag], values[at_until] = ("1", until) if until is not None else ("", "")
        yield values + blank


def export_register(
    *,
    code: str,
    to: Path,
    number: int | None = None,
    known_at: datetime | None = None,
    flags: Path | None = None,
    by: Staff | None = None,
) -> int:
    """Write the as-of register to `to` (UTF-8, LF) and, if asked, its flags; return the number of persons."""
    disaster = Disaster.objects.filter(code=code).first()
    if disaster is None:
        raise NotFound(f"災害コード {code} は開設されていません。")
    with transaction.atomic():
        revision = revision_for(disaster, number=number, known_at=known_at)
        count = _write_csv(to, export_rows(revision, known_at=known_at)) - 1
        if flags:
            _write_csv(flags, _flag_rows(revision))
        if known_at is not None:
            transaction.set_rollback(True)
    with transaction.atomic():
        audit(by=by, act="ledger.export_register", subject=f"disaster:{disaster.pk}", rows=count)
    return count


def _flag_rows(revision: AsOfRevision) -> Iterator[list[str]]:
    yield ["種別", "説明", "宛名番号", "世帯番号", "内容"]
    for flag in AsOfFlag.objects.filter(revision=revision).order_by("code", "atena_no", "household_no").iterator():
        label = layout.FLAG_LABELS.get(flag.code, flag.code)
        yield [flag.code, label, flag.atena_no, flag.household_no, flag.detail]


def _write_csv(path: Path, rows: Iterable[list[str]]) -> int:
    """Write beside the target and put it there in one step, so that a stopped export leaves no half file."""
    partial = path.with_name(path.name + ".part")
    count = 0
    try:
        with partial.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            for row in rows:
                writer.writerow(row)
                count += 1
        partial.replace(path)
    except OSError as error:
        raise Refused(f"ファイルに書き込めません：{path.name}（{error.strerror}）") from error
    finally:
        partial.unlink(missing_ok=True)
    return count
