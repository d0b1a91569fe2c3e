from typing import Any

from backend.core.commands import BatchCommand
from backend.journal.services import take_up


class Command(BatchCommand):
    help = "After an update: apply entries that laptops of a newer version had sent before this version was installed."

    def run(self, **options: Any) -> dict[str, Any]:
        return {"entries": take_up()}

    def say(self, result: dict[str, Any]) -> str:
        return f"新しい種別の記録 {result['entries']:,}件を反映しました。"
