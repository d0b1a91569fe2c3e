"""Running a command of the house as a script would: its exit code and its JSON."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

from django.core.management import call_command


def tasuki(*arguments: Any) -> tuple[int, dict[str, Any]]:
    out = StringIO()
    code = 0
    try:
        call_command(*map(str, arguments), "--json", stdout=out, stderr=StringIO())
    except SystemExit as stop:
        code = int(stop.code or 0)
    return code, json.loads(out.getvalue())


def take_full(path: Any, as_of: str = "2026-11-07", *more: Any) -> tuple[int, dict[str, Any]]:
    return tasuki("import_register", path, "--kind", "full", "--as-of", as_of, *more)


def take_changes(*paths_and_more: Any) -> tuple[int, dict[str, Any]]:
    return tasuki("import_register", *paths_and_more, "--kind", "change")
