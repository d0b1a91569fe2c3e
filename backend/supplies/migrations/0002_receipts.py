from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("supplies", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Receipt",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("opening", models.UUIDField(db_index=True)),
                (
                    "request",
                    models.UUIDField(db_index=True, help_text="the entry of the request that it came for", null=True),
                ),
                ("what", models.CharField(max_length=100, verbose_name="品目")),
                ("quantity", models.PositiveIntegerField(verbose_name="数量")),
                ("unit", models.CharField(blank=True, max_length=20, verbose_name="単位")),
                ("brought_by", models.CharField(blank=True, max_length=100, verbose_name="届けた人")),
            ],
            options={
                "verbose_name": "物資の受取",
                "verbose_name_plural": "物資の受取",
            },
        ),
    ]
