"""The application as a resident fills it in on a telephone, and the question how far it is."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.clock import today
from backend.core.dates import parse_typed_date
from backend.core.forms import JapaneseForm
from backend.gateway.models import ApplicationDesk

from . import rules

BIRTH_HELP = "例：昭和45年1月2日、S45.1.2、19700102"


def _text(label: str, most: int, help_text: str = "", *, required: bool = False, **look: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, required=required, help_text=help_text, widget=forms.TextInput(attrs=look)
    )


def _choice(label: str, choices: dict[str, str], empty: str = "選んでください", **said: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[*([("", empty)] if empty else []), *choices.items()], **said)


def read_birth(text: str) -> str:
    """ISO date of what was typed, which must be a whole day in the past."""
    if not text:
        return ""
    try:
        birth = parse_typed_date(text)
    except ValueError as error:
        raise forms.ValidationError(f"生年月日を読めません。{BIRTH_HELP} のように入れてください。") from error
    if birth.date is None:
        raise forms.ValidationError("年・月・日のすべてを入れてください。")
    if birth.date > today():
        raise forms.ValidationError("未来の日付です。生年月日を確かめてください。")
    return birth.iso


class SeveralFiles(forms.FileField):
    """None, one file or several."""

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        chosen = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(SeveralFiles, self).clean(one, initial) for one in chosen]


class SeveralInput(forms.ClearableFileInput):
    allow_multiple_selected = True


def _pictures(label: str, help_text: str, shrink: str = "") -> SeveralFiles:
    """`shrink`: `exif` keeps time and place where the page makes a picture smaller."""
    return SeveralFiles(
        label=label,
        required=False,
        allow_empty_file=True,  # the view says what is wrong with each picture, and keeps the others
        help_text=help_text,
        widget=SeveralInput(attrs={"accept": "image/jpeg,image/png", "data-shrink": shrink}),
    )


class ApplyForm(JapaneseForm):
    """罹災証明書の申請, from outside."""

    disaster = forms.ChoiceField(label="災害")
    applicant = _choice("申請する方", rules.APPLICANTS)
    name = _text("氏名（会社・団体は名称）", 200, required=True, autocomplete="name")
    kana = _text("ふりがな", 300)
    birth = _text("生年月日", 30, f"{BIRTH_HELP}。会社・団体は空のまま", autocomplete="off")
    telephone = _text(
        "電話番号", 30, "日中に連絡のとれる番号", required=True, autocomplete="tel", inputmode="tel", type="tel"
    )
    address = _text("いまいる所・連絡先の住所", 300, "避難所の名前でもかまいません", required=True)
    relation = _text("被災した方との関係", 100, "代理人・相続人は必ず（例：長男）。会社・団体は担当の方の氏名")
    head_name = _text("世帯主の氏名", 200, "申請する方と同じなら空のまま。代理人・相続人は必ず")
    head_address = _text("災害のときに住んでいた住所", 300, autocomplete="off")
    cause = _choice("被害の原因", rules.CAUSES)
    place_1 = _text("被害のあった所", 300, "災害のときの住所と同じなら空のまま")
    what_1 = _choice("種類", rules.WHAT, empty="")
    place_2 = _text("被害のあった所（2件目）", 300)
    what_2 = _choice("種類（2件目）", rules.WHAT, empty="")
    place_3 = _text("被害のあった所（3件目）", 300)
    what_3 = _choice("種類（3件目）", rules.WHAT, empty="")
    damage = forms.CharField(
        label="被害の様子",
        max_length=280,
        required=True,
        help_text="例：屋根瓦が落ちた。1階の床上50cmまで浸水した。280文字まで",
        widget=forms.Textarea(attrs={"rows": 4, "maxlength": 280}),
    )
    copies = forms.IntegerField(
        label="必要な部数",
        min_value=1,
        max_value=rules.MOST_COPIES,
        initial=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": "数字で入れてください。",
            "min_value": "1以上で入れてください。",
            "max_value": f"{rules.MOST_COPIES}までの数を入れてください。",
        },
    )
    purpose = _text("何に使うか", 100, "例：保険金の請求、仮設住宅の申込み")
    secret = forms.BooleanField(
        label="居場所をだれにも知られたくない",
        required=False,
        help_text="家族をふくめ、ほかの方に申請や居場所を知らせません。",
    )
    photos = _pictures(
        "被害の写真",
        "家の外側の4方向と、壊れた所。何枚でも選べます（あわせて10枚、60MBまで）。写真に記録された日時と場所は、判定する職員だけが見ます。",
        shrink="exif",
    )
    photo_consent = forms.BooleanField(
        label="写真による判定（準半壊に至らない（一部損壊））に同意する",
        required=False,
        help_text="被害が軽く、現地の調査を待たずに、送った写真だけで「準半壊に至らない（一部損壊）」と判定されてよい方だけ、印を付けてください（付けなくても申請できます。後から現地の調査を申し込むこともできます）。",
    )
    mandate = _pictures("委任状の写真", "代理人の方だけ。運転免許証やマイナンバーカードは送らないでください。")
    form = forms.CharField(widget=forms.HiddenInput, max_length=40)

    GROUPS = (
        ("申請する方", ("applicant", "name", "kana", "birth", "telephone", "address", "relation")),
        ("被災した世帯", ("head_name", "head_address")),
        ("被害", ("cause", "place_1", "what_1", "damage")),
        ("証明書", ("copies", "purpose", "secret")),
    )
    MORE = ("place_2", "what_2", "place_3", "what_3")

    def __init__(self, *args: Any, desks: list[ApplicationDesk], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desks = {str(desk.disaster): desk for desk in desks}
        self.fields["disaster"].choices = [(key, desk.name) for key, desk in self.desks.items()]  # type: ignore[attr-defined]
        if len(desks) == 1:
            self.fields["disaster"].initial = next(iter(self.desks))
            self.fields["disaster"].widget = forms.HiddenInput()

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        first = [] if self.fields["disaster"].widget.is_hidden else [("災害", [self["disaster"]])]
        return [*first, *((title, [self[name] for name in names]) for title, names in self.GROUPS)]

    @property
    def more(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MORE]

    @property
    def more_is_used(self) -> bool:
        return any(self[name].errors or (name.startswith("place") and self[name].value()) for name in self.MORE)

    def clean_birth(self) -> str:
        return read_birth(self.cleaned_data["birth"])

    def clean_telephone(self) -> str:
        text: str = self.cleaned_data["telephone"]
        if rules.read_telephone(text) is None:
            raise forms.ValidationError("電話番号を市外局番から入れてください。例：090-1234-5678")
        return text

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        applicant = said.get("applicant")
        if applicant and applicant != "corporation" and "birth" in said and not said["birth"]:
            self.add_error("birth", "生年月日を入れてください。受付の状況を確かめるときにも使います。")
        if applicant in rules.FOR_ANOTHER and not said.get("relation"):
            corporation = applicant == "corporation"
            self.add_error(
                "relation",
                "担当の方の氏名を入れてください。" if corporation else "被災した方との関係を入れてください。例：長男",
            )
        if applicant in ("agent", "heir") and not said.get("head_name"):
            self.add_error("head_name", "代理人・相続人の方は、被災した世帯主の氏名を入れてください。")
        if "place_1" in said and "head_address" in said and not (said["place_1"] or said["head_address"]):
            self.add_error("place_1", "被害のあった所か、災害のときに住んでいた住所を入れてください。")
        return said

    def said(self) -> dict[str, Any]:
        """What is sealed for inside."""
        told = self.cleaned_data
        places = [(told["place_1"] or told["head_address"], told["what_1"])]
        places += [(told[f"place_{n}"], told[f"what_{n}"]) for n in range(2, rules.PLACES + 1) if told[f"place_{n}"]]
        plain = ("applicant", "name", "kana", "birth", "telephone", "address", "relation", "head_name", "head_address")
        return {
            **{
                name: told[name] for name in (*plain, "cause", "damage", "copies", "purpose", "secret", "photo_consent")
            },
            "places": [{"place": place, "what": what} for place, what in places],
        }


class StateForm(JapaneseForm):
    """受付番号と生年月日."""

    number = _text("受付番号", 30, "例：7K2M-40AB-9XYZ", required=True, autocomplete="off", autocapitalize="characters")
    birth = _text("生年月日", 30, f"{BIRTH_HELP}。会社・団体は空のまま", autocomplete="off")

    def clean_number(self) -> str:
        number = rules.read_number(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError("受付番号は12文字です。申請したときの画面の番号を確かめてください。")
        return number

    def clean_birth(self) -> str:
        return read_birth(self.cleaned_data["birth"])
