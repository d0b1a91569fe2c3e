"""The form that an upload comes with."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from backend.core.clock import today
from backend.core.forms import DayField, JapaneseForm

from .layouts.shipped import CANONICAL, shipped
from .layouts.stored import names

NEW = "new"  # a name that no mapping can be asked for by
LARGEST = 2 * 1024**3
KINDS = [
    ("full", "全件（ある日の終わりの、住民全員）"),
    ("change", "異動（日ごとの異動分）"),
    ("correction", "修正行（取り置いた行を直したもの）"),
]


class UploadForm(JapaneseForm):
    kind = forms.ChoiceField(label="種別", choices=KINDS, widget=forms.RadioSelect)
    as_of = DayField(
        label="基準日（全件のときだけ）",
        required=False,
        max_length=30,
        help_text="その日の終わりの住民記録として扱います。例：2026-11-07、R8.11.7",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    layout = forms.ChoiceField(
        label="列の対応表",
        required=False,
        help_text="見出しが標準の列名と違うときに選びます。なければ「新しい対応表を作る」を選び、次の画面で決めます。",
    )
    file = forms.FileField(
        label="ファイル",
        help_text="CSV（UTF-8 または Shift_JIS）。1行目は見出しです。まだ取り込まれません。次の画面で内容を確かめます。",
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"empty": "ファイルが空です。", "required": "ファイルを選んでください。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        titles = {name: mapping.title for name, mapping in shipped().items()}
        choices = [(name, titles.get(name, name)) for name in names()]
        self.fields["layout"].choices = [*choices, (NEW, "新しい対応表を作る")]  # type: ignore[attr-defined]

    def clean_layout(self) -> str:
        return self.cleaned_data["layout"] or CANONICAL

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST:
            raise forms.ValidationError(
                "2GBを超えるファイルは画面から取り込めません。import_register を使ってください。"
            )
        return upload

    def clean_as_of(self) -> date | None:
        day: date | None = self.cleaned_data["as_of"]
        if day and day > today():
            raise forms.ValidationError("基準日が未来です。")
        return day

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("kind") == "full":
            if not values.get("as_of") and "as_of" not in self.errors:
                self.add_error("as_of", "全件ファイルには基準日が必要です。")
        else:
            values["as_of"] = None
        return values
