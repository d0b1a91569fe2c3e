"""The list as a file, and what asking after somebody brought."""

from __future__ import annotations

from django import forms

from backend.core.forms import DayField, JapaneseForm

from ..forms import moment_field
from ..unheard import rules as telling


class UploadForm(JapaneseForm):
    file = forms.FileField(
        label="避難行動要支援者名簿（CSV）",
        help_text="UTF-8 か Shift_JIS。氏名と住所の列が必要です。個人番号の列は取り込みません。",
    )
    columns = forms.CharField(
        label="列の対応",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="見出しが違うときだけ、一行に一つずつ「こちらの項目=ファイルの見出し」と書きます。例：避難支援等実施者=見守り担当",
    )

    def clean_columns(self) -> dict[str, str]:
        found = {}
        for line in self.cleaned_data["columns"].splitlines():
            if not line.strip():
                continue
            ours, sign, theirs = line.replace("＝", "=").partition("=")
            if not sign or not theirs.strip():
                raise forms.ValidationError(f"「こちらの項目=ファイルの見出し」の形で書いてください（{line.strip()}）")
            found[ours.strip()] = theirs.strip()
        return found


class PlansForm(UploadForm):
    """Plans of people of the list, with the same way to name columns."""

    file = forms.FileField(
        label="個別避難計画（CSV）",
        help_text="UTF-8 か Shift_JIS。一行に一人。宛名番号か氏名の列が必要です。個人番号の列は取り込みません。",
    )


class AnswerForm(JapaneseForm):
    status = forms.ChoiceField(
        label="いまの居場所", choices=[("", "まだ分からない（記録しない）"), *telling.STATUSES.items()], required=False
    )
    place = forms.CharField(label="場所の詳しいこと", max_length=200, required=False)
    plate = forms.CharField(label="車のナンバー", max_length=20, required=False)
    told_by = forms.CharField(label="だれから聞いたか", max_length=60, required=False)
    how = forms.ChoiceField(
        label="連絡のしかた", choices=[("", "選んでください"), *telling.HOW.items()], required=False
    )
    result = forms.ChoiceField(label="結果", choices=[("", "選んでください"), *telling.RESULTS.items()], required=False)
    occurred_at = moment_field("日時")
    next_by = forms.CharField(label="次に聞く人", max_length=60, required=False)
    next_on = DayField(label="次に聞く日", required=False, max_length=20)
    note = forms.CharField(label="覚え書き", max_length=300, required=False)
