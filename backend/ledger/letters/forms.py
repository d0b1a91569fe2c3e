"""What is typed about addresses and letters that came back."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from backend.core.clock import today
from backend.core.dates import era, parse_typed_date
from backend.core.forms import JapaneseForm
from backend.ledger.facts import CONTACTS, KINDS
from backend.ledger.models import ReturnedMail

from .services import LONGEST, SOURCES


def typed_day(text: str) -> date | None:
    """A day as clerks type it; None for nothing. Raises `ValidationError` for what is no whole day."""
    if not text.strip():
        return None
    try:
        day = parse_typed_date(text).date
    except ValueError as error:
        raise forms.ValidationError(str(error)) from error
    if day is None:
        raise forms.ValidationError("年月日まで入れてください。例：令和8年11月25日、R8.11.25、20261125")
    return day


class ContactForm(JapaneseForm):
    """An address or a telephone: whose, what, since when, from whom."""

    whose = forms.ChoiceField(label="誰の")
    kind = forms.ChoiceField(label="項目", choices=[(name, KINDS[name].label) for name in CONTACTS])
    text = forms.CharField(
        label="内容",
        required=False,
        max_length=LONGEST,
        help_text="住所は郵便番号から書きます。空にすると、届出を取り下げたことになります。",
    )
    since = forms.CharField(label="いつから", required=False, max_length=30, help_text="分かるときだけ。例：R8.11.25")
    source = forms.ChoiceField(label="誰から聞いたか", choices=[("", "選んでください"), *((s, s) for s in SOURCES)])

    def __init__(self, *args: Any, people: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["whose"].choices = [("", "世帯全体"), *people]  # type: ignore[attr-defined]
        self.fields["whose"].required = False
        for field in self.fields.values():
            field.widget.attrs.update({"class": "input", "autocomplete": "off"})

    def clean_since(self) -> date | None:
        return typed_day(self.cleaned_data["since"])

    def clean_whose(self) -> UUID | None:
        return UUID(self.cleaned_data["whose"]) if self.cleaned_data["whose"] else None


class ReturnForm(JapaneseForm):
    """One letter after the other: reason and day stay, the code is scanned."""

    reason = forms.ChoiceField(label="返戻の理由", choices=ReturnedMail.Reason.choices, widget=forms.RadioSelect)
    returned_on = forms.CharField(label="返戻の日", max_length=30)
    code = forms.CharField(
        label="QRコードまたはり災番号",
        max_length=400,
        help_text="封筒の文書のQRコードを読み取ると、そのまま記録します。手で入れるときは、り災番号と Enter。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["returned_on"].initial = era(today())
        self.fields["returned_on"].widget.attrs.update({"class": "input", "autocomplete": "off"})
        self.fields["code"].widget.attrs.update(
            {"class": "input", "autocomplete": "off", "autofocus": True, "data-scanner": "text", "spellcheck": "false"}
        )

    def clean_returned_on(self) -> date:
        day = typed_day(self.cleaned_data["returned_on"])
        if day is None:
            raise forms.ValidationError("入力してください。")
        return day


class SettleForm(JapaneseForm):
    how = forms.ChoiceField(label="種類", choices=ReturnedMail.How.choices, widget=forms.RadioSelect)
    reason = forms.CharField(label="理由", max_length=200, help_text="例：電話で在宅を確認、別の世帯の封筒だった")
