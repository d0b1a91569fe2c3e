"""Staff in the administrator's pages."""

from __future__ import annotations

from typing import Any

from axes.utils import reset as axes_reset
from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from backend.core.errors import Refused

from .admin_base import TasukiImportExportAdmin
from .models import Staff
from .resources import StaffResource
from .services import audit, issue_temporary_password, save_staff


class StaffForm(forms.ModelForm):
    class Meta:
        model = Staff
        fields = ("username", "display_name", "division", "home", "is_supervisor", "sees_protected", "is_active")
        labels = {"username": "ユーザー名", "is_active": "有効"}
        help_texts = {
            "username": "半角の英数字と @ . + - _。応援職員は派遣元が分かるものにすると、あとで見分けられます。",
            "is_active": "異動・帰任した職員は、消さずにここを外します。記録に名前が残ります。",
            "is_supervisor": "誰が付けたかが操作記録に残ります。",
            "sees_protected": "名指しで許した人だけに付けます。誰が付けたかが操作記録に残ります。",
        }

    def clean_username(self) -> str:
        username = str(self.cleaned_data["username"])
        if Staff.objects.filter(username__iexact=username).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("このユーザー名はすでに使われています。")
        return username


@admin.register(Staff)
class StaffAdmin(TasukiImportExportAdmin):
    right = "accounts.write"
    form = StaffForm
    resource_classes = [StaffResource]
    list_display = (
        "username",
        "display_name",
        "division",
        "home",
        "is_supervisor",
        "sees_protected",
        "password_state",
        "is_active",
    )
    list_filter = ("division", "is_active", "is_supervisor", "sees_protected")
    search_fields = ("username", "display_name", "home")
    ordering = ("division", "username")
    readonly_fields = ("password_state", "last_login")
    fieldsets = (
        (None, {"fields": ("username", "display_name", "division", "home", "is_active")}),
        ("権限", {"fields": ("is_supervisor", "sees_protected")}),
        ("ログイン", {"fields": ("password_state", "last_login")}),
    )
    actions = ("issue_passwords", "unlock")

    @admin.display(description="パスワード")
    def password_state(self, staff: Staff) -> str:
        if staff.pk is None or not staff.password or not staff.has_usable_password():
            return "未発行"
        return "仮" if staff.temporary_until else "本人が設定"

    def save_model(self, request: HttpRequest, obj: Staff, form: Any, change: bool) -> None:
        save_staff(by=request.user, staff=obj)  # type: ignore[arg-type]
        if not change:
            messages.info(
                request, "一覧で職員を選び、「仮パスワードを発行」を実行すると、ログインできるようになります。"
            )

    def write_down(self, request: HttpRequest, verb: str, obj: Any, **detail: Any) -> None:
        """The service has written it, with what changed."""

    @admin.action(description="仮パスワードを発行（画面に一度だけ出ます）")
    def issue_passwords(self, request: HttpRequest, queryset: QuerySet[Staff]) -> HttpResponse | None:
        """New passwords for the chosen accounts, shown on this one page to be cut up and handed out."""
        if queryset.filter(pk=request.user.pk).exists():
            raise Refused("自分には仮パスワードを発行できません。「パスワードの変更」を使ってください。")
        if queryset.filter(is_active=False).exists():
            raise Refused("無効の職員が含まれています。先に「有効」にしてください。")
        with transaction.atomic():
            issued = [(staff, issue_temporary_password(by=request.user, staff=staff)) for staff in queryset]  # type: ignore[arg-type]
        slips = [{"staff": staff, "password": password, "until": staff.temporary_until} for staff, password in issued]
        response = render(request, "accounts/temporary_passwords.html", {"slips": slips})
        response["Cache-Control"] = "no-store"
        return response

    @admin.action(description="ログインのロックを解除")
    def unlock(self, request: HttpRequest, queryset: QuerySet[Staff]) -> None:
        """Let people in again who have mistyped too often."""
        with transaction.atomic():
            for staff in queryset:
                axes_reset(username=staff.username)
                audit(by=request.user, act="accounts.unlocked", subject=f"staff:{staff.pk}")  # type: ignore[arg-type]
        messages.success(request, f"{len(queryset)}人のロックを解除しました。")
