from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.damage.online.services import take_file


class Command(BatchCommand):
    help = "Inside: take the applications of a file that was carried in from the Internet side, each once."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def run(self, file: Path, **options: Any) -> dict[str, Any]:
        came = take_file(path=file)
        return came | ({"status": "set_aside"} if came["trouble"] else {})

    def say(self, result: dict[str, Any]) -> str:
        return (
            f"オンライン申請を{result['taken']:,}件受け付けました"
            f"（前に受け付けたもの {result['before']:,}件、受け付けられないもの {result['trouble']:,}件）。"
        )
