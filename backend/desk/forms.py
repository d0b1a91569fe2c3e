"""What is typed at the desk."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.forms import BirthField, JapaneseForm
from backend.ledger.facts import Kind


class SearchForm(JapaneseForm):
    """Kana and birth date first, as clerks know them from the resident system; then one box for everything else."""

    kana = forms.CharField(label="かな", required=False, max_length=100, help_text="ひらがなでも半角カナでも")
    birth = forms.CharField(
        label="生年月日", required=False, max_length=30, help_text="3 45 1 2（昭和45年1月2日）、S45.1.2、19700102"
    )
    text = forms.CharField(
        label="氏名・住所・番号・QR",
        required=False,
        max_length=200,
        help_text="空白で区切ると、すべてに合う方を探します",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.update({"class": "input", "autocomplete": "off", "spellcheck": "false"})
            if name == "kana":
                field.widget.attrs["autofocus"] = True
            if name == "text":
                field.widget.attrs["data-scanner"] = "text"


class FactForm(JapaneseForm):
    """One fact entered by hand on the household page; empty takes it back."""

    text = forms.CharField(required=False, max_length=300)

    def __init__(self, data: Any = None, *, kind: Kind, **kwargs: Any) -> None:
        super().__init__(data, auto_id=f"fact-{kind.name}-%s", **kwargs)
        self.kind = kind
        self.fields["text"].label = kind.label
        self.fields["text"].widget.attrs.update({"class": "input", "autocomplete": "off"})


class LiftForm(JapaneseForm):
    reason = forms.CharField(label="解除の理由", max_length=200)


class HouseholdForm(JapaneseForm):
    """A household on its own word: the head, and up to seven others, a line each."""

    kind = forms.ChoiceField(
        label="区分", choices=[("outside", "他市町村から来た世帯"), ("unknown", "住民記録でまだ確認できない世帯")]
    )
    address = forms.CharField(label="住所", required=False, max_length=300)


class MemberForm(JapaneseForm):
    """One person; a line that was left empty is nobody, one without a name is asked about."""

    name = forms.CharField(label="氏名", max_length=200)
    kana = forms.CharField(label="かな", required=False, max_length=300)
    birth = BirthField()
    sex = forms.ChoiceField(label="性別", required=False, choices=[("", "－"), ("1", "男"), ("2", "女")])
    relationship = forms.CharField(label="続柄", required=False, max_length=40)


# The first line is the head and must be filled in.
Members = forms.formset_factory(MemberForm, min_num=1, extra=3, max_num=8, absolute_max=8)
