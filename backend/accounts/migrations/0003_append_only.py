from django.db import migrations

from backend.accounts.append_only import append_only


class Migration(migrations.Migration):
    """The access log and the audit book only grow."""

    dependencies = [("accounts", "0002_temporary_password")]

    operations = [append_only("accounts_accesslog"), append_only("accounts_auditrow")]
