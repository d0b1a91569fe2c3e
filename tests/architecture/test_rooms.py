"""The furniture of a room: what each file is for, and what it may not do."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from .house import BACKEND, ROOMS, ROOT, sources

READERS = ("views", "queries", "api", "forms")
WRITES = {"create", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update", "delete"}
QUERY = {"objects", "all", "filter", "exclude", "using", "select_for_update", "order_by", "values", "get"}
WRITING_SQL = ("INSERT ", "UPDATE ", "DELETE ", "COPY ", "TRUNCATE ", "DROP ")
# A form or a picture is saved by whoever holds it; a record only by a service.
NOT_A_RECORD = {"image", "picture", "workbook", "book", "session", "self"}
# Addresses that ask for no right: the front door, and what everyone who signed in may see.
OPEN = {
    "accounts:login",
    "accounts:logout",
    "accounts:password",
    "accounts:reason",
    "desk:home",
    "gallery",
    "schema",
    "healthz",
    "readyz",
}
OUTSIDE = "backend.gateway"


def chain(node: ast.AST) -> list[str]:
    """The names of `A.objects.filter(…).update`: ["A", "objects", "filter", "update"]."""
    names: list[str] = []
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return [*names, getattr(node, "id", "")][::-1]


def writes(tree: ast.Module) -> list[str]:
    """What this source does to the database, as "line: call"."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if node.value.lstrip().upper().startswith(WRITING_SQL) and " " in node.value.strip():
                found.append(f"{node.lineno}: {node.value.split()[0]}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            *holders, verb = chain(node.func)
            record = verb in WRITES and QUERY & set(holders[1:])
            saved = verb in {"save", "asave"} and holders[-1] not in NOT_A_RECORD
            if record or saved:
                found.append(f"{node.lineno}: {'.'.join(holders)}.{verb}")
    return found


def is_reader(name: str) -> bool:
    """views.py, and also roster_views.py or views/roster.py."""
    return any(part in READERS for part in name.removesuffix(".py").replace("/", "_").split("_"))


def addresses(patterns, prefix="", namespace=""):
    for pattern in patterns:
        name = namespace
        if isinstance(pattern, URLResolver):
            name = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from addresses(pattern.url_patterns, prefix + str(pattern.pattern), name)
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), f"{name}{pattern.name or ''}", pattern.callback


def right_of(view) -> object:
    """The right that a page (`@needs`) or an API view (`right`, `rights`) names."""
    holder = getattr(view, "cls", None) or getattr(view, "view_class", None) or view
    return getattr(view, "right", None) or getattr(holder, "right", None) or getattr(holder, "rights", None)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_says_in_about_five_lines_what_it_is(room):
    lines = [line for line in (room / "README.md").read_text(encoding="utf-8").splitlines() if line.strip()]
    assert 4 <= len(lines) <= 12, f"{room.name}/README.md has {len(lines)} lines"


def test_every_address_inside_asks_for_a_right():
    bare = [
        address
        for address, name, view in addresses(get_resolver().url_patterns)
        if name not in OPEN
        and not address.startswith("admin/")
        and not view.__module__.startswith(OUTSIDE)
        and not right_of(view)
    ]
    assert bare == []


def test_every_right_that_is_asked_for_exists():
    from backend.accounts.permissions import RIGHTS

    asked = [right_of(view) for _, _, view in addresses(get_resolver().url_patterns)]
    names = {name for right in asked if right for name in (right.values() if isinstance(right, dict) else [right])}
    assert names - set(RIGHTS) == set()


def test_only_services_write():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path, tree in sources()
        if is_reader(str(path.relative_to(BACKEND).relative_to(path.relative_to(BACKEND).parts[0])))
        for line in writes(tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "Household.objects.create(name=1)",
        "Household.objects.filter(a=1).update(b=2)",
        "disaster.persons.all().delete()",
        "household.save()",
        "cursor.execute('UPDATE ledger_household SET number = 1')",
    ],
)
def test_a_write_would_be_noticed(code):
    assert writes(ast.parse(code))


@pytest.mark.parametrize("code", ["context.update(a=1)", "image.save(out)", "digest.update(b'')", "say('Update')"])
def test_what_only_sounds_like_a_write_is_left_alone(code):
    assert not writes(ast.parse(code))


def test_rules_run_without_django():
    """Import every rules.py in a process where Django and DRF cannot be imported."""
    rules = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(BACKEND.rglob("rules.py"))]
    assert "backend.ledger.matching.rules" in rules
    code = "import sys, importlib\nfor name in ('django', 'rest_framework', 'environ'): sys.modules[name] = None\n"
    code += "".join(f"importlib.import_module({name!r})\n" for name in rules)
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_no_room_has_a_folder_without_being_installed():
    from django.conf import settings

    assert {f"backend.{room.name}" for room in ROOMS} == {*settings.OUTER_ROOMS, *settings.INNER_ROOMS}


def test_what_is_private_stays_in_its_module():
    """A name that begins with an underscore is nobody else's: neither imported nor reached for."""
    found = []
    for path in [*BACKEND.rglob("*.py"), *(ROOT / "offline_client").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (
                node.level or (node.module or "").startswith(("backend", "offline_client"))
            ):
                found += [f"{path}:{node.lineno} {name.name}" for name in node.names if name.name.startswith("_")]
    assert found == []
