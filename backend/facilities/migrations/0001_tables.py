from django.db import migrations, models

import backend.core.fields


class Migration(migrations.Migration):
    # For databases made before the tables were put into one migration; to go with the first release.
    replaces = [
        ("facilities", "0001_initial"),
        ("facilities", "0002_published"),
        ("facilities", "0003_who_told_the_count"),
    ]

    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("opening", models.UUIDField(unique=True)),
                (
                    "facility",
                    models.UUIDField(db_index=True, help_text="no foreign key: the place may become known later"),
                ),
                (
                    "name",
                    models.CharField(blank=True, help_text="when the opening has a name of its own", max_length=120),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Facility",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "open_data_id",
                    models.CharField(blank=True, max_length=40, null=True, unique=True, verbose_name="ID"),
                ),
                ("name", models.CharField(max_length=120, verbose_name="名称")),
                ("kana", models.CharField(blank=True, max_length=200, verbose_name="名称_カナ")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="名称_英字")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="所在地")),
                (
                    "latitude",
                    models.DecimalField(blank=True, decimal_places=8, max_digits=11, null=True, verbose_name="緯度"),
                ),
                (
                    "longitude",
                    models.DecimalField(blank=True, decimal_places=8, max_digits=11, null=True, verbose_name="経度"),
                ),
                (
                    "elevation",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=7, null=True, verbose_name="標高（m）"
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="電話番号")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("emergency", "指定緊急避難場所"),
                            ("shelter", "指定避難所"),
                            ("spontaneous", "指定外・自主避難所"),
                            ("welfare", "福祉避難所"),
                            ("intermediate", "1.5次避難所"),
                            ("hotel", "2次避難所（宿泊施設）"),
                            ("wide_area", "広域避難先"),
                            ("other", "その他"),
                        ],
                        default="emergency",
                        max_length=20,
                        verbose_name="種別",
                    ),
                ),
                ("also_shelter", models.BooleanField(default=False, verbose_name="指定避難所との重複")),
                ("flood", models.BooleanField(default=False, verbose_name="洪水")),
                ("landslide", models.BooleanField(default=False, verbose_name="崖崩れ、土石流及び地滑り")),
                ("storm_surge", models.BooleanField(default=False, verbose_name="高潮")),
                ("earthquake", models.BooleanField(default=False, verbose_name="地震")),
                ("tsunami", models.BooleanField(default=False, verbose_name="津波")),
                ("large_fire", models.BooleanField(default=False, verbose_name="大規模な火事")),
                ("inland_flood", models.BooleanField(default=False, verbose_name="内水氾濫")),
                ("volcano", models.BooleanField(default=False, verbose_name="火山現象")),
                ("capacity", models.PositiveIntegerField(blank=True, null=True, verbose_name="収容人数（人）")),
                ("capacity_text", models.CharField(blank=True, max_length=200, verbose_name="想定収容人数")),
                ("districts", models.CharField(blank=True, max_length=2000, verbose_name="対象となる町会・自治会")),
                ("note", models.CharField(blank=True, max_length=1000, verbose_name="備考")),
                ("active", models.BooleanField(default=True, verbose_name="使用中")),
                (
                    "published",
                    models.BooleanField(
                        default=True, help_text="場所を知られてはならない施設では外す", verbose_name="公表する"
                    ),
                ),
            ],
            options={
                "verbose_name": "施設",
                "verbose_name_plural": "施設",
                "ordering": ["kana", "name", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("open_data_id", ""), _negated=True), name="facility_open_data_id_not_empty"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(
                                ("latitude__isnull", False),
                                ("longitude__isnull", False),
                                ("latitude__gte", -90),
                                ("latitude__lte", 90),
                                ("longitude__gte", -180),
                                ("longitude__lte", 180),
                            ),
                            _connector="OR",
                        ),
                        name="facility_on_earth",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FacilityState",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("opening", models.UUIDField()),
                ("is_open", models.BooleanField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["opening", "occurred_at", "received_no"], name="facility_state_latest")
                ],
            },
        ),
        migrations.CreateModel(
            name="HeadCount",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("opening", models.UUIDField()),
                ("people", models.PositiveIntegerField()),
                ("households", models.PositiveIntegerField(null=True)),
                (
                    "outside",
                    models.PositiveIntegerField(
                        help_text="避難所外避難者: in cars, tents, at home; not in `people`", null=True
                    ),
                ),
                (
                    "told_by",
                    models.CharField(
                        blank=True, help_text="who said so on the telephone", max_length=60, verbose_name="電話の相手"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["opening", "occurred_at", "received_no"], name="head_count_latest")],
            },
        ),
    ]
