import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

import backend.core.clock


class Migration(migrations.Migration):
    # For databases made before the tables were put into one migration; to go with the first release.
    replaces = [
        ("registry", "0001_initial"),
        ("registry", "0002_revision_knows_its_files"),
        ("registry", "0003_tax_rolls"),
        ("registry", "0004_layouts_and_own_numbers"),
        ("registry", "0005_exports_compared"),
        ("registry", "0006_towns"),
    ]

    initial = True

    dependencies = [
        ("accounts", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="AsOfRevision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=4, verbose_name="災害コード")),
                ("number", models.PositiveIntegerField(verbose_name="版")),
                ("day", models.DateField(verbose_name="基準日")),
                ("known_at", models.DateTimeField(verbose_name="受領時点")),
                ("base_after", models.BooleanField(default=False, verbose_name="基準日より後の全件による")),
                ("made_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="作成日時")),
                ("persons", models.PositiveIntegerField(verbose_name="人数")),
                ("flagged", models.PositiveIntegerField(verbose_name="要確認")),
                (
                    "files",
                    models.JSONField(
                        help_text="every file that it knows, by key", null=True, verbose_name="もとにしたファイル"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("code", "number"), name="as_of_revision_once")],
            },
        ),
        migrations.CreateModel(
            name="AsOfDifference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("atena_no", models.CharField(max_length=15, verbose_name="宛名番号")),
                ("household_no", models.CharField(max_length=15, null=True, verbose_name="世帯番号")),
                ("name", models.CharField(max_length=200, null=True, verbose_name="氏名")),
                ("kana", models.CharField(max_length=300, null=True, verbose_name="氏名カナ")),
                ("alias", models.CharField(max_length=200, null=True, verbose_name="通称")),
                ("birth", models.CharField(max_length=10, null=True, verbose_name="生年月日")),
                ("sex", models.CharField(max_length=1, null=True, verbose_name="性別")),
                ("relationship", models.CharField(max_length=40, null=True, verbose_name="続柄")),
                ("postal_code", models.CharField(max_length=10, null=True, verbose_name="郵便番号")),
                ("address", models.CharField(max_length=300, null=True, verbose_name="住所")),
                ("building", models.CharField(max_length=200, null=True, verbose_name="方書")),
                ("resident_since", models.CharField(max_length=10, null=True, verbose_name="住民となった日")),
                ("nationality", models.CharField(max_length=1, null=True, verbose_name="国籍区分")),
                ("protection", models.CharField(max_length=1, null=True, verbose_name="支援措置")),
                ("protection_until", models.CharField(max_length=10, null=True, verbose_name="支援措置期限")),
                ("revisions", models.CharField(help_text="the disaster's code", max_length=4)),
                ("from_revision", models.PositiveIntegerField()),
                (
                    "until_revision",
                    models.PositiveIntegerField(help_text="first revision in which it is not so any more", null=True),
                ),
                ("registered", models.BooleanField(verbose_name="住民であった")),
                ("changed_on", models.CharField(blank=True, max_length=10, verbose_name="異動年月日")),
                ("changed_by", models.CharField(blank=True, max_length=20, verbose_name="異動事由")),
                (
                    "removed_on",
                    models.CharField(
                        blank=True, help_text="a removal on the day or after it", max_length=10, verbose_name="消除の日"
                    ),
                ),
                ("removed_by", models.CharField(blank=True, max_length=20, verbose_name="消除の事由")),
            ],
            options={
                "indexes": [models.Index(fields=["revisions", "atena_no"], name="registry_as_revisio_06a458_idx")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until_revision__isnull", True)),
                        fields=("revisions", "atena_no"),
                        name="as_of_difference_one_live",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="AsOfFlag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40, verbose_name="種別")),
                ("atena_no", models.CharField(blank=True, max_length=15, verbose_name="宛名番号")),
                ("household_no", models.CharField(blank=True, max_length=15, verbose_name="世帯番号")),
                ("detail", models.CharField(blank=True, max_length=200, verbose_name="内容")),
                (
                    "revision",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="flags", to="registry.asofrevision"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OwnNumber",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("atena_no", models.CharField(max_length=15, unique=True, verbose_name="宛名番号")),
                (
                    "facts",
                    models.CharField(
                        help_text="SHA-256 of name, birth date, address and sex",
                        max_length=64,
                        verbose_name="四情報の指紋",
                    ),
                ),
                ("ordinal", models.PositiveIntegerField(default=1, verbose_name="同じ四情報の何人目か")),
                ("given_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="付番日時")),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("facts", "ordinal"), name="own_number_once")],
            },
        ),
        migrations.CreateModel(
            name="RegisterFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("full", "全件"), ("change", "異動"), ("correction", "修正行")],
                        max_length=10,
                        verbose_name="種別",
                    ),
                ),
                (
                    "as_of",
                    models.DateField(
                        help_text="full export: the day whose end it shows", null=True, verbose_name="基準日"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="ファイル名")),
                ("fingerprint", models.CharField(max_length=64, unique=True, verbose_name="指紋（SHA-256）")),
                ("size", models.BigIntegerField(verbose_name="バイト数")),
                ("encoding", models.CharField(max_length=20, verbose_name="文字コード")),
                ("layout", models.CharField(default="canonical", max_length=60, verbose_name="列の対応表")),
                (
                    "layout_version",
                    models.PositiveIntegerField(
                        help_text="of a mapping that was saved here", null=True, verbose_name="対応表の版"
                    ),
                ),
                (
                    "header",
                    models.JSONField(
                        default=list,
                        help_text="their columns as they came, without any of My Number",
                        verbose_name="見出し",
                    ),
                ),
                (
                    "header_changes",
                    models.JSONField(
                        default=dict, help_text="gone, new, renamed since the last file", verbose_name="見出しの変化"
                    ),
                ),
                (
                    "whole",
                    models.BooleanField(
                        default=True, help_text="full export: its rows are all in FullRow", verbose_name="全行を保管"
                    ),
                ),
                (
                    "left_out",
                    models.PositiveIntegerField(
                        default=0, help_text="rows that are none of the register's", verbose_name="対象外"
                    ),
                ),
                (
                    "columns",
                    models.JSONField(
                        default=list, help_text="our columns that the file has; others state nothing", verbose_name="列"
                    ),
                ),
                ("unknown_columns", models.JSONField(default=list, verbose_name="対応のない列")),
                (
                    "dropped_columns",
                    models.JSONField(
                        default=list, help_text="columns of My Number: never stored", verbose_name="破棄した列"
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(db_index=True, default=backend.core.clock.now, verbose_name="受領日時"),
                ),
                ("rows", models.PositiveIntegerField(verbose_name="行数")),
                ("accepted", models.PositiveIntegerField(verbose_name="取込")),
                ("unchanged", models.PositiveIntegerField(verbose_name="変更なし")),
                ("pending", models.PositiveIntegerField(verbose_name="保留")),
                ("set_aside", models.PositiveIntegerField(verbose_name="取り置き")),
                ("flagged", models.PositiveIntegerField(default=0, verbose_name="要確認")),
                (
                    "anchor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.registerfile",
                    ),
                ),
                (
                    "corrects",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="registry.registerfile",
                    ),
                ),
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
                "verbose_name": "住民記録ファイル",
                "verbose_name_plural": "住民記録ファイル",
                "ordering": ["-received_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "full"), ("as_of__isnull", False)),
                            models.Q(("kind", "full"), _negated=True),
                            _connector="OR",
                        ),
                        name="full_file_has_a_day",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "full")), fields=("as_of",), name="full_file_one_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "rows",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("accepted"), "+", models.F("unchanged")
                                        ),
                                        "+",
                                        models.F("pending"),
                                    ),
                                    "+",
                                    models.F("set_aside"),
                                ),
                            )
                        ),
                        name="file_rows_add_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "correction"), ("corrects__isnull", False)),
                            models.Q(models.Q(("kind", "correction"), _negated=True), ("corrects__isnull", True)),
                            _connector="OR",
                        ),
                        name="correction_has_its_file",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FullRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("atena_no", models.CharField(max_length=15, verbose_name="宛名番号")),
                ("household_no", models.CharField(max_length=15, null=True, verbose_name="世帯番号")),
                ("name", models.CharField(max_length=200, null=True, verbose_name="氏名")),
                ("kana", models.CharField(max_length=300, null=True, verbose_name="氏名カナ")),
                ("alias", models.CharField(max_length=200, null=True, verbose_name="通称")),
                ("birth", models.CharField(max_length=10, null=True, verbose_name="生年月日")),
                ("sex", models.CharField(max_length=1, null=True, verbose_name="性別")),
                ("relationship", models.CharField(max_length=40, null=True, verbose_name="続柄")),
                ("postal_code", models.CharField(max_length=10, null=True, verbose_name="郵便番号")),
                ("address", models.CharField(max_length=300, null=True, verbose_name="住所")),
                ("building", models.CharField(max_length=200, null=True, verbose_name="方書")),
                ("resident_since", models.CharField(max_length=10, null=True, verbose_name="住民となった日")),
                ("nationality", models.CharField(max_length=1, null=True, verbose_name="国籍区分")),
                ("protection", models.CharField(max_length=1, null=True, verbose_name="支援措置")),
                ("protection_until", models.CharField(max_length=10, null=True, verbose_name="支援措置期限")),
                ("line_no", models.PositiveIntegerField(verbose_name="行番号")),
                ("flags", models.PositiveSmallIntegerField(default=0, verbose_name="要確認")),
                ("extra", models.JSONField(null=True, verbose_name="対応のない列の値")),
                ("changed_on", models.CharField(blank=True, max_length=10, verbose_name="異動年月日")),
                ("changed_by", models.CharField(blank=True, max_length=20, verbose_name="異動事由")),
                (
                    "corrected_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.registerfile",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="full_rows",
                        to="registry.registerfile",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("protection", "1")), fields=["atena_no"], name="full_row_protected"
                    ),
                    models.Index(condition=models.Q(("flags__gt", 0)), fields=["file"], name="full_row_flagged"),
                ],
                "constraints": [models.UniqueConstraint(fields=("file", "atena_no"), name="full_row_one_a_person")],
            },
        ),
        migrations.CreateModel(
            name="FullDifference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("atena_no", models.CharField(max_length=15, verbose_name="宛名番号")),
                ("household_no", models.CharField(max_length=15, null=True, verbose_name="世帯番号")),
                ("name", models.CharField(max_length=200, null=True, verbose_name="氏名")),
                ("kana", models.CharField(max_length=300, null=True, verbose_name="氏名カナ")),
                ("alias", models.CharField(max_length=200, null=True, verbose_name="通称")),
                ("birth", models.CharField(max_length=10, null=True, verbose_name="生年月日")),
                ("sex", models.CharField(max_length=1, null=True, verbose_name="性別")),
                ("relationship", models.CharField(max_length=40, null=True, verbose_name="続柄")),
                ("postal_code", models.CharField(max_length=10, null=True, verbose_name="郵便番号")),
                ("address", models.CharField(max_length=300, null=True, verbose_name="住所")),
                ("building", models.CharField(max_length=200, null=True, verbose_name="方書")),
                ("resident_since", models.CharField(max_length=10, null=True, verbose_name="住民となった日")),
                ("nationality", models.CharField(max_length=1, null=True, verbose_name="国籍区分")),
                ("protection", models.CharField(max_length=1, null=True, verbose_name="支援措置")),
                ("protection_until", models.CharField(max_length=10, null=True, verbose_name="支援措置期限")),
                ("gone", models.BooleanField(default=False, verbose_name="記載がない")),
                ("line_no", models.PositiveIntegerField(verbose_name="行番号")),
                ("flags", models.PositiveSmallIntegerField(default=0, verbose_name="要確認")),
                ("extra", models.JSONField(null=True, verbose_name="対応のない列の値")),
                ("changed_on", models.CharField(blank=True, max_length=10, verbose_name="異動年月日")),
                ("changed_by", models.CharField(blank=True, max_length=20, verbose_name="異動事由")),
                (
                    "corrected_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.registerfile",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="differences",
                        to="registry.registerfile",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("protection", "1")), fields=["atena_no"], name="full_difference_protected"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("file", "atena_no"), name="full_difference_one_a_person")
                ],
            },
        ),
        migrations.CreateModel(
            name="Comparison",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rows", models.PositiveIntegerField(verbose_name="見つかった異動")),
                ("missing", models.PositiveIntegerField(verbose_name="後の全件にない人")),
                (
                    "torn",
                    models.BooleanField(
                        default=False,
                        help_text="so many are missing that nothing was taken from it",
                        verbose_name="欠けたファイルのおそれ",
                    ),
                ),
                (
                    "earlier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.registerfile"
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.registerfile",
                    ),
                ),
                (
                    "later",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="comparisons",
                        to="registry.registerfile",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.registerfile"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_by__isnull", True)),
                        fields=("earlier", "later"),
                        name="comparison_one_alive",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ChangeRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("atena_no", models.CharField(max_length=15, verbose_name="宛名番号")),
                ("household_no", models.CharField(max_length=15, null=True, verbose_name="世帯番号")),
                ("name", models.CharField(max_length=200, null=True, verbose_name="氏名")),
                ("kana", models.CharField(max_length=300, null=True, verbose_name="氏名カナ")),
                ("alias", models.CharField(max_length=200, null=True, verbose_name="通称")),
                ("birth", models.CharField(max_length=10, null=True, verbose_name="生年月日")),
                ("sex", models.CharField(max_length=1, null=True, verbose_name="性別")),
                ("relationship", models.CharField(max_length=40, null=True, verbose_name="続柄")),
                ("postal_code", models.CharField(max_length=10, null=True, verbose_name="郵便番号")),
                ("address", models.CharField(max_length=300, null=True, verbose_name="住所")),
                ("building", models.CharField(max_length=200, null=True, verbose_name="方書")),
                ("resident_since", models.CharField(max_length=10, null=True, verbose_name="住民となった日")),
                ("nationality", models.CharField(max_length=1, null=True, verbose_name="国籍区分")),
                ("protection", models.CharField(max_length=1, null=True, verbose_name="支援措置")),
                ("protection_until", models.CharField(max_length=10, null=True, verbose_name="支援措置期限")),
                ("line_no", models.PositiveIntegerField(verbose_name="行番号")),
                ("flags", models.PositiveSmallIntegerField(default=0, verbose_name="要確認")),
                ("extra", models.JSONField(null=True, verbose_name="対応のない列の値")),
                ("reason", models.CharField(max_length=20, verbose_name="異動事由")),
                (
                    "effective",
                    models.CharField(
                        help_text="of a death parts may be unknown (00)", max_length=10, verbose_name="異動年月日"
                    ),
                ),
                ("notified", models.CharField(blank=True, max_length=10, verbose_name="届出年月日")),
                ("processed_at", models.DateTimeField(verbose_name="処理日時")),
                ("sequence", models.CharField(blank=True, max_length=20, verbose_name="処理連番")),
                (
                    "digest",
                    models.CharField(
                        help_text="SHA-256 of what the row says; equal rows are one",
                        max_length=64,
                        verbose_name="行の指紋",
                    ),
                ),
                (
                    "comparison",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="found",
                        to="registry.comparison",
                    ),
                ),
                (
                    "corrected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.registerfile",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="change_rows",
                        to="registry.registerfile",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["atena_no"], name="registry_ch_atena_n_05140b_idx"),
                    models.Index(condition=models.Q(("protection", "1")), fields=["file"], name="change_row_protected"),
                ],
                "constraints": [models.UniqueConstraint(fields=("digest",), name="change_row_once")],
            },
        ),
        migrations.AddField(
            model_name="asofrevision",
            name="base",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.registerfile"
            ),
        ),
        migrations.CreateModel(
            name="RollFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("house", "家屋課税台帳"), ("income", "所得・住民税")],
                        max_length=10,
                        verbose_name="台帳",
                    ),
                ),
                (
                    "year",
                    models.PositiveSmallIntegerField(
                        help_text="house roll: of which fiscal year it is", null=True, verbose_name="年度"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="ファイル名")),
                ("fingerprint", models.CharField(max_length=64, unique=True, verbose_name="指紋（SHA-256）")),
                ("size", models.BigIntegerField(verbose_name="バイト数")),
                ("encoding", models.CharField(max_length=20, verbose_name="文字コード")),
                ("columns", models.JSONField(default=list, verbose_name="列")),
                ("unknown_columns", models.JSONField(default=list, verbose_name="対応のない列")),
                (
                    "dropped_columns",
                    models.JSONField(
                        default=list, help_text="columns of My Number: never stored", verbose_name="破棄した列"
                    ),
                ),
                (
                    "received_at",
                    models.DateTimeField(db_index=True, default=backend.core.clock.now, verbose_name="受領日時"),
                ),
                ("rows", models.PositiveIntegerField(verbose_name="行数")),
                ("accepted", models.PositiveIntegerField(verbose_name="取込")),
                ("unchanged", models.PositiveIntegerField(verbose_name="変更なし")),
                (
                    "pending",
                    models.PositiveIntegerField(
                        default=0, help_text="always 0: the rolls know no such rows", verbose_name="保留"
                    ),
                ),
                ("set_aside", models.PositiveIntegerField(verbose_name="取り置き")),
                (
                    "corrects",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="corrections",
                        to="registry.rollfile",
                    ),
                ),
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
                "verbose_name": "課税台帳のファイル",
                "verbose_name_plural": "課税台帳のファイル",
                "ordering": ["-received_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "rows",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("accepted"), "+", models.F("unchanged")
                                        ),
                                        "+",
                                        models.F("pending"),
                                    ),
                                    "+",
                                    models.F("set_aside"),
                                ),
                            )
                        ),
                        name="roll_rows_add_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "house"), _negated=True), ("year__isnull", False), _connector="OR"
                        ),
                        name="house_roll_is_of_a_year",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncomeRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line_no", models.PositiveIntegerField(verbose_name="行番号")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("digest", models.CharField(max_length=32, verbose_name="行の指紋")),
                ("extra", models.JSONField(null=True, verbose_name="対応のない列の値")),
                ("atena_no", models.CharField(max_length=15, verbose_name="宛名番号")),
                ("total_income", models.BigIntegerField(null=True, verbose_name="合計所得金額")),
                ("gross_income", models.BigIntegerField(null=True, verbose_name="総所得金額")),
                ("gross_income_etc", models.BigIntegerField(null=True, verbose_name="総所得金額等")),
                ("salary", models.BigIntegerField(null=True, verbose_name="給与収入")),
                ("pension", models.BigIntegerField(null=True, verbose_name="公的年金等収入")),
                ("tax_class", models.CharField(blank=True, max_length=10, verbose_name="課税区分")),
                ("income_levy", models.BigIntegerField(null=True, verbose_name="所得割額")),
                ("per_capita_levy", models.BigIntegerField(null=True, verbose_name="均等割額")),
                ("deductions", models.BigIntegerField(null=True, verbose_name="所得控除合計")),
                ("casualty_deduction", models.BigIntegerField(null=True, verbose_name="雑損控除")),
                ("dependants", models.PositiveSmallIntegerField(null=True, verbose_name="扶養人数")),
                ("disability", models.BooleanField(null=True, verbose_name="障害者控除")),
                ("single_parent", models.BooleanField(null=True, verbose_name="ひとり親・寡婦控除")),
                ("dependant", models.BooleanField(null=True, verbose_name="被扶養者")),
                (
                    "corrected_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.rollfile",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.rollfile"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["atena_no", "year"], name="registry_in_atena_n_7a64e0_idx")],
                "constraints": [
                    models.UniqueConstraint(fields=("file", "atena_no", "year"), name="income_row_once_a_file")
                ],
            },
        ),
        migrations.CreateModel(
            name="HouseRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line_no", models.PositiveIntegerField(verbose_name="行番号")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("digest", models.CharField(max_length=32, verbose_name="行の指紋")),
                ("extra", models.JSONField(null=True, verbose_name="対応のない列の値")),
                ("property_no", models.CharField(max_length=40, verbose_name="物件番号")),
                ("lot", models.CharField(max_length=300, verbose_name="所在地")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="住居表示住所")),
                ("house_no", models.CharField(blank=True, max_length=60, verbose_name="家屋番号")),
                ("roll", models.CharField(blank=True, max_length=4, verbose_name="台帳区分")),
                ("owner_no", models.CharField(blank=True, max_length=15, verbose_name="所有者宛名番号")),
                ("owner_name", models.CharField(blank=True, max_length=200, verbose_name="所有者氏名")),
                ("present_owner", models.CharField(blank=True, max_length=200, verbose_name="現況所有者")),
                ("tax_agent", models.CharField(blank=True, max_length=200, verbose_name="納税管理人")),
                ("shared", models.BooleanField(null=True, verbose_name="共有")),
                ("sectional", models.BooleanField(null=True, verbose_name="区分所有")),
                ("annex", models.BooleanField(null=True, verbose_name="附属家")),
                ("kind", models.CharField(blank=True, max_length=60, verbose_name="種類")),
                ("use", models.CharField(blank=True, max_length=60, verbose_name="用途")),
                ("structure", models.CharField(blank=True, max_length=100, verbose_name="構造")),
                ("floors", models.CharField(blank=True, max_length=40, verbose_name="階数")),
                ("area", models.DecimalField(decimal_places=2, max_digits=9, null=True, verbose_name="床面積")),
                ("built", models.CharField(blank=True, max_length=40, verbose_name="建築年")),
                ("assessed", models.BigIntegerField(null=True, verbose_name="評価額")),
                ("latitude", models.FloatField(null=True, verbose_name="緯度")),
                ("longitude", models.FloatField(null=True, verbose_name="経度")),
                (
                    "corrected_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.rollfile",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.rollfile"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["property_no", "year"], name="registry_ho_propert_f01168_idx")],
                "constraints": [models.UniqueConstraint(fields=("file", "property_no"), name="house_row_once_a_file")],
            },
        ),
        migrations.CreateModel(
            name="RollSetAside",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line_no", models.PositiveIntegerField(verbose_name="行番号")),
                ("reasons", models.JSONField(verbose_name="理由")),
                (
                    "values",
                    models.JSONField(help_text="column -> text, as received, without My Number", verbose_name="値"),
                ),
                (
                    "corrected_by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="registry.rollfile"
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="set_aside_rows",
                        to="registry.rollfile",
                    ),
                ),
            ],
            options={
                "ordering": ["file", "line_no"],
                "constraints": [models.UniqueConstraint(fields=("file", "line_no"), name="roll_set_aside_once")],
            },
        ),
        migrations.CreateModel(
            name="SavedLayout",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="名前")),
                ("version", models.PositiveIntegerField(verbose_name="版")),
                (
                    "kind",
                    models.CharField(
                        choices=[("full", "全件"), ("change", "異動")], max_length=10, verbose_name="種別"
                    ),
                ),
                ("definition", models.JSONField(verbose_name="対応")),
                ("header", models.JSONField(help_text="the header that it was made from", verbose_name="見出し")),
                ("made_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="保存日時")),
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
                "ordering": ["name", "-version"],
                "constraints": [models.UniqueConstraint(fields=("name", "version"), name="saved_layout_once")],
            },
        ),
        migrations.CreateModel(
            name="SetAsideRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line_no", models.PositiveIntegerField(verbose_name="行番号")),
                ("reasons", models.JSONField(verbose_name="理由")),
                (
                    "values",
                    models.JSONField(help_text="column -> text, as received, without My Number", verbose_name="値"),
                ),
                (
                    "read",
                    models.JSONField(
                        help_text="of a file with a mapping: our columns -> text",
                        null=True,
                        verbose_name="標準の列での値",
                    ),
                ),
                (
                    "corrected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="registry.registerfile",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="set_aside_rows",
                        to="registry.registerfile",
                    ),
                ),
            ],
            options={
                "ordering": ["file", "line_no"],
                "constraints": [models.UniqueConstraint(fields=("file", "line_no"), name="set_aside_once")],
            },
        ),
        migrations.CreateModel(
            name="TownList",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="ファイル名")),
                ("fingerprint", models.CharField(max_length=64, unique=True, verbose_name="指紋（SHA-256）")),
                ("rows", models.PositiveIntegerField(verbose_name="行数")),
                ("received_at", models.DateTimeField(default=backend.core.clock.now, verbose_name="受領日時")),
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
                "verbose_name": "町字の一覧",
                "verbose_name_plural": "町字の一覧",
                "ordering": ["-received_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Town",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("town_id", models.CharField(blank=True, max_length=7, verbose_name="町字ID")),
                ("city", models.CharField(blank=True, max_length=100, verbose_name="市区町村名")),
                ("name", models.CharField(max_length=200, verbose_name="町字名")),
                ("by_street", models.BooleanField(null=True, verbose_name="住居表示実施")),
                (
                    "list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="towns", to="registry.townlist"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("list", "city", "name"), name="town_once_a_list")],
            },
        ),
    ]
