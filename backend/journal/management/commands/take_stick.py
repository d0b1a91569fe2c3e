from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.journal import sticks


class Command(BatchCommand):
    help = "避難所の端末が USB メモリーに書き出したファイルを取り込み、端末へ運ぶファイルを作ります。"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("-o", "--output", type=Path, required=True, help="端末へ運ぶファイル")

    def run(self, **options: Any) -> dict[str, Any]:
        path: Path = options["file"]
        if not path.is_file():
            raise Refused(f"ファイル「{path.name}」がありません。")
        if path.stat().st_size > sticks.LARGEST:
            raise Refused("ファイルが大きすぎます。")
        brought = sticks.take_stick(by=None, data=path.read_bytes())
        options["output"].write_bytes(brought.answer)
        counts = {name: getattr(brought, name) for name in ("accepted", "duplicate", "refused", "retry", "given")}
        return {"terminal": brought.terminal.name, **counts}

    def say(self, result: dict[str, Any]) -> str:
        said = (
            f"「{result['terminal']}」の記録 {result['accepted']}件を受け付けました（届いていた記録 {result['duplicate']}件、"
            f"確認待ち {result['refused']}件、前の部分を待つ記録 {result['retry']}件）。端末へ運ぶ記録 {result['given']}件。"
        )
        return said + (sticks.EARLIER_FIRST if result["retry"] else "")
