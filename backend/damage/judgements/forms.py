"""Forms of judgements."""

from __future__ import annotations

from django import forms

from backend.core.forms import DayField, JapaneseForm


class MakeForm(JapaneseForm):
    effective_on = DayField(label="判定日", max_length=20, required=False, help_text="空なら今日")
    reason = forms.CharField(
        label="理由・特記",
        max_length=300,
        required=False,
        help_text="空なら、調査の回・日・方法と、割合か深さが理由として残ります",
    )


class RejectForm(JapaneseForm):
    reason = forms.CharField(label="差戻しの理由", max_length=300)


class AreaForm(JapaneseForm):
    name = forms.CharField(label="区域の名前", max_length=100, help_text="例：港町の県道より海側")
    external_force = forms.ChoiceField(
        label="判定する家屋の外力による損傷",
        choices=[("", "選んでください"), ("yes", "あり"), ("no", "なし")],
        help_text="四隅の家屋からは写しません。判定する家屋を一棟ずつ確かめて選びます。違う家屋には、下で印を付けます。",
        error_messages={"required": "一棟ずつ確かめて選んでください。"},
    )
    note = forms.CharField(
        label="覚え書き", max_length=300, required=False, help_text="区域の境、水の深さが分かる資料など"
    )

    def clean_external_force(self) -> bool:
        return self.cleaned_data["external_force"] == "yes"
