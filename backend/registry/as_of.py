"""Making a revision of the register as of a day: reads rows of change, applies the rules, writes what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import groupby, islice
from operator import attrgetter

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core import bulk
from backend.core.clock import end_of_day, now, tokyo_date
from backend.core.dates import parse_date
from backend.core.errors import Refused

from . import household_rules, layout, queries, rules
from .models import AsOfDifference, AsOfFlag, AsOfRevision, ChangeRow, FullRow
from .reading import UNKNOWN_DAY, Checker, Header, read_towns

CHUNK = 500
Progress = Callable[[int, int], None]


@transaction.atomic
def rebuild(
    *, code: str, day: date, by: Staff | None, known_at: datetime | None = None, progress: Progress | None = None
) -> AsOfRevision:
    """Make the next revision of the register as of `day` for the disaster `code`, as known at `known_at` (now).

    Writes only the persons whose row differs from the export's, or from the revision before. Raises `Refused` where no
    full export has been taken.
    """
    known_at = known_at or now()
    found = queries.base_export(day, known_at)
    if found is None:
        raise Refused(
            "全件ファイルがまだ取り込まれていません。住民記録の全件ファイルを取り込んでから開設してください。"
        )
    export, after = found
    last = AsOfRevision.objects.filter(code=code).order_by("-number").first()
    revision = AsOfRevision.objects.create(
        code=code,
        number=last.number + 1 if last else 1,
        day=day,
        known_at=known_at,
        base=export,
        base_after=after,
        persons=0,
        flagged=0,
    )
    standings, lasts = _stand_all(revision, progress)
    household_rules.keep_households_of_the_dead(standings, day)
    wanted = household_rules.households_to_look_at(standings)
    household_rules.place_late_entries(standings, _unchanged_people(revision, wanted, standings), day)
    _write_differences(revision, standings, lasts, start_anew=bool(last and last.base_id != export.pk))
    _write_flags(revision, standings)
    revision.persons = queries.count_as_of(revision)
    revision.flagged = revision.flags.exclude(code="base_after").count() or revision.flags.count()
    revision.save()
    audit(by=by, act="registry.rebuild", subject=f"as_of:{code}/{revision.number}", persons=revision.persons)
    return revision


def to_rule_row(row: ChangeRow) -> rules.Row:
    """A stored row of change as the rules want it."""
    if row.effective == UNKNOWN_DAY:
        first, last = date.min, date.max
    else:
        partial = parse_date(row.effective)
        first, last = partial.first_day, partial.last_day  # type: ignore[assignment]
    values = {column: getattr(row, column) for column in rules.COLUMNS}
    return rules.Row(
        values, row.reason, first, last, row.processed_at, tokyo_date(row.processed_at), row.sequence, row.line_no
    )


def _batches(rows: Iterable[ChangeRow]) -> Iterator[list[tuple[str, list[ChangeRow]]]]:
    groups = ((number, list(group)) for number, group in groupby(rows, key=attrgetter("atena_no")))
    while batch := list(islice(groups, CHUNK)):
        yield batch


def _stand_all(
    revision: AsOfRevision, progress: Progress | None
) -> tuple[dict[str, rules.Standing], dict[str, ChangeRow]]:
    """Everybody who has rows of change, or whom an export made after the day may wrongly show, as of the day."""
    export, day = revision.base, revision.day
    assert export.as_of is not None  # noqa: S101 - a constraint of the table
    moment = end_of_day(export.as_of)
    standings: dict[str, rules.Standing] = {}
    lasts: dict[str, ChangeRow] = {}
    rows = queries.change_rows(revision.known_at)
    total, done = rows.count(), 0

    def stand(atena_no: str, base_row: FullRow | None, changes: list[ChangeRow]) -> None:
        values = {c: getattr(base_row, c) for c in rules.COLUMNS} if base_row else None
        base = rules.Base(values, export.as_of, moment, revision.base_after)  # type: ignore[arg-type]
        standings[atena_no] = rules.stand(atena_no, base, [to_rule_row(row) for row in changes], day)

    for batch in _batches(rows.iterator(chunk_size=5000)):
        numbers = [number for number, _ in batch]
        in_base = {r.atena_no: r for r in queries.base_rows(export, revision.known_at).filter(atena_no__in=numbers)}
        for number, changes in batch:
            stand(number, in_base.get(number), changes)
            lasts[number] = max(changes, key=lambda row: to_rule_row(row).order())
            done += len(changes)
        if progress:
            progress(done, total)
    if revision.base_after:
        doubtful = Q(resident_since__gt=day.isoformat()) | Q(resident_since__contains="-00")
        for row in queries.base_rows(export, revision.known_at).filter(doubtful):
            if row.atena_no not in standings:
                stand(row.atena_no, row, [])
    return standings, lasts


def _unchanged_people(
    revision: AsOfRevision, households: set[str], standings: dict[str, rules.Standing]
) -> dict[str, list[rules.Values]]:
    """People of the export without any row of change, by household."""
    result: dict[str, list[rules.Values]] = {}
    rows = queries.base_rows(revision.base, revision.known_at)
    for batch in _chunks(sorted(households)):
        for row in rows.filter(household_no__in=batch):
            if row.atena_no not in standings:
                values = {column: getattr(row, column) for column in rules.COLUMNS}
                result.setdefault(row.household_no or "", []).append(values)
    return result


def _chunks(items: list[str]) -> Iterator[list[str]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk


def _write_differences(
    revision: AsOfRevision,
    standings: dict[str, rules.Standing],
    lasts: dict[str, ChangeRow],
    *,
    start_anew: bool,
) -> None:
    """Write the persons of this revision; a row that says the same as in the revision before stays as it is."""
    fields = [f.attname for f in AsOfDifference._meta.concrete_fields]
    fields = [f for f in fields if f not in {"id", "from_revision", "until_revision"}]
    live = AsOfDifference.objects.filter(revisions=revision.code, until_revision=None)
    before = {} if start_anew else {row.atena_no: row for row in live.iterator()}
    fresh: list[AsOfDifference] = []
    kept: set[str] = set()
    for number, standing in standings.items():
        row = _difference(revision, standing, lasts.get(number))
        old = before.get(number)
        if old is not None and all(getattr(old, f) == getattr(row, f) for f in fields):
            kept.add(number)
        else:
            fresh.append(row)
    ended = [row.pk for number, row in before.items() if number not in kept]
    if start_anew:
        live.update(until_revision=revision.number)
    iterator = iter(ended)
    while chunk := list(islice(iterator, CHUNK)):
        AsOfDifference.objects.filter(pk__in=chunk).update(until_revision=revision.number)
    AsOfDifference.objects.bulk_create(fresh, batch_size=CHUNK)
    bulk.analyze(AsOfDifference._meta.db_table)


def _difference(revision: AsOfRevision, standing: rules.Standing, last: ChangeRow | None) -> AsOfDifference:
    return AsOfDifference(
        revisions=revision.code,
        atena_no=standing.atena_no,
        from_revision=revision.number,
        registered=standing.registered,
        changed_on=last.effective if last else "",
        changed_by=last.reason if last else "",
        removed_on=standing.removed_on,
        removed_by=standing.removed_by,
        **{column: standing.values.get(column) or "" for column in rules.COLUMNS},
    )


def _write_flags(revision: AsOfRevision, standings: dict[str, rules.Standing]) -> None:
    has = set(revision.base.columns)
    look = Checker(Header([], [], []), "full", read_towns(settings.TOWNS_FILE))
    flags: list[AsOfFlag] = []

    def add(code: str, atena_no: str = "", household_no: str = "", detail: str = "") -> None:
        flags.append(
            AsOfFlag(revision=revision, code=code, atena_no=atena_no, household_no=household_no, detail=detail[:200])
        )

    for standing in standings.values():
        household_no = standing.values.get("household_no") or ""
        found = set(standing.flags)
        if standing.registered:
            values = {c: v or "" for c, v in standing.values.items() if c in has or v}
            bits = look.flags({"name": "", "address": "", **values})
            found |= {(code, "") for bit, code in layout.ROW_FLAGS.items() if bits & bit}
        for code, detail in sorted(found - {("base_after", "")}):
            add(code, standing.atena_no, household_no, detail)
    odd = queries.base_rows(revision.base, revision.known_at).filter(flags__gt=0)
    for number, household_no, bits in odd.values_list("atena_no", "household_no", "flags").iterator():
        if number not in standings:
            for bit, code in layout.ROW_FLAGS.items():
                if bits & bit:
                    add(code, number, household_no or "")
    if "relationship" in has:
        for household_no, heads in queries.households_without_one_head(revision):
            add("two_heads" if heads else "no_head", "", household_no, f"世帯主 {heads}人")
    AsOfFlag.objects.bulk_create(flags, batch_size=CHUNK)
    if revision.base_after:
        _flag_everybody(revision)


def _flag_everybody(revision: AsOfRevision) -> None:
    """By an export made after the day, nobody's row is certain."""
    sql, params = queries.as_of_sql(revision)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {AsOfFlag._meta.db_table} (revision_id, code, atena_no, household_no, detail)"
            f" SELECT %s, 'base_after', r.atena_no, COALESCE(r.household_no, ''), '' FROM ({sql}) r",
            [revision.pk, *params],
        )
