from django.db import migrations

from backend.ledger.fields import OrderedByCode


class Migration(migrations.Migration):
    """A lot is looked up as a range of its index, which needs an order that does not depend on the database's language."""

    dependencies = [("ledger", "0001_initial")]

    operations = [
        migrations.AlterField(model_name="person", name="lot_key", field=OrderedByCode(blank=True, max_length=100)),
    ]
