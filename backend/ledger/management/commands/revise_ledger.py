"""tasuki revise_ledger CODE [--accept] [--anew]"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from backend.core.commands import BatchCommand
from backend.ledger.opening.revising import queries
from backend.ledger.opening.revising.accepting import Accepted, accept
from backend.ledger.opening.revising.services import disaster_of, make_report


class Command(BatchCommand):
    help = "台帳を作った後に届いた住民記録を台帳と比べ、世帯ごとの報告を作ります。--accept で台帳に受け入れます。"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", metavar="CODE", help="災害コード")
        parser.add_argument("--accept", action="store_true", help="報告のすべてを台帳に受け入れる")
        parser.add_argument("--anew", action="store_true", help="新しいファイルがなくても報告を作り直す")

    def run(self, **options: Any) -> dict[str, Any]:
        began = time.monotonic()
        made = make_report(by=None, disaster=disaster_of(options["code"]), anew=options["anew"])
        reported = round(time.monotonic() - began, 2)
        done = accept(by=None, report=made.report) if options["accept"] else Accepted()
        counts = queries.counts(made.report)
        return {
            "status": "set_aside" if done.held else "done",
            "revision": made.report.number,
            "again": made.again,
            "lines": counts.lines,
            "substantial": counts.substantial,
            "persons": counts.persons,
            "kinds": counts.kinds,
            "accepted": done.lines,
            "held": len(done.held),
            "open": counts.open,
            "report_seconds": reported,
            "seconds": round(time.monotonic() - began, 2),
        }

    def say(self, result: dict[str, Any]) -> str:
        text = f"第{result['revision']}版の報告：{result['lines']:,}件（発災日現在の内容が変わるもの {result['substantial']:,}件）"
        if result["accepted"]:
            text += f"　受け入れました {result['accepted']:,}件"
        if result["held"]:
            text += f"　台帳がその後変わったため残したもの {result['held']:,}件（--anew で報告を作り直してください）"
        return f"{text}　未処理 {result['open']:,}件"
