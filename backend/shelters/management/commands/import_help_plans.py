from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.shelters.help_first.plans import import_plans
from backend.shelters.help_first.reading import columns_left_out


class Command(BatchCommand):
    help = "Take over plans of people of the list (個別避難計画; CSV in UTF-8 or Shift_JIS)."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--column", action="append", default=[], metavar="OURS=THEIRS", help="a column under another name"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        columns = {}
        for text in options["column"]:
            ours, sign, theirs = text.partition("=")
            if not sign:
                raise Refused("--column は「こちらの項目=ファイルの見出し」の形で指定してください。")
            columns[ours] = theirs
        result = import_plans(by=None, path=options["file"], columns=columns)
        return {"status": "set_aside" if result["set_aside"] else "done", **result}

    def say(self, result: dict[str, Any]) -> str:
        lines = [
            f"計画 {result['rows']:,}行：取り込み {result['accepted']:,}、変更なし {result['unchanged']:,}、"
            f"保留 {result['set_aside']:,}"
        ]
        lines += [f"  {text}" for text in columns_left_out(result)]
        return "\n".join([*lines, *(f"  {r['line']}行目：{r['reason']}" for r in result["reasons"])])
