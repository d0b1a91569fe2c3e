"""How the register as of a day is rebuilt, column by column, from an export and rows of change.

A row of change states, from its 異動年月日 on, the columns that its 異動事由 owns, and every other column in which it
differs from the person's row before it. The value as of the day T is the last statement in force by T, else the
export's. 処理日時 only orders the rows; it says nothing about when something was so (住民基本台帳法 第7条, 第8条:
the entry follows the notification, which may come up to 14 days after the fact, 同法 第22条 to 第25条).

Pure functions over plain values: no database, no clock, no settings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Values = dict[str, str | None]

COLUMNS = (
    "household_no",
    "name",
    "kana",
    "alias",
    "birth",
    "sex",
    "relationship",
    "postal_code",
    "address",
    "building",
    "resident_since",
    "nationality",
)
REGISTERED = "registered"
PLACE = ("postal_code", "address", "building")
HOUSEHOLD = ("household_no", "relationship")

ENTRIES = {"出生", "転入", "職権記載"}
REMOVALS = {"転出", "死亡", "職権消除"}
CANCELLATIONS = {"転出取消", "職権回復"}
CORRECTION = "職権修正"
OWNED: dict[str, tuple[str, ...]] = {
    **{reason: COLUMNS for reason in ENTRIES},
    "転居": PLACE,
    "世帯分離": HOUSEHOLD,
    "世帯合併": HOUSEHOLD,
    "世帯主変更": ("relationship",),
    "氏名変更": ("name", "kana", "alias"),
}
REASONS = {*ENTRIES, *REMOVALS, *CANCELLATIONS, *OWNED, CORRECTION}
# The columns of a move in which nothing changed: its date was probably corrected by an equal row.
TELLING = {"転居": PLACE, "世帯分離": ("household_no",), "世帯合併": ("household_no",), "氏名変更": ("name", "alias")}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of change. `values[column]` is None where the file has no such column."""

    values: Values
    reason: str
    first_day: date  # 異動年月日; of a death with unknown parts the first day that it may have been
    last_day: date
    processed_at: datetime
    processed_on: date  # the same as a day in Asia/Tokyo
    sequence: str = ""
    line: int = 0

    def order(self) -> tuple:
        """Rows in the order of processing; what is equal there is put in an order that no file's arrival changes."""
        number = int(self.sequence) if self.sequence.isdigit() else 0
        content = tuple(str(self.values.get(column)) for column in COLUMNS)
        return self.processed_at, number, self.line, self.first_day, self.reason, content

    def day_told(self) -> str:
        """異動年月日 as far as it is known: 2011-03-11, 2011-03-00, 2011-00-00, or empty."""
        first, last = self.first_day, self.last_day
        if first == last:
            return first.isoformat()
        if first.year != last.year:
            return ""
        return f"{first.year:04}-{first.month if first.month == last.month else 0:02}-00"


@dataclass(frozen=True, slots=True)
class Statement:
    """From `force` on, the column has this value, by what the row at `index` (order of processing) says."""

    value: Any
    force: date
    index: int
    reason: str
    known: bool  # the base shows it already
    processed_at: datetime
    said: tuple = ()  # what tells a correction of the date from a second change: all that the reason owns


@dataclass(frozen=True, slots=True)
class Base:
    """What the export says of a person (None: not in it), and up to which day and moment it knows."""

    values: Values | None
    day: date
    moment: datetime
    after: bool = False  # it was made on the day or later, because there is no earlier one


@dataclass(slots=True)
class Standing:
    """A person as of the day. `flags` are (code, detail) pairs for a clerk to look at."""

    atena_no: str
    registered: bool
    values: Values
    flags: set[tuple[str, str]] = field(default_factory=set)
    statements: dict[str, list[Statement]] = field(default_factory=dict)
    base_values: Values | None = None
    entered_after: bool = False  # the entry that makes them registered was processed after the day
    entered_at: datetime | None = None  # and that was at this moment
    died_on_day: bool = False
    removed_on: str = ""  # a removal in force on the day or later: its day as far as it is known
    removed_by: str = ""
    last: Row | None = None

    def value_at(self, column: str, day: date, *, without: date | None = None) -> Any:
        """The column's value in force on `day`; `without` leaves out changes of an entered person in force that day."""
        result = exported = self.base_values.get(column) if self.base_values else None
        for statement in self.statements.get(column, ()):
            if statement.force > day:
                break
            if statement.force == without and statement.reason not in ENTRIES:
                continue
            result = exported if statement.known else statement.value
        return result or ""

    def taken_after(self, column: str, day: date) -> set:
        """The values that statements in force after `day` give the column."""
        return {s.value for s in self.statements.get(column, ()) if s.force > day and not s.known}


