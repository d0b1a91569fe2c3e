"""tasuki open_disaster CODE --name N --occurred-at ISO [--drill] · tasuki open_disaster CODE --fill"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from backend.core.clock import TOKYO
from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.ledger.opening.services import fill_disaster, open_disaster


class Command(BatchCommand):
    help = "災害を開設し、発災日時点の住民記録から被災者台帳を作ります。"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", metavar="CODE", help="数字4桁、または英大文字4字")
        parser.add_argument("--name", metavar="N", help="災害名")
        parser.add_argument("--occurred-at", metavar="ISO", help="発災日時（例 2026-11-18T05:46:00+09:00）")
        parser.add_argument("--drill", action="store_true", help="訓練")
        parser.add_argument("--fill", action="store_true", help="空で開設した台帳に、住民記録を入れる（一度だけ）")

    def run(self, **options: Any) -> dict[str, Any]:
        began = time.monotonic()
        bar = self.share_of_work("台帳作成")

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            if options["fill"]:
                if options["name"] or options["occurred_at"]:
                    raise Refused("--fill は開設済みの災害に使います。--name と --occurred-at は付けないでください。")
                opened = fill_disaster(code=options["code"], by=None, progress=progress)
            else:
                if not options["name"] or not options["occurred_at"]:
                    raise Refused("災害名（--name）と発災日時（--occurred-at）を付けてください。")
                opened = open_disaster(
                    code=options["code"],
                    name=options["name"],
                    occurred_at=moment(options["occurred_at"]),
                    drill=options["drill"],
                    by=None,
                    progress=progress,
                )
        finally:
            bar.close()
        return {
            "households": opened.households,
            "persons": opened.persons,
            "flagged": opened.flagged,
            "revision": opened.revision,
            "joined": opened.joined,
            "seconds": round(time.monotonic() - began, 2),
        }

    def say(self, result: dict[str, Any]) -> str:
        if result["revision"] is None:
            return (
                "住民記録がまだないため、空の台帳を開設しました。窓口と避難所の受付を始められます。"
                "住民記録を取り込んだ後に --fill で台帳に入れてください。"
            )
        return (
            f"台帳を開設しました：{result['households']:,}世帯 {result['persons']:,}人"
            f"　確認が必要 {result['flagged']:,}件（災害の画面の一覧で確認してください）"
        )


def moment(text: str) -> datetime:
    """A time of the command line; without an offset it is Japan's."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused("日時は 2026-11-18T05:46:00+09:00 の形で書いてください。") from error
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=TOKYO)
