"""What a call or a visit brought of several of one household."""

from __future__ import annotations

from typing import Any

from django import forms

from backend.ledger.models import Person

from ..telling.forms import ToldForm


class SayForm(ToldForm):
    persons = forms.MultipleChoiceField(
        label="だれについて",
        widget=forms.CheckboxSelectMultiple,
        help_text="同じ世帯の、まだ分からない方も一緒に記録できます。",
    )
    field_order = ("persons", *ToldForm.field_order)

    def __init__(self, *args: Any, people: list[Person], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["persons"].choices = [(str(p.pk), f"{p.name}　{p.relationship}") for p in people]  # type: ignore[attr-defined]
        self.fields["persons"].initial = [str(p.pk) for p in people[:1]]
