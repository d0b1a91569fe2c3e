from django.db import migrations

from backend.accounts.append_only import append_only


class Migration(migrations.Migration):
    """The list of what was published only grows."""

    replaces = [("publication", "0001_initial")]

    dependencies = [("publication", "0001_tables"), ("accounts", "0002_append_only")]

    operations = [append_only("publication_publicationrun")]
