from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.characters.models import Source
from backend.characters.services import load_map
from backend.core.commands import BatchCommand


class Command(BatchCommand):
    help = "Take a vendor's map of private-use characters (外字対応表; CSV or YAML) as a new version of its source."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", default=Source.REGISTER.value, choices=Source.values)
        parser.add_argument("--note", default="")

    def run(self, **options: Any) -> dict[str, Any]:
        found, counts = load_map(by=None, path=options["file"], source=options["source"], note=options["note"])
        return {"status": "done", "source": found.source, "version": found.version, **counts}

    def say(self, result: dict[str, Any]) -> str:
        state = "変更はありません" if result["unchanged"] else f"第{result['version']}版を登録しました"
        return (
            f"外字対応表（{Source(result['source']).label}）{state}：{result['rows']:,}文字"
            f"（書体だけ {result['only_font']:,}、図形だけ {result['only_picture']:,}）、"
            f"検索のことばを直した方 {result['refolded']:,}人"
        )
