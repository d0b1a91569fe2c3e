from django.db import migrations

from backend.accounts.append_only import append_only


class Migration(migrations.Migration):
    """A map that was loaded stays as it was loaded."""

    dependencies = [("characters", "0001_tables"), ("accounts", "0002_append_only")]

    operations = [append_only("characters_gaijimap"), append_only("characters_gaijirow")]
