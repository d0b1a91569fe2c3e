import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import backend.core.clock
import backend.core.fields
import backend.ledger.fields


class Migration(migrations.Migration):
    # For databases made before the tables were put into one migration; to go with the first release.
    replaces = [
        ("ledger", "0001_initial"),
        ("ledger", "0002_lot_ordered_by_code"),
        ("ledger", "0003_matching"),
        ("ledger", "0004_disaster_number_once"),
        ("ledger", "0005_decisions_about_households"),
        ("ledger", "0006_letters_and_openings"),
        ("ledger", "0007_disclosures"),
        ("ledger", "0008_houses"),
        ("ledger", "0009_revision_reports"),
        ("ledger", "0010_number_exchange"),
        ("ledger", "0011_search_parts"),
        ("ledger", "0012_household_to_assign"),
        ("ledger", "0013_seen_by_who_typed"),
        ("ledger", "0014_lookup_excerpt"),
        ("ledger", "0015_names_in_one_index"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="LookupPerson",
            fields=[
                (
                    "atena_no",
                    models.CharField(max_length=15, primary_key=True, serialize=False, verbose_name="宛名番号"),
                ),
                ("household_no", models.CharField(blank=True, db_index=True, max_length=15, verbose_name="世帯番号")),
                ("name", models.CharField(max_length=200, verbose_name="氏名")),
                ("kana", models.CharField(blank=True, max_length=300, verbose_name="氏名カナ")),
                ("birth", models.CharField(blank=True, max_length=10, verbose_name="生年月日")),
                ("sex", models.CharField(blank=True, max_length=1, verbose_name="性別")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="住所")),
                ("key", models.CharField(help_text="folds of all of it, to be searched in", max_length=1000)),
            ],
            options={
                "verbose_name": "名簿の写し",
                "verbose_name_plural": "名簿の写し",
            },
        ),
        migrations.CreateModel(
            name="RevisionLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("order", models.PositiveIntegerField(verbose_name="順")),
                (
                    "kinds",
                    models.JSONField(help_text="split merged moved entered left changed noted", verbose_name="区分"),
                ),
                (
                    "substantial",
                    models.BooleanField(
                        help_text="not only the note of the latest change", verbose_name="発災日現在の内容が変わる"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Disaster",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=4, unique=True, verbose_name="災害コード")),
                ("name", models.CharField(max_length=100, verbose_name="災害名")),
                ("occurred_at", models.DateTimeField(verbose_name="発災日時")),
                ("drill", models.BooleanField(default=False, verbose_name="訓練")),
                ("opened_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="開設日時")),
                ("last_number", models.PositiveIntegerField(default=0, verbose_name="最後のり災番号")),
                (
                    "register_revision",
                    models.BigIntegerField(
                        help_text="empty: not filled yet", null=True, verbose_name="基準日住民記録の版"
                    ),
                ),
                ("filled_at", models.DateTimeField(null=True, verbose_name="台帳作成日時")),
                (
                    "opened_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "災害",
                "verbose_name_plural": "災害",
                "ordering": ["-occurred_at", "code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("code__length", 4)), name="disaster_code_four_characters"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("filled_at__isnull", True), ("register_revision__isnull", True)),
                            models.Q(("filled_at__isnull", False), ("register_revision__isnull", False)),
                            _connector="OR",
                        ),
                        name="disaster_filled_with_its_revision",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="番号")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "起案中"),
                            ("asked", "承認待ち"),
                            ("approved", "承認済み"),
                            ("refused", "不承認"),
                            ("handed", "引渡し済み"),
                            ("closed", "完了"),
                            ("cancelled", "取りやめ"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状態",
                    ),
                ),
                ("asker", models.CharField(max_length=100, verbose_name="申し出た人")),
                ("contact", models.CharField(max_length=200, verbose_name="連絡先")),
                (
                    "ground",
                    models.CharField(
                        choices=[
                            ("consent", "本人の同意"),
                            ("self", "本人への提供"),
                            ("internal", "市町村の内部での利用（援護の実施に必要な限度）"),
                            ("municipality", "他の地方公共団体への提供（援護の実施に必要な限度）"),
                        ],
                        max_length=20,
                        verbose_name="根拠",
                    ),
                ),
                ("purpose", models.CharField(max_length=300, verbose_name="利用の目的")),
                ("items", models.JSONField(verbose_name="項目")),
                ("period_from", models.DateField(verbose_name="利用期間の初日")),
                ("period_until", models.DateField(verbose_name="利用期間の末日")),
                ("drafted_at", models.DateTimeField(default=backend.core.clock.now)),
                ("asked_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_reason", models.CharField(blank=True, max_length=200, verbose_name="不承認の理由")),
                ("cancelled_at", models.DateTimeField(null=True)),
                (
                    "ending",
                    models.CharField(
                        blank=True,
                        choices=[("returned", "返却された"), ("deleted", "消去・廃棄の報告を受けた")],
                        max_length=10,
                        verbose_name="終わり方",
                    ),
                ),
                ("ending_note", models.CharField(blank=True, max_length=200, verbose_name="確認の内容")),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "cancelled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "disaster",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosures",
                        to="ledger.disaster",
                    ),
                ),
                (
                    "drafted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "台帳情報の提供",
                "verbose_name_plural": "台帳情報の提供",
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("disaster", "number"), name="disclosure_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(("period_until__gte", models.F("period_from"))),
                        name="disclosure_period_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "cancelled"]),
                            models.Q(("asked_at__isnull", False), ("asked_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="disclosure_asked_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["approved", "refused", "handed", "closed"]), _negated=True),
                            models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="disclosure_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by__isnull", True),
                            models.Q(
                                models.Q(("decided_by", models.F("asked_by")), _negated=True),
                                models.Q(("decided_by", models.F("drafted_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="disclosure_decided_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "refused"), _negated=True), ("decided_reason__gt", ""), _connector="OR"
                        ),
                        name="disclosure_refused_with_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "closed"), _negated=True),
                            models.Q(("closed_at__isnull", False), ("closed_by__isnull", False), ("ending__gt", "")),
                            _connector="OR",
                        ),
                        name="disclosure_closed_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandOver",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=backend.core.clock.now, verbose_name="引渡し日時")),
                ("columns", models.JSONField(verbose_name="見出し")),
                ("content_sha256", models.CharField(max_length=64, verbose_name="内容のハッシュ")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "disclosure",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="hand_over", to="ledger.disclosure"
                    ),
                ),
            ],
            options={
                "verbose_name": "引渡し",
                "verbose_name_plural": "引渡し",
            },
        ),
        migrations.CreateModel(
            name="House",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("property_no", models.CharField(max_length=40, null=True, unique=True, verbose_name="物件番号")),
                ("created_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="登録日時")),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "家屋",
                "verbose_name_plural": "家屋",
            },
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="連番")),
                ("disaster_number", models.CharField(max_length=15, verbose_name="り災番号")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("resident", "住民"),
                            ("outside", "他市町村"),
                            ("unknown", "未確認"),
                            ("actual", "実態世帯"),
                            ("later", "発災後の世帯"),
                        ],
                        default="resident",
                        max_length=10,
                        verbose_name="区分",
                    ),
                ),
                ("household_no", models.CharField(max_length=15, null=True, verbose_name="世帯番号")),
                ("postal_code", models.CharField(blank=True, max_length=10, verbose_name="郵便番号")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="住所")),
                ("building", models.CharField(blank=True, max_length=200, verbose_name="方書")),
                ("created_at", models.DateTimeField(default=backend.core.clock.now)),
                (
                    "ended_at",
                    models.DateTimeField(
                        help_text="nobody is in it any more", null=True, verbose_name="台帳から外れた日時"
                    ),
                ),
                (
                    "disaster",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="households",
                        to="ledger.disaster",
                    ),
                ),
            ],
            options={
                "verbose_name": "台帳世帯",
                "verbose_name_plural": "台帳世帯",
                "constraints": [
                    models.UniqueConstraint(fields=("disaster", "number"), name="household_number_once"),
                    models.UniqueConstraint(fields=("disaster_number",), name="household_disaster_number_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("household_no__isnull", False)),
                        fields=("disaster", "household_no"),
                        name="household_of_register_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "resident"), _negated=True),
                            ("household_no__isnull", False),
                            _connector="OR",
                        ),
                        name="household_resident_has_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdDecision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("actual_split", "実態世帯の認定（分ける）"),
                            ("actual_join", "実態世帯の認定（合わせる）"),
                            ("actual_move", "実態世帯の認定（ほかの世帯に入れる）"),
                            ("split", "世帯の分離"),
                            ("merge", "世帯の合併"),
                            ("move", "世帯員の異動"),
                            ("head", "世帯主の変更"),
                        ],
                        max_length=12,
                        verbose_name="種別",
                    ),
                ),
                ("effective_on", models.DateField(verbose_name="効力日")),
                ("ground", models.CharField(max_length=200, verbose_name="根拠")),
                ("evidence", models.CharField(max_length=300, verbose_name="確認した資料")),
                ("decided_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="決定日時")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="取消日時")),
                ("undone_reason", models.CharField(blank=True, max_length=200, verbose_name="取消の理由")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "disaster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="household_decisions",
                        to="ledger.disaster",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "世帯の認定・異動",
                "verbose_name_plural": "世帯の認定・異動",
                "ordering": ["decided_at", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("evidence__gt", ""), ("ground__gt", "")),
                        name="household_decision_has_ground",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at__isnull", True), ("undone_by__isnull", True), ("undone_reason", "")),
                            models.Q(
                                ("undone_at__isnull", False), ("undone_by__isnull", False), ("undone_reason__gt", "")
                            ),
                            _connector="OR",
                        ),
                        name="household_decision_undone_by_somebody_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdDescent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("founds", models.BooleanField(default=False, verbose_name="新しい世帯")),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="descents",
                        to="ledger.householddecision",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="descents_from", to="ledger.household"
                    ),
                ),
                (
                    "origin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="descents_to", to="ledger.household"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("decision", "household", "origin"), name="household_descent_once"),
                    models.CheckConstraint(
                        condition=models.Q(("household", models.F("origin")), _negated=True),
                        name="household_descent_not_of_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdToAssign",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("room", models.CharField(max_length=20, verbose_name="出所")),
                ("source_id", models.CharField(max_length=60, verbose_name="出所の番号")),
                ("title", models.CharField(max_length=200, verbose_name="内容")),
                ("written_at", models.DateTimeField(verbose_name="記録日時")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="振り分けた日時")),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="to_assign",
                        to="ledger.householddecision",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        help_text="on which it was written",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.household",
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        help_text="empty: stays there",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.household",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "振り分け待ち（世帯）",
                "verbose_name_plural": "振り分け待ち（世帯）",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("decision", "household", "room", "source_id"), name="household_to_assign_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("into__isnull", True), ("settled_at__isnull", True), ("settled_by__isnull", True)
                            ),
                            models.Q(("settled_at__isnull", False), ("settled_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="household_to_assign_settled_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseLink",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.CharField(choices=[("lives", "居住"), ("owns", "所有")], max_length=5, verbose_name="関係"),
                ),
                (
                    "confidence",
                    models.CharField(
                        choices=[("certain", "確実"), ("likely", "有力"), ("unsure", "要確認")],
                        max_length=7,
                        verbose_name="確からしさ",
                    ),
                ),
                ("reasons", models.JSONField(default=list, verbose_name="理由")),
                ("by_rule", models.BooleanField(default=True, verbose_name="自動の照合")),
                ("since", models.DateTimeField(default=backend.core.clock.now)),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="確認日時")),
                ("until", models.DateTimeField(null=True)),
                (
                    "ended",
                    models.CharField(
                        blank=True,
                        choices=[("rejected", "違うと判断"), ("superseded", "新しい照合に置換え"), ("undone", "取消")],
                        max_length=10,
                        verbose_name="終わった理由",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                (
                    "house",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="ledger.house",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="house_links",
                        to="ledger.household",
                    ),
                ),
            ],
            options={
                "verbose_name": "家屋と世帯のつながり",
                "verbose_name_plural": "家屋と世帯のつながり",
                "indexes": [
                    models.Index(
                        condition=models.Q(("until", None)), fields=["household", "role"], name="house_link_household"
                    ),
                    models.Index(fields=["house", "household"], name="house_link_pair"),
                    models.Index(
                        condition=models.Q(("confirmed_at", None), ("role", "lives"), ("until", None)),
                        fields=["confidence", "house"],
                        name="house_link_to_look_at",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("house", "household", "role"),
                        name="house_link_live_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at", None), ("confirmed_by", None)),
                            models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="house_link_confirmed_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended", ""), ("until", None)),
                            models.Q(("until__isnull", False), models.Q(("ended", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="house_link_ended_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseRecord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        help_text="of the roll; empty: entered by hand", null=True, verbose_name="年度"
                    ),
                ),
                ("lot", models.CharField(max_length=300, verbose_name="所在地")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="住居表示住所")),
                ("house_no", models.CharField(blank=True, max_length=60, verbose_name="家屋番号")),
                ("roll", models.CharField(blank=True, max_length=4, verbose_name="台帳区分")),
                ("owner_no", models.CharField(blank=True, max_length=15, verbose_name="所有者宛名番号")),
                ("owner_name", models.CharField(blank=True, max_length=200, verbose_name="所有者氏名")),
                ("present_owner", models.CharField(blank=True, max_length=200, verbose_name="現況所有者")),
                ("shared", models.BooleanField(default=False, verbose_name="共有")),
                ("sectional", models.BooleanField(default=False, verbose_name="区分所有")),
                ("annex", models.BooleanField(default=False, verbose_name="附属家")),
                ("kind", models.CharField(blank=True, max_length=60, verbose_name="種類")),
                ("use", models.CharField(blank=True, max_length=60, verbose_name="用途")),
                ("structure", models.CharField(blank=True, max_length=100, verbose_name="構造")),
                ("floors", models.CharField(blank=True, max_length=40, verbose_name="階数")),
                ("area", models.DecimalField(decimal_places=2, max_digits=9, null=True, verbose_name="床面積")),
                ("built", models.CharField(blank=True, max_length=40, verbose_name="建築年")),
                ("latitude", models.FloatField(null=True, verbose_name="緯度")),
                ("longitude", models.FloatField(null=True, verbose_name="経度")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="覚え書き")),
                ("lot_key", backend.ledger.fields.OrderedByCode(blank=True, max_length=200)),
                ("address_key", backend.ledger.fields.OrderedByCode(blank=True, max_length=200)),
                (
                    "digest",
                    models.CharField(help_text="of what the roll says; equal rows are no new record", max_length=32),
                ),
                ("since", models.DateTimeField(default=backend.core.clock.now, verbose_name="記録日時")),
                ("until", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="ledger.house",
                    ),
                ),
            ],
            options={
                "verbose_name": "家屋の記録",
                "verbose_name_plural": "家屋の記録",
                "indexes": [
                    models.Index(fields=["house", "since"], name="house_record_house"),
                    models.Index(
                        condition=models.Q(("until", None), models.Q(("owner_no", ""), _negated=True)),
                        fields=["owner_no"],
                        name="house_record_owner",
                    ),
                    models.Index(condition=models.Q(("until", None)), fields=["lot_key"], name="house_record_lot"),
                    models.Index(
                        condition=models.Q(("until", None)), fields=["address_key"], name="house_record_address"
                    ),
                    models.Index(
                        condition=models.Q(("latitude__isnull", False), ("until", None)),
                        fields=["latitude", "longitude"],
                        name="house_record_place",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)), fields=("house",), name="house_record_one_live"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude", None), ("longitude", None)),
                            models.Q(("latitude__isnull", False), ("longitude__isnull", False)),
                            _connector="OR",
                        ),
                        name="house_record_has_a_whole_place",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseTable",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("addresses", "住居表示と地番の対応表"), ("outlines", "建物の外形")],
                        max_length=10,
                        verbose_name="種類",
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="ファイル名")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="指紋（SHA-256）")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="行数")),
                ("accepted", models.PositiveIntegerField(default=0, verbose_name="取込")),
                ("unchanged", models.PositiveIntegerField(default=0, verbose_name="変更なし")),
                ("set_aside", models.PositiveIntegerField(default=0, verbose_name="読めなかった行")),
                (
                    "problems",
                    models.JSONField(
                        default=list, help_text="the first of them: [place, why]", verbose_name="読めなかった行の理由"
                    ),
                ),
                ("received_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="受領日時")),
                ("until", models.DateTimeField(null=True, verbose_name="終了日時")),
                (
                    "received_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "家屋の表",
                "verbose_name_plural": "家屋の表",
                "ordering": ["-received_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until", None)),
                        fields=("kind", "fingerprint"),
                        name="house_table_once_in_force",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AddressPair",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("address", models.CharField(max_length=300, verbose_name="住居表示")),
                ("lot", models.CharField(max_length=300, verbose_name="地番")),
                ("address_key", backend.ledger.fields.OrderedByCode(max_length=200)),
                ("lot_key", backend.ledger.fields.OrderedByCode(max_length=200)),
                (
                    "table",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="pairs",
                        to="ledger.housetable",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["lot_key"], name="ledger_addr_lot_key_9d21f8_idx"),
                    models.Index(fields=["address_key"], name="ledger_addr_address_0521ac_idx"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("table", "address_key", "lot_key"), name="address_pair_once_a_table"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningFlag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, verbose_name="種別")),
                ("atena_no", models.CharField(blank=True, max_length=15, verbose_name="宛名番号")),
                ("household_no", models.CharField(blank=True, max_length=15, verbose_name="世帯番号")),
                ("detail", models.CharField(blank=True, max_length=200, verbose_name="内容")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="確認日時")),
                (
                    "disaster",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="flags",
                        to="ledger.disaster",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["disaster", "code"], name="ledger_open_disaste_1f348c_idx"),
                    models.Index(fields=["disaster", "atena_no"], name="ledger_open_disaste_bccd97_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("settled_by__isnull", True)),
                            models.Q(("settled_at__isnull", False), ("settled_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="opening_flag_settled_by_somebody",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OpeningOfDisaster",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opening", models.UUIDField(db_index=True, verbose_name="開設")),
                ("said_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="記録日時")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "disaster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="openings", to="ledger.disaster"
                    ),
                ),
            ],
            options={
                "verbose_name": "避難所の開設の災害",
                "verbose_name_plural": "避難所の開設の災害",
            },
        ),
        migrations.CreateModel(
            name="Outline",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "digest",
                    models.CharField(
                        help_text="of the geometry: the same outline from two files is one", max_length=32
                    ),
                ),
                (
                    "rings",
                    models.JSONField(
                        help_text="closed rings of [longitude, latitude]; the first of each polygon is outer",
                        verbose_name="外形",
                    ),
                ),
                ("south", models.FloatField()),
                ("west", models.FloatField()),
                ("north", models.FloatField()),
                ("east", models.FloatField()),
                ("property_no", models.CharField(blank=True, max_length=40, verbose_name="物件番号")),
                ("address_key", backend.ledger.fields.OrderedByCode(blank=True, max_length=200, verbose_name="所在地")),
                (
                    "ground",
                    models.CharField(
                        blank=True,
                        choices=[("number", "物件番号"), ("place", "家屋の位置が中にある"), ("address", "所在地")],
                        max_length=10,
                        verbose_name="照合の根拠",
                    ),
                ),
                (
                    "house",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outlines",
                        to="ledger.house",
                    ),
                ),
                (
                    "table",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="outlines", to="ledger.housetable"
                    ),
                ),
            ],
            options={
                "verbose_name": "建物の外形",
                "verbose_name_plural": "建物の外形",
                "indexes": [models.Index(fields=["south", "west"], name="outline_place")],
                "constraints": [
                    models.UniqueConstraint(fields=("table", "digest"), name="outline_once_a_table"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ground", ""), ("house", None)),
                            models.Q(("house__isnull", False), models.Q(("ground", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="outline_house_for_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="記載順位")),
                ("is_head", models.BooleanField(default=False, verbose_name="世帯主")),
                ("atena_no", models.CharField(max_length=15, null=True, verbose_name="宛名番号")),
                ("name", models.CharField(max_length=200, verbose_name="氏名")),
                ("kana", models.CharField(blank=True, max_length=300, verbose_name="氏名カナ")),
                ("alias", models.CharField(blank=True, max_length=200, verbose_name="通称")),
                (
                    "birth",
                    models.CharField(
                        blank=True, help_text="YYYY-MM-DD, unknown parts 00", max_length=10, verbose_name="生年月日"
                    ),
                ),
                (
                    "sex",
                    models.CharField(
                        blank=True, help_text="1 male, 2 female, else not known", max_length=1, verbose_name="性別"
                    ),
                ),
                ("relationship", models.CharField(blank=True, max_length=40, verbose_name="続柄")),
                ("nationality", models.CharField(blank=True, max_length=1, verbose_name="国籍区分")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="住所")),
                ("building", models.CharField(blank=True, max_length=200, verbose_name="方書")),
                ("changed_on", models.CharField(blank=True, max_length=10, verbose_name="異動年月日")),
                ("changed_by", models.CharField(blank=True, max_length=40, verbose_name="異動事由")),
                ("former_no", models.CharField(max_length=15, null=True, verbose_name="前の宛名番号")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="台帳から外れた日時")),
                (
                    "ended_why",
                    models.CharField(blank=True, db_default="", default="", max_length=60, verbose_name="外れた理由"),
                ),
                ("family_key", models.CharField(blank=True, max_length=100)),
                ("given_key", models.CharField(blank=True, max_length=200)),
                ("kana_family_key", models.CharField(blank=True, max_length=150)),
                ("kana_given_key", models.CharField(blank=True, max_length=200)),
                ("alias_key", models.CharField(blank=True, max_length=200)),
                ("town_key", models.CharField(blank=True, max_length=200)),
                ("lot_key", backend.ledger.fields.OrderedByCode(blank=True, max_length=100)),
                (
                    "disaster",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="persons",
                        to="ledger.disaster",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="ledger.household",
                    ),
                ),
            ],
            options={
                "verbose_name": "被災者",
                "verbose_name_plural": "被災者",
                "indexes": [
                    models.Index(
                        condition=models.Q(("former_no__isnull", False)), fields=["former_no"], name="person_former_no"
                    ),
                    models.Index(fields=["family_key", "given_key", "id"], name="person_family"),
                    models.Index(fields=["given_key", "family_key", "id"], name="person_given"),
                    models.Index(fields=["kana_family_key", "kana_given_key", "id"], name="person_kana_family"),
                    models.Index(fields=["kana_given_key", "kana_family_key", "id"], name="person_kana_given"),
                    models.Index(
                        condition=models.Q(("alias_key", ""), _negated=True), fields=["alias_key"], name="person_alias"
                    ),
                    models.Index(fields=["birth"], name="person_birth"),
                    models.Index(fields=["town_key", "lot_key"], name="person_town"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("atena_no__isnull", False)),
                        fields=("disaster", "atena_no"),
                        name="person_of_register_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberExchange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old_no", models.CharField(max_length=15, verbose_name="前の宛名番号")),
                ("new_no", models.CharField(blank=True, max_length=15, verbose_name="宛名番号")),
                ("ground", models.CharField(max_length=40, verbose_name="根拠")),
                ("at", models.DateTimeField(default=backend.core.clock.now, verbose_name="入替日時")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="取消日時")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "disaster",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exchanges",
                        to="ledger.disaster",
                    ),
                ),
                (
                    "household_from",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exchanged_from",
                        to="ledger.household",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exchanges",
                        to="ledger.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "番号の入れ替え",
                "verbose_name_plural": "番号の入れ替え",
                "indexes": [models.Index(fields=["old_no"], name="exchange_old_no")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("person",), name="exchange_one_live_a_person"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None), models.Q(("new_no", ""), _negated=True)),
                        fields=("disaster", "new_no"),
                        name="exchange_one_live_a_number",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseholdLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("moves", models.BooleanField(default=True, verbose_name="移る")),
                ("as_of_disaster", models.BooleanField(default=False, verbose_name="発災日現在")),
                ("since", models.DateField(verbose_name="開始日")),
                ("until", models.DateField(null=True, verbose_name="終了日")),
                ("is_head", models.BooleanField(default=False, verbose_name="世帯主")),
                ("relationship", models.CharField(blank=True, max_length=40, verbose_name="続柄")),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="記載順位")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="取消日時")),
                (
                    "decision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines", to="ledger.householddecision"
                    ),
                ),
                (
                    "from_household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines_from", to="ledger.household"
                    ),
                ),
                (
                    "into_household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="lines_into", to="ledger.household"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="household_lines", to="ledger.person"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("decision", "person"), name="household_line_once_a_decision"),
                    models.UniqueConstraint(
                        condition=models.Q(("moves", True), ("undone_at__isnull", True), ("until__isnull", True)),
                        fields=("person",),
                        name="household_line_one_open",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_head", True)),
                        fields=("decision", "into_household"),
                        name="household_line_one_head",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("moves", True), models.Q(("from_household", models.F("into_household")), _negated=True)
                            ),
                            models.Q(
                                ("from_household", models.F("into_household")),
                                ("moves", False),
                                ("until__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="household_line_moves_or_stays",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"),
                        name="household_line_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="HandOverLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField(verbose_name="順")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("given", "提供した"),
                            ("joined", "同じ人の別の記載としてまとめた"),
                            ("no_consent", "この提供先への同意がない"),
                            ("unconfirmed", "住民記録の方とのつながりを誰も確かめていない"),
                            ("protected", "秘匿"),
                        ],
                        max_length=12,
                        verbose_name="結果",
                    ),
                ),
                ("values", models.JSONField(default=list, verbose_name="渡した内容")),
                (
                    "hand_over",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="lines",
                        to="ledger.handover",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="handed_in", to="ledger.person"
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("hand_over", "position"), name="hand_over_line_in_order"),
                    models.UniqueConstraint(fields=("hand_over", "person"), name="hand_over_person_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Fact",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40, verbose_name="種別")),
                ("value", models.JSONField(verbose_name="内容")),
                ("effective_on", models.DateField(null=True, verbose_name="効力日")),
                ("recorded_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="記録日時")),
                ("received_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="受領日時")),
                ("source_room", models.CharField(max_length=20, verbose_name="出所")),
                ("source_id", models.CharField(blank=True, max_length=60, verbose_name="出所の番号")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "disaster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="ledger.disaster"
                    ),
                ),
                (
                    "replaces",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="ledger.fact",
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="facts",
                        to="ledger.household",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="facts", to="ledger.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "事実",
                "verbose_name_plural": "事実",
                "indexes": [
                    models.Index(fields=["household", "kind"], name="ledger_fact_househo_7dc80d_idx"),
                    models.Index(fields=["person", "kind"], name="ledger_fact_person__8d8b48_idx"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("household__isnull", False), ("person__isnull", True)),
                            models.Q(("household__isnull", True), ("person__isnull", False)),
                            _connector="OR",
                        ),
                        name="fact_has_one_subject",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExchangeCandidate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("atena_no", models.CharField(max_length=15, verbose_name="宛名番号")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="決定日時")),
                (
                    "disaster",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.disaster",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="exchange_candidates",
                        to="ledger.person",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["disaster", "atena_no"], name="exchange_candidate_no")],
                "constraints": [models.UniqueConstraint(fields=("person", "atena_no"), name="exchange_candidate_once")],
            },
        ),
        migrations.CreateModel(
            name="DisclosurePerson",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("search", "検索"),
                            ("household", "世帯"),
                            ("numbers", "宛名番号の一覧"),
                            ("place", "避難所にいる人"),
                            ("consented", "この提供先に同意した人"),
                        ],
                        max_length=10,
                        verbose_name="選び方",
                    ),
                ),
                ("added_at", models.DateTimeField(default=backend.core.clock.now)),
                ("taken_off_at", models.DateTimeField(null=True)),
                (
                    "added_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "disclosure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="people", to="ledger.disclosure"
                    ),
                ),
                (
                    "taken_off_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="asked_in", to="ledger.person"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("taken_off_at__isnull", True)),
                        fields=("disclosure", "person"),
                        name="disclosure_person_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Protection",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("atena_no", models.CharField(max_length=15, null=True, verbose_name="宛名番号")),
                (
                    "evacuee",
                    models.UUIDField(help_text="somebody who is in no ledger yet", null=True, verbose_name="避難者"),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[("register", "支援措置（住民記録）"), ("desk", "秘匿希望（窓口）")],
                        max_length=10,
                        verbose_name="出所",
                    ),
                ),
                ("expires_on", models.DateField(null=True, verbose_name="期限")),
                ("asked_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="受付日時")),
                (
                    "derived",
                    models.BooleanField(
                        db_default=False,
                        default=False,
                        help_text="nobody asked: what was typed is certainly somebody under protection",
                        verbose_name="照合による",
                    ),
                ),
                ("lifted_at", models.DateTimeField(null=True, verbose_name="解除日時")),
                ("lifted_reason", models.CharField(blank=True, max_length=200, verbose_name="解除の理由")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="protections",
                        to="ledger.person",
                    ),
                ),
            ],
            options={
                "verbose_name": "秘匿",
                "verbose_name_plural": "秘匿",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("atena_no__isnull", False),
                            ("person__isnull", False),
                            ("evacuee__isnull", False),
                            _connector="OR",
                        ),
                        name="protection_of_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                            models.Q(
                                ("lifted_at__isnull", False), ("lifted_by__isnull", False), ("lifted_reason__gt", "")
                            ),
                            _connector="OR",
                        ),
                        name="protection_lifted_by_somebody_with_reason",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("atena_no__isnull", False), ("lifted_at__isnull", True)),
                        fields=("atena_no", "source"),
                        name="protection_live_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("municipality", "他の地方公共団体"),
                            ("internal", "市町村の内部"),
                            ("body", "その他の団体・個人"),
                        ],
                        max_length=20,
                        verbose_name="区分",
                    ),
                ),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="所在地")),
                ("representative", models.CharField(blank=True, max_length=100, verbose_name="代表者")),
                ("named_at_shelters", models.BooleanField(default=False, verbose_name="避難所の同意を含む")),
                ("added_at", models.DateTimeField(default=backend.core.clock.now)),
                ("ended_at", models.DateTimeField(null=True, verbose_name="終了日時")),
                (
                    "added_by",
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
                "verbose_name": "提供先",
                "verbose_name_plural": "提供先",
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)), fields=("name",), name="recipient_named_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at__isnull", True), ("ended_by__isnull", True)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="recipient_ended_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DisclosureConsent",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("since", models.DateField(verbose_name="同意した日")),
                ("until", models.DateField(null=True, verbose_name="期限")),
                (
                    "stated",
                    models.CharField(
                        choices=[("paper", "書面"), ("spoken", "口頭"), ("form", "申請書の同意欄")],
                        max_length=10,
                        verbose_name="同意の方法",
                    ),
                ),
                ("recorded_at", models.DateTimeField(default=backend.core.clock.now)),
                ("withdrawn_on", models.DateField(null=True, verbose_name="取りやめた日")),
                ("withdrawn_at", models.DateTimeField(null=True)),
                (
                    "recorded_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
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
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="disclosure_consents",
                        to="ledger.person",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="ledger.recipient"
                    ),
                ),
            ],
            options={
                "verbose_name": "提供への同意",
                "verbose_name_plural": "提供への同意",
                "ordering": ["-since", "-recorded_at"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at__isnull", True)),
                        fields=("person", "recipient"),
                        name="disclosure_consent_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__isnull", True), ("until__gte", models.F("since")), _connector="OR"),
                        name="disclosure_consent_in_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("withdrawn_at__isnull", True),
                                ("withdrawn_by__isnull", True),
                                ("withdrawn_on__isnull", True),
                            ),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                ("withdrawn_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="disclosure_consent_withdrawn_whole",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="disclosure",
            name="recipient",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="disclosures",
                to="ledger.recipient",
            ),
        ),
        migrations.CreateModel(
            name="ReturnedMail",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("issue", models.UUIDField(null=True, verbose_name="交付した文書")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unknown", "転居先不明・あて所に尋ねあたらない"),
                            ("absent", "不在（保管期間経過）"),
                            ("refused", "受取拒否"),
                            ("other", "その他"),
                        ],
                        max_length=10,
                        verbose_name="理由",
                    ),
                ),
                ("returned_on", models.DateField(verbose_name="返戻の日")),
                ("sent_to", models.CharField(blank=True, max_length=400, verbose_name="送った先")),
                ("recorded_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="記録日時")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="解除日時")),
                (
                    "settled_how",
                    models.CharField(
                        blank=True,
                        choices=[("again", "同じ送付先にもう一度送る"), ("mistake", "記録の誤り")],
                        max_length=10,
                        verbose_name="解除の種類",
                    ),
                ),
                ("settled_reason", models.CharField(blank=True, max_length=200, verbose_name="解除の理由")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "disaster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="returned_mail", to="ledger.disaster"
                    ),
                ),
                (
                    "household",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="returned_mail", to="ledger.household"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "返戻",
                "verbose_name_plural": "返戻",
                "ordering": ["-recorded_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("issue__isnull", False), ("settled_at__isnull", True)),
                        fields=("household", "returned_on", "issue"),
                        name="returned_mail_once_a_day_by_scan",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("issue__isnull", True), ("settled_at__isnull", True)),
                        fields=("household", "returned_on"),
                        name="returned_mail_once_a_day_by_hand",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("settled_at__isnull", True),
                                ("settled_by__isnull", True),
                                ("settled_how", ""),
                                ("settled_reason", ""),
                            ),
                            models.Q(
                                ("settled_at__isnull", False),
                                ("settled_by__isnull", False),
                                ("settled_how__gt", ""),
                                ("settled_reason__gt", ""),
                            ),
                            _connector="OR",
                        ),
                        name="returned_mail_settled_by_somebody_with_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RevisionChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("entered", "加わる"),
                            ("left", "外れる"),
                            ("changed", "変わる"),
                            ("noted", "直近の異動のみ"),
                        ],
                        max_length=10,
                        verbose_name="区分",
                    ),
                ),
                ("atena_no", models.CharField(max_length=15, verbose_name="宛名番号")),
                ("columns", models.JSONField(help_text="column -> [old, new]", verbose_name="変わる項目")),
                (
                    "household_no",
                    models.CharField(
                        blank=True, help_text="empty: stays, or undecided", max_length=15, verbose_name="新しい世帯番号"
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=60, verbose_name="外れる理由")),
                (
                    "household_from",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.household"
                    ),
                ),
                (
                    "household_to",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.household"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        help_text="empty: not in the ledger",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.person",
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="ledger.revisionline"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("line", "atena_no"), name="revision_change_one_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="RevisionAcceptance",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField(default=backend.core.clock.now, verbose_name="受入日時")),
                ("before", models.JSONField(verbose_name="受入前")),
                ("after", models.JSONField(verbose_name="受入後")),
                ("undone_at", models.DateTimeField(null=True, verbose_name="取消日時")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "line",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="acceptances",
                        to="ledger.revisionline",
                    ),
                ),
            ],
            options={
                "verbose_name": "改訂の受入",
                "verbose_name_plural": "改訂の受入",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("line",), name="revision_accepted_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("undone_by", None), ("undone_at__isnull", False), _connector="OR"),
                        name="revision_undone_with_its_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RevisionReport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="版")),
                (
                    "revision",
                    models.BigIntegerField(
                        help_text="the newer revision of the register", verbose_name="基準日住民記録の版"
                    ),
                ),
                (
                    "compared",
                    models.BigIntegerField(help_text="the revision that the ledger was at", verbose_name="比べた版"),
                ),
                ("made_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="作成日時")),
                (
                    "disaster",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="revision_reports",
                        to="ledger.disaster",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "改訂の報告",
                "verbose_name_plural": "改訂の報告",
                "ordering": ["-number"],
                "constraints": [models.UniqueConstraint(fields=("disaster", "number"), name="revision_report_once")],
            },
        ),
        migrations.AddField(
            model_name="revisionline",
            name="report",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="lines",
                to="ledger.revisionreport",
            ),
        ),
        migrations.CreateModel(
            name="SameAs",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "record",
                    models.UUIDField(
                        help_text="somebody who is no person of the ledger", null=True, verbose_name="入力された記録"
                    ),
                ),
                ("ground", models.CharField(max_length=200, verbose_name="根拠")),
                ("since", models.DateTimeField(default=backend.core.clock.now)),
                ("until", models.DateTimeField(null=True)),
                (
                    "proof",
                    models.CharField(
                        blank=True,
                        choices=[("records", "記録を見比べて確認"), ("document", "本人確認書類で確認")],
                        max_length=10,
                        verbose_name="確認の方法",
                    ),
                ),
                ("ended_reason", models.CharField(blank=True, max_length=200, verbose_name="外した理由")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="same_as_from",
                        to="ledger.person",
                        verbose_name="住民記録の個人",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="same_as_to",
                        to="ledger.person",
                        verbose_name="入力された個人",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("person__isnull", False), ("until__isnull", True)),
                        fields=("person",),
                        name="same_as_one_live",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("record__isnull", False), ("until__isnull", True)),
                        fields=("record",),
                        name="same_as_record_one_live",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("person__isnull", True), ("record__isnull", False)),
                            models.Q(
                                ("person__isnull", False),
                                ("record__isnull", True),
                                models.Q(("person", models.F("into")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="same_as_of_one_not_itself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("proof", ""), ("confirmed_by__isnull", False), _connector="OR"),
                        name="same_as_proof_of_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MatchDecision",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("record", models.UUIDField(db_index=True, verbose_name="入力された記録")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("same", "同じ方"),
                            ("other", "別の方"),
                            ("absent", "住民記録にない方"),
                            ("apart", "結び付けを外した"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="理由")),
                ("since", models.DateTimeField(default=backend.core.clock.now)),
                ("until", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ledger.person",
                    ),
                ),
                (
                    "link",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="ledger.sameas",
                    ),
                ),
            ],
            options={
                "verbose_name": "名寄せの判断",
                "verbose_name_plural": "名寄せの判断",
                "indexes": [models.Index(fields=["by", "since"], name="match_decision_last")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("into__isnull", True), ("verdict", "absent")),
                            models.Q(models.Q(("verdict", "absent"), _negated=True), ("into__isnull", False)),
                            _connector="OR",
                        ),
                        name="match_decision_of_somebody",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("into__isnull", False), ("until__isnull", True)),
                        fields=("record", "into"),
                        name="match_decision_live_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True), ("verdict", "same")),
                        fields=("record",),
                        name="match_decision_one_same",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "field",
                    models.CharField(
                        choices=[
                            ("family", "氏"),
                            ("given", "名"),
                            ("kana_family", "氏カナ"),
                            ("kana_given", "名カナ"),
                            ("alias", "通称"),
                            ("town", "町字"),
                        ],
                        max_length=12,
                    ),
                ),
                ("part", models.CharField(max_length=2)),
                ("rank", models.PositiveSmallIntegerField(choices=[(0, "全部"), (1, "先頭"), (2, "途中")])),
                ("word", models.CharField(max_length=200)),
                ("people", models.PositiveIntegerField()),
                (
                    "disaster",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="ledger.disaster"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("disaster", "field", "part", "rank", "word"), name="search_part_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "field",
                    models.CharField(
                        choices=[
                            ("family", "氏"),
                            ("given", "名"),
                            ("kana_family", "氏カナ"),
                            ("kana_given", "名カナ"),
                            ("alias", "通称"),
                            ("town", "町字"),
                        ],
                        max_length=12,
                    ),
                ),
                ("word", models.CharField(max_length=200)),
                ("people", models.PositiveIntegerField()),
                (
                    "disaster",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="ledger.disaster"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("disaster", "field", "word"), name="search_word_once")],
            },
        ),
        migrations.CreateModel(
            name="ToAssign",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("room", models.CharField(max_length=20, verbose_name="出所")),
                ("source_id", models.CharField(max_length=60, verbose_name="出所の番号")),
                ("title", models.CharField(max_length=200, verbose_name="内容")),
                ("written_at", models.DateTimeField(verbose_name="記録日時")),
                (
                    "side",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("typed", "入力された方のもの"),
                            ("register", "住民記録の方のもの"),
                            ("both", "両方に当てはまる"),
                        ],
                        max_length=10,
                    ),
                ),
                ("settled_at", models.DateTimeField(null=True)),
                (
                    "link",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="to_assign", to="ledger.sameas"
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "振り分け待ち",
                "verbose_name_plural": "振り分け待ち",
                "indexes": [models.Index(fields=["settled_at"], name="to_assign_open")],
                "constraints": [
                    models.UniqueConstraint(fields=("link", "room", "source_id"), name="to_assign_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", True), ("settled_by__isnull", True), ("side", "")),
                            models.Q(("settled_at__isnull", False), ("settled_by__isnull", False), ("side__gt", "")),
                            _connector="OR",
                        ),
                        name="to_assign_settled_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TypedRecord",
            fields=[
                ("id", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("room", models.CharField(max_length=20, verbose_name="出所")),
                ("name", models.CharField(max_length=200, verbose_name="氏名")),
                ("kana", models.CharField(blank=True, max_length=300, verbose_name="氏名カナ")),
                (
                    "birth",
                    models.CharField(
                        blank=True, help_text="YYYY-MM-DD, unknown parts 00", max_length=10, verbose_name="生年月日"
                    ),
                ),
                (
                    "birth_turned",
                    models.CharField(blank=True, help_text="month and day the other way round", max_length=10),
                ),
                ("sex", models.CharField(blank=True, max_length=1, verbose_name="性別")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="住所")),
                ("telephone", models.CharField(blank=True, max_length=40, verbose_name="電話番号")),
                ("typed_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="入力日時")),
                ("family_key", models.CharField(blank=True, max_length=100)),
                ("given_key", models.CharField(blank=True, max_length=200)),
                ("kana_family_key", models.CharField(blank=True, max_length=150)),
                ("kana_given_key", models.CharField(blank=True, max_length=200)),
                ("town_key", models.CharField(blank=True, max_length=200)),
                ("lot_key", backend.ledger.fields.OrderedByCode(blank=True, max_length=100)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "照合待ち"),
                            ("certain", "自動で結び付け"),
                            ("likely", "確認待ち"),
                            ("none", "候補なし"),
                            ("decided", "確認済み"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="照合",
                    ),
                ),
                ("guarded", models.BooleanField(default=False)),
                (
                    "later_at",
                    models.DateTimeField(help_text="put off by a clerk: asked again after the others", null=True),
                ),
                ("taken_at", models.DateTimeField(null=True)),
                (
                    "disaster",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="typed_records",
                        to="ledger.disaster",
                    ),
                ),
                (
                    "taken_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "typed_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "入力された記録",
                "verbose_name_plural": "入力された記録",
                "indexes": [
                    models.Index(fields=["disaster", "outcome", "typed_at"], name="typed_record_queue"),
                    models.Index(fields=["birth"], name="typed_record_birth"),
                    models.Index(
                        condition=models.Q(("guarded", True)), fields=["typed_by"], name="typed_record_guarded"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_at__isnull", True), ("taken_by__isnull", True)),
                            models.Q(("taken_at__isnull", False), ("taken_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="typed_record_taken_by_somebody",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="disclosure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ground", "self"), ("recipient__isnull", True)),
                    models.Q(models.Q(("ground", "self"), _negated=True), ("recipient__isnull", False)),
                    _connector="OR",
                ),
                name="disclosure_to_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="revisionline",
            constraint=models.UniqueConstraint(fields=("report", "order"), name="revision_line_once"),
        ),
    ]
