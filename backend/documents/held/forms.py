"""The forms by which a held character is settled."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from backend.characters.rules import Unreadable, read_row
from backend.core.clock import today
from backend.core.dates import era_short, parse_typed_date
from backend.core.forms import JapaneseForm, why_no_day


class SubstituteForm(JapaneseForm):
    text = forms.CharField(
        label="印字する文字", max_length=30, help_text="1文字。U+845B U+E0100 のようなコードでも入れられます。"
    )
    consent_by = forms.CharField(label="同意した方", max_length=100, help_text="本人、または法定代理人の氏名")
    consent_on = forms.CharField(label="同意の日", max_length=30)
    ground = forms.CharField(label="理由・確かめ方", max_length=200, help_text="例：窓口で字形を見せて同意を得た")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["consent_on"].initial = era_short(today())

    def clean_text(self) -> str:
        try:
            return read_row({"code": "E000", "text": self.cleaned_data["text"]}).text
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error

    def clean_consent_on(self) -> date:
        try:
            day = parse_typed_date(self.cleaned_data["consent_on"].strip()).date
        except ValueError as error:
            raise forms.ValidationError(why_no_day(error)) from error
        if day is None:
            raise forms.ValidationError("年・月・日のすべてを入れてください。")
        return day


class ByHandForm(JapaneseForm):
    everywhere = forms.ChoiceField(
        label="範囲",
        choices=[("", "この方（この世帯）だけ"), ("all", "この文字のすべて")],
        required=False,
        initial="",
        widget=forms.RadioSelect,
    )
    ground = forms.CharField(label="理由", max_length=200, help_text="例：書体が届くまで手書きとする")


class EndForm(JapaneseForm):
    reason = forms.CharField(label="取消の理由", max_length=200)
