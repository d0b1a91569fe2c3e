import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import backend.core.clock
import backend.core.fields


class Migration(migrations.Migration):
    # For databases made before the tables were put into one migration; to go with the first release.
    replaces = [("documents", "0001_initial"), ("documents", "0004_held_characters")]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="DocumentKind",
            fields=[
                ("key", models.CharField(max_length=20, primary_key=True, serialize=False, verbose_name="種類")),
                (
                    "title",
                    models.CharField(help_text="例：被災証明書、被災届出証明書", max_length=40, verbose_name="名称"),
                ),
                (
                    "mark",
                    models.CharField(
                        help_text="番号の「第」の前に入る文字。例：被災", max_length=10, verbose_name="文書記号"
                    ),
                ),
                ("statement", models.CharField(max_length=300, verbose_name="証明の文")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="注記")),
                ("department", models.CharField(blank=True, max_length=60, verbose_name="担当課")),
            ],
            options={
                "verbose_name": "文書の種類",
                "verbose_name_plural": "文書の種類",
            },
        ),
        migrations.CreateModel(
            name="Issue",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("fiscal_year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("number", models.PositiveIntegerField(verbose_name="番号")),
                ("number_text", models.CharField(max_length=100, verbose_name="文書番号")),
                ("disaster", models.UUIDField(verbose_name="災害")),
                ("household", models.UUIDField(db_index=True, verbose_name="台帳世帯")),
                ("restricted", models.BooleanField(default=False, verbose_name="秘匿の方への交付")),
                ("content", models.JSONField(verbose_name="内容")),
                ("content_sha256", models.CharField(max_length=64, verbose_name="内容の指紋")),
                ("token", models.CharField(max_length=40, unique=True, verbose_name="確認番号")),
                ("as_of", models.DateTimeField(verbose_name="時点")),
                (
                    "issued_at",
                    models.DateTimeField(db_index=True, default=backend.core.clock.now, verbose_name="交付日時"),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("valid", "有効"), ("withdrawn", "失効")],
                        default="valid",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("withdrawn_at", models.DateTimeField(null=True, verbose_name="失効日時")),
                ("withdrawn_reason", models.CharField(blank=True, max_length=200, verbose_name="失効の理由")),
                (
                    "issued_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="交付者",
                    ),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="issues", to="documents.documentkind"
                    ),
                ),
                (
                    "replaced_by",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaces",
                        to="documents.issue",
                    ),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "交付",
                "verbose_name_plural": "交付",
                "ordering": ["-issued_at", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "fiscal_year", "number"), name="issue_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("status", "valid")),
                        fields=("kind", "disaster", "household", "restricted"),
                        name="issue_one_valid",
                    ),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="issue_number_from_one"),
                    models.CheckConstraint(
                        condition=models.Q(("content_sha256__length", 64)), name="issue_has_fingerprint"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("token__length__gte", 26)), name="issue_token_cannot_be_guessed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("replaced_by__isnull", True),
                                ("status", "valid"),
                                ("withdrawn_at__isnull", True),
                                ("withdrawn_by__isnull", True),
                                ("withdrawn_reason", ""),
                            ),
                            models.Q(
                                ("status", "withdrawn"),
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                ("withdrawn_reason__gt", ""),
                            ),
                            _connector="OR",
                        ),
                        name="issue_withdrawn_by_somebody_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IssueCopy",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="通番")),
                ("at", models.DateTimeField(default=backend.core.clock.now, verbose_name="日時")),
                ("reason", models.CharField(max_length=200, verbose_name="理由")),
                (
                    "receiver",
                    models.CharField(
                        choices=[("member", "世帯の方"), ("agent", "代理人（委任状あり）"), ("post", "郵送")],
                        max_length=10,
                        verbose_name="受け取った人",
                    ),
                ),
                (
                    "id_checked",
                    models.CharField(
                        choices=[
                            ("my_number_card", "マイナンバーカード（表面）"),
                            ("licence", "運転免許証"),
                            ("passport", "パスポート"),
                            ("residence", "在留カード・特別永住者証明書"),
                            ("disability", "障害者手帳"),
                            ("two_papers", "写真のない書類2点"),
                            ("asked", "聞き取り（書類を失っている）"),
                        ],
                        max_length=20,
                        verbose_name="本人確認",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="職員",
                    ),
                ),
                (
                    "issue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="copies", to="documents.issue"
                    ),
                ),
            ],
            options={
                "verbose_name": "交付の記録",
                "verbose_name_plural": "交付の記録",
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(fields=("issue", "number"), name="issue_copy_number_once"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="issue_copy_from_one"),
                    models.CheckConstraint(condition=models.Q(("reason__gt", "")), name="issue_copy_has_reason"),
                    models.CheckConstraint(
                        condition=models.Q(("receiver__in", ["member", "agent", "post"])),
                        name="issue_copy_receiver_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CharacterDecision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("cluster", models.CharField(max_length=20, verbose_name="文字")),
                ("source", models.CharField(max_length=20, verbose_name="文字の出所")),
                (
                    "scope",
                    models.CharField(
                        choices=[("person", "この方だけ"), ("household", "この世帯だけ"), ("all", "この文字のすべて")],
                        max_length=10,
                        verbose_name="範囲",
                    ),
                ),
                ("subject", models.UUIDField(null=True, verbose_name="本人または世帯")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("substitute", "別の字形で印字（同意あり）"),
                            ("by_hand", "手書き"),
                            ("font", "書体・対応表の追加"),
                        ],
                        max_length=10,
                        verbose_name="扱い",
                    ),
                ),
                ("text", models.CharField(blank=True, max_length=20, verbose_name="印字する文字")),
                ("font", models.CharField(blank=True, max_length=100, verbose_name="書体")),
                ("consent_by", models.CharField(blank=True, max_length=100, verbose_name="同意した方")),
                ("consent_on", models.DateField(null=True, verbose_name="同意の日")),
                ("ground", models.CharField(max_length=200, verbose_name="理由")),
                ("decided_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="決定日時")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="取消日時")),
                ("ended_reason", models.CharField(blank=True, max_length=200, verbose_name="取消の理由")),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "文字の扱いの決定",
                "verbose_name_plural": "文字の扱いの決定",
                "ordering": ["-decided_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("subject__isnull", False)),
                        fields=("cluster", "source", "scope", "subject"),
                        name="character_decision_live_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True), ("subject__isnull", True)),
                        fields=("cluster", "source"),
                        name="character_decision_everywhere_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("scope", "all"), ("subject__isnull", True)),
                            models.Q(models.Q(("scope", "all"), _negated=True), ("subject__isnull", False)),
                            _connector="OR",
                        ),
                        name="character_decision_of_somebody_or_all",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                models.Q(("how", "substitute"), _negated=True),
                                ("consent_by", ""),
                                ("consent_on__isnull", True),
                                ("text", ""),
                            ),
                            models.Q(
                                ("consent_by__gt", ""),
                                ("consent_on__isnull", False),
                                ("how", "substitute"),
                                ("text__gt", ""),
                                models.Q(("scope", "all"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="character_decision_substitute_with_consent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("font__gt", ""), ("how", "font"), ("scope", "all")),
                            models.Q(models.Q(("how", "font"), _negated=True), ("font", "")),
                            _connector="OR",
                        ),
                        name="character_decision_names_its_font",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ground__gt", "")), name="character_decision_has_a_ground"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True), ("ended_reason", "")),
                            models.Q(
                                ("ended_at__isnull", False), ("ended_by__isnull", False), ("ended_reason__gt", "")
                            ),
                            _connector="OR",
                        ),
                        name="character_decision_ended_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Counter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("fiscal_year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("last", models.PositiveIntegerField(default=0, verbose_name="最後の番号")),
                ("kind", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="documents.documentkind")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("kind", "fiscal_year"), name="counter_once")],
            },
        ),
        migrations.CreateModel(
            name="HeldCharacter",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("disaster", models.UUIDField(verbose_name="災害")),
                ("household", models.UUIDField(db_index=True, verbose_name="台帳世帯")),
                (
                    "person",
                    models.UUIDField(
                        help_text="empty: of the household, such as its address", null=True, verbose_name="本人"
                    ),
                ),
                ("source", models.CharField(max_length=20, verbose_name="文字の出所")),
                ("cluster", models.CharField(max_length=20, verbose_name="文字")),
                ("label", models.CharField(max_length=60, verbose_name="欄")),
                ("held_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="保留日時")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="終了日時")),
                (
                    "closed_why",
                    models.CharField(
                        blank=True,
                        choices=[("issued", "交付済み"), ("not_needed", "交付しない")],
                        max_length=10,
                        verbose_name="終了の理由",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "held_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "kind",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="documents.documentkind"
                    ),
                ),
            ],
            options={
                "verbose_name": "保留の文字",
                "verbose_name_plural": "保留の文字",
                "ordering": ["held_at", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("kind", "household", "label", "cluster"),
                        name="held_character_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at__isnull", True), ("closed_by__isnull", True), ("closed_why", "")),
                            models.Q(
                                ("closed_at__isnull", False), ("closed_by__isnull", False), ("closed_why__gt", "")
                            ),
                            _connector="OR",
                        ),
                        name="held_character_closed_by_somebody",
                    ),
                ],
            },
        ),
    ]
