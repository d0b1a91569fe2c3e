"""Forms of the journal's pages."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.facilities.models import Facility


class ReadyForm(forms.Form):
    """A laptop is made ready for a place."""

    facility = forms.ModelChoiceField(label="避難所", queryset=Facility.objects.none(), empty_label="選んでください")
    name = forms.CharField(label="端末の名前", max_length=60, required=False, help_text="空欄なら「避難所名 1号」")
    area = forms.CharField(
        label="名簿の写しに入れる町",
        max_length=400,
        required=False,
        help_text="町の名前を空白で区切ります。空欄なら全住民です",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["facility"].queryset = Facility.objects.filter(active=True)  # type: ignore[attr-defined]


class NoteForm(forms.Form):
    """What was done about it."""

    note = forms.CharField(label="どう解決したか", max_length=200)


class StickForm(forms.Form):
    """The file that a laptop wrote on a stick."""

    file = forms.FileField(label="端末が書き出したファイル")
