from argparse import ArgumentParser
from typing import Any

from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.journal import kinds
from backend.journal.services import rebuild


class Command(BatchCommand):
    help = "Make the tables that follow from the journal anew (all, or those of the kinds with the given prefixes)."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("prefix", nargs="*", help="for example stay. or facility.")

    def run(self, **options: Any) -> dict[str, Any]:
        prefixes = options["prefix"] or [""]
        unknown = [p for p in prefixes if not any(k.name.startswith(p) for k in kinds.all_kinds().values())]
        if unknown:
            raise Refused(f"そのような種別はありません：{'、'.join(unknown)}")
        return {"entries": rebuild(prefixes)}

    def say(self, result: dict[str, Any]) -> str:
        return f"現場記録 {result['entries']:,}件から作り直しました。"
