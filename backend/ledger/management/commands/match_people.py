from argparse import ArgumentParser
from typing import Any

from django.db import transaction

from backend.accounts.services import audit
from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.ledger.matching import records
from backend.ledger.matching.services import runs_here


class Command(BatchCommand):
    help = (
        "Match people who were typed by hand to the register: those that are waiting, or (--again) all undecided ones."
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="all that nobody has decided, from where they were typed"
        )

    def run(self, **options: Any) -> dict[str, Any]:
        if not runs_here():
            raise Refused("この端末では名寄せを行えません。本部のサーバーで実行してください。")
        from backend.ledger.matching.running import match_records

        if options["again"]:
            records.rebuild()
            records.ask_again()
        ids = records.waiting()
        with self.progress(len(ids), unit="件", description="名寄せ") as bar:
            matched = match_records(ids, progress=lambda done, _: bar.update(done - bar.n) and None)
        with transaction.atomic():
            audit(by=None, act="ledger.match_people", records=len(ids), **vars(matched))
        return {"records": len(ids), **vars(matched)}

    def say(self, result: dict[str, Any]) -> str:
        return (
            f"{result['records']:,}件を照合しました：自動で結び付け {result['certain']:,}、"
            f"確認待ち {result['likely']:,}、候補なし {result['none']:,}、照合待ち {result['waiting']:,}"
        )
