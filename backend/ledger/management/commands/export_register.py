"""tasuki export_register --disaster CODE -o FILE [--known-at ISO | --revision N] [--flags FILE]"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.ledger.management.commands.open_disaster import moment
from backend.ledger.opening.services import export_register


class Command(BatchCommand):
    help = "発災日時点の住民記録を、標準の列のCSVで書き出します。"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--disaster", required=True, metavar="CODE")
        parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--known-at", metavar="ISO", help="この時点までに受け取ったファイルだけで作り直す")
        which.add_argument("--revision", type=int, metavar="N", help="保存されている版")
        parser.add_argument("--flags", type=Path, metavar="FILE", help="確認が必要な事項も書き出す")

    def run(self, **options: Any) -> dict[str, Any]:
        rows = export_register(
            code=options["disaster"],
            to=options["output"],
            number=options["revision"],
            known_at=moment(options["known_at"]) if options["known_at"] else None,
            flags=options["flags"],
        )
        return {"rows": rows}

    def say(self, result: dict[str, Any]) -> str:
        return f"{result['rows']:,}人を書き出しました。"
