"""What the commands that issue certificates to everybody have in common; each says of which kind."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.damage.models import BulkRun
from backend.ledger.models import Disaster

from .services import PAGES, PURPOSE, issue_all

STOPPED = "中断しました。番号を付けた分は記録されています。もう一度実行すると、続きから行います。"


class IssueCommand(BatchCommand):
    """`--disaster CODE --all -o DIR [--workers N]`"""

    kind: str
    title: str

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--disaster", metavar="CODE", required=True, help="災害コード")
        parser.add_argument("--all", action="store_true", required=True, help="まだ交付していないすべての世帯")
        parser.add_argument("-o", "--output", metavar="DIR", required=True, type=Path, help="出力先のフォルダー")
        parser.add_argument("--workers", metavar="N", type=int, default=2, help="PDFを作るプロセスの数")
        parser.add_argument("--pages", metavar="N", type=int, default=PAGES, help="1ファイルのページ数")
        parser.add_argument("--post", choices=BulkRun.Post.values, default="page", help="宛名の付け方")
        parser.add_argument("--split", action="store_true", help="1通を1ファイルにする")
        parser.add_argument("--purpose", default=PURPOSE, help="使用目的")

    def run(self, **options: Any) -> dict[str, Any]:
        began = time.monotonic()
        disaster = Disaster.objects.filter(code=options["disaster"]).first()
        if disaster is None:
            raise Refused(f"災害コード {options['disaster']} の災害はありません。")
        if not 1 <= options["workers"] <= 64:
            raise Refused("プロセスの数（--workers）は1から64までにしてください。")
        bar = self.share_of_work("一括交付")

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        try:
            done = issue_all(
                by=None,
                disaster=disaster,
                folder=options["output"],
                kind=self.kind,
                purpose=options["purpose"],
                post=options["post"],
                split=options["split"],
                pages_a_file=options["pages"],
                workers=options["workers"],
                progress=progress,
            )
        except KeyboardInterrupt:
            return {"status": "stopped", "message": STOPPED}
        finally:
            bar.close()
        held = sum(done.held.values())
        return {
            "status": "set_aside" if held else "done",
            "certificates": done.certificates,
            "held": held,
            "held_by_reason": dict(done.held),
            "unapplied": done.unapplied,
            "files": done.files,
            "pages": done.pages,
            "seconds": round(time.monotonic() - began, 2),
        }

    def say(self, result: dict[str, Any]) -> str:
        silent = f"　申請のない世帯 {result['unapplied']:,}" if result["unapplied"] else ""
        return (
            f"{self.title}を交付しました：{result['certificates']:,}通　{result['files']:,}ファイル　{result['pages']:,}ページ"
            f"　除いた世帯 {result['held']:,}{silent}（left-out.csv に理由があります）"
        )
