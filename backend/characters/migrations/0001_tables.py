import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import backend.core.clock
import backend.core.fields


class Migration(migrations.Migration):
    # For databases made before the tables were put into one migration; to go with the first release.
    replaces = [("characters", "0001_gaiji_maps")]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="GaijiMap",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("register", "住民記録"),
                            ("house_roll", "家屋台帳"),
                            ("income_roll", "所得台帳"),
                            ("typed", "窓口での入力"),
                        ],
                        max_length=20,
                        verbose_name="対象の台帳",
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="版")),
                ("name", models.CharField(max_length=200, verbose_name="ファイル名")),
                ("sha256", models.CharField(max_length=64, verbose_name="指紋")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="覚え書き")),
                ("loaded_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="登録日時")),
                (
                    "loaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "外字対応表",
                "verbose_name_plural": "外字対応表",
                "ordering": ["source", "-version"],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "version"), name="gaiji_map_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("sha256__length", 64)), name="gaiji_map_has_fingerprint"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GaijiRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("code", models.PositiveIntegerField(verbose_name="コード")),
                ("text", models.CharField(blank=True, max_length=20, verbose_name="文字")),
                ("mj", models.CharField(blank=True, max_length=8, verbose_name="MJ文字図形名")),
                ("font", models.CharField(blank=True, max_length=100, verbose_name="書体")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="備考")),
                (
                    "map",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="rows", to="characters.gaijimap"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("map", "code"), name="gaiji_row_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("code__gte", 57344), ("code__lte", 63743)),
                            models.Q(("code__gte", 983040), ("code__lte", 1048573)),
                            models.Q(("code__gte", 1048576), ("code__lte", 1114109)),
                            _connector="OR",
                        ),
                        name="gaiji_row_is_private_use",
                    ),
                ],
            },
        ),
    ]
