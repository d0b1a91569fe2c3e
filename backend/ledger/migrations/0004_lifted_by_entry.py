from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0003_keys_sorted_by_code"),
    ]

    operations = [
        migrations.AddField(
            model_name="protection",
            name="lifted_entry",
            field=models.UUIDField(
                help_text="where headquarters lifted it: the entry by which this database learnt that",
                null=True,
                verbose_name="解除の記録",
            ),
        ),
        migrations.RemoveConstraint(
            model_name="protection",
            name="protection_lifted_by_somebody_with_reason",
        ),
        migrations.AddConstraint(
            model_name="protection",
            constraint=models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lifted_entry__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False, lifted_reason__gt="")
                | Q(lifted_at__isnull=False, lifted_entry__isnull=False),
                name="protection_lifted_by_somebody_with_reason",
            ),
        ),
    ]
