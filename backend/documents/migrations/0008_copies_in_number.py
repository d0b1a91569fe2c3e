from django.conf import settings
from django.db import migrations, models

from backend.accounts.append_only import append_only


class Migration(migrations.Migration):
    """How many copies were handed over at a time: one in every line so far."""

    dependencies = [
        ("documents", "0007_kind_wordings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="issuecopy",
            name="quantity",
            field=models.PositiveSmallIntegerField(default=1, verbose_name="通数"),
        ),
        migrations.AddConstraint(
            model_name="issuecopy",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 1)), name="issue_copy_quantity_from_one"
            ),
        ),
        append_only("documents_issuecopy"),  # SQLite has remade the table
    ]
