from django.db import migrations

from backend.accounts.append_only import append_only
from backend.ledger.households.guards import guards


class Migration(migrations.Migration):
    """What was handed over stays in the book, and nobody is in two households at once."""

    replaces = [("ledger", "0005_decisions_about_households"), ("ledger", "0007_disclosures")]

    dependencies = [("ledger", "0001_tables"), ("accounts", "0002_append_only")]

    operations = [append_only("ledger_handover"), append_only("ledger_handoverline"), guards()]
