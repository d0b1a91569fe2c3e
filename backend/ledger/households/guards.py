"""The triggers that keep lines of households true on both databases, for the migration that makes the table.

What a unique constraint can't say: no two households for one person at one time, and nothing between two disasters.
SQLite drops the triggers of a table that a later migration remakes: repeat `guards()` at the end of such a migration.
It also refuses to remake a table that a trigger of another one names, so the second rule is PostgreSQL's alone there;
the services hold it on both.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations

TABLE = "ledger_householdline"

_FAR = "'9999-12-31'"
# Two spans meet; an empty one (taken back on its first day) meets nothing.
_ELSEWHERE = f"""SELECT 1 FROM {TABLE} other
    WHERE other.person_id = NEW.person_id AND other.id <> NEW.id AND other.moves AND other.undone_at IS NULL
    AND other.since < COALESCE(NEW.until, {_FAR}) AND NEW.since < COALESCE(other.until, {_FAR})
    AND other.since < COALESCE(other.until, {_FAR}) AND NEW.since < COALESCE(NEW.until, {_FAR})"""  # noqa: S608
_STRANGERS = """SELECT 1 FROM ledger_householddecision decision, ledger_person person,
    ledger_household home, ledger_household target
    WHERE decision.id = NEW.decision_id AND person.id = NEW.person_id
    AND home.id = NEW.from_household_id AND target.id = NEW.into_household_id
    AND (person.disaster_id <> decision.disaster_id OR home.disaster_id <> decision.disaster_id
    OR target.disaster_id <> decision.disaster_id)"""

_FUNCTION = f"""
CREATE OR REPLACE FUNCTION household_line_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.moves AND NEW.undone_at IS NULL AND EXISTS ({_ELSEWHERE}) THEN
        RAISE EXCEPTION 'one household at a time' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS ({_STRANGERS}) THEN
        RAISE EXCEPTION 'households of one disaster only' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$
"""


def _create(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [
            _FUNCTION,
            f"CREATE TRIGGER household_line_guard BEFORE INSERT OR UPDATE ON {TABLE}"
            " FOR EACH ROW EXECUTE FUNCTION household_line_guard()",
        ]
    return [
        f"CREATE TRIGGER household_line_guard_{event.lower()} AFTER {event} ON {TABLE}"
        f" WHEN NEW.moves AND NEW.undone_at IS NULL AND EXISTS ({_ELSEWHERE})"
        " BEGIN SELECT RAISE(ABORT, 'one household at a time'); END"
        for event in ("INSERT", "UPDATE")
    ]


def _drop(vendor: str) -> list[str]:
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS household_line_guard ON {TABLE}"]
    return [f"DROP TRIGGER IF EXISTS household_line_guard_{event}" for event in ("insert", "update")]


def guards() -> migrations.RunPython:
    """A migration operation: from here on the triggers stand."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        backwards(apps, schema_editor)  # may be repeated
        for statement in _create(schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def backwards(apps: Any, schema_editor: Any) -> None:
        for statement in _drop(schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    return migrations.RunPython(forwards, backwards)
