"""One word for one thing: screens, messages and manuals use the words of docs/glossary.md."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from .house import ROOT, sources, table, texts

TERMS = table("docs/glossary.md", "Terms")
FORBIDDEN = {row[0]: row[1] for row in table("docs/glossary.md", "Words not to be used")}


def messages(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every text of a source but docstrings: those are for developers and may name what is not to be said."""
    notes = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in notes:
            yield node.lineno, node.value


def wrong_words(text: str) -> list[str]:
    return [f"{word} → {better}" for word, better in FORBIDDEN.items() if word in text]


def resolve(name: str) -> object:
    """`room`, `room.Model`, `room.Model.field` or `room.[subject.]module.name`: the thing itself, or an error that names it."""
    if "." not in name:
        return importlib.import_module(f"backend.{name}")
    room, thing, *rest = name.split(".")
    try:
        model = apps.get_model(room, thing)
    except LookupError:
        module = importlib.import_module(".".join(["backend", room, thing, *rest[:-1]]))
        return getattr(module, rest[-1]) if rest else module
    try:
        return model._meta.get_field(rest[0]) if rest else model
    except FieldDoesNotExist:
        return getattr(model, rest[0])


def test_templates_use_the_right_words():
    found = [f"{path}: {word}" for path, text in texts(".html", ".txt", ".js", ".typ") for word in wrong_words(text)]
    assert found == []


def test_manuals_use_the_right_words():
    read = ("docs/user/", "README.ja.md")
    found = [f"{path}: {w}" for path, text in texts(".md") if path.startswith(read) for w in wrong_words(text)]
    assert found == []


def test_messages_use_the_right_words():
    found = [
        f"{path.relative_to(ROOT)}:{line}: {word}"
        for path, tree in sources()
        for line, text in messages(tree)
        for word in wrong_words(text)
    ]
    assert found == []


@pytest.mark.parametrize("name", [name for row in TERMS for name in re.findall(r"`([^`]+)`", row[3])])
def test_a_name_in_code_exists(name):
    assert resolve(name) is not None


def test_every_term_is_complete():
    assert TERMS
    assert [row[0] for row in TERMS if len(row) != 5 or not all(row[n] for n in (0, 1, 4))] == []


def test_a_wrong_word_says_which_one_to_use():
    assert wrong_words("要援護者の一覧") == ["要援護者 → 要配慮者"]
    assert list(messages(ast.parse('"""り災世帯"""\nx = "り災世帯です"'))) == [(2, "り災世帯です")]
