"""What is told by telephone, and lists on paper typed line by line."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from backend.core.forms import BirthField, JapaneseForm

from .. import rules
from ..forms import moment_field

MOST = 100_000


def _number(label: str) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric", "aria-label": label})
    return forms.IntegerField(label=label, min_value=0, max_value=MOST, required=False, widget=widget)


class CallForm(JapaneseForm):
    """One shelter: what was told. A row without a number was not called."""

    people = _number("避難所内")
    households = _number("世帯")
    outside = _number("避難所外")
    called_at = moment_field("電話の時刻", "")
    told_by = forms.CharField(
        label="相手", max_length=60, required=False, widget=forms.TextInput(attrs={"aria-label": "電話の相手"})
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        told = any(data.get(name) is not None for name in ("households", "outside")) or data.get("told_by")
        if told and data.get("people") is None and "people" not in self.errors:
            self.add_error("people", "避難所内の人数を入れてください。")
        return data

    @property
    def told(self) -> bool:
        return self.is_valid() and self.cleaned_data.get("people") is not None


class SpontaneousForm(JapaneseForm):
    """A place that nobody designated opens, as told by telephone: on one screen."""

    name = forms.CharField(label="場所の名称", max_length=120, help_text="例：西町集会所、北原さん宅の車庫")
    address = forms.CharField(label="所在地・目印", max_length=300, required=False)
    phone = forms.CharField(label="電話番号", max_length=40, required=False)
    people = forms.IntegerField(label="いま居る人数", min_value=0, max_value=MOST, required=False)
    households = forms.IntegerField(label="世帯数", min_value=0, max_value=MOST, required=False)
    told_by = forms.CharField(label="電話の相手", max_length=60, required=False)
    occurred_at = moment_field("電話の時刻")
    another = forms.BooleanField(
        label="同じ名称の施設とは別の場所です", required=False, help_text="同じ名称の施設があるときだけ選びます。"
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("households") is not None and data.get("people") is None and "people" not in self.errors:
            self.add_error("people", "人数も入れてください。世帯数だけでは記録できません。")
        return data


class ListForm(JapaneseForm):
    """Of the whole list: when it was so."""

    at = moment_field(
        "名簿の時点",
        "名簿に書かれた日時。空欄なら、いま。",
    )
    named_otherwise: ClassVar = {"occurred_at": "at"}


class LineForm(JapaneseForm):
    """One line of a list on paper; empty ones are passed over."""

    name = forms.CharField(label="氏名", max_length=200, required=False)
    kana = forms.CharField(label="カナ", max_length=300, required=False)
    birth = BirthField()
    sex = forms.ChoiceField(label="性別", choices=[("", "—"), *rules.SEXES.items()], required=False)
    address = forms.CharField(label="住所", max_length=300, required=False)
    how = forms.ChoiceField(label="避難形態", choices=list(rules.HOW.items()), required=False)
    together = forms.BooleanField(label="上の行と同じ世帯", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = field.label

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("name") and any(data.get(key) for key in ("kana", "birth", "address", "together")):
            self.add_error("name", "氏名を入れてください。分からないときは「70代くらいの男性」のように。")
        return data

    def details(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in ("name", "kana", "birth", "sex", "address")}
