from django import forms


class TokenForm(forms.Form):
    token = forms.CharField(
        label="確認番号",
        max_length=80,
        help_text="証明書の二次元コードの横に印刷されている28文字です。「-」はあってもなくても構いません。",
        widget=forms.TextInput(
            attrs={"class": "input code", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )

    def clean_token(self) -> str:
        return self.cleaned_data["token"].replace("/", "").strip("　 .") or "-"
