"""Forms of the matching pages."""

from __future__ import annotations

from django import forms

from backend.core.forms import JapaneseForm
from backend.ledger.models import TypedRecord


class ApartForm(JapaneseForm):
    reason = forms.CharField(
        label="外す理由",
        max_length=200,
        help_text="例：同姓同名の別の方。本人に確かめた。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ListForm(JapaneseForm):
    state = forms.ChoiceField(label="状態", choices=TypedRecord.Outcome.choices, required=False)
