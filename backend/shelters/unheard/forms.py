"""What a call or a visit brought."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.forms import DayField, JapaneseForm
from backend.ledger.models import Person

from ..forms import moment_field
from . import rules


class SayForm(JapaneseForm):
    persons = forms.MultipleChoiceField(
        label="だれについて",
        widget=forms.CheckboxSelectMultiple,
        help_text="同じ世帯の、まだ分からない方も一緒に記録できます。",
    )
    status = forms.ChoiceField(
        label="いまの居場所", choices=[("", "まだ分からない（記録しない）"), *rules.STATUSES.items()], required=False
    )
    place = forms.CharField(
        label="場所の詳しいこと", max_length=200, required=False, help_text="例：輪島市の長女宅、市立病院"
    )
    plate = forms.CharField(label="車のナンバー", max_length=20, required=False, help_text="車中泊のとき。")
    told_by = forms.CharField(
        label="だれから聞いたか", max_length=60, required=False, help_text="例：本人、隣の方、区長"
    )
    how = forms.ChoiceField(label="連絡のしかた", choices=[("", "選んでください"), *rules.HOW.items()], required=False)
    result = forms.ChoiceField(label="結果", choices=[("", "選んでください"), *rules.RESULTS.items()], required=False)
    occurred_at = moment_field("日時")
    next_by = forms.CharField(
        label="次に聞く人", max_length=60, required=False, help_text="分からなかったとき。例：西町の民生委員"
    )
    next_on = DayField(label="次に聞く日", required=False, max_length=20)
    note = forms.CharField(label="覚え書き", max_length=300, required=False)

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["persons"].choices = [(str(p.pk), f"{p.name}　{p.relationship}") for p in people]  # type: ignore[attr-defined]
        self.fields["persons"].initial = [str(p.pk) for p in people[:1]]
