import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import backend.core.clock
import backend.core.fields


class Migration(migrations.Migration):
    # For databases made before the tables were put into one migration; to go with the first release.
    replaces = [("accounts", "0001_initial"), ("accounts", "0002_temporary_password")]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Staff",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "id",
                    models.UUIDField(
                        default=backend.core.fields.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("display_name", models.CharField(max_length=60, verbose_name="氏名（表示名）")),
                (
                    "division",
                    models.CharField(
                        choices=[
                            ("shelter", "避難所班"),
                            ("tax", "税務・被害認定班"),
                            ("welfare", "福祉班"),
                            ("housing", "住宅班"),
                            ("supplies", "物資班"),
                            ("accounting", "会計班"),
                            ("publicity", "広報班"),
                            ("register", "住民記録班"),
                            ("administrator", "システム管理者"),
                            ("auditor", "監査"),
                        ],
                        max_length=20,
                        verbose_name="部署",
                    ),
                ),
                ("home", models.CharField(blank=True, max_length=60, verbose_name="所属（応援職員は派遣元）")),
                ("is_supervisor", models.BooleanField(default=False, verbose_name="監督者（秘匿の解除ができる）")),
                ("sees_protected", models.BooleanField(default=False, verbose_name="支援措置対象者を見られる")),
                (
                    "temporary_until",
                    models.DateTimeField(
                        blank=True,
                        editable=False,
                        help_text="empty: the password is the person's own",
                        null=True,
                        verbose_name="仮パスワードの期限",
                    ),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "職員",
                "verbose_name_plural": "職員",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "division__in",
                                [
                                    "shelter",
                                    "tax",
                                    "welfare",
                                    "housing",
                                    "supplies",
                                    "accounting",
                                    "publicity",
                                    "register",
                                    "administrator",
                                    "auditor",
                                ],
                            )
                        ),
                        name="staff_division_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("is_superuser", False)), name="staff_never_superuser"),
                ],
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="AccessLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, default=backend.core.clock.now, verbose_name="日時")),
                ("division", models.CharField(max_length=20, verbose_name="部署")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("search", "検索"),
                            ("household", "世帯の閲覧"),
                            ("person", "個人の閲覧"),
                            ("list", "一覧の閲覧"),
                            ("export", "出力"),
                        ],
                        max_length=20,
                        verbose_name="種別",
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        blank=True, db_index=True, help_text="household:UUID の形", max_length=60, verbose_name="対象"
                    ),
                ),
                ("hits", models.PositiveIntegerField(default=1, verbose_name="件数")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="理由")),
                (
                    "detail",
                    models.CharField(
                        blank=True,
                        help_text="names of the fields asked, never values",
                        max_length=200,
                        verbose_name="条件の種類",
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL, verbose_name="職員"
                    ),
                ),
            ],
            options={
                "verbose_name": "閲覧記録",
                "verbose_name_plural": "閲覧記録",
                "ordering": ["-at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="AuditRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, default=backend.core.clock.now, verbose_name="日時")),
                ("act", models.CharField(max_length=60, verbose_name="行為")),
                (
                    "subject",
                    models.CharField(
                        blank=True, db_index=True, help_text="household:UUID の形", max_length=80, verbose_name="対象"
                    ),
                ),
                (
                    "detail",
                    models.JSONField(
                        default=dict, help_text="numbers, codes and ids; no names, no addresses", verbose_name="内容"
                    ),
                ),
                (
                    "staff",
                    models.ForeignKey(
                        help_text="empty: a command",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="職員",
                    ),
                ),
            ],
            options={
                "verbose_name": "操作記録",
                "verbose_name_plural": "操作記録",
                "ordering": ["-at", "-id"],
            },
        ),
    ]
