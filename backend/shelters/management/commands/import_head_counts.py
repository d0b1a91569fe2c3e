from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from backend.core.clock import TOKYO
from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.shelters.reports.services import import_head_counts


class Command(BatchCommand):
    help = (
        "Take lists of open shelters with their head counts (CSV in UTF-8 or Shift_JIS), each as of the time it names."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
        parser.add_argument("--complete", action="store_true", help="a list names all open shelters: close the others")
        parser.add_argument("--at", help="when it was so, where the list does not say (ISO 8601)")

    def run(self, **options: Any) -> dict[str, Any]:
        try:
            at = datetime.fromisoformat(options["at"]) if options["at"] else None
        except ValueError:
            raise Refused("--at は 2026-11-21T18:00 のような日時で指定してください。") from None
        if at is not None and at.utcoffset() is None:
            at = at.replace(tzinfo=TOKYO)
        result = import_head_counts(by=None, paths=options["files"], complete=options["complete"], at=at)
        return {"status": "set_aside" if result["set_aside"] else "done", **result}

    def say(self, result: dict[str, Any]) -> str:
        lines = [
            f"{result['files']}ファイル、{result['rows']:,}行：人数の報告 {result['accepted']:,}、変更なし "
            f"{result['unchanged']:,}、保留 {result['set_aside']:,}、開設 {result['opened']:,}、閉鎖 {result['closed']:,}"
        ]
        where = (f"{r['file']}" + (f" {r['line']}行目" if r["line"] else "") for r in result["reasons"])
        return "\n".join([*lines, *(f"  {w}：{r['reason']}" for w, r in zip(where, result["reasons"], strict=True))])
