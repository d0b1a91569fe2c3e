import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import backend.core.clock
import backend.core.fields


class Migration(migrations.Migration):
    # For databases made before the tables were put into one migration; to go with the first release.
    replaces = [("journal", "0001_initial"), ("journal", "0003_exchange"), ("journal", "0004_fill_exchange")]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("is_own", models.BooleanField(default=False, help_text="the chain that this database itself writes")),
                ("registered_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="登録日時")),
                ("last_seq", models.PositiveBigIntegerField(default=0)),
                (
                    "last_sha256",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000", max_length=64
                    ),
                ),
                ("last_uuid", models.UUIDField(help_text="of its own entries: ids of one chain only grow", null=True)),
            ],
            options={
                "verbose_name": "端末の記録列",
                "verbose_name_plural": "端末の記録列",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_own", True)), fields=("is_own",), name="device_one_own"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("received_no", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("received_at", models.DateTimeField()),
                ("verdict", models.CharField(choices=[("accepted", "受付"), ("refused", "拒否")], max_length=10)),
                ("reason", models.CharField(blank=True, help_text="why it was refused", max_length=200)),
                ("raw", models.BinaryField()),
                ("sha256", models.CharField(max_length=64)),
                ("uuid", models.UUIDField(db_index=True, help_text="`id` of the entry", null=True)),
                ("seq", models.PositiveBigIntegerField(null=True)),
                ("kind", models.CharField(blank=True, max_length=40)),
                ("v", models.PositiveSmallIntegerField(null=True)),
                ("occurred_at", models.DateTimeField(null=True)),
                ("recorded_at", models.DateTimeField(help_text="by the author's clock", null=True)),
                (
                    "actor",
                    models.CharField(blank=True, help_text="id of the staff member, or `command`", max_length=60),
                ),
                ("payload", models.JSONField(null=True)),
                ("prev", models.CharField(blank=True, max_length=64)),
                (
                    "history",
                    models.CharField(
                        blank=True,
                        help_text="SHA-256 over all that was received until here: tells a restored database",
                        max_length=64,
                    ),
                ),
                (
                    "receipt",
                    models.CharField(
                        blank=True, help_text="on a laptop: by which the server knows its own word", max_length=32
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, to="journal.device"
                    ),
                ),
            ],
            options={
                "verbose_name": "現場記録",
                "verbose_name_plural": "現場記録",
                "indexes": [
                    models.Index(fields=["kind", "received_no"], name="entry_by_kind"),
                    models.Index(
                        condition=models.Q(("verdict", "refused")), fields=["sha256"], name="entry_refused_bytes"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verdict", "refused"),
                            models.Q(
                                ("device__isnull", False),
                                ("kind__gt", ""),
                                ("occurred_at__isnull", False),
                                ("payload__isnull", False),
                                ("prev__length", 64),
                                ("reason", ""),
                                ("recorded_at__isnull", False),
                                ("seq__gte", 1),
                                ("seq__isnull", False),
                                ("uuid__isnull", False),
                                ("v__isnull", False),
                                ("verdict", "accepted"),
                            ),
                            _connector="OR",
                        ),
                        name="entry_accepted_is_whole",
                    ),
                    models.CheckConstraint(condition=models.Q(("sha256__length", 64)), name="entry_has_hash"),
                    models.CheckConstraint(
                        condition=models.Q(("verdict", "accepted"), ("reason__gt", ""), _connector="OR"),
                        name="entry_refused_with_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("verdict", "accepted")), fields=("uuid",), name="entry_accepted_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("verdict", "accepted")),
                        fields=("device", "seq"),
                        name="entry_place_in_chain_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Voiding",
            fields=[
                ("entry", models.UUIDField(primary_key=True, serialize=False)),
                ("target", models.UUIDField(db_index=True)),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("received_at", models.DateTimeField()),
                ("received_no", models.PositiveBigIntegerField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="Head",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("received_no", models.PositiveBigIntegerField(default=0)),
                (
                    "history",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        help_text="of the last entry received",
                        max_length=64,
                    ),
                ),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="head_is_one")],
            },
        ),
        migrations.CreateModel(
            name="Terminal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "facility",
                    models.UUIDField(
                        db_index=True,
                        help_text="no foreign key: the journal knows places by id only",
                        verbose_name="施設",
                    ),
                ),
                (
                    "area",
                    models.CharField(
                        blank=True, help_text="empty: the whole municipality", max_length=400, verbose_name="受け持つ町"
                    ),
                ),
                (
                    "enrolment_sha256",
                    models.CharField(help_text="of the token that joins it, once", max_length=64, unique=True),
                ),
                ("enrolment_until", models.DateTimeField(verbose_name="登録の期限")),
                (
                    "secret_sha256",
                    models.CharField(blank=True, help_text="of the secret that the laptop made itself", max_length=64),
                ),
                ("joined_at", models.DateTimeField(null=True, verbose_name="登録日時")),
                ("made_at", models.DateTimeField(default=backend.core.clock.now)),
                ("released_at", models.DateTimeField(null=True, verbose_name="名簿の鍵を渡した日時")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="失効日時")),
                ("seen_at", models.DateTimeField(null=True, verbose_name="最後の連絡")),
                (
                    "unsent",
                    models.PositiveIntegerField(
                        help_text="as the laptop said at the last contact", null=True, verbose_name="未送信"
                    ),
                ),
                (
                    "clock_off",
                    models.BigIntegerField(
                        help_text="the laptop's clock less this one's", null=True, verbose_name="時計のずれ（秒）"
                    ),
                ),
                ("version", models.CharField(blank=True, max_length=20, verbose_name="版")),
            ],
            options={
                "verbose_name": "避難所の端末",
                "verbose_name_plural": "避難所の端末",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("joined_at", None), ("secret_sha256", "")),
                            models.Q(("joined_at__isnull", False), ("secret_sha256__length", 64)),
                            _connector="OR",
                        ),
                        name="terminal_joined_with_secret",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="device",
            name="terminal",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="chains", to="journal.terminal"
            ),
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("received_no", models.PositiveBigIntegerField()),
                (
                    "of",
                    models.CharField(
                        choices=[("place", "避難所"), ("person", "人"), ("entry", "記録"), ("all", "全員")],
                        max_length=6,
                    ),
                ),
                ("topic", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["topic", "received_no"], name="topic_entries"),
                    models.Index(fields=["received_no"], name="topic_of_entry"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entry", models.UUIDField()),
                ("code", models.CharField(max_length=40, verbose_name="種別")),
                ("text", models.CharField(help_text="no names, no addresses", max_length=200, verbose_name="内容")),
                ("found_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="発見日時")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="解決日時")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="解決の内容")),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["settled_at", "found_at"], name="conflict_open")],
                "constraints": [models.UniqueConstraint(fields=("entry", "code"), name="conflict_named_once")],
            },
        ),
        migrations.CreateModel(
            name="Settled",
            fields=[
                (
                    "refused",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="settled",
                        serialize=False,
                        to="journal.entry",
                    ),
                ),
                ("taken_as", models.UUIDField(help_text="the entry that was recorded in its place", null=True)),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="理由")),
                ("at", models.DateTimeField(default=backend.core.clock.now)),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
    ]
