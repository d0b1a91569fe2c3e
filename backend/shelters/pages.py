"""What the views of this room share: the way to a page, trying an act, the shelter one works at."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.urls import reverse

from backend.core.errors import Refused
from backend.core.forms import JapaneseForm
from backend.facilities.queries import Shelter
from backend.facilities.queries import shelter_or_404 as shelter_or_404

SESSION_KEY = "shelter"


def crumbs(*way: tuple[str, str]) -> list[dict[str, str]]:
    return [{"label": "避難所", "url": reverse("shelters:index")}, *({"label": t, "url": u} for t, u in way)]


def shelter_crumbs(shelter: Shelter, here: str) -> list[dict[str, str]]:
    return crumbs((shelter.name, reverse("shelters:shelter", args=[shelter.opening])), (here, ""))


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: also an empty POST is one."""
    return request.POST if request.method == "POST" else None


def attempt(form: JapaneseForm, act: Callable[[], Any]) -> Any:
    """Do an act; what it refuses is said in the form (then None). Who may not, and what is not there, is a page of its own."""
    try:
        return act()
    except Refused as refusal:
        if refusal.status in (403, 404):
            raise
        named = {
            here: text
            for field, text in refusal.fields.items()
            if (here := form.named_otherwise.get(field, field)) in form.fields
        }
        for field, text in named.items():
            form.add_error(field, text)
        form.add_error(None, refusal.message)
        return None


def chosen_shelter(request: HttpRequest) -> str:
    """The shelter whose page this person had open last: they check in there until they open another's."""
    return request.session.get(SESSION_KEY, "")


def uuid_or_none(text: str) -> UUID | None:
    """The id that a form sent; None for anything else."""
    try:
        return UUID(text)
    except ValueError:
        return None