def in_processing_order(rows: list[Row]) -> list[Row]:
    """The rows of one person, ordered, identical ones once."""
    result: list[Row] = []
    seen = set()
    for row in sorted(rows, key=Row.order):
        content = (row.reason, row.first_day, row.last_day, row.processed_at, row.sequence, tuple(row.values.items()))
        if content not in seen:
            seen.add(content)
            result.append(row)
    return result


def force_of(row: Row, day: date) -> date:
    """From when the row is so. A death whose unknown day may be T is taken as of T, so that nobody is left out."""
    if row.first_day <= day <= row.last_day:
        return day
    return row.last_day


def stand(atena_no: str, base: Base, rows: list[Row], day: date) -> Standing:
    """Rebuild one person as of `day` from the export and all their rows (see the module's own text)."""
    chain = in_processing_order(rows)
    flags: set[tuple[str, str]] = set()
    base_values = base.values
    statements, revived = _statements(chain, base, day, flags)
    if revived is not None:
        base_values = revived
    registrations = _settle(statements.get(REGISTERED, []), flags)
    counting = {statement.index for statement in registrations}
    settled = {column: _settle(list_, flags, counting) for column, list_ in statements.items() if column != REGISTERED}
    settled[REGISTERED] = registrations
    standing = Standing(
        atena_no=atena_no,
        registered=base_values is not None,
        values={},
        flags=flags,
        statements=settled,
        base_values=base_values,
        last=chain[-1] if chain else None,
    )
    _registration(standing, chain, base, day)
    standing.values = {column: standing.value_at(column, day) for column in COLUMNS}
    _look_for_equal_moves(standing, chain, day)
    if base.after and standing.registered:
        flags.add(("base_after", ""))
    return standing


def _statements(
    chain: list[Row], base: Base, day: date, flags: set[tuple[str, str]]
) -> tuple[dict[str, list[Statement]], Values | None]:
    """What every row states, and the base's row where a cancelled removal is in the base already."""
    statements: dict[str, list[Statement]] = {REGISTERED: []}
    registrations = statements[REGISTERED]
    revived: Values | None = None
    before: Values | None = None  # the person's row before, removals passed over
    before_known = False
    planned: set[str] = set()  # columns that a row processed before the base states for a day after it
    entered = False
    known_rows = [row.processed_at <= base.moment for row in chain]

    for index, row in enumerate(chain):
        in_base = known_rows[index] and row.last_day <= base.day
        force = force_of(row, day)
        owned = OWNED.get(row.reason, ())

        if row.reason in REMOVALS:
            registrations.append(Statement(False, force, index, row.reason, in_base, row.processed_at))
        if row.reason in REMOVALS or row.reason in CANCELLATIONS:
            removal = _last_removal(registrations)
            if base.values is None and revived is None and not in_base and _base_has(removal, index, entered):
                revived = row.values
                flags.add(("cancelled_removal_in_base", row.reason))
            if row.reason in REMOVALS:
                continue
            registrations[:] = [statement for statement in registrations if statement not in removal]
        if row.reason in ENTRIES:
            entered = True
            registrations.append(Statement(True, force, index, row.reason, in_base, row.processed_at))
        later_known = known_rows[index] and any(known_rows[index + 1 :])
        shown = base.values if before is None or (before_known and not known_rows[index]) else None
        different = _different(row, owned, before, None if later_known else shown, planned)
        said = tuple(row.values.get(column) for column in owned)
        for column in (*owned, *different):
            value = row.values.get(column)
            if value is not None:
                own = said if column in owned else (value,)
                statement = Statement(value, force, index, row.reason, in_base, row.processed_at, own)
                statements.setdefault(column, []).append(statement)
        if known_rows[index] and not in_base:
            planned.update(owned, different)
        if not in_base:
            if row.reason == CORRECTION and not different:
                flags.add(("correction_without_change", ""))
            if row.reason != CORRECTION and different:
                flags.add(("differs_under_other_reason", row.reason))
        before = {**(before or {}), **{c: v for c, v in row.values.items() if v is not None}}
        before_known = known_rows[index]
    return statements, revived


