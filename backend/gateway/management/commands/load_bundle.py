from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.gateway.services import load_bundle


class Command(BatchCommand):
    help = "Outside: replace the published lists by those of a bundle."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def run(self, file: Path, **options: Any) -> dict[str, Any]:
        came, new = load_bundle(path=file)
        return {"rows": came.rows, "sha256": came.sha256, "made_at": came.made_at.isoformat(), "new": new}

    def say(self, result: dict[str, Any]) -> str:
        if not result["new"]:
            return "この束はすでに読み込まれています。何も変えていません。"
        return f"公開用の束を読み込みました（{result['rows']:,}行）。"
