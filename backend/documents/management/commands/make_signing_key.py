"""tasuki make_signing_key --reason TEXT [--lost]"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from backend.core.commands import BatchCommand
from backend.documents.signing import make_key


class Command(BatchCommand):
    help = "証明書の二次元コードに署名する鍵を作ります。使っている鍵があれば、それに代わります。"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reason", required=True, metavar="TEXT", help="作る理由（例：導入、年次の更新、漏えい）")
        parser.add_argument("--lost", action="store_true", help="今までの鍵が漏れた、または漏れたおそれがある")

    def run(self, **options: Any) -> dict[str, Any]:
        made = make_key(by=None, reason=options["reason"], lost=options["lost"])
        return {"key": made.key, "public": made.public}

    def say(self, result: dict[str, Any]) -> str:
        return f"署名の鍵 {result['key']} を作りました。公開用の束を外側に運ぶと、公開鍵の一覧に載ります。"
