from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from backend.core.clock import TOKYO
from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.publication.rules import as_of_text
from backend.publication.services import publish


class Command(BatchCommand):
    help = "Write the static site: open shelters and their counts as HTML, CSV and JPEG."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--disaster", required=True, metavar="CODE")
        parser.add_argument(
            "-o", "--output", type=Path, default=None, metavar="DIR", help="the folder; without it the public site"
        )
        parser.add_argument("--as-of", default=None, metavar="ISO", help="a time of the past; without it now")

    def run(self, **options: Any) -> dict[str, Any]:
        return publish(
            code=options["disaster"],
            to=options["output"] or settings.PUBLICATION_DIR,
            by=None,
            as_of=_moment(options["as_of"]),
        )

    def say(self, result: dict[str, Any]) -> str:
        people = "不明" if result["people"] is None else f"{result['people']:,}人"
        return (
            f"公表しました：{as_of_text(datetime.fromisoformat(result['as_of']))}、"
            f"開設中の避難所 {result['shelters']:,}か所、避難者 {people}、"
            f"{result['files']}ファイル（{result['bytes']:,}バイト）"
        )


def _moment(text: str | None) -> datetime | None:
    """ISO 8601; without an offset it is Japanese time."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"時点が読めません：{text}（例：2026-11-21T18:00）") from None
    return at if at.tzinfo else at.replace(tzinfo=TOKYO)
