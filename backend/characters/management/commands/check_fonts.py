from argparse import ArgumentParser
from typing import Any

from backend.characters import queries, scan
from backend.core.commands import BatchCommand


class Command(BatchCommand):
    help = "List the fonts found, and which characters of the ledger no map and no font knows."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--fonts-only", action="store_true", help="don't look through the ledger")

    def run(self, **options: Any) -> dict[str, Any]:
        fonts = [vars(font) for font in queries.fonts()]
        if options["fonts_only"]:
            return {"status": "done", "fonts": fonts, "people": 0, "missing": []}
        found = scan.scan(None)
        missing = [
            {"codes": m.codes, "source": m.source, "people": m.people, "where": sorted(m.columns)}
            for m in found.missing
        ]
        return {"status": "done", "fonts": fonts, "people": found.people, "missing": missing}

    def say(self, result: dict[str, Any]) -> str:
        fonts = [
            f"{f['place']}. {f['family']}（{f['whose']}）文字 {f['characters']:,}、異体字 {f['sequences']:,}、"
            f"外字の領域 {f['private']:,}"
            for f in result["fonts"]
        ]
        lines = [f"  {m['codes']}　{m['people']:,}人（{'・'.join(m['where'])}）" for m in result["missing"]]
        looked = f"台帳 {result['people']:,}人：印字できない文字 {len(lines):,}種類"
        return "\n".join([*fonts, looked, *lines])
