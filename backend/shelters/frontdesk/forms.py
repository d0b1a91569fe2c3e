"""The short forms of the desk. Enter goes on, Ctrl+Enter records."""

from __future__ import annotations

from django import forms

from backend.core.clock import today
from backend.core.forms import JapaneseForm

from . import rules


class AwayForm(JapaneseForm):
    until = forms.DateField(
        label="戻る予定の日", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    place = forms.CharField(label="外泊先", max_length=100, required=False)
    phone = forms.CharField(label="連絡先", max_length=40, required=False)

    def clean_until(self):  # type: ignore[no-untyped-def]
        until = self.cleaned_data["until"]
        if until and until < today():
            raise forms.ValidationError("今日か、それより後の日にしてください。")
        return until


class VisitorForm(JapaneseForm):
    name = forms.CharField(label="来訪者の氏名・所属", max_length=100)
    asks_for = forms.CharField(label="たずねた相手・用件", max_length=200, required=False)
    phone = forms.CharField(label="来訪者の連絡先", max_length=40, required=False)
    result = forms.ChoiceField(label="どうしたか", choices=list(rules.RESULTS.items()), initial="message")


class ParcelForm(JapaneseForm):
    addressee = forms.CharField(label="宛名（荷物に書かれたとおり）", max_length=100)
    what = forms.CharField(label="荷物", max_length=100, required=False, help_text="例：段ボール1、封筒")
    sender = forms.CharField(label="差出人・運送会社", max_length=100, required=False)
    place = forms.CharField(label="置き場所", max_length=60, required=False)
