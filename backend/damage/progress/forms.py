"""Which hour a page speaks of, with which earlier one it is compared, and of what the list of the longest waiting is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from backend.core.clock import now
from backend.core.forms import JapaneseForm, moment_field

from . import rules


class HourForm(JapaneseForm):
    at = moment_field("いつの時点を見るか", "空欄なら、いま。")
    stage = forms.ChoiceField(
        label="長く待っているものの段階",
        required=False,
        choices=[("", "すべて"), *((stage, rules.STAGES[stage]) for stage in rules.WAITING)],
    )
    district = forms.ChoiceField(label="長く待っているものの地区", required=False)

    def __init__(self, *args: Any, districts: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = [("", "すべて"), *((name, name) for name in sorted(districts))]  # type: ignore[attr-defined]

    def clean_at(self) -> Any:
        at = self.cleaned_data.get("at")
        if at and at > now():
            raise forms.ValidationError("これから先の日時です。いまより前の日時にしてください。")
        return at


class ReportForm(JapaneseForm):
    at = moment_field("いつの時点を数えるか", "空欄なら、いま。")
    before = moment_field("いつと比べるか", "空欄なら、比べません。例：前の報告の日時。")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        at, before = data.get("at") or now(), data.get("before")
        if data.get("at") and data["at"] > now():
            self.add_error("at", "これから先の日時です。いまより前の日時にしてください。")
        elif before and before >= at:
            self.add_error("before", "数える時点より前の日時にしてください。")
        return data
