"""What is typed when a decision about a household is made."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms

from backend.core.check_digits import CheckDigitError, parse_disaster_number
from backend.core.dates import era, parse_date, parse_typed_date
from backend.core.errors import NotFound
from backend.core.forms import JapaneseForm
from backend.ledger import queries as ledger
from backend.ledger.models import Household

from . import rules


class DecisionForm(JapaneseForm):
    """Kind, people, the other household by its number, day, ground and evidence."""

    kind = forms.ChoiceField(label="種別", widget=forms.RadioSelect)
    people = forms.MultipleChoiceField(
        label="対象の方",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="移る方・別の世帯になる方を選びます。合併・合わせる・世帯主の変更では選びません。",
    )
    other = forms.CharField(
        label="相手の世帯のり災番号",
        required=False,
        max_length=40,
        help_text="ほかの世帯に移る・合併・合わせるときだけ入れます。QR・バーコードでも入ります。",
    )
    day = forms.CharField(
        label="異動の日",
        required=False,
        max_length=30,
        help_text="発災後の異動が実際にあった日。実態世帯の認定は発災日現在なので、空のままにします。",
    )
    ground = forms.CharField(
        label="根拠", max_length=200, help_text="例：発災前から生計が別、調停中で別居、長男の世帯に同居"
    )
    evidence = forms.CharField(
        label="確認した資料",
        max_length=300,
        help_text="例：光熱費の請求書、賃貸契約書、民生委員の聞き取り（日付）。番号は書きません。",
    )

    def __init__(self, *args: Any, view: ledger.HouseholdView, people: list[Any], staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.view, self.staff = view, staff
        day = view.disaster.occurred_at
        self.fields["kind"].choices = [(kind.name, f"{kind.label}　{kind.help}") for kind in rules.KINDS.values()]  # type: ignore[attr-defined]
        self.fields["people"].choices = [  # type: ignore[attr-defined]
            (str(p.pk), f"{p.name}　{p.relationship}　{_age(p, day)}") for p in people
        ]
        for name in ("other", "day", "ground", "evidence"):
            self.fields[name].widget.attrs.update({"class": "input", "autocomplete": "off"})
        self.fields["other"].widget.attrs["inputmode"] = "numeric"

    def clean_people(self) -> list[UUID]:
        return [UUID(text) for text in self.cleaned_data["people"]]

    def clean_day(self) -> Any:
        text = self.cleaned_data["day"].strip()
        if not text:
            return None
        try:
            day = parse_typed_date(text).date
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if day is None:
            raise forms.ValidationError("年月日まで入れてください。例：令和8年11月25日、R8.11.25、20261125")
        return day

    def clean_other(self) -> Household | None:
        text = self.cleaned_data["other"].strip()
        if not text:
            return None
        try:
            number = parse_disaster_number(text).text
        except CheckDigitError as error:
            raise forms.ValidationError(str(error)) from error
        except ValueError as error:
            raise forms.ValidationError("り災番号を入れてください。例：2026-0000012-34") from error
        found = Household.objects.filter(disaster_number=number).first()
        try:
            return ledger.household_page(found.pk, self.staff).household if found else self._unknown()
        except NotFound:
            return self._unknown()

    def _unknown(self) -> None:
        raise forms.ValidationError(ledger.UNKNOWN_HOUSEHOLD)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        kind = rules.KINDS.get(values.get("kind", ""))
        if kind and not kind.as_of_disaster and values.get("day") is None and "day" not in self.errors:
            self.add_error("day", "異動の日を入れてください。")
        return values


def _age(person: Any, moment: Any) -> str:
    age = ledger.age_at(person, moment)
    born = era_or_nothing(person.birth)
    return f"{born}（発災日{age}歳）" if age is not None else born


def era_or_nothing(birth: str) -> str:
    try:
        return era(parse_date(birth)) if birth else "生年月日不詳"
    except ValueError:
        return birth


class UndoForm(JapaneseForm):
    reason = forms.CharField(label="取り消す理由", max_length=200, help_text="例：認定の誤り、届出の取下げ")
