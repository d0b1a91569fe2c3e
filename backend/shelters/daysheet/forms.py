"""The day's sheet as a form, made from the questions of `rules`; and the day that is asked for."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest

from backend.core.clock import today
from backend.core.forms import JapaneseForm

from . import rules

MOST = 100_000


FIRST_YEAR = 1900


def asked_day(request: HttpRequest) -> date:
    """The day in the address; today for anything that is none of ours, or that has not come."""
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        return today()
    return min(day, today()) if day.year >= FIRST_YEAR else today()


def _field(item: rules.Item) -> forms.Field:
    if item.choices:
        return forms.ChoiceField(label=item.label, choices=[("", "—"), *item.choices.items()], required=False)
    if item.unit:
        widget = forms.NumberInput(attrs={"inputmode": "numeric"})
        label = item.label if item.unit in item.label else f"{item.label}（{item.unit}）"
        return forms.IntegerField(label=label, min_value=0, max_value=MOST, required=False, widget=widget)
    rows = forms.Textarea(attrs={"rows": 3}) if item.longest >= rules.LONGEST else forms.TextInput()
    return forms.CharField(label=item.label, max_length=item.longest, required=False, widget=rows)


class DaySheetForm(JapaneseForm):
    """Every question of the sheet; all may stay empty. `seen`: the sheet that stood when the page was opened."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, item in rules.ITEMS.items():
            self.fields[key] = _field(item)

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        return [(title, [self[item.key] for item in items]) for title, items in rules.GROUPS.items()]

    def answers(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in rules.ITEMS if self.cleaned_data[key] not in (None, "")}
