"""What a room offers to others in its AppConfig, as the dotted path of a function, is there, and is said once.

Read from the sources, because the laptop's rooms can't be imported beside the server's.
"""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest

from .house import BACKEND, ROOT

CONFIGS = sorted([*BACKEND.glob("*/apps.py"), ROOT / "offline_client" / "apps.py"])
HOOK = re.compile(r"(backend|offline_client)(\.\w+){2,}")


def config(source: str) -> ast.ClassDef:
    return next(node for node in ast.parse(source).body if isinstance(node, ast.ClassDef))


def assigned_twice(source: str) -> list[str]:
    lines = (line for line in config(source).body if isinstance(line, ast.Assign))
    names = Counter(target.id for line in lines for target in line.targets if isinstance(target, ast.Name))
    return [name for name, times in names.items() if times > 1]


def hooks(source: str) -> list[str]:
    words = (node.value for node in ast.walk(config(source)) if isinstance(node, ast.Constant))
    return [word for word in words if isinstance(word, str) and HOOK.fullmatch(word)]


def is_there(hook: str) -> bool:
    """Whether the module of this path gives that name: defined there, or brought in from elsewhere."""
    module, _, name = hook.rpartition(".")
    place = ROOT.joinpath(*module.split("."))
    file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
    if not file.is_file():
        return False
    given: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            given.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            given |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            given |= {ast.unparse(target) for target in getattr(node, "targets", None) or [node.target]}
    return name in given


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.parent.name)
def test_a_room_says_once_what_it_offers_and_has_it(path):
    source = path.read_text(encoding="utf-8")
    assert assigned_twice(source) == []
    assert [hook for hook in hooks(source) if not is_there(hook)] == []


def test_hooks_are_found():
    assert "backend.shelters.entries.KINDS" in hooks((BACKEND / "shelters" / "apps.py").read_text(encoding="utf-8"))


def test_a_second_line_and_a_path_to_nothing_would_be_noticed():
    source = 'class A:\n    asks = "backend.core.x.one"\n    asks = {"give": "backend.core.clock.now"}\n'
    assert assigned_twice(source) == ["asks"]
    assert hooks(source) == ["backend.core.x.one", "backend.core.clock.now"]
    assert [is_there(hook) for hook in [*hooks(source), "backend.core.clock.nothing"]] == [False, True, False]