def _last_removal(registrations: list[Statement]) -> list[Statement]:
    """The removal processed last, with its neighbours of the same reason, of which each corrects the date."""
    removals = [statement for statement in registrations if not statement.value]
    if not removals:
        return []
    last = removals[-1]
    in_force = sorted(registrations, key=lambda s: (s.force, s.index))
    first = end = in_force.index(last)
    while first and _corrects_date(in_force[first - 1], last):
        first -= 1
    while end + 1 < len(in_force) and _corrects_date(in_force[end + 1], last):
        end += 1
    return in_force[first : end + 1]


def _corrects_date(one: Statement, other: Statement) -> bool:
    return (one.reason, one.value, one.said) == (other.reason, other.value, other.said)


def _base_has(removal: list[Statement], index: int, entered: bool) -> bool:
    """Whether a person is missing from the base because of this removal, which the row at `index` undoes or re-dates."""
    earlier = [statement for statement in removal if statement.index != index]
    if earlier:
        return all(statement.known for statement in earlier)
    return not removal and not entered


def _different(
    row: Row, owned: tuple[str, ...], before: Values | None, exported: Values | None, planned: set[str]
) -> list[str]:
    """The columns, not owned by its reason, in which a row differs from the person's row before it.

    The first rows after an export are held against what was `exported` too: it knows of changes whose rows never came;
    but not in a column for which something was `planned` that it can't show yet.
    """
    result = []
    for column in COLUMNS:
        value = row.values.get(column)
        if column in owned or value is None:
            continue
        in_base = exported.get(column) if exported else None
        earlier = before.get(column) if before else None
        if column in planned and earlier is not None:
            in_base = None
        if value not in {earlier, in_base} - {None} and (earlier, in_base) != (None, None):
            result.append(column)
    return result


def _settle(
    statements: list[Statement], flags: set[tuple[str, str]], registrations: set[int] | None = None
) -> list[Statement]:
    """The statements of one column that count, in order of force; flags those that came late.

    `registrations`: of the entries those that count; the date of the others was corrected. Two rows with the same
    values where something else was so in between are two changes, and not one whose date was corrected.
    """
    newest = date.min
    for statement in statements:  # still in order of processing
        if statement.force < newest and not statement.known:
            flags.add(("late", ""))
        newest = max(newest, statement.force)
    corrections = [s for s in statements if s.reason == CORRECTION]
    alive = [s for s in statements if not any(s.index < c.index and s.force >= c.force for c in corrections)]
    alive.sort(key=lambda s: (s.force, s.index))
    result: list[Statement] = []
    for statement in alive:
        last = result[-1] if result else None
        if registrations is not None and statement.reason in ENTRIES:
            if statement.index in registrations:
                result.append(statement)
        elif last and _corrects_date(last, statement):
            if statement.index > last.index:
                result[-1] = statement
        else:
            result.append(statement)
    return result


