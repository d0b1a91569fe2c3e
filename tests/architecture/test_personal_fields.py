"""Every column of ours is personal, internal or publishable, as docs/personal-data.md says; a new one must be too."""

from __future__ import annotations

from itertools import combinations

from django.apps import apps

from .house import ROOMS, table

DOCUMENT = "docs/personal-data.md"
CLASSES = ("personal", "internal", "publishable")
ROOM_NAMES = {room.name for room in ROOMS}


def classified() -> dict[str, dict[str, set[str]]]:
    """`room.Model` → class → names of fields."""
    rows = table(DOCUMENT, "Fields")
    return {
        row[0].strip("`"): {
            kind: set(cell.replace(",", " ").split()) for kind, cell in zip(CLASSES, row[1:], strict=True)
        }
        for row in rows
    }


def actual() -> dict[str, set[str]]:
    return {
        f"{model._meta.app_label}.{model.__name__}": {field.name for field in model._meta.local_concrete_fields}
        | {field.name for field in model._meta.local_many_to_many}
        for model in apps.get_models()
        if model._meta.app_label in ROOM_NAMES
    }


def row(model: str, kinds: dict[str, set[str]], missing: set[str]) -> str:
    """The row of a model with what is missing put down as personal, ready to be pasted and thought about."""
    cells = [", ".join(sorted(kinds.get(kind, set()) | (missing if kind == "personal" else set()))) for kind in CLASSES]
    return f"| `{model}` | " + " | ".join(cells) + " |"


def test_every_field_has_a_class():
    known = classified()
    unknown = [
        row(model, known.get(model, {}), missing)
        for model, fields in sorted(actual().items())
        if (missing := fields - set().union(*known.get(model, {}).values()))
    ]
    assert unknown == [], f"decide, and put into {DOCUMENT}:\n" + "\n".join(unknown)


def test_no_field_has_two_classes():
    twice = [
        f"{model}: {', '.join(sorted(both))}"
        for model, kinds in classified().items()
        for one, other in combinations(CLASSES, 2)
        if (both := kinds[one] & kinds[other])
    ]
    assert twice == []


def test_no_class_is_left_of_a_field_that_is_gone():
    here = actual()
    gone = {
        f"{model}.{name}"
        for model, kinds in classified().items()
        for names in kinds.values()
        for name in names
        if name not in here.get(model, set())
    }
    assert gone == set(), f"see {DOCUMENT}"
    assert set(classified()) <= set(here)


def test_what_goes_outside_or_is_published_holds_nothing_personal():
    leaving = {model: kinds["personal"] for model, kinds in classified().items() if model.split(".")[0] == "gateway"}
    assert {model: names for model, names in leaving.items() if names} == {}
