"""What a call or a visit brought, as every desk asks for it."""

from __future__ import annotations

from django import forms

from backend.core.forms import DayField, JapaneseForm

from ..forms import moment_field
from . import rules


class WhereForm(JapaneseForm):
    """Where somebody is, and who said so."""

    status = forms.ChoiceField(
        label="いまの居場所", choices=[("", "まだ分からない（記録しない）"), *rules.STATUSES.items()], required=False
    )
    place = forms.CharField(
        label="場所の詳しいこと",
        max_length=200,
        required=False,
        help_text="例：道の駅の駐車場、輪島市の長女宅、市立病院",
    )
    plate = forms.CharField(label="車のナンバー", max_length=20, required=False, help_text="車中泊のとき。")
    told_by = forms.CharField(
        label="だれから聞いたか", max_length=60, required=False, help_text="例：本人、隣の方、区長"
    )
    occurred_at = moment_field("聞いた日時")


class ToldForm(WhereForm):
    """The same with the call or the visit itself."""

    occurred_at = moment_field("日時")
    how = forms.ChoiceField(label="連絡のしかた", choices=[("", "選んでください"), *rules.HOW.items()], required=False)
    result = forms.ChoiceField(label="結果", choices=[("", "選んでください"), *rules.RESULTS.items()], required=False)
    next_by = forms.CharField(
        label="次に聞く人", max_length=60, required=False, help_text="分からなかったとき。例：西町の民生委員"
    )
    next_on = DayField(label="次に聞く日", required=False, max_length=20)
    note = forms.CharField(label="覚え書き", max_length=300, required=False)
    field_order = ("status", "place", "plate", "told_by", "how", "result", "occurred_at", "next_by", "next_on", "note")
