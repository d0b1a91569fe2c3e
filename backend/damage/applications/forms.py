"""Forms of applications, in the order of the paper form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django import forms

from backend.core.clock import today
from backend.core.dates import era_short
from backend.core.fields import uuid7
from backend.core.forms import BirthField, DayField, JapaneseForm
from backend.damage.models import Application, ApplicationHouse
from backend.damage.surveys import rules as surveys
from backend.damage.surveys.forms import SeveralFiles, SeveralInput, numbered
from backend.damage.surveys.services import Sheet
from backend.documents.models import IssueCopy

from . import rules
from .rules import Place, Said

Checked = IssueCopy.IdChecked
SEEN = {value: label for value, label in Checked.choices if value != Checked.POSTED}
_PLAIN = {"autocomplete": "off"}


def _text(label: str, most: int, help_text: str = "", *, required: bool = False) -> forms.CharField:
    widget = forms.TextInput(attrs=_PLAIN)
    return forms.CharField(label=label, max_length=most, required=required, help_text=help_text, widget=widget)


class ApplicationForm(JapaneseForm):
    """罹災証明書の申請."""

    channel = forms.ChoiceField(
        label="受付の方法", choices=numbered({key: rules.CHANNELS[key] for key in rules.AT_DESK})
    )
    applied_on = DayField(label="申請日", max_length=20, help_text="例：R8.11.20、20261120")
    stage = forms.ChoiceField(label="調査の回", choices=numbered(surveys.STAGES))
    reason = _text("調査を求める理由", 200, "第2次調査・再調査では必ず")
    applicant = forms.ChoiceField(label="申請者の区分", choices=numbered(rules.APPLICANTS))
    name = _text("氏名（法人は名称）", 200, required=True)
    kana = _text("かな", 300)
    birth = BirthField(help_text="3 45 1 2、S45.1.2、19700102", widget=forms.TextInput(attrs=_PLAIN))
    address = _text("いまの連絡先の住所", 300, "避難先でもかまいません")
    telephone = _text("電話", 40)
    relation = _text("被災した方との関係", 100, "代理人・相続人は必ず。法人は担当者の氏名")
    mandate_seen = forms.BooleanField(label="委任状を確かめた", required=False)
    head_name = _text("被災した世帯主の氏名", 200, "申請者と同じなら空のまま")
    head_address = _text("世帯主の住所", 300, "被災した所在地とは別の欄です")
    cause = forms.ChoiceField(label="罹災原因", choices=numbered(surveys.CAUSES, "0 選ぶ"))
    identity = forms.ChoiceField(
        label="本人確認", choices=numbered(SEEN, "0 見ていない"), required=False, help_text="番号は記録しません。"
    )
    copies = forms.IntegerField(
        label="必要な部数",
        min_value=1,
        max_value=rules.MOST_COPIES,
        widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "numeric"}),
        error_messages={
            "invalid": "整数で入れてください。",
            "min_value": "1以上で入れてください。",
            "max_value": f"{rules.MOST_COPIES}までの数を入れてください。",
        },
    )
    purpose = _text("使用目的", 100, "例：保険金の請求、仮設住宅の申込み")
    secret = forms.BooleanField(
        label="居場所を知られたくない（秘匿の希望）",
        required=False,
        help_text="秘匿の方を見られる職員だけが、この申請を見られます。",
    )
    photo_consent = forms.BooleanField(
        label="写真による判定（準半壊に至らない（一部損壊））に同意する",
        required=False,
        help_text="現地の調査をせず、本人の写真だけで「準半壊に至らない（一部損壊）」と判定します。後から現地の調査を申し込めることを伝えます。",
    )
    note = _text("覚え書き", 300)
    form = forms.UUIDField(widget=forms.HiddenInput, required=False)

    GROUPS = (
        ("受付", ("channel", "applied_on", "stage", "reason")),
        (
            "申請者",
            ("applicant", "name", "kana", "birth", "address", "telephone", "relation", "mandate_seen", "identity"),
        ),
        ("被災した世帯", ("head_name", "head_address", "cause")),
        ("写真による判定", ("photo_consent",)),
        ("証明書", ("copies", "purpose", "note", "secret")),
    )

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(title, [self[name] for name in names]) for title, names in self.GROUPS]

    def said(self, places: list[Place], consented_on: date | None = None) -> Said:
        """`consented_on`: when the applicant had consented before; a consent that is new is of the day of the application."""
        said = {key: value for key, value in self.cleaned_data.items() if key not in ("form", "photo_consent")}
        consent = (consented_on or said["applied_on"]) if self.cleaned_data["photo_consent"] else None
        return Said(places=places, photo_consent_on=consent, **said)


class KnowinglyForm(JapaneseForm):
    """Asked only where there is another application for the same."""

    knowingly = forms.BooleanField(label="別の申請として受け付ける")


class ChangeForm(JapaneseForm):
    """Why an application changes."""

    why = _text("訂正の理由", 200, "例：聞き取りの誤り、家屋の追加", required=True)
    detach = forms.BooleanField(
        label="世帯との照合をやめる", required=False, help_text="違う世帯と照合していたときだけ。照合待ちに戻ります。"
    )

    def __init__(self, *args: Any, matched: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not matched:
            del self.fields["detach"]


class PlaceForm(JapaneseForm):
    """One place that was struck. A line left empty is none; a place that was rewritten has to be found again."""

    place = _text("所在地", 300)
    what = forms.ChoiceField(label="種類", choices=numbered(rules.WHAT), initial=rules.DWELLING)
    house = forms.UUIDField(widget=forms.HiddenInput, required=False)
    before = forms.CharField(widget=forms.HiddenInput, max_length=300, required=False)

    def said(self) -> Place | None:
        said = getattr(self, "cleaned_data", {})
        place = said.get("place", "").strip()
        if not place:
            return None
        house: UUID | None = said.get("house") if place == said.get("before", "").strip() else None
        return Place(place, said["what"], house)


Places = forms.formset_factory(PlaceForm, extra=3, max_num=rules.MOST_HOUSES, absolute_max=rules.MOST_HOUSES)


def place_initial(place: str, what: str = rules.DWELLING, house: UUID | None = None) -> dict[str, Any]:
    return {"place": place, "what": what, "house": house, "before": place}


def empty_initial(cause: str = "") -> dict[str, Any]:
    """`cause`: what the last application of this disaster said; it is mostly the same."""
    said = {"channel": "counter", "applied_on": era_short(today()), "stage": "first", "applicant": "resident"}
    return {**said, "cause": cause, "copies": 1, "form": uuid7()}


def application_initial(row: Application) -> dict[str, Any]:
    """An application as the form has it: to change it."""
    own = ("form", "photo_consent")
    said: Mapping[str, Any] = {name: getattr(row, name) for name in ApplicationForm.base_fields if name not in own}
    consent = row.photo_consent_on is not None
    return {**said, "applied_on": era_short(row.applied_on), "photo_consent": consent}


def places_initial(lines: list[ApplicationHouse]) -> list[dict[str, Any]]:
    return [place_initial(line.place, line.what, line.house_id) for line in lines]


class FilesForm(JapaneseForm):
    """Photographs and papers, as many as there are."""

    what = forms.ChoiceField(label="添付の種類", choices=numbered(rules.FILES))
    pictures = SeveralFiles(
        label="写真・画像（JPEG・PNG）かPDF（20MBまで）",
        max_length=200,
        widget=SeveralInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
        help_text="いくつでも選べます。PDFは委任状と書類だけで、被害の写真にはできません。本人確認の書類は添付しません。",
        error_messages={"empty": "ファイルが空です。", "required": "ファイルを選んでください。"},
    )
    about = _text("説明", 100, "例：南面の外壁")


class PicturesForm(JapaneseForm):
    """Which of the applicant's photographs count."""

    files = forms.MultipleChoiceField(
        label="判定に使う写真", error_messages={"required": "判定に使う写真を選んでください。"}
    )

    def __init__(self, *args: Any, pictures: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["files"].choices = pictures  # type: ignore[attr-defined]

    @property
    def others(self) -> list[forms.BoundField]:
        return [field for field in self if field.name != "files"]


class PhotoSheetForm(PicturesForm):
    """写真による自己判定: what its sheet asks, and nothing that only who goes there could say."""

    surveyed_on = DayField(label="判定した日", max_length=20, help_text="例：R8.11.20、20261120")
    surveyors = _text("写真を見た人", 100, required=True)
    cause = forms.ChoiceField(label="災害の種類", choices=numbered(surveys.CAUSES))
    consent_on = DayField(label="本人が同意した日", max_length=20, help_text="申請のときの同意の日が入っています。")
    note = _text("備考", 500)

    def sheet(self) -> Sheet:
        said = {key: value for key, value in self.cleaned_data.items() if key != "files"}
        return Sheet(stage="first", method="photo_self", **said)


class FilterForm(JapaneseForm):
    """Which applications are listed. States and days only, so it may stand in the address."""

    state = forms.ChoiceField(label="状態", choices=[("", "すべて"), *rules.STATES.items()], required=False)
    day = DayField(label="申請日", max_length=20, required=False)
    channel = forms.ChoiceField(label="受付の方法", choices=[("", "すべて"), *rules.CHANNELS.items()], required=False)


class NumberForm(JapaneseForm):
    """The number on the slip that the applicant has."""

    number = _text("受付番号", 60, "例：2026-123、123", required=True)


HOME_KINDS = {
    "outside": "住民票がほかの市町村にある世帯（本人確認をした）",
    "unknown": "身元をまだ確かめていない世帯",
}


class HomeForm(JapaneseForm):
    """A household that is in no register, on its own word."""

    kind = forms.ChoiceField(
        label="区分",
        choices=numbered(HOME_KINDS),
        help_text="「身元をまだ確かめていない」世帯には、台帳の世帯と結び付けるまで証明書を交付できません。",
    )
    address = _text("住所", 300)


class MemberForm(JapaneseForm):
    """One person; a line that was left empty is nobody."""

    name = _text("氏名", 200, required=True)
    kana = _text("かな", 300)
    birth = BirthField(help_text="3 45 1 2、S45.1.2", widget=forms.TextInput(attrs=_PLAIN))
    relationship = _text("続柄", 40)


Members = forms.formset_factory(MemberForm, min_num=1, extra=2, max_num=8, absolute_max=8)


def home_initial(row: Application) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The household as the applicant told it: they themselves, or the head for whom they apply."""
    own = {"name": row.name, "kana": row.kana, "birth": row.birth.replace("-00", ""), "relationship": "世帯主"}
    if row.applicant in ("agent", "heir"):
        people = [{"name": row.head_name or row.name, "relationship": "世帯主"}]
    elif row.applicant == "corporation":  # is nobody of a household
        people = [{"name": row.head_name, "relationship": "世帯主"}]
    elif row.head_name and row.head_name.strip() != row.name.strip():
        people = [{"name": row.head_name, "relationship": "世帯主"}, {**own, "relationship": row.relation}]
    else:
        people = [own]
    kind = "outside" if row.identity not in ("", Checked.ASKED) else "unknown"
    return {"kind": kind, "address": row.head_address or row.address}, people


class FindForm(JapaneseForm):
    """Look for the household in other words than the applicant's."""

    text = _text("氏名・かな・住所・り災番号", 200, "空白で区切ると、すべてに合う方を探します")


class FindHouseForm(JapaneseForm):
    text = _text("所在地か物件番号", 200, required=True)
