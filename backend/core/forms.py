"""The base of all forms: errors in the words that stand everywhere else, at the field they are about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest

from backend.core.clock import today
from backend.core.dates import parse_date, parse_typed_date

REQUIRED = "入力してください。"
CHOOSE = "選んでください。"
MESSAGES = {
    "max_length": "%(limit_value)d文字以内で入れてください。",
    "null_characters_not_allowed": "使えない文字が入っています。入れ直してください。",
    "invalid_choice": "一覧から選んでください。",
}


class JapaneseForm(forms.Form):
    """A form whose messages say what to do. A message that a field brings itself stays."""

    # What a service names -> the field here that it is about, where they differ.
    named_otherwise: Mapping[str, str] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            _speak(field)


def _speak(field: forms.Field) -> None:
    # Those of the class are lazy texts; what a field was given is told apart by not being one of them.
    own = {text for kind in type(field).__mro__ for text in getattr(kind, "default_error_messages", {}).values()}
    chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField | forms.FileField)
    for code, text in {"required": CHOOSE if chosen else REQUIRED, **MESSAGES}.items():
        if field.error_messages.get(code) is None or field.error_messages[code] in own:
            field.error_messages[code] = text


def why_no_day(error: ValueError) -> str:
    """What to say of a day that can't be read, once."""
    text = str(error)
    return text if text.startswith("日付として") else f"日付として読めません：{text}"


class DayField(forms.CharField):
    """A whole day in any notation that clerks use: 2026-11-07, 20261107, R8.11.7, 令和8年11月7日."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            day = parse_date(text).date
        except ValueError as error:
            raise forms.ValidationError(why_no_day(error)) from error
        if day is None:
            raise forms.ValidationError("年・月・日のすべてを入れてください。")
        return day


class BirthField(forms.CharField):
    """A birth date as clerks type it, as far as it is known: ISO text (`1970-01-02`, `1970-00-00`), never in the future."""

    def __init__(self, **said: Any) -> None:
        super().__init__(**{"label": "生年月日", "max_length": 30, "required": False, **said})

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return ""
        try:
            birth = parse_typed_date(text)
        except ValueError as error:
            raise forms.ValidationError(f"{error}3 45 1 2、S45.1.2、19700102 のように入れてください。") from error
        if birth.first_day and birth.first_day > today():
            raise forms.ValidationError("未来の日付です。")
        return birth.iso


class MomentField(forms.DateTimeField):
    """A time of years that every database, calendar and time zone can show; a year typed by half is none of them."""

    FIRST_YEAR, LAST_YEAR = 1900, 2200
    YEAR = "日時の年を確かめてください。西暦4桁で入れます（例：2026）。"

    def clean(self, value: Any) -> Any:
        try:
            at = super().clean(value)
        except OverflowError as error:
            raise forms.ValidationError(self.YEAR) from error
        if at and not self.FIRST_YEAR <= at.year <= self.LAST_YEAR:
            raise forms.ValidationError(self.YEAR)
        return at


def moment_field(label: str = "日時", help_text: str = "空欄なら、いまの時刻です。") -> MomentField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return MomentField(label=label, required=False, help_text=help_text, widget=widget)


class AsOfForm(JapaneseForm):
    """Which moment a list speaks of, and what was known by when. Both may be empty: now, and all that is known."""

    as_of = moment_field("いつの時点で見るか", "空欄なら、いま。")
    known_at = moment_field("いつまでに分かったことで見るか", "空欄なら、いままでに分かったすべて。")


def times(request: HttpRequest) -> tuple[AsOfForm, datetime | None, datetime | None]:
    """The two times asked for in the address; what can't be read is said in the form and taken as empty."""
    form = AsOfForm(request.GET or None)
    if not form.is_bound or not form.is_valid():
        return form, None, None
    return form, form.cleaned_data["as_of"], form.cleaned_data["known_at"]


def kept(request: HttpRequest) -> list[tuple[str, str]]:
    """What an address asks for beside the two times and the place in the list: the form of the times carries it on."""
    return [(name, str(text)) for name, text in request.GET.items() if name not in {*AsOfForm.base_fields, "page"}]
