"""Making a revision of the register as of a day: reads rows of change, applies the rules, writes what differs."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby, islice
from operator import attrgetter

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core import bulk
from backend.core.clock import end_of_day, now, tokyo_date
from backend.core.dates import parse_date
from backend.core.errors import Refused
from backend.core.pieces import pieces
from backend.core.progress import Progress

from . import exports, household_rules, latecomers, layout, queries, rules
from .latecomers import Latecomers
from .models import AsOfDifference, AsOfFlag, AsOfRevision, ChangeRow, Comparison, FullRow, RegisterFile
from .reading import UNKNOWN_DAY, Checker, Header
from .towns.services import known_towns

CHUNK = 500
HOUSEHOLDS = 10_000  # asked for at once: the export has no index by household, so each time it is read whole


@transaction.atomic
def rebuild(
    *,
    code: str,
    day: date,
    by: Staff | None,
    known_at: datetime | None = None,
    progress: Progress | None = None,
    whole: bool = False,
) -> AsOfRevision:
    """Make the next revision of the register as of `day` for the disaster `code`, as known at `known_at` (now).

    Looks again only at those whom rows that came since the last revision can touch (at everybody where that can't be
    told, or if `whole`); writes only the persons whose row differs from the export's, or from the revision before.
    Raises `Refused` where no full export has been taken.
    """
    known_at = known_at or now()
    found = queries.base_export(day, known_at)
    if found is None:
        raise Refused(
            "全件ファイルがまだ取り込まれていません。住民記録の全件ファイルを取り込んでから開設してください。"
        )
    export, after = found
    exports.make_whole(export)
    last = AsOfRevision.objects.filter(code=code).order_by("-number").first()
    known = RegisterFile.objects.filter(received_at__lte=known_at).order_by("pk").values_list("pk", flat=True)
    revision = AsOfRevision.objects.create(
        code=code,
        number=last.number + 1 if last else 1,
        day=day,
        known_at=known_at,
        base=export,
        base_after=after,
        persons=0,
        flagged=0,
        files=list(known),
    )
    late = None if whole else latecomers.since(last, revision)
    looked = _stand_all(revision, late, progress)
    standings = looked.standings
    household_rules.keep_households_of_the_dead(standings, day)
    wanted = late.households if late else household_rules.households_to_look_at(standings)
    unchanged = _unchanged_people(revision, wanted, standings)
    household_rules.place_late_entries(standings, unchanged, day)
    before = _write_differences(revision, looked, late, start_anew=bool(last and last.base_id != export.pk))
    if late is not None and last is not None:
        _write_flags_after(revision, last, standings, late, unchanged)
        revision.persons = last.persons + _more_people(looked, late, before)
    else:
        _write_flags(revision, standings)
        revision.persons = queries.count_as_of(revision)
    revision.flagged = revision.flags.exclude(code="base_after").count() or revision.flags.count()
    revision.save()
    audit(by=by, act="registry.rebuild", subject=f"as_of:{code}/{revision.number}", persons=revision.persons)
    return revision


@dataclass
class _Looked:
    """Who was looked at: how they stand, the last row of change of each, and the export's rows of those in it."""

    standings: dict[str, rules.Standing] = field(default_factory=dict)
    lasts: dict[str, ChangeRow] = field(default_factory=dict)
    exported: dict[str, FullRow] = field(default_factory=dict)


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


