"""The list as a file, and the plans of its people."""

from __future__ import annotations

from django import forms

from backend.core.forms import JapaneseForm


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
