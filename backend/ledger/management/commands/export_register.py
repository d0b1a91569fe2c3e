"""tasuki export_register --disaster CODE -o FILE [--known-at ISO | --revision N] [--flags FILE]"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core import downloads
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
        parser.add_argument(
            "--encoding",
            choices=downloads.ENCODINGS,
            default="utf-8",
            help="shift_jis では、書けない文字を〓にし、FILEの名に -losses を付けた一覧を横に書き出す",
        )
        parser.add_argument("--flags", type=Path, metavar="FILE", help="確認が必要な事項も書き出す")

    def run(self, **options: Any) -> dict[str, Any]:
        rows = export_register(
            code=options["disaster"],
            to=options["output"],
            number=options["revision"],
            known_at=moment(options["known_at"]) if options["known_at"] else None,
            flags=options["flags"],
        )
        if options["encoding"] != "shift_jis":
            return {"rows": rows}
        lost = sum(self.recode(path) for path in (options["output"], options["flags"]) if path)
        return {"rows": rows, "lost": lost}

    def recode(self, path: Path) -> int:
        """Put the file in Shift_JIS in its place, and what it could not carry beside it."""
        partial = path.with_name(path.name + ".part")
        try:
            losses = downloads.recode(path, partial)
            if losses.places:
                downloads.write_losses(losses, path.with_name(f"{path.stem}-losses.csv"))
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
        return len(losses.places)

    def say(self, result: dict[str, Any]) -> str:
        lost = result.get("lost", 0)
        more = f"Shift_JISに書けない文字が{lost:,}か所あり、〓にしました。一覧は -losses.csv です。" if lost else ""
        return f"{result['rows']:,}人を書き出しました。{more}"
