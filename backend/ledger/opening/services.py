"""Opening a disaster: the register as of that day becomes households and persons of the ledger."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.check_digits import format_disaster_number
from backend.core.clock import now, tokyo_date
from backend.core.errors import Conflict, NotFound, Refused
from backend.core.progress import Progress
from backend.core.spreadsheets import harmless
from backend.ledger import joining, words
from backend.ledger.houses import linking
from backend.ledger.models import Disaster, OpeningFlag, Protection
from backend.registry import as_of, layout
from backend.registry import queries as register
from backend.registry.models import AsOfFlag, AsOfRevision

from . import moving
from .loading import AT, Loading, full_day, steps_of_filling


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
    steps = steps_of_filling(progress)
    day = tokyo_date(disaster.occurred_at)
    revision = as_of.rebuild(code=disaster.code, day=day, by=by, progress=steps.of("register"))
    take_protection()
    early = joining.step_aside(disaster)
    loading = Loading(disaster, revision, steps)
    loading.run()
    disaster.last_number = loading.number
    disaster.register_revision = revision.pk
    disaster.filled_at = now()
    disaster.save()
    words.rebuild(disaster)
    steps.over("words")
    _take_flags(disaster, revision)
    joined = joining.join_early_people(disaster=disaster, early=early, by=by)
    moving.note_all(disaster, by=by)
    linking.link(disaster, by=by)
    _tell_other_rooms(disaster)
    steps.over("rest")
    audit(
        by=by,
        act="ledger.fill_disaster",
        subject=f"disaster:{disaster.pk}",
        households=loading.households,
        persons=loading.persons,
        revision=revision.number,
    )
    return Opened(disaster, loading.households, loading.persons, revision.flagged, revision.number, joined)


def _tell_other_rooms(disaster: Disaster) -> None:
    """Rooms that have heard of people before the register came name a function in `ledger_filled` of their AppConfig."""
    for config in apps.get_app_configs():
        if path := getattr(config, "ledger_filled", None):
            import_string(path)(disaster)


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
def after_register_file(file_id: int) -> None:
    """A register file was taken: whom it protects is hidden, and who moved is written to where they are."""
    take_protection(file_id)
    moving.note_file(file_id)


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
        Protection(atena_no=number, source=Protection.Source.REGISTER, expires_on=full_day(until))
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
        until = full_day(protected.get(protection.atena_no or "", ""))
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
        values = list(row[: len(layout.PERSON_COLUMNS)])
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
        yield [flag.code, label, flag.atena_no, flag.household_no, harmless(flag.detail)]


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
