from django.db import migrations

from backend.accounts.append_only import ends_once


class Migration(migrations.Migration):
    """What was held and what was decided stays; each row ends once."""

    dependencies = [("documents", "0004_held_characters"), ("accounts", "0003_append_only")]

    operations = [
        ends_once("documents_heldcharacter", ["closed_at", "closed_by_id", "closed_why"]),
        ends_once("documents_characterdecision", ["ended_at", "ended_by_id", "ended_reason"]),
    ]
