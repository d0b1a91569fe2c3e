"""What somebody needs, on one screen: ticks first, words where there are any. Everything may stay empty."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.core.forms import JapaneseForm

from . import rules


class NeedsForm(JapaneseForm):
    needs = forms.MultipleChoiceField(
        label="配慮が必要なこと",
        choices=list(rules.TICKED.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    allergens = forms.MultipleChoiceField(
        label="アレルギー",
        choices=[(name, name) for name in rules.ALLERGENS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    allergy_other = forms.CharField(label="ほかのアレルギー", max_length=100, required=False)
    language = forms.CharField(label="使用言語（日本語でないとき）", max_length=60, required=False)
    pet = forms.CharField(label="ペット", max_length=100, required=False, help_text="例：犬1、猫2")
    other = forms.CharField(
        label="ほかに配慮すること",
        max_length=rules.LONGEST,
        required=False,
        help_text="薬の名前、医療機器、介助のしかたなど。",
    )

    def stated(self) -> list[tuple[str, str]]:
        """What was said, as `services.state` takes it."""
        data: dict[str, Any] = self.cleaned_data
        said = [(need, "") for need in data["needs"]]
        said.append(("allergy", rules.allergy_text(data["allergens"], data["allergy_other"])))
        said += [(name, data[name].strip()) for name in ("language", "pet", "other")]
        return [(need, text) for need, text in said if text or need in rules.TICKED]
