"""Where somebody is, as told: of whom, which kind of place, where exactly, and who said so."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.forms import BirthField

from .. import rules as shelter_rules
from ..telling import rules as telling
from ..telling.forms import ToldForm, WhereForm


def _kinds_of_place(*first: tuple[str, str], required: bool = False, help_text: str = "") -> forms.ChoiceField:
    """All on the screen: nobody must open a list to see what there is."""
    return forms.ChoiceField(
        label="いまの居場所",
        choices=[*first, *telling.STATUSES.items()],
        widget=forms.RadioSelect,
        required=required,
        help_text=help_text,
    )


class CallForm(WhereForm):
    """One screen for the telephone: who, and where. Only the name and the place are needed."""

    status = _kinds_of_place(required=True)
    name = forms.CharField(label="氏名", max_length=200, help_text="分からないときは「70代くらいの男性」のように。")
    kana = forms.CharField(label="氏名カナ", max_length=300, required=False)
    birth = BirthField(help_text="例：3 45 1 2、S45.1.2")
    sex = forms.ChoiceField(label="性別", choices=[("", "不明"), *shelter_rules.SEXES.items()], required=False)
    address = forms.CharField(label="住所", max_length=300, required=False)
    origin = forms.CharField(
        label="避難前の市町村", max_length=60, required=False, help_text="市内の人は空欄でかまいません。"
    )
    telephone = forms.CharField(label="電話番号", max_length=40, required=False)
    ABOUT = ("name", "kana", "birth", "sex", "address", "origin", "telephone")
    field_order = [*ABOUT, *WhereForm.base_fields]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autofocus"] = True

    def details(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in self.ABOUT}

    def told(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in WhereForm.base_fields}


class VisitForm(ToldForm):
    """The same of somebody known, with the call or the visit itself."""

    status = _kinds_of_place(("", "変わらない"), help_text="居場所が変わったときだけ選びます。")
    field_order = ("how", "result", "note", "next_by", "next_on", *WhereForm.base_fields)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["next_by"].label, self.fields["next_on"].label = "次に訪ねる人", "次に訪ねる日"
