"""Forms of the pages of disasters."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from typing import Any

from django import forms

from backend.core.clock import TOKYO, now
from backend.core.errors import Refused
from backend.core.forms import DayField, JapaneseForm
from backend.ledger.models import Disaster

from .services import check_code

PLAIN = {"autocomplete": "off"}


class HourField(forms.TimeField):
    """A time of day as people type it: 5:46, 0546, 5時46分, in either width."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = unicodedata.normalize("NFKC", value).strip()
        return super().to_python(value)


class OpenForm(JapaneseForm):
    code = forms.CharField(
        label="災害コード",
        max_length=10,
        help_text="数字4桁、または英大文字4字（例：2026、OHAM）。すべてのり災番号がこのコードで始まります。後から変えられません。",
        widget=forms.TextInput(attrs=PLAIN),
    )
    name = forms.CharField(
        label="災害名", max_length=100, help_text="例：令和8年大浜沖地震", widget=forms.TextInput(attrs=PLAIN)
    )
    day = DayField(
        label="発災日",
        max_length=30,
        help_text="この日の住民記録を作り直します。例：2026-11-18、R8.11.18",
        widget=forms.TextInput(attrs=PLAIN),
    )
    hour = HourField(
        label="発災時刻",
        input_formats=["%H:%M", "%H%M", "%H時%M分"],
        help_text="日本時間。例：5:46、0546",
        widget=forms.TextInput(attrs=PLAIN),
        error_messages={"invalid": "時刻として読めません。5:46 のように入れてください。"},
    )
    drill = forms.BooleanField(label="訓練として開設する", required=False)

    def clean_code(self) -> str:
        code = unicodedata.normalize("NFKC", self.cleaned_data["code"]).strip()
        try:
            check_code(code)
        except Refused as refusal:
            raise forms.ValidationError(refusal.message) from refusal
        if Disaster.objects.filter(code=code).exists():
            raise forms.ValidationError(f"災害コード {code} はすでに開設されています。別のコードを使ってください。")
        return code

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("day") and values.get("hour"):
            values["occurred_at"] = datetime.combine(values["day"], values["hour"], tzinfo=TOKYO)
            if values["occurred_at"] > now():
                self.add_error("day", "発災日時が未来です。")
        return values


class FlagFilter(JapaneseForm):
    """Which flags are listed."""

    code = forms.ChoiceField(label="種別", required=False)
    state = forms.ChoiceField(label="状態", required=False, choices=[("", "未確認"), ("settled", "確認済み")])

    def __init__(self, data: Any, *, codes: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["code"].choices = [("", "すべて"), *codes]  # type: ignore[attr-defined]
