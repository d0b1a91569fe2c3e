"""Tables that only grow: triggers refuse UPDATE, DELETE and (on PostgreSQL) TRUNCATE, whoever asks.

Every room may use it in a migration of its own: `operations = [append_only("journal_entry")]`.

No trigger looks at a marker that would open it: what could switch it off would be switched off one day. Whoever must
empty such a table (the test runner between tests that commit) takes the triggers off and puts them on again with
`lifted()`; the command `flush` of this room does so under test, and refuses everywhere else.

SQLite drops the triggers of a table that a later migration remakes (AlterField and most other changes): repeat
`append_only(...)` at the end of such a migration. The tests of the books fail if it was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper

PREFIX = "append_only_"

_POSTGRESQL_FUNCTION = """
CREATE OR REPLACE FUNCTION append_only_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def _create(vendor: str, table: str, key: str) -> list[str]:
    if vendor == "postgresql":
        call = "EXECUTE FUNCTION append_only_refuse()"
        return [
            _POSTGRESQL_FUNCTION,
            f'CREATE TRIGGER {PREFIX}row BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW {call}',
            f'CREATE TRIGGER {PREFIX}truncate BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT {call}',
        ]
    refuse = f"BEGIN SELECT RAISE(ABORT, 'table {table} only grows'); END"
    return [
        f'CREATE TRIGGER "{PREFIX}{table}_update" BEFORE UPDATE ON "{table}" {refuse}',
        f'CREATE TRIGGER "{PREFIX}{table}_delete" BEFORE DELETE ON "{table}" {refuse}',
        # INSERT OR REPLACE deletes without asking the trigger above.
        f'CREATE TRIGGER "{PREFIX}{table}_replace" BEFORE INSERT ON "{table}" '  # noqa: S608 - names of our own tables
        f'WHEN EXISTS (SELECT 1 FROM "{table}" WHERE "{key}" = NEW."{key}") {refuse}',
    ]


def _drop(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [f'DROP TRIGGER IF EXISTS {PREFIX}{what} ON "{table}"' for what in ("row", "delete", "truncate")]
    return [f'DROP TRIGGER IF EXISTS "{PREFIX}{table}_{what}"' for what in ("update", "delete", "replace")]


def append_only(table: str, key: str = "id") -> migrations.RunPython:
    """A migration operation: from here on the rows of `table` (with the primary key `key`) can't be changed."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        backwards(apps, schema_editor)  # may be repeated
        for statement in _create(schema_editor.connection.vendor, table, key):
            schema_editor.execute(statement, params=None)

    def backwards(apps: Any, schema_editor: Any) -> None:
        for statement in _drop(schema_editor.connection.vendor, table):
            schema_editor.execute(statement, params=None)

    return migrations.RunPython(forwards, backwards)


def ends_once(table: str, ends: list[str], key: str = "id") -> migrations.RunPython:
    """A migration operation: no row of `table` is deleted; of its columns only `ends` are filled, and only once."""
    return kept(table, once=[ends], key=key)


def kept(
    table: str, *, once: Sequence[Sequence[str]], free: Sequence[str] = (), key: str = "id"
) -> migrations.RunPython:
    """A migration operation: no row of `table` is deleted; of its columns only those named change.

    `once`: groups that are filled together and only once, each told by its first column; `free`: those that a life
    cycle sets more than once.
    """

    def forwards(apps: Any, schema_editor: Any) -> None:
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            columns = [column.name for column in connection.introspection.get_table_description(cursor, table)]
        differs = "IS DISTINCT FROM" if connection.vendor == "postgresql" else "IS NOT"
        named = {*free, *(c for group in once for c in group)}
        if unknown := named - set(columns):
            raise ValueError(f"table {table} has no columns {sorted(unknown)}")
        when = [f'OLD."{c}" {differs} NEW."{c}"' for c in columns if c not in named]
        for group in once:
            filled = " OR ".join(f'OLD."{c}" {differs} NEW."{c}"' for c in group)
            when.append(f'(OLD."{group[0]}" IS NOT NULL AND ({filled}))')
        backwards(apps, schema_editor)  # may be repeated
        for statement in _create_kept(connection.vendor, table, key, " OR ".join(when)):
            schema_editor.execute(statement, params=None)

    def backwards(apps: Any, schema_editor: Any) -> None:
        for statement in _drop(schema_editor.connection.vendor, table):
            schema_editor.execute(statement, params=None)

    return migrations.RunPython(forwards, backwards)


def _create_kept(vendor: str, table: str, key: str, when: str) -> list[str]:
    """The statements of `append_only`, with an UPDATE that is refused only where `when` is true."""
    statements = _create(vendor, table, key)
    if vendor == "postgresql":
        call = "EXECUTE FUNCTION append_only_refuse()"
        statements[1:2] = [
            f'CREATE TRIGGER {PREFIX}row BEFORE UPDATE ON "{table}" FOR EACH ROW WHEN ({when}) {call}',
            f'CREATE TRIGGER {PREFIX}delete BEFORE DELETE ON "{table}" FOR EACH ROW {call}',
        ]
    else:
        statements[0] = statements[0].replace(f'ON "{table}" BEGIN', f'ON "{table}" WHEN {when} BEGIN', 1)
    return statements


@contextmanager
def lifted(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Take all these triggers off a database, and put them back whatever happens in between."""
    off, on = _switches(connection)
    with connection.cursor() as cursor:
        for statement in off:
            cursor.execute(statement)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            for statement in on:
                cursor.execute(statement)


def _switches(connection: BaseDatabaseWrapper) -> tuple[list[str], list[str]]:
    """The statements that take the triggers off, and those that put them back, read from the catalogue."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal AND starts_with(tgname, %s)",
                [PREFIX],
            )
            found = cursor.fetchall()
            return (
                [f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name in found],
                [f"ALTER TABLE {table} ENABLE TRIGGER {name}" for table, name in found],
            )
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND substr(name, 1, %s) = %s",
            [len(PREFIX), PREFIX],
        )
        found = cursor.fetchall()
        return [f'DROP TRIGGER "{name}"' for name, _ in found], [sql for _, sql in found]
