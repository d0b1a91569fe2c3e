import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import backend.core.clock
import backend.core.fields


class Migration(migrations.Migration):
    # For databases made before the tables were put into one migration; to go with the first release.
    replaces = [
        ("shelters", "0001_initial"),
        ("shelters", "0002_merge"),
        ("shelters", "0003_needs_and_where"),
        ("shelters", "0004_cards"),
        ("shelters", "0005_told_apart"),
        ("shelters", "0006_contacts_and_status"),
        ("shelters", "0007_help_list"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Evacuee",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("atena_no", models.CharField(max_length=15, null=True, unique=True, verbose_name="宛名番号")),
                (
                    "card",
                    models.CharField(
                        db_index=True,
                        help_text="follows from the id; very seldom two have one",
                        max_length=12,
                        verbose_name="札の番号",
                    ),
                ),
            ],
            options={
                "verbose_name": "避難者",
                "verbose_name_plural": "避難者",
            },
        ),
        migrations.CreateModel(
            name="Need",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("evacuee", models.UUIDField(db_index=True)),
                ("need", models.CharField(max_length=20, verbose_name="項目")),
                ("text", models.CharField(blank=True, max_length=200, verbose_name="内容")),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="NeedMet",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("stated", models.UUIDField(db_index=True, help_text="the entry that stated it")),
                ("note", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("evacuee", models.UUIDField(db_index=True, null=True)),
                ("opening", models.UUIDField(db_index=True, null=True)),
                ("text", models.CharField(max_length=1000)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ProtectionAsked",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("evacuee", models.UUIDField(db_index=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ToldApart",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("evacuee", models.UUIDField(db_index=True)),
                ("other", models.UUIDField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("evacuee", models.UUIDField()),
                (
                    "item",
                    models.CharField(
                        choices=[
                            ("safety", "安否照会への回答"),
                            ("publication", "氏名の公表"),
                            ("other_bodies", "関係機関への提供"),
                        ],
                        max_length=20,
                        verbose_name="項目",
                    ),
                ),
                ("given", models.BooleanField(verbose_name="同意")),
            ],
            options={
                "indexes": [
                    models.Index(fields=["evacuee", "item", "occurred_at", "received_no"], name="consent_latest")
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("evacuee", models.UUIDField()),
                ("how", models.CharField(max_length=20, verbose_name="連絡のしかた")),
                ("result", models.CharField(max_length=20, verbose_name="結果")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="覚え書き")),
                ("next_by", models.CharField(blank=True, db_index=True, max_length=60, verbose_name="次に聞く人")),
                ("next_on", models.CharField(blank=True, max_length=10, verbose_name="次に聞く日")),
            ],
            options={
                "indexes": [models.Index(fields=["evacuee", "occurred_at", "received_no"], name="contact_latest")],
            },
        ),
        migrations.CreateModel(
            name="Details",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("evacuee", models.UUIDField()),
                ("name", models.CharField(max_length=200, verbose_name="氏名")),
                ("kana", models.CharField(blank=True, max_length=300, verbose_name="氏名カナ")),
                (
                    "birth",
                    models.CharField(
                        blank=True, help_text="YYYY-MM-DD, unknown parts 00", max_length=10, verbose_name="生年月日"
                    ),
                ),
                ("sex", models.CharField(blank=True, max_length=1, verbose_name="性別")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="住所")),
                ("origin", models.CharField(blank=True, max_length=60, verbose_name="避難前の市町村")),
                ("telephone", models.CharField(blank=True, max_length=40, verbose_name="電話番号")),
            ],
            options={
                "indexes": [models.Index(fields=["evacuee", "occurred_at", "received_no"], name="details_latest")],
            },
        ),
        migrations.CreateModel(
            name="HelpFile",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="ファイル名")),
                ("fingerprint", models.CharField(help_text="SHA-256 of the file and its mapping", max_length=64)),
                ("rows", models.PositiveIntegerField(verbose_name="行数")),
                ("taken_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="取込日時")),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("evacuee", models.UUIDField()),
                ("into", models.UUIDField(db_index=True)),
                (
                    "carried",
                    models.UUIDField(help_text="the entry by which `into` went where the other one was", null=True),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["evacuee", "voided_at"], name="merge_alive")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("evacuee", models.F("into")), _negated=True), name="merge_not_itself"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Status",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("evacuee", models.UUIDField()),
                ("status", models.CharField(max_length=20, verbose_name="居場所")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="場所の詳しいこと")),
                ("told_by", models.CharField(blank=True, max_length=60, verbose_name="だれから聞いたか")),
            ],
            options={
                "indexes": [models.Index(fields=["evacuee", "occurred_at", "received_no"], name="status_latest")],
            },
        ),
        migrations.CreateModel(
            name="StayEvent",
            fields=[
                ("entry", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("occurred_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
                ("received_no", models.BigIntegerField(unique=True)),
                ("voided_at", models.DateTimeField(help_text="received_at of the entry that took it back", null=True)),
                ("evacuee", models.UUIDField()),
                (
                    "kind",
                    models.CharField(choices=[("arrived", "到着"), ("moved", "移動"), ("left", "退所")], max_length=10),
                ),
                ("opening", models.UUIDField(db_index=True, help_text="the shelter arrived at, or left")),
                ("from_opening", models.UUIDField(help_text="of a move", null=True)),
                (
                    "how",
                    models.CharField(
                        choices=[("inside", "所内"), ("car", "車中泊"), ("tent", "テント"), ("home", "在宅")],
                        default="inside",
                        max_length=10,
                        verbose_name="避難形態",
                    ),
                ),
                ("party", models.UUIDField(help_text="those who belong together, for counting households", null=True)),
                (
                    "spot",
                    models.CharField(
                        blank=True, help_text="room, place in the car park", max_length=60, verbose_name="場所"
                    ),
                ),
                ("plate", models.CharField(blank=True, max_length=20, verbose_name="車のナンバー")),
                (
                    "destination",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("home", "帰宅"),
                            ("relatives", "親族・知人宅"),
                            ("shelter", "他の避難所"),
                            ("hospital", "病院"),
                            ("welfare", "福祉避難所"),
                            ("hotel", "宿泊施設（1.5次・2次）"),
                            ("care_home", "介護・福祉施設"),
                            ("car", "車中泊・テント"),
                            ("out_of_town", "市外"),
                            ("temporary_housing", "仮設住宅"),
                            ("unknown", "不明"),
                        ],
                        max_length=20,
                        verbose_name="退所先",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                (
                    "corrects",
                    models.UUIDField(help_text="the entry whose time or destination this one corrects", null=True),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["evacuee", "occurred_at", "received_no"], name="stay_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("destination__gt", ""), ("kind", "left")),
                            models.Q(("destination", ""), ("kind__in", ["arrived", "moved"])),
                            _connector="OR",
                        ),
                        name="stay_left_somewhere",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("from_opening__isnull", False), ("kind", "moved")),
                            models.Q(("from_opening__isnull", True), ("kind__in", ["arrived", "left"])),
                            _connector="OR",
                        ),
                        name="stay_moved_from_somewhere",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HelpPerson",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line", models.PositiveIntegerField(verbose_name="行番号")),
                ("evacuee", models.UUIDField(db_index=True)),
                ("atena_no", models.CharField(blank=True, max_length=15, verbose_name="宛名番号")),
                ("name", models.CharField(max_length=200, verbose_name="氏名")),
                ("kana", models.CharField(blank=True, max_length=300, verbose_name="氏名カナ")),
                ("birth", models.CharField(blank=True, max_length=10, verbose_name="生年月日")),
                ("sex", models.CharField(blank=True, max_length=1, verbose_name="性別")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="住所又は居所")),
                ("telephone", models.CharField(blank=True, max_length=100, verbose_name="電話番号その他の連絡先")),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="避難支援等を必要とする事由")),
                ("district", models.CharField(blank=True, max_length=500, verbose_name="地区")),
                ("supporter", models.CharField(blank=True, max_length=60, verbose_name="避難支援等実施者")),
                (
                    "supporter_phone",
                    models.CharField(blank=True, max_length=500, verbose_name="避難支援等実施者の連絡先"),
                ),
                ("plan_place", models.CharField(blank=True, max_length=500, verbose_name="計画の避難先")),
                ("plan", models.CharField(blank=True, max_length=500, verbose_name="個別避難計画")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="備考")),
                (
                    "devices",
                    models.CharField(
                        blank=True,
                        help_text="keys of rules.DEVICES",
                        max_length=60,
                        verbose_name="命をつなぐ機器・処置",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="people", to="shelters.helpfile"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("file", "line"), name="help_person_line_once")],
            },
        ),
    ]
