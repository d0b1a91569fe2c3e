from django.db import migrations

from backend.accounts.append_only import append_only


class Migration(migrations.Migration):
    """Entries are inserted and never changed or deleted, whoever asks."""

    dependencies = [("journal", "0001_tables"), ("accounts", "0002_append_only")]

    operations = [append_only("journal_entry", "received_no")]
