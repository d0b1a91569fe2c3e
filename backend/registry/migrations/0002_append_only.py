from django.db import migrations

from backend.accounts.append_only import append_only


class Migration(migrations.Migration):
    """A layout that was saved stays; a newer version follows."""

    replaces = [("registry", "0004_layouts_and_own_numbers")]

    dependencies = [("registry", "0001_tables"), ("accounts", "0002_append_only")]

    operations = [append_only("registry_savedlayout")]
