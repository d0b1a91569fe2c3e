from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.facilities.models import Facility
from backend.facilities.services import import_facilities


class Command(BatchCommand):
    help = "Take places from an open data file (指定緊急避難場所一覧; CSV in UTF-8 or Shift_JIS)."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--kind", default=Facility.Kind.EMERGENCY, help="kind of new places: see Facility.Kind")

    def run(self, **options: Any) -> dict[str, Any]:
        with self.progress(None, unit="か所") as bar:
            result = import_facilities(by=None, path=options["file"], kind=options["kind"], tick=bar.update)
        return {"status": "set_aside" if result["set_aside"] else "done", **result}

    def say(self, result: dict[str, Any]) -> str:
        lines = [
            f"施設 {result['rows']:,}行：取り込み {result['accepted']:,}、変更なし {result['unchanged']:,}、"
            f"保留 {result['set_aside']:,}"
        ]
        return "\n".join([*lines, *(f"  {r['line']}行目：{r['reason']}" for r in result["reasons"])])
