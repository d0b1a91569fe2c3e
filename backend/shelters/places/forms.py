"""Where somebody is, as told: of whom, which kind of place, where exactly, and who said so."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.forms import BirthField, DayField, JapaneseForm

from .. import rules as shelter_rules
from ..forms import moment_field
from ..unheard import rules as telling


class TellForm(JapaneseForm):
    """Which place, and who said so."""

    status = forms.ChoiceField(
        label="いまの居場所", choices=list(telling.STATUSES.items()), widget=forms.RadioSelect, required=False
    )
    place = forms.CharField(
        label="場所の詳しいこと", max_length=200, required=False, help_text="例：道の駅の駐車場、輪島市の長女宅"
    )
    plate = forms.CharField(label="車のナンバー", max_length=20, required=False, help_text="車中泊のとき。")
    told_by = forms.CharField(
        label="だれから聞いたか", max_length=60, required=False, help_text="例：本人、隣の方、区長"
    )
    occurred_at = moment_field("聞いた日時")


class CallForm(TellForm):
    """One screen for the telephone: who, and where. Only the name and the place are needed."""

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
    field_order = [*ABOUT, *TellForm.base_fields]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].required = True
        self.fields["name"].widget.attrs["autofocus"] = True

    def details(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in self.ABOUT}

    def told(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in TellForm.base_fields}


class VisitForm(TellForm):
    """The same of somebody known, with the call or the visit itself."""

    how = forms.ChoiceField(
        label="連絡のしかた", choices=[("", "選んでください"), *telling.HOW.items()], required=False
    )
    result = forms.ChoiceField(label="結果", choices=[("", "選んでください"), *telling.RESULTS.items()], required=False)
    next_by = forms.CharField(label="次に訪ねる人", max_length=60, required=False)
    next_on = DayField(label="次に訪ねる日", required=False, max_length=20)
    note = forms.CharField(label="覚え書き", max_length=300, required=False)
    field_order = ["how", "result", "note", "next_by", "next_on", *TellForm.base_fields]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["status"].help_text = "居場所が変わったときだけ選びます。"
        self.fields["status"].choices = [("", "変わらない"), *telling.STATUSES.items()]  # type: ignore[attr-defined]
