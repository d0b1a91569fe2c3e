from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from backend.core.clock import TOKYO
from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.shelters.exchange import layouts, services


class Command(BatchCommand):
    help = "Take what another body reports about our residents (CSV, column mapping); --preview only looks at it."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--partner", required=True, help="whose file it is; the same words every time")
        parser.add_argument("--mapping", default="home", help="a shipped mapping or a YAML file")
        parser.add_argument("--as-of", help="as of when (ISO 8601); now when left out")
        parser.add_argument("--preview", action="store_true")

    def run(self, **options: Any) -> dict[str, Any]:
        as_of = moment(options["as_of"]) if options["as_of"] else None
        file = services.receive(
            by=None,
            path=options["file"],
            layout=layouts.find(options["mapping"]),
            partner=options["partner"],
            as_of=as_of,
        )
        known = file.taken_at is not None
        if options["preview"] and not known:
            services.discard(by=None, file=file.pk)
        elif not known:
            services.take(by=None, file=file.pk)
        return {
            "status": "set_aside" if file.set_aside and not known else "done",
            "rows": file.rows + len(file.set_aside),
            "accepted": 0 if known or options["preview"] else file.rows,
            "unchanged": file.rows if known else 0,
            "set_aside": len(file.set_aside),
            "reasons": file.set_aside,
        }

    def say(self, result: dict[str, Any]) -> str:
        head = (
            f"{result['rows']:,}行：取り込み {result['accepted']:,}、変更なし {result['unchanged']:,}、"
            f"取り込まない行 {result['set_aside']:,}"
        )
        return "\n".join([head, *(f"  {r['line']}行目：{r['reason']}" for r in result["reasons"])])


def moment(text: str) -> datetime:
    """A time of the command line; without an offset it is Japan's."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("--as-of は 2026-11-18T05:46:00+09:00 の形で書いてください。") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=TOKYO)
