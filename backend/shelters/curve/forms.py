"""Which span of time a curve shows, in which steps, and what was known by when."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.clock import now
from backend.core.forms import JapaneseForm

from ..forms import moment_field
from . import rules


class CurveForm(JapaneseForm):
    begin = moment_field("いつから", "空欄なら、最後の時点に開いている避難所が開いてから。")
    end = moment_field("いつの時点まで", "空欄なら、いままで。")
    step = forms.ChoiceField(label="間隔", required=False, choices=[("", "期間に合わせる"), *rules.STEPS.items()])
    known_at = moment_field("いつまでに分かったことで見るか", "空欄なら、いままでに分かったすべて。")
    facility = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        begin, end = data.get("begin"), data.get("end") or now()
        if begin and begin > end:
            self.add_error("begin", "「いつの時点まで」より前の日時にしてください。")
        elif begin and data.get("step") and rules.too_many(begin, end, int(data["step"])):
            self.add_error("step", f"時点が{rules.MOST_TIMES}を超えます。間隔を広げるか、期間を短くしてください。")
        return data
