"""Forms of surveys. The sheet's fields stand in the order of the paper; each choice begins with its number, to be typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django import forms

from backend.core.clock import today
from backend.core.dates import era_short
from backend.core.forms import DayField, JapaneseForm
from backend.damage.models import QuickInspection, Visit

from . import questions, rules
from .services import Sheet

_PLAIN = {"autocomplete": "off"}


def numbered(choices: Mapping[str, str], empty: str = "") -> list[tuple[str, str]]:
    """`1 木造・プレハブ`, `2 非木造`: the number chooses, on every browser, without the mouse."""
    first = [("", empty)] if empty else []
    return [*first, *((key, f"{n} {label}") for n, (key, label) in enumerate(choices.items(), 1))]


NOT_FILLED_IN = "0 記入なし"


def _choice(key: str, *, required: bool = False, help_text: str = "") -> forms.ChoiceField:
    """A question of the sheet with the numbers that its choices have on paper."""
    asked = questions.BY_KEY[key]
    choices = [("", NOT_FILLED_IN), *asked.numbered()]
    return forms.ChoiceField(label=asked.label, choices=choices, required=required, help_text=help_text)


def _number(key: str, most: int, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(
        label=questions.LABELS[key],
        min_value=0,
        max_value=most,
        required=False,
        help_text=help_text,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"}),
        error_messages={
            "invalid": "整数で入れてください。",
            "min_value": "0以上で入れてください。",
            "max_value": f"{most}までの数を入れてください。",
        },
    )


def _centimetres(key: str, help_text: str = "", most: int | None = None) -> forms.DecimalField:
    """`most`: where 0 and more are all that can be."""
    return forms.DecimalField(
        label=questions.LABELS[key],
        required=False,
        min_value=None if most is None else 0,
        max_value=most,
        max_digits=5,
        decimal_places=1,
        help_text=help_text,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "decimal"}),
        error_messages={
            "invalid": "数で入れてください。",
            "max_digits": "cmで入れてください。",
            "max_whole_digits": "cmで入れてください。",
            "max_decimal_places": "小数は1桁までで入れてください。",
            "min_value": "0以上で入れてください。",
            "max_value": f"{most}までの数を入れてください。",
        },
    )


def _text(key: str, most: int, *, required: bool = False, help_text: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs=_PLAIN)
    label = questions.LABELS[key]
    return forms.CharField(label=label, max_length=most, required=required, help_text=help_text, widget=widget)


BOOL = {"yes": True, "no": False}
EDITIONS = {edition.key: edition.title for edition in reversed(rules.EDITIONS)}


@dataclass(frozen=True)
class Group:
    """Fields under a title; `of` names the kind of sheet that alone has them, for the stylesheet."""

    title: str
    fields: list[forms.BoundField]
    of: str = ""


class SheetForm(JapaneseForm):
    """調査票, in its order (`questions`). Nothing is computed from the lean and the parts: they are kept as the paper has them."""

    sheet_no = _text("sheet_no", 30)
    surveyed_on = DayField(label=questions.LABELS["surveyed_on"], max_length=20, help_text="例：R8.11.20、20261120")
    surveyors = forms.CharField(label=questions.LABELS["surveyors"], max_length=100, help_text="班か氏名")
    stage = _choice("stage", required=True)
    cause = _choice("cause", required=True)
    structure = _choice("structure")
    detached = _choice("detached")
    floors = _number("floors", 60)
    method = _choice("method", required=True)
    whole_loss = _choice("whole_loss")
    external_force = _choice(
        "external_force", help_text="津波・越流・堤防決壊の流れ、がれきの衝突。家屋ごとに記入します。"
    )
    water = _choice("water")
    depth = _centimetres("depth", "いちばん浅いところ")
    ratio = _number("ratio", 100, "整数。調査票の合計")
    found = _choice("found", help_text="浸水深・自己判定なら空のまま")
    consent_on = DayField(label=questions.LABELS["consent_on"], max_length=20, required=False)
    sheet_place = _text(
        "sheet_place",
        100,
        help_text="調査票の写真を入れないとき。調査票は紙で保管。例：税務課 第1班の綴り",
    )
    edition = forms.ChoiceField(
        label=questions.LABELS["edition"],
        choices=numbered(EDITIONS, NOT_FILLED_IN),
        required=False,
        help_text="空なら調査日の版。改定より前の災害では、発災日の版も選べます。",
    )
    note = _text("note", 500)

    field_order = tuple(questions.BY_KEY)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in questions.LEAN:
            self.fields[one.key] = _centimetres(one.key, most=questions.PLUMB)
        for part in questions.PARTS:
            self.fields[part.key] = _number(part.key, 100)
            if part.outside != part.inside:  # for the stylesheet: not every survey has it
                self.fields[part.key].widget.attrs["data-seen"] = "outside" if part.outside else "inside"
        self.order_fields(self.field_order)

    @property
    def groups(self) -> list[Group]:
        of = {questions.LEAN_TITLE: "lean", questions.PARTS_TITLE: "parts"}
        return [Group(title, [self[one.key] for one in group], of.get(title, "")) for title, group in questions.GROUPS]

    def sheet(self) -> Sheet:
        said = dict(self.cleaned_data)
        for name in ("detached", "external_force"):
            said[name] = BOOL.get(said[name])
        said["water"] = said["water"] or None
        read = {name: said.pop(name) for name in questions.MEASURED}
        return Sheet(**said, measured={name: value for name, value in read.items() if value is not None})


def sheet_initial(answers: Mapping[str, Any]) -> dict[str, Any]:
    """What a survey says, as the form has it: to type it again."""
    said = dict(answers)
    for name in ("detached", "external_force"):
        if name in said:
            said[name] = "yes" if said[name] else "no"
    return said


class AskForm(JapaneseForm):
    stage = forms.ChoiceField(label="調査の回", choices=numbered(rules.STAGES))
    reason = forms.CharField(
        label="理由", max_length=200, required=False, help_text="第2次調査・再調査では必ず。例：本人の申請"
    )


class ReasonForm(JapaneseForm):
    reason = forms.CharField(label="理由", max_length=200)


class InspectionForm(JapaneseForm):
    colour = forms.ChoiceField(label="判定", choices=numbered(dict(QuickInspection.Colour.choices)))
    inspected_on = DayField(label="判定日", max_length=20)
    inspector = forms.CharField(label="判定士", max_length=60, required=False)
    inspection_note = forms.CharField(label="覚え書き", max_length=200, required=False)


class SeveralFiles(forms.FileField):
    """One file or several."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        chosen = (data if isinstance(data, list | tuple) else [data]) or [None]
        return [super(SeveralFiles, self).clean(one, initial) for one in chosen]


class SeveralInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class PhotoForm(JapaneseForm):
    """Photographs of a survey, as many as were taken."""

    survey = forms.ChoiceField(label="調査")
    pictures = SeveralFiles(
        label="写真（JPEG・PNG、20MBまで）",
        max_length=200,
        widget=SeveralInput(attrs={"accept": "image/jpeg,image/png"}),
        help_text="何枚でも選べます。撮影の日時と場所は、判定する職員だけが見られます。",
        error_messages={"empty": "ファイルが空です。", "required": "写真を選んでください。"},
    )
    shows = forms.ChoiceField(
        label="写っているもの", choices=[("house", "1 家屋"), ("sheet", "2 調査票（記入したもの）")], required=False
    )
    about = forms.CharField(label="説明", max_length=100, required=False, help_text="例：南面、基礎のひび")

    def __init__(self, *args: Any, surveys: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["survey"].choices = surveys  # type: ignore[attr-defined]


class FilterForm(JapaneseForm):
    """Which of the waiting houses are listed. Places and stages only, so it may stand in the address."""

    stage = forms.ChoiceField(label="調査の回", choices=[("", "すべて"), *rules.STAGES.items()], required=False)
    district = forms.ChoiceField(label="地区", required=False)
    planned = forms.ChoiceField(
        label="訪問の計画", choices=[("", "すべて"), ("no", "まだ"), ("yes", "計画済み")], required=False
    )

    def __init__(self, *args: Any, districts: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = [
            ("", "すべて"),
            *((name, name or "（地区なし）") for name in districts if name),
        ]  # type: ignore[attr-defined]


class TeamForm(JapaneseForm):
    """調査班 of a day."""

    day = DayField(label="日", max_length=20)
    name = forms.CharField(label="班", max_length=30, help_text="例：第1班")
    lead = forms.CharField(label="班長", max_length=60)
    members = forms.CharField(label="班員", max_length=130, help_text="1人か2人。読点で区切ります。")
    district = forms.CharField(label="担当地区", max_length=100, required=False)
    telephone = forms.CharField(label="電話", max_length=30, required=False)

    def clean_members(self) -> list[str]:
        return [name for name in re.split(r"[、,，\n]", self.cleaned_data["members"]) if name.strip()]


class TimeOfDayField(forms.CharField):
    """14:30, 1430 or 14時30分; empty is None."""

    def clean(self, value: Any) -> Any:
        text = unicodedata.normalize("NFKC", super().clean(value)).strip()
        if not text:
            return None
        found = re.fullmatch(r"(\d{1,2})(?::|時)?(\d{2})?分?", text)
        try:
            return time(int(found[1]), int(found[2] or 0)) if found else self._wrong()
        except ValueError:
            return self._wrong()

    def _wrong(self) -> Any:
        raise forms.ValidationError("時刻として読めません。14:30のように入れてください。")


class VisitForm(JapaneseForm):
    """What became of a call."""

    result = forms.ChoiceField(label="結果", choices=numbered(dict(Visit.Result.choices)))
    appointment_on = DayField(label="次の約束の日", max_length=20, required=False)
    appointment_at = TimeOfDayField(label="時刻", max_length=10, required=False)
    note = forms.CharField(label="覚え書き", max_length=200, required=False)


class ScanForm(JapaneseForm):
    """The QR of a sheet, a 物件番号, or where the house stands."""

    scanned = forms.CharField(
        label="調査票のQR・物件番号・所在地",
        help_text="所在地の例：西町12番地3、本町一丁目",
        max_length=200,
        widget=forms.TextInput(attrs={**_PLAIN, "data-scanner": "text"}),
    )


def today_short() -> str:
    return era_short(today())
