from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.gateway.services import export_bundle


class Command(BatchCommand):
    help = "Inside: write what may go out to the Internet side as one file."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("-o", "--output", required=True, type=Path)

    def run(self, output: Path, **options: Any) -> dict[str, Any]:
        made = export_bundle(path=output)
        return {"rows": made.rows, "sha256": made.sha256, "made_at": made.made_at.isoformat()}

    def say(self, result: dict[str, Any]) -> str:
        return f"公開用の束を書き出しました（{result['rows']:,}行）。"
