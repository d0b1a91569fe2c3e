"""tasuki exchange_register CODE"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from backend.core.commands import BatchCommand
from backend.ledger.opening.exchange.services import exchange_register
from backend.ledger.opening.revising.services import disaster_of


class Command(BatchCommand):
    help = "緊急用の四情報から作った台帳を、後から届いた住民記録に入れ替えます。はっきりしない方は画面で決めます。"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("code", metavar="CODE", help="災害コード")

    def run(self, **options: Any) -> dict[str, Any]:
        began = time.monotonic()
        done = exchange_register(by=None, disaster=disaster_of(options["code"]))
        return {
            "revision": done.revision,
            "exchanged": done.exchanged,
            "entered": done.entered,
            "open": done.open,
            "seconds": round(time.monotonic() - began, 2),
        }

    def say(self, result: dict[str, Any]) -> str:
        return (
            f"入れ替えました {result['exchanged']:,}人　新しく加わりました {result['entered']:,}人"
            f"　画面で決める方 {result['open']:,}人"
        )
