from __future__ import annotations

from django import forms

from backend.core.forms import JapaneseForm

AREA = forms.Textarea(attrs={"rows": 3})


class WordingForm(JapaneseForm):
    title = forms.CharField(label="名称", max_length=40, help_text="証明書の表題。例：被災届出証明書")
    statement = forms.CharField(label="証明の文", max_length=300, widget=AREA)
    note = forms.CharField(
        label="注記", max_length=300, required=False, widget=AREA, help_text="証明書の下に小さく印字します。"
    )
    department = forms.CharField(label="担当課", max_length=60, required=False)
    why = forms.CharField(label="変更の理由", max_length=200, help_text="例：決裁の番号、様式の改正")


class ReasonForm(JapaneseForm):
    reason = forms.CharField(label="理由", max_length=200)
