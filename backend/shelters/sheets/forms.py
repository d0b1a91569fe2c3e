"""A photograph with the time of its list, and the lines beside it."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.forms import JapaneseForm
from backend.shelters.forms import moment_field
from backend.shelters.telephone.forms import LineForm

from . import rules


class SheetForm(JapaneseForm):
    picture = forms.FileField(
        label="名簿の写真",
        help_text="JPEG か PNG、5MBまで。一枚ずつ。撮影場所などの情報は取り除きます。",
        widget=forms.ClearableFileInput(attrs={"accept": "image/jpeg,image/png", "data-shrink": ""}),
    )
    listed_at = moment_field("名簿の時点", "名簿に書かれた日時。空欄なら、いま。")
    title = forms.CharField(label="見出し", max_length=100, required=False, help_text="例：体育館入口の掲示 2枚目")


class SheetLineForm(LineForm):
    """One line beside the picture: a person, or `result` for what is none. Empty ones are passed over."""

    number = forms.IntegerField(label="行", min_value=1, max_value=rules.MOST_LINES, required=False)
    result = forms.ChoiceField(
        label="読めたか",
        required=False,
        choices=[("", "読めた"), *((k, v) for k, v in rules.RESULTS.items() if k != "typed")],
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("result") and "name" in self.errors:
            del self.errors["name"]  # of an unreadable line whatever could be read is enough
        if self.said and not data.get("number") and "number" not in self.errors:
            self.add_error("number", "行の番号を入れてください。")
        return data

    @property
    def said(self) -> bool:
        return bool(self.cleaned_data.get("name") or self.cleaned_data.get("result"))
