"""Forms of the log-in page, of one's own settings, and the filters of the two books."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm

from backend.core import clock

from . import reasons
from .models import AccessLog, Staff
from .queries import known_acts


class ReasonFields(forms.Form):
    """The reason of today's work: a choice, and what it is in one's own words."""

    reason = forms.ChoiceField(
        label="今日の業務の理由",
        choices=[("", "選んでください"), *reasons.REASONS],
        help_text="見た記録（閲覧記録）のすべてに、この理由が付きます。途中で変えられます。",
    )
    note = forms.CharField(
        label="くわしく",
        max_length=100,
        required=False,
        help_text="例：大浜中学校の受付。被災した方の氏名は書かないでください。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        super().clean()
        note = (self.cleaned_data.get("note") or "").strip()
        self.cleaned_data["note"] = note
        if self.cleaned_data.get("reason") == reasons.OTHER and not note:
            self.add_error("note", "「その他」を選んだときは、何の業務かを書いてください。")
        return self.cleaned_data


class LoginForm(ReasonFields, AuthenticationForm):
    """Username, password and the reason."""

    field_order = ("username", "password", "reason", "note")
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "ユーザー名かパスワードが違います。大文字と小文字は区別されます。",
        "expired": "仮パスワードの期限が過ぎています。システム管理者に、新しい仮パスワードを発行してもらってください。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "ユーザー名"
        self.fields["username"].widget.attrs["autocapitalize"] = "none"
        self.fields["password"].label = "パスワード"

    def confirm_login_allowed(self, user: Any) -> None:
        super().confirm_login_allowed(user)
        if user.temporary_until is not None and user.temporary_until < clock.now():
            raise forms.ValidationError(self.error_messages["expired"], code="expired")


class OwnPasswordForm(PasswordChangeForm):
    """The old password and twice the new one, which must be another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        temporary = self.user.temporary_until is not None
        self.fields["old_password"].label = "仮パスワード（渡された紙のもの）" if temporary else "今のパスワード"
        self.fields["new_password1"].label = "新しいパスワード"
        self.fields[
            "new_password1"
        ].help_text = "10文字以上。ユーザー名や氏名に似たもの、よく使われるものは使えません。"
        self.fields["new_password2"].label = "新しいパスワード（もう一度）"
        self.fields["new_password2"].help_text = ""

    def clean_new_password1(self) -> str:
        password = self.cleaned_data["new_password1"]
        if password == self.cleaned_data.get("old_password"):
            raise forms.ValidationError("今のものとは違うパスワードにしてください。")
        return str(password)


class BookFilter(forms.Form):
    """What both books are filtered by: who, and the days (both included; the last seven days if nothing is said)."""

    staff = forms.ModelChoiceField(
        label="職員", queryset=Staff.objects.order_by("division", "username"), required=False, empty_label="すべて"
    )
    since = forms.DateField(
        label="から", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label="まで", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    subject = forms.CharField(
        label="対象の番号",
        max_length=80,
        required=False,
        help_text="household: などで始まる内部の番号、またはその一部",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any) -> None:
        values = data.copy()
        if "since" not in values and "until" not in values:
            values["since"], values["until"] = clock.today() - timedelta(days=6), clock.today()
        super().__init__(values)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("since") and values.get("until") and values["since"] > values["until"]:
            self.add_error("until", "「から」より後の日にしてください。")
        return values

    def chosen(self) -> dict[str, Any]:
        """The filters as keyword arguments of queries.py: days as aware moments; nothing for a field left empty."""
        values = {name: value for name, value in self.cleaned_data.items() if value}
        if "since" in values:
            values["since"] = datetime.combine(values["since"], time.min, tzinfo=clock.TOKYO)
        if "until" in values:
            values["until"] = clock.end_of_day(values["until"])
        return values


class LookFilter(BookFilter):
    what = forms.ChoiceField(label="種別", choices=[("", "すべて"), *AccessLog.What.choices], required=False)
    field_order = ("staff", "since", "until", "what", "subject")


class ActFilter(BookFilter):
    act = forms.ChoiceField(label="行為", choices=[], required=False)
    field_order = ("staff", "since", "until", "act", "subject")

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["act"].choices = [("", "すべて"), *known_acts()]  # type: ignore[attr-defined]
