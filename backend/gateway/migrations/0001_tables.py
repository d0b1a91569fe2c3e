from django.db import migrations, models

import backend.core.clock


class Migration(migrations.Migration):
    # For databases made before the tables were put into one migration; to go with the first release.
    replaces = [("gateway", "0001_initial")]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Bundle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sha256", models.CharField(max_length=64, verbose_name="指紋")),
                (
                    "way",
                    models.CharField(
                        choices=[("made", "書き出し"), ("loaded", "読み込み")], max_length=10, verbose_name="方向"
                    ),
                ),
                ("made_at", models.DateTimeField(verbose_name="作成日時")),
                ("handled_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="処理日時")),
                ("rows", models.PositiveIntegerField(verbose_name="行数")),
            ],
            options={
                "verbose_name": "公開用の束",
                "verbose_name_plural": "公開用の束",
                "ordering": ["-made_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("way", "loaded")), fields=("sha256",), name="gateway_bundle_loaded_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("way__in", ["made", "loaded"])), name="gateway_bundle_way_known"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CertificateStatus",
            fields=[
                (
                    "token_hash",
                    models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="確認番号の指紋"),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="種類")),
                ("number", models.CharField(max_length=100, verbose_name="文書番号")),
                ("issued_on", models.DateField(verbose_name="交付日")),
                (
                    "status",
                    models.CharField(
                        choices=[("valid", "有効"), ("withdrawn", "失効")], max_length=10, verbose_name="状態"
                    ),
                ),
                ("as_of", models.DateTimeField(verbose_name="一覧の時点")),
            ],
            options={
                "verbose_name": "証明書の状態",
                "verbose_name_plural": "証明書の状態",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["valid", "withdrawn"])), name="certificate_status_known"
                    )
                ],
            },
        ),
    ]