def _stand_all(revision: AsOfRevision, late: Latecomers | None, progress: Progress | None) -> _Looked:
    """As of the day: all who have rows of change, and whom an export made after the day may wrongly show; or `late`."""
    export, day = revision.base, revision.day
    assert export.as_of is not None  # noqa: S101 - a constraint of the table
    moment = end_of_day(export.as_of)
    looked = _Looked()
    done, total, sources = _sources(revision, late)
    over = set(Comparison.objects.filter(earlier__as_of__lt=day, later__as_of__gte=day).values_list("pk", flat=True))

    def stand(atena_no: str, changes: list[ChangeRow]) -> None:
        base_row = looked.exported.get(atena_no)
        values = {c: getattr(base_row, c) for c in rules.COLUMNS} if base_row else None
        base = rules.Base(values, export.as_of, moment, revision.base_after)  # type: ignore[arg-type]
        looked.standings[atena_no] = rules.stand(atena_no, base, [to_rule_row(row) for row in changes], day)
        for row in changes:
            if row.comparison_id in over:  # found by comparing an export of before the day with one of it or after it
                guessed = {(code, row.reason) for bit, code in layout.COMPARED_FLAGS.items() if row.flags & bit}
                looked.standings[atena_no].flags |= guessed

    for rows in sources:
        for batch in _batches(rows.iterator(chunk_size=5000)):
            numbers = [number for number, _ in batch]
            in_base = queries.base_rows(export, revision.known_at).filter(atena_no__in=numbers)
            looked.exported |= {row.atena_no: row for row in in_base}
            for number, changes in batch:
                stand(number, changes)
                looked.lasts[number] = max(changes, key=lambda row: to_rule_row(row).order())
                done += len(changes)
            if progress:
                progress(done, max(done, total))
    if revision.base_after:
        doubtful = Q(resident_since__gt=day.isoformat()) | Q(resident_since__contains="-00")
        for row in queries.base_rows(export, revision.known_at).filter(doubtful):
            if row.atena_no not in looked.standings:
                looked.exported[row.atena_no] = row
                stand(row.atena_no, [])
    return looked


def _sources(revision: AsOfRevision, late: Latecomers | None) -> tuple[int, int, Iterable[QuerySet[ChangeRow]]]:
    """Rows done, rows in all, and the rows of change to read, person by person."""
    rows = latecomers.rows_of(revision.files).order_by("atena_no")
    if late is None:
        return 0, rows.count(), [rows]
    return 0, len(late.persons), (rows.filter(atena_no__in=chunk) for chunk in pieces(sorted(late.persons), CHUNK))


def _unchanged_people(
    revision: AsOfRevision, households: set[str], standings: dict[str, rules.Standing]
) -> dict[str, list[rules.Values]]:
    """People of the export without any row of change, by household."""
    result: dict[str, list[rules.Values]] = {}
    rows = queries.base_rows(revision.base, revision.known_at)
    for batch in pieces(sorted(households), HOUSEHOLDS):
        found = rows.filter(household_no__in=batch).values_list("atena_no", *rules.COLUMNS)
        for atena_no, *said in found:
            if atena_no not in standings:
                values = dict(zip(rules.COLUMNS, said, strict=True))
                result.setdefault(values["household_no"] or "", []).append(values)
    return result


def _write_differences(
    revision: AsOfRevision, looked: _Looked, late: Latecomers | None, *, start_anew: bool
) -> dict[str, AsOfDifference]:
    """Write the persons of this revision; a row that says the same as in the revision before stays as it is.

    Returns the rows of those looked at as they stood in the revision before.
    """
    fields = [f.attname for f in AsOfDifference._meta.concrete_fields]
    fields = [f for f in fields if f not in {"id", "from_revision", "until_revision"}]
    live = AsOfDifference.objects.filter(revisions=revision.code, until_revision=None)
    before: dict[str, AsOfDifference] = {}
    if late is not None:
        for chunk in pieces(sorted(late.persons | late.rowless), CHUNK):
            before |= {row.atena_no: row for row in live.filter(atena_no__in=chunk)}
    elif not start_anew:
        before = {row.atena_no: row for row in live.iterator()}
    fresh: list[AsOfDifference] = []
    kept: set[str] = set()
    for number, standing in looked.standings.items():
        row = _difference(revision, standing, looked.lasts.get(number))
        old = before.get(number)
        if old is not None and all(getattr(old, f) == getattr(row, f) for f in fields):
            kept.add(number)
        else:
            fresh.append(row)
    if start_anew:
        live.update(until_revision=revision.number)
    for chunk in pieces((row.pk for number, row in before.items() if number not in kept), CHUNK):
        AsOfDifference.objects.filter(pk__in=chunk).update(until_revision=revision.number)
    columns = [*fields, "from_revision"]
    rows = ([getattr(row, column) for column in columns] for row in fresh)
    bulk.load(AsOfDifference._meta.db_table, columns, rows)
    if late is None:
        bulk.analyze(AsOfDifference._meta.db_table)
    return before


def _more_people(looked: _Looked, late: Latecomers, before: dict[str, AsOfDifference]) -> int:
    """How many more there are than in the revision before, from those who were looked at."""
    now_there = sum(standing.registered for standing in looked.standings.values()) + len(late.exported)
    was_there = sum(row.registered for row in before.values())
    for number, row in looked.exported.items():
        was_there += number not in before and row.corrected_by_id not in late.files
    # Whose rows hold no more stood in the export before those came, or in the last revision by a row of their own.
    was_there += len((late.rowless & late.exported) - before.keys())
    return now_there - was_there


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


