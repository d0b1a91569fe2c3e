"""tasuki import_towns FILE: takes the municipality's 町字, which addresses are held against."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.registry.towns.services import take_towns


class Command(BatchCommand):
    help = "町字の一覧（アドレス・ベース・レジストリの町字マスターなど）を取り込みます。最も新しいものを使います。"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")

    def run(self, **options: Any) -> dict[str, Any]:
        taken, again = take_towns(path=options["file"], by=None)
        return {"rows": taken.rows, "again": again}

    def say(self, result: dict[str, Any]) -> str:
        if result["again"]:
            return "取込済みの一覧です。何も変わりません。"
        return f"町字を{result['rows']:,}件取り込みました。"
