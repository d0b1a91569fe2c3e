"""Forms of the shelter desk. A time left empty is now; a consent left alone is no."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from django import forms

from backend.core.forms import BirthField, JapaneseForm, moment_field
from backend.facilities.queries import Shelter, places

from . import rules
from .needs.forms import NeedsForm


def shelter_choices(shelters: list[Shelter]) -> list[tuple[str, str]]:
    return [("", "選んでください"), *((str(s.opening), s.name) for s in shelters)]


class OpenForm(JapaneseForm):
    facility = forms.ModelChoiceField(label="施設", queryset=places(), empty_label="選んでください")
    occurred_at = moment_field("開設した日時")

    def __init__(self, *args: Any, exclude: list[UUID], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["facility"].queryset = places().exclude(pk__in=exclude)  # type: ignore[attr-defined]


class MoveForm(JapaneseForm):
    to = forms.ChoiceField(label="移動先の避難所")
    occurred_at = moment_field("移動した日時")

    def __init__(self, *args: Any, shelters: list[Shelter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = shelter_choices(shelters)  # type: ignore[attr-defined]


class LeaveForm(JapaneseForm):
    destination = forms.ChoiceField(label="行き先", choices=list(rules.DESTINATIONS.items()), widget=forms.RadioSelect)
    spot = forms.CharField(
        label="行き先の詳しいこと", required=False, max_length=60, help_text="例：輪島市の長女宅、道の駅の駐車場"
    )
    plate = forms.CharField(label="車のナンバー", required=False, max_length=20)
    occurred_at = moment_field("退所した日時")
    note = forms.CharField(label="覚え書き", required=False, max_length=200)


class CloseForm(JapaneseForm):
    occurred_at = moment_field("閉鎖した日時")
    destination = forms.ChoiceField(
        label="いる人全員の行き先",
        required=False,
        choices=[("", "選んでください"), *rules.DESTINATIONS.items()],
        help_text="全員が同じ避難所へ移ったときは、下で選んでください。",
    )
    move_to = forms.ChoiceField(label="全員の移動先の避難所", required=False)

    def __init__(self, *args: Any, shelters: list[Shelter], people: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["move_to"].choices = shelter_choices(shelters)  # type: ignore[attr-defined]
        if not people:
            del self.fields["destination"], self.fields["move_to"]


class HeadCountForm(JapaneseForm):
    people = forms.IntegerField(label="避難所内の人数", min_value=0, max_value=100_000)
    households = forms.IntegerField(label="世帯数", min_value=0, max_value=100_000, required=False)
    outside = forms.IntegerField(
        label="避難所外の人数", min_value=0, max_value=100_000, required=False, help_text="車中泊・テント・在宅。"
    )
    observed_at = moment_field("確かめた日時")
    named_otherwise: ClassVar = {"occurred_at": "observed_at"}


class StayFields(JapaneseForm):
    how = forms.ChoiceField(
        label="避難形態", choices=list(rules.HOW.items()), initial="inside", widget=forms.RadioSelect
    )
    occurred_at = moment_field("到着した日時")


class CheckInForm(StayFields):
    """Which members of a household have arrived, and where."""

    persons = forms.MultipleChoiceField(
        label="到着した人", widget=forms.CheckboxSelectMultiple, help_text="Space で選び、Enter で次へ進みます。"
    )
    opening = forms.ChoiceField(label="避難所")
    field_order = ["persons", "opening", "how", "occurred_at"]

    def __init__(self, *args: Any, members: list[tuple[str, str]], shelters: list[Shelter], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["persons"].choices = members  # type: ignore[attr-defined]
        self.fields["opening"].choices = shelter_choices(shelters)  # type: ignore[attr-defined]


class DetailsForm(JapaneseForm):
    """Somebody from elsewhere, or unknown: only the name is needed."""

    name = forms.CharField(label="氏名", max_length=200, help_text="分からないときは「70代くらいの男性」のように。")
    kana = forms.CharField(label="氏名カナ", max_length=300, required=False)
    birth = BirthField(help_text="例：3 45 1 2、S45.1.2、1970-01-02")
    sex = forms.ChoiceField(label="性別", choices=[("", "不明"), *rules.SEXES.items()], required=False)
    origin = forms.CharField(
        label="避難前の市町村", max_length=60, required=False, help_text="市内の人は空欄でかまいません。"
    )
    address = forms.CharField(label="住所", max_length=300, required=False)
    telephone = forms.CharField(label="電話番号", max_length=40, required=False)

    def details(self) -> dict[str, str]:
        return {key: self.cleaned_data[key] for key in DetailsForm.base_fields}


class NewPersonForm(DetailsForm, StayFields, NeedsForm):
    """The same on arrival, on one screen: where, what they need, the three questions of consent, and that nobody be told."""

    spot = forms.CharField(
        label="場所", max_length=60, required=False, help_text="例：体育館 A-3、校庭 西、自宅の納屋。"
    )
    plate = forms.CharField(label="車のナンバー", max_length=20, required=False, help_text="分かれば。")
    secret = forms.BooleanField(
        label="秘匿希望（消）：居場所をだれにも知らせない", required=False, help_text="本人の申し出だけで受け付けます。"
    )

    consents = forms.MultipleChoiceField(
        label="本人が同意したこと",
        choices=list(rules.CONSENTS.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="一つずつ尋ねてください。選ばないものは「いいえ」です。",
    )
    field_order = [
        *DetailsForm.base_fields,
        "how",
        "spot",
        "plate",
        *NeedsForm.base_fields,
        "consents",
        "secret",
        "occurred_at",
    ]

    def where(self) -> dict[str, str]:
        return {key: self.cleaned_data[key].strip() for key in ("spot", "plate")}

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields as the one screen shows them."""
        return [
            ("だれが", [self[name] for name in DetailsForm.base_fields]),
            ("どこに", [self[name] for name in ("how", "spot", "plate", "occurred_at")]),
            ("配慮すること", [self[name] for name in NeedsForm.base_fields]),
            ("知らせてよいか", [self["consents"], self["secret"]]),
        ]


class ConsentForm(JapaneseForm):
    """One question an item: not asked yet, yes, or no."""

    def __init__(self, *args: Any, said: dict[str, bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for item, label in rules.CONSENTS.items():
            answer = said.get(item)
            self.fields[item] = forms.ChoiceField(
                label=label,
                choices=[("yes", "はい"), ("no", "いいえ")],
                widget=forms.RadioSelect,
                required=False,
                initial="" if answer is None else "yes" if answer else "no",
                help_text="まだ尋ねていません（「いいえ」として扱います）。" if answer is None else "",
            )

    def answers(self) -> dict[str, bool]:
        return {item: value == "yes" for item, value in self.cleaned_data.items() if value}


class NoteForm(JapaneseForm):
    text = forms.CharField(label="覚え書き", max_length=1000, widget=forms.Textarea(attrs={"rows": 2}))


class VoidForm(JapaneseForm):
    reason = forms.CharField(label="取り消す理由", max_length=200, required=False, help_text="例：人違い、二重に受付")


class CorrectForm(JapaneseForm):
    occurred_at = forms.DateTimeField(
        label="正しい日時",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    destination = forms.ChoiceField(label="正しい行き先", choices=list(rules.DESTINATIONS.items()))

    def __init__(self, *args: Any, left: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not left:
            del self.fields["destination"]
