"""What is typed in the register of disclosures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from backend.core.clock import today
from backend.core.forms import DayField, JapaneseForm
from backend.ledger.models import Disclosure, Recipient

from . import rules

SELF = "self"
DAY = "例：2026-11-21、R8.11.21"
PLAIN = {"autocomplete": "off"}


def _items() -> list[tuple[str, str]]:
    return [(code, f"{item.label}（{item.kind}）") for code, item in rules.ITEMS.items()]


class DraftForm(JapaneseForm):
    recipient = forms.ChoiceField(label="提供先", help_text="一覧にないときは、先に提供先を登録してください。")
    asker = forms.CharField(
        label="申し出た人", max_length=100, help_text="提供先の担当者の氏名。本人への提供では本人。"
    )
    contact = forms.CharField(label="連絡先", max_length=200, help_text="電話番号、または住所。")
    ground = forms.ChoiceField(
        label="根拠",
        widget=forms.RadioSelect,
        choices=[(code, f"{ground.label}（{ground.source}）") for code, ground in rules.GROUNDS.items()],
    )
    purpose = forms.CharField(label="利用の目的", max_length=300, help_text="例：在宅の高齢者の見守り訪問")
    items = forms.MultipleChoiceField(
        label="渡す項目",
        widget=forms.CheckboxSelectMultiple,
        help_text="目的に要るものだけを選びます。個人番号は持っていないので、渡ることはありません。",
    )
    period_from = DayField(label="利用期間の初日", max_length=30, help_text=DAY)
    period_until = DayField(label="利用期間の末日", max_length=30, help_text=DAY)

    def __init__(self, *args: Any, recipients: Iterable[Recipient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(row.pk), f"{row.name}（{row.get_kind_display()}）") for row in recipients]
        self.fields["recipient"].choices = [("", "選んでください"), (SELF, "本人"), *named]  # type: ignore[attr-defined]
        self.fields["items"].choices = _items()  # type: ignore[attr-defined]
        for name in ("asker", "contact", "purpose", "period_from", "period_until"):
            self.fields[name].widget.attrs.update(PLAIN)


class RecipientForm(JapaneseForm):
    name = forms.CharField(label="名称", max_length=100, help_text="団体の名称。個人なら氏名。")
    kind = forms.ChoiceField(label="区分", choices=[("", "選んでください"), *rules.RECIPIENTS.items()])
    representative = forms.CharField(label="代表者", required=False, max_length=100)
    address = forms.CharField(label="所在地", required=False, max_length=300)
    named_at_shelters = forms.BooleanField(
        label="避難所で尋ねた「関係機関への提供」の同意に、この提供先を含める",
        required=False,
        help_text="避難所で、この提供先の名前を示して尋ねているときだけ選びます。",
    )


class PeopleForm(JapaneseForm):
    """A search for somebody to put on the list."""

    kana = forms.CharField(label="かな", required=False, max_length=100)
    birth = forms.CharField(label="生年月日", required=False, max_length=30)
    text = forms.CharField(label="氏名・住所・番号", required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, auto_id="find-%s", **kwargs)
        for field in self.fields.values():
            field.widget.attrs.update(PLAIN)


class HouseholdNumberForm(JapaneseForm):
    number = forms.CharField(label="り災番号", max_length=30, widget=forms.TextInput(attrs=PLAIN))


class NumbersForm(JapaneseForm):
    numbers = forms.CharField(
        label="宛名番号の一覧",
        help_text="空白・改行・読点で区切ります。表計算の列をそのまま貼れます。",
        widget=forms.Textarea(attrs={"rows": 4, **PLAIN}),
    )


class PlaceForm(JapaneseForm):
    place = forms.ChoiceField(label="避難所", help_text="いま避難所にいる、台帳に載っている人。")

    def __init__(self, *args: Any, places: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", "選んでください"), *places]  # type: ignore[attr-defined]


class RefusalForm(JapaneseForm):
    reason = forms.CharField(label="承認しない理由", max_length=200, widget=forms.TextInput(attrs=PLAIN))


class CloseForm(JapaneseForm):
    ending = forms.ChoiceField(label="終わり方", choices=list(rules.ENDINGS.items()), widget=forms.RadioSelect)
    note = forms.CharField(
        label="確認の内容", required=False, max_length=200, help_text="例：12月1日付の消去報告書を受領"
    )


class StatusForm(JapaneseForm):
    status = forms.ChoiceField(label="状態", required=False, choices=[("", "すべて"), *Disclosure.Status.choices])


class ConsentForm(JapaneseForm):
    """One member agrees to one recipient."""

    person = forms.ChoiceField(label="同意した人")
    recipient = forms.ChoiceField(label="提供先")
    since = DayField(label="同意した日", max_length=30, help_text=DAY)
    until = DayField(label="期限", max_length=30, required=False, help_text="空欄なら、取りやめるまで。")
    stated = forms.ChoiceField(label="同意の方法", choices=list(rules.STATED.items()), widget=forms.RadioSelect)

    def __init__(
        self, *args: Any, people: list[tuple[str, str]], recipients: Iterable[Recipient], **kwargs: Any
    ) -> None:
        super().__init__(*args, initial={"since": today().isoformat(), "stated": "paper"}, **kwargs)
        self.fields["person"].choices = people  # type: ignore[attr-defined]
        chosen = [(str(row.pk), row.name) for row in recipients]
        self.fields["recipient"].choices = [("", "選んでください"), *chosen]  # type: ignore[attr-defined]
