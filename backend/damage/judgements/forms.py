"""Forms of judgements."""

from __future__ import annotations

from django import forms

from backend.core.forms import DayField, JapaneseForm


class MakeForm(JapaneseForm):
    effective_on = DayField(label="判定日", max_length=20, required=False, help_text="空なら今日")
    reason = forms.CharField(label="理由・特記", max_length=300, required=False)


class RejectForm(JapaneseForm):
    reason = forms.CharField(label="差戻しの理由", max_length=300)