class _Flags:
    """What the rebuild could only guess, or found odd, put together and stored at once."""

    def __init__(self, revision: AsOfRevision) -> None:
        self.revision = revision
        self.has = set(revision.base.columns)
        self.look = Checker(Header([], [], []), "full", known_towns())
        self.rows: list[AsOfFlag] = []

    def add(self, code: str, atena_no: str = "", household_no: str = "", detail: str = "") -> None:
        flag = AsOfFlag(revision=self.revision, code=code, atena_no=atena_no, household_no=household_no)
        flag.detail = detail[:200]
        self.rows.append(flag)

    def of_standings(self, standings: Iterable[rules.Standing]) -> None:
        for standing in standings:
            household_no = standing.values.get("household_no") or ""
            found = set(standing.flags)
            if standing.registered:
                values = {c: v or "" for c, v in standing.values.items() if c in self.has or v}
                bits = self.look.flags({"name": "", "address": "", **values})
                found |= {(code, "") for bit, code in layout.ROW_FLAGS.items() if bits & bit}
            for code, detail in sorted(found - {("base_after", "")}):
                self.add(code, standing.atena_no, household_no, detail)

    def of_export(self, rows: QuerySet[FullRow], but: Container[str]) -> None:
        odd = rows.filter(flags__gt=0)
        for number, household_no, bits in odd.values_list("atena_no", "household_no", "flags").iterator():
            if number not in but:
                for bit, code in layout.ROW_FLAGS.items():
                    if bits & bit:
                        self.add(code, number, household_no or "")

    def of_heads(self, households: Iterable[tuple[str, int]]) -> None:
        if "relationship" in self.has:
            for household_no, heads in households:
                self.add("two_heads" if heads else "no_head", "", household_no, f"世帯主 {heads}人")

    def store(self) -> None:
        AsOfFlag.objects.bulk_create(self.rows, batch_size=CHUNK)


def _write_flags(revision: AsOfRevision, standings: dict[str, rules.Standing]) -> None:
    flags = _Flags(revision)
    flags.of_standings(standings.values())
    flags.of_export(queries.base_rows(revision.base, revision.known_at), standings)
    flags.of_heads(queries.households_without_one_head(revision))
    flags.store()
    if revision.base_after:
        _flag_everybody(revision)


def _write_flags_after(
    revision: AsOfRevision,
    last: AsOfRevision,
    standings: dict[str, rules.Standing],
    late: Latecomers,
    unchanged: dict[str, list[rules.Values]],
) -> None:
    """The flags of the last revision, but anew for those who were looked at and for their households."""
    table = AsOfFlag._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (revision_id, code, atena_no, household_no, detail)"
            f" SELECT %s, code, atena_no, household_no, detail FROM {table} WHERE revision_id = %s",
            [revision.pk, last.pk],
        )
    copied = AsOfFlag.objects.filter(revision=revision)
    for chunk in pieces(late.persons | late.exported | late.rowless, HOUSEHOLDS):
        copied.filter(atena_no__in=chunk).delete()
    for chunk in pieces(late.households, HOUSEHOLDS):
        copied.filter(atena_no="", household_no__in=chunk).delete()
    flags = _Flags(revision)
    flags.of_standings(standings.values())
    for chunk in pieces(late.exported, CHUNK):
        flags.of_export(queries.base_rows(revision.base, revision.known_at).filter(atena_no__in=chunk), ())
    heads = {number: [values["relationship"] for values in people] for number, people in unchanged.items()}
    for standing in standings.values():
        if standing.registered:
            heads.setdefault(standing.values["household_no"] or "", []).append(standing.values["relationship"])
    heads.pop("", None)
    counted = ((number, sum(one == layout.HEAD for one in said)) for number, said in heads.items())
    flags.of_heads((number, count) for number, count in counted if count != 1)
    flags.store()


def _flag_everybody(revision: AsOfRevision) -> None:
    """By an export made after the day, nobody's row is certain."""
    sql, params = queries.as_of_sql(revision)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {AsOfFlag._meta.db_table} (revision_id, code, atena_no, household_no, detail)"
            f" SELECT %s, 'base_after', r.atena_no, COALESCE(r.household_no, ''), '' FROM ({sql}) r",
            [revision.pk, *params],
        )
