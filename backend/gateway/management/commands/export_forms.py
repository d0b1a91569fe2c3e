from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.gateway.applying.services import export_forms


class Command(BatchCommand):
    help = "Outside: write the sealed applications that inside does not have yet as one file."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("-o", "--output", required=True, type=Path)

    def run(self, output: Path, **options: Any) -> dict[str, Any]:
        return export_forms(path=output)

    def say(self, result: dict[str, Any]) -> str:
        left = f"残りの{result['left']:,}件は、次のファイルで運びます。" if result["left"] else ""
        return f"オンライン申請のファイルを書き出しました（{result['forms']:,}件）。{left}"