def _registration(standing: Standing, chain: list[Row], base: Base, day: date) -> None:
    """Whether they were registered on the day. Nobody leaves on the day itself; who arrives on it is in."""
    flags = standing.flags
    exported = standing.base_values is not None
    if base.after and standing.base_values is not None:
        exported = _resident_on(standing, day)
    registered = exported
    since = earliest_day((base.values or {}).get("resident_since") or "")
    deciding: Statement | None = None
    for statement in standing.statements.get(REGISTERED, ()):
        row = chain[statement.index]
        if statement.known:
            if statement.force <= day:
                registered, deciding = exported, None
            continue
        if not statement.value and since is not None and statement.force < since <= base.day:
            flags.add(("late", ""))  # they had come back by then, as the export says
            continue
        if not statement.value and statement.force >= day and not standing.removed_by:
            standing.removed_on, standing.removed_by = row.day_told(), statement.reason
        if statement.force > day:
            continue
        if not statement.value and statement.force == day:
            if row.first_day != row.last_day:
                flags.add(("death_day_unknown", ""))
            flags.add(("died_on_day" if statement.reason == "死亡" else "left_on_day", statement.reason))
            standing.died_on_day = standing.died_on_day or statement.reason == "死亡"
            continue
        if statement.value and statement.force == day:
            flags.add(("arrived_on_day", statement.reason))
            standing.removed_on, standing.removed_by = "", ""
        registered, deciding = statement.value, statement
    if base.after and not registered:
        registered = _removed_before_base(standing, chain, day)
    if not registered and standing.base_values is None and chain:
        _say_why_missing(standing, chain)
    standing.registered = bool(registered)
    if deciding is not None and deciding.value:
        standing.entered_at = deciding.processed_at
        standing.entered_after = chain[deciding.index].processed_on > day
    if not standing.registered:
        standing.died_on_day = False


def _resident_on(standing: Standing, day: date) -> bool:
    """By an export made after the day: 住民となった日 says who came only later."""
    text = (standing.base_values or {}).get("resident_since") or ""
    first = earliest_day(text)
    if first is None:
        if text:
            standing.flags.add(("resident_since_unknown", ""))
        return True
    if len(text) == 10 and "-00" in text and first <= day:
        standing.flags.add(("resident_since_unknown", ""))
    return first <= day


def earliest_day(text: str) -> date | None:
    """The first day that a date with unknown parts ('2011-03-00') may be; None if the year is unknown."""
    if len(text) != 10 or text[:4] == "0000":
        return None
    month, day = int(text[5:7]) or 1, int(text[8:10]) or 1
    return date(int(text[:4]), month, day)


def _removed_before_base(standing: Standing, chain: list[Row], day: date) -> bool:
    """By an export made after the day: who was removed on the day or after it is not in it, but was there."""
    registrations = standing.statements.get(REGISTERED, [])
    for place in reversed(range(len(registrations))):
        statement = registrations[place]
        if statement.value:
            continue
        row = chain[statement.index]
        entry = next((s for s in reversed(registrations[:place]) if s.value), None)
        arrived = entry.force if entry else earliest_day(row.values.get("resident_since") or "")
        if statement.force < day or (arrived is not None and arrived > day):
            continue
        standing.base_values = row.values
        standing.removed_on, standing.removed_by = row.day_told(), row.reason
        if row.first_day <= day <= row.last_day:
            standing.died_on_day = row.reason == "死亡"
            standing.flags.add(("died_on_day" if row.reason == "死亡" else "left_on_day", row.reason))
        standing.flags.add(("removed_before_base", row.reason))
        standing.statements = {}
        return True
    return False


def _say_why_missing(standing: Standing, chain: list[Row]) -> None:
    """Somebody with rows of change who is in no export: a file is missing, or their row was set aside."""
    if any(row.reason in ENTRIES for row in chain):
        last = [row for row in chain if row.reason in ENTRIES | REMOVALS][-1]
        if last.reason in ENTRIES and all(s.known for s in standing.statements.get(REGISTERED, ())):
            standing.flags.add(("not_in_base", last.reason))
    else:
        standing.flags.add(("never_explained", chain[-1].reason))


def _look_for_equal_moves(standing: Standing, chain: list[Row], day: date) -> None:
    """A move after the day to where the person stood on the day: the export may have known it with another date."""
    counting = {s.index for statements in standing.statements.values() for s in statements}
    for index, row in enumerate(chain):
        columns = TELLING.get(row.reason)
        if columns is None or row.last_day <= day or index not in counting:
            continue
        if all(row.values.get(c) is None or row.values[c] == standing.values[c] for c in columns):
            standing.flags.add(("equal_to_before", row.reason))
