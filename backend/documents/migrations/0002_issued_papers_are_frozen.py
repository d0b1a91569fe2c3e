from django.db import migrations

from backend.accounts.append_only import PREFIX, append_only, ends_once

TABLE = "documents_issue"
# What an issue is. The rest (becoming void, once, and what took its place, once) is in OPEN.
FROZEN = [
    "id",
    "kind_id",
    "fiscal_year",
    "number",
    "number_text",
    "disaster",
    "household",
    "restricted",
    "content",
    "content_sha256",
    "token",
    "as_of",
    "issued_at",
    "issued_by_id",
]
OPEN = ["status", "withdrawn_at", "withdrawn_by_id", "withdrawn_reason"]


def changed(vendor):
    """SQL that is true when an update touches what must stay."""
    differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    frozen = [f"OLD.{c} {differs} NEW.{c}" for c in FROZEN]
    void = " OR ".join(f"OLD.{c} {differs} NEW.{c}" for c in OPEN)
    replaced = f"(OLD.replaced_by_id IS NOT NULL AND OLD.replaced_by_id {differs} NEW.replaced_by_id)"
    return " OR ".join([*frozen, f"(OLD.status = 'withdrawn' AND ({void}))", replaced])


def forwards(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        # append_only() of the copies, just before, has made the function.
        call = "EXECUTE FUNCTION append_only_refuse()"
        statements = [
            f"CREATE TRIGGER {PREFIX}frozen BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({changed(vendor)}) {call}",
            f"CREATE TRIGGER {PREFIX}kept BEFORE DELETE ON {TABLE} FOR EACH ROW {call}",
            f"CREATE TRIGGER {PREFIX}whole BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT {call}",
        ]
    else:
        again = f"EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id)"  # noqa: S608 - names are ours
        refuse = "BEGIN SELECT RAISE(ABORT, 'an issued paper is frozen'); END"
        statements = [
            f"CREATE TRIGGER {PREFIX}{TABLE}_frozen BEFORE UPDATE ON {TABLE} WHEN {changed(vendor)} {refuse}",
            f"CREATE TRIGGER {PREFIX}{TABLE}_kept BEFORE DELETE ON {TABLE} {refuse}",
            f"CREATE TRIGGER {PREFIX}{TABLE}_replaced BEFORE INSERT ON {TABLE} WHEN {again} {refuse}",
        ]
    for statement in statements:
        schema_editor.execute(statement, params=None)


def backwards(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        names = [f"{PREFIX}{what} ON {TABLE}" for what in ("frozen", "kept", "whole")]
    else:
        names = [f"{PREFIX}{TABLE}_{what}" for what in ("frozen", "kept", "replaced")]
    for name in names:
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}", params=None)


class Migration(migrations.Migration):
    """Issued papers are frozen, the log of their printings only grows, and what was held or decided ends once."""

    replaces = [("documents", "0002_frozen"), ("documents", "0005_held_rows_end_once")]

    dependencies = [("documents", "0001_tables"), ("accounts", "0002_append_only")]

    operations = [
        append_only("documents_issuecopy"),
        migrations.RunPython(forwards, backwards),
        ends_once("documents_heldcharacter", ["closed_at", "closed_by_id", "closed_why"]),
        ends_once("documents_characterdecision", ["ended_at", "ended_by_id", "ended_reason"]),
    ]
