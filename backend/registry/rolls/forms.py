"""The form that an uploaded roll comes with."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.forms import JapaneseForm
from backend.registry.forms import LARGEST

from .values import fiscal_year

KINDS = [
    ("house", "家屋課税台帳・家屋補充課税台帳"),
    ("income", "所得・住民税の課税台帳（年度は行ごとに読みます）"),
    ("correction", "修正行（取り置いた行を直したもの）"),
]


class RollForm(JapaneseForm):
    kind = forms.ChoiceField(label="台帳", choices=KINDS, widget=forms.RadioSelect)
    year = forms.CharField(
        label="年度（家屋のときだけ）",
        required=False,
        max_length=20,
        help_text="その年の1月1日現在の台帳です。空なら今年度。例：2026、R8",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    file = forms.FileField(
        label="ファイル",
        help_text="CSV（UTF-8 または Shift_JIS）。1行目は見出しです。まだ取り込まれません。次の画面で内容を確かめます。",
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"empty": "ファイルが空です。", "required": "ファイルを選んでください。"},
    )

    def clean_year(self) -> int | None:
        text = self.cleaned_data["year"]
        try:
            return fiscal_year(text) if text else None
        except ValueError as error:
            raise forms.ValidationError(f"「{text}」は{error}") from error

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST:
            raise forms.ValidationError("2GBを超えるファイルは画面から取り込めません。コマンドを使ってください。")
        return upload
