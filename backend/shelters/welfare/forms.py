"""Forms of the queue for welfare shelters."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.forms import JapaneseForm

from ..forms import moment_field
from ..help_first import rules as help_rules
from .queries import Room


class AskForm(JapaneseForm):
    needs = forms.CharField(
        label="必要なこと",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="例：車いす、夜間の見守り、おむつ交換、静かな部屋",
    )
    devices = forms.MultipleChoiceField(
        label="命をつなぐ機器・処置",
        choices=[(key, label) for key, (label, _) in help_rules.DEVICES.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="選ぶと、先に探します。",
    )
    companions = forms.IntegerField(label="付き添いの人数", min_value=0, max_value=20, required=False, initial=0)
    contact = forms.CharField(label="連絡先", max_length=100, required=False, help_text="家族や避難所の担当の電話番号")
    occurred_at = moment_field("頼んだ日時")

    def clean_companions(self) -> int:
        return self.cleaned_data["companions"] or 0


class AnswerForm(JapaneseForm):
    facility = forms.ChoiceField(label="福祉避難所")
    answer = forms.ChoiceField(
        label="答え", choices=[("accept", "受け入れる"), ("refuse", "断り")], widget=forms.RadioSelect
    )
    reason = forms.CharField(label="断られた理由・受入れの条件", max_length=200, required=False)
    told_by = forms.CharField(label="答えた人", max_length=60, required=False)
    over = forms.BooleanField(label="空きが足りない・分からないことを相手に伝え、受け入れると確かめた", required=False)
    occurred_at = moment_field("答えの日時")

    def __init__(self, *args: Any, rooms: list[Room], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(r.facility.pk), f"{r.facility.name}（空き {_free(r)}）") for r in rooms]
        self.fields["facility"].choices = [("", "選んでください"), *choices]  # type: ignore[attr-defined]


def _free(room: Room) -> str:
    return "まだ聞いていません" if room.free is None else f"{room.free}人"


class TransportForm(JapaneseForm):
    carrier = forms.CharField(label="だれが移送するか", max_length=100, help_text="例：消防団、福祉タクシー、家族")
    leaves_at = moment_field("出発の予定", "")
    note = forms.CharField(
        label="覚え書き", max_length=200, required=False, help_text="例：ストレッチャー、酸素ボンベを積む"
    )
    occurred_at = moment_field("手配した日時")


class ArriveForm(JapaneseForm):
    occurred_at = moment_field("到着した日時")


class ReasonForm(JapaneseForm):
    reason = forms.CharField(label="理由", max_length=200, required=False)
    occurred_at = moment_field()


class PlacesForm(JapaneseForm):
    places = forms.IntegerField(
        label="受け入れられる人数（いま居る人を含む）",
        min_value=0,
        max_value=10_000,
        help_text="付き添いの人も数えます。",
    )
    told_by = forms.CharField(label="だれから聞いたか", max_length=60, required=False)
    note = forms.CharField(
        label="できること・できないこと", max_length=200, required=False, help_text="例：酸素は可、夜間の看護師なし"
    )
    occurred_at = moment_field("聞いた日時")
