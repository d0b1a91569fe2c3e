"""The form that a map is loaded with."""

from __future__ import annotations

from django import forms

from backend.core.forms import JapaneseForm

from .models import Source


class MapForm(JapaneseForm):
    source = forms.ChoiceField(
        label="対象の台帳",
        choices=Source.choices,
        widget=forms.RadioSelect,
        initial=Source.REGISTER,
        help_text="同じコードでも、事業者が違えば別の文字です。台帳ごとに登録します。",
    )
    file = forms.FileField(
        label="外字対応表",
        help_text="CSV（UTF-8 または Shift_JIS）かYAML。1行目は見出し：コード、文字、MJ文字図形名、書体、備考。",
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,.yaml,.yml,text/csv"}),
        error_messages={"empty": "ファイルが空です。", "required": "ファイルを選んでください。"},
    )
    note = forms.CharField(
        label="覚え書き", max_length=200, required=False, help_text="例：○○社の住民記録、令和8年3月の一覧"
    )
