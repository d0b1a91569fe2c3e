from django import forms

from backend.core.forms import JapaneseForm


class TownsForm(JapaneseForm):
    file = forms.FileField(
        label="町字のファイル",
        help_text="CSV。アドレス・ベース・レジストリの町字マスター、または「市区町村名」「町字名」の列があるもの。",
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"empty": "ファイルが空です。", "required": "ファイルを選んでください。"},
    )
