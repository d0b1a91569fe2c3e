"""What a benchmark says: figures, limits, and where it was measured. Kept as docs/measured/NAME.json and shown there."""

from __future__ import annotations

import json
import os
import platform
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import django

from .place import ROOT, Place

MEASURED = ROOT / "docs" / "measured"
TOKYO = ZoneInfo("Asia/Tokyo")


@dataclass
class Limit:
    """What must hold: `value` is at most (or, with `at_least`, at least) `bound`. `what` says it in words."""

    what: str
    value: float
    bound: float
    unit: str = ""
    at_least: bool = False

    @property
    def holds(self) -> bool:
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    def as_json(self) -> dict[str, Any]:
        side = "at_least" if self.at_least else "at_most"
        return {
            "what": self.what,
            "value": round(self.value, 3),
            side: self.bound,
            "unit": self.unit,
            "holds": self.holds,
        }


@dataclass
class Table:
    """Rows for a reader: the first cell is what was measured."""

    columns: list[str]
    rows: list[list[Any]]

    def as_text(self) -> str:
        cells = [self.columns, *([_said(cell) for cell in row] for row in self.rows)]
        widths = [max(_width(row[i]) for row in cells) for i in range(len(self.columns))]
        lines = []
        for row in cells:
            padded = [
                text + " " * (widths[i] - _width(text)) if i == 0 else " " * (widths[i] - _width(text)) + text
                for i, text in enumerate(row)
            ]
            lines.append("  " + "  ".join(padded).rstrip())
        return "\n".join([lines[0], "  " + "-" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]])

    def as_markdown(self) -> str:
        head = f"| {' | '.join(self.columns)} |\n|{' --- |' + ' ---: |' * (len(self.columns) - 1)}"
        return "\n".join([head, *(f"| {' | '.join(_said(cell) for cell in row)} |" for row in self.rows)])


@dataclass
class Report:
    """One benchmark of one run."""

    name: str
    title: str
    about: str
    figures: dict[str, Any]
    table: Table
    limits: list[Limit] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return all(limit.holds for limit in self.limits)

    def write(self, place: Place, *, full: bool, load: tuple[float, ...], folder: Path = MEASURED) -> None:
        """Put these figures into the JSON file: small and full ones stand beside each other there."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.json"
        content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        content |= {"name": self.name, "title": self.title, "about": self.about}
        content["full" if full else "small"] = {
            "day": datetime.now(TOKYO).date().isoformat(),
            "people": place.people,
            "passed": self.passed,
            "limits": [limit.as_json() for limit in self.limits],
            "figures": _rounded(self.figures),
            "table": {"columns": self.table.columns, "rows": _rounded(self.table.rows)},
            "machine": machine(place, load),
        }
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def as_text(self) -> str:
        lines = [f"\n{self.title}", self.table.as_text(), ""]
        return "\n".join([*lines, *(f"  {_sentence(limit.as_json())}" for limit in self.limits)])


def machine(place: Place, load: tuple[float, ...]) -> dict[str, Any]:
    """What the figures hang on; nothing that names a machine or a person."""
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "python": platform.python_version(),
        "django": django.get_version(),
        "postgresql": place.sql("SHOW server_version").split()[0],
        "postgresql_settings": "as it comes; fsync on",
        "sqlite": sqlite3.sqlite_version,
        "load_before": [round(number, 1) for number in load],
        "load_after": [round(number, 1) for number in os.getloadavg()],
    }


def write_readme(folder: Path = MEASURED) -> None:
    """Render README.md from the JSON files: the full figures, and the small ones where there are no others."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    parts = [
        "# Measured",
        "Written by `make bench` (small figures) and `make drill` (full figures) from the JSON files beside it; don't"
        " edit it by hand. Read the ratios: both sides of each were measured in the same run on the same machine, and"
        " seconds alone say little about another. All people are invented.",
    ]
    for content in found:
        parts += _section(content)
    (folder / "README.md").write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _section(content: dict[str, Any]) -> list[str]:
    run = content.get("full") or content["small"]
    machine = run["machine"]
    where = (
        f"{run['day']}, {run['people']:,} people, {machine['cores']} cores, {machine['memory_gb']} GB,"
        f" Python {machine['python']}, PostgreSQL {machine['postgresql']} ({machine['postgresql_settings']}),"
        f" SQLite {machine['sqlite']}, load {machine['load_before'][0]} before and {machine['load_after'][0]} after."
    )
    limits = "\n".join(f"- {_sentence(limit)}" for limit in run["limits"])
    table = Table(run["table"]["columns"], run["table"]["rows"]).as_markdown()
    title = content["title"] if "full" in content else f"{content['title']} (small figures)"
    return [f"## {title}", content["about"], where, table, limits]


def _sentence(limit: dict[str, Any]) -> str:
    side = f"at least {limit['at_least']:g}" if "at_least" in limit else f"at most {limit['at_most']:g}"
    verdict = "holds" if limit["holds"] else "MISSED"
    return f"{limit['what']}: {limit['value']:,.1f}{limit['unit']}, {side}{limit['unit']} asked: {verdict}"


def _said(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.1f}" if abs(value) >= 0.05 or value == 0 else f"{value:.3f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _width(text: str) -> int:
    """Columns of a terminal: full-width characters take two."""
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 5 if abs(value) < 0.1 else 3)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return [_rounded(item) for item in value] if isinstance(value, (list, tuple)) else value
