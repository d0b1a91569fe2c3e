from __future__ import annotations

from django import forms

from backend.core.forms import JapaneseForm


class AskForm(JapaneseForm):
    image = forms.FileField(
        label="公印の画像",
        help_text="PNG、500kBまで。周りを透明か白にした正方形の画像。横24mmで印字します。600dpi（567画素）より細かいもの、重いものは縮めます。",
    )
    note = forms.CharField(label="説明", max_length=100, help_text="例：市長印（災害用）、使用の決裁の番号")


class EndForm(JapaneseForm):
    reason = forms.CharField(label="理由", max_length=200)
