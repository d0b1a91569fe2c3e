from django import forms


class CodeForm(forms.Form):
    """The code from the sealed envelope."""

    code = forms.CharField(
        label="封筒の文字", max_length=40, help_text="4組の5文字です。ハイフンや小文字はどちらでもかまいません"
    )
