from django.db import migrations

from backend.accounts.append_only import append_only


class Migration(migrations.Migration):
    """The access log and the audit book only grow."""

    replaces = [("accounts", "0003_append_only")]

    dependencies = [("accounts", "0001_tables")]

    operations = [append_only("accounts_accesslog"), append_only("accounts_auditrow")]
