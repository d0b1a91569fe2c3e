import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import backend.core.clock
import backend.core.fields


class Migration(migrations.Migration):
    # For databases made before the tables were put into one migration; to go with the first release.
    replaces = [("publication", "0001_initial")]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("ledger", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicationRun",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=backend.core.clock.now, verbose_name="公表日時")),
                ("as_of", models.DateTimeField(verbose_name="時点")),
                ("target", models.CharField(max_length=255, verbose_name="公表先")),
                ("shelters", models.PositiveIntegerField(verbose_name="避難所数")),
                ("files", models.PositiveIntegerField(verbose_name="ファイル数")),
                ("bytes", models.PositiveBigIntegerField(verbose_name="バイト数")),
                (
                    "sha256",
                    models.JSONField(
                        help_text="path inside the folder → hexadecimal digest", verbose_name="ファイルごとのSHA-256"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="公表した職員",
                    ),
                ),
                (
                    "disaster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.disaster",
                        verbose_name="災害",
                    ),
                ),
            ],
            options={
                "verbose_name": "公表",
                "verbose_name_plural": "公表",
                "ordering": ["-at", "-id"],
                "indexes": [models.Index(fields=["-at"], name="publication_run_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("as_of__lte", models.F("at"))), name="publication_of_the_past"
                    ),
                    models.CheckConstraint(condition=models.Q(("files__gt", 0)), name="publication_has_files"),
                ],
            },
        ),
    ]
