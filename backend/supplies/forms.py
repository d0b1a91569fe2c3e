"""What is asked for, and what is handed out. Enter goes on."""

from __future__ import annotations

from django import forms

from backend.core.forms import JapaneseForm

from . import rules


class ThingForm(JapaneseForm):
    what = forms.CharField(label="品目", max_length=100, widget=forms.TextInput(attrs={"list": "things"}))
    quantity = forms.IntegerField(label="数量", min_value=1, max_value=rules.MOST, initial=1)
    unit = forms.CharField(label="単位", max_length=20, required=False, help_text="例：本、枚、箱")


class ReceiptForm(ThingForm):
    """Something that came without having been asked for, or for no certain request."""

    brought_by = forms.CharField(
        label="届けた人", max_length=100, required=False, help_text="例：市の車、自衛隊、支援団体の名前。"
    )


class RequestForm(ThingForm):
    urgency = forms.ChoiceField(label="急ぎ", choices=list(rules.URGENCY.items()), initial="soon")
    until = forms.DateField(
        label="いつまでに", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(label="覚え書き", max_length=200, required=False, help_text="大きさ、届け先の部屋など。")
