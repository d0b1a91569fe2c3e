from typing import Any

from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.journal.models import Device
from backend.journal.queries import verify_chain


class Command(BatchCommand):
    help = "Check the chain of every device: no entry missing, none altered."

    def run(self, **options: Any) -> dict[str, Any]:
        entries = 0
        for device in Device.objects.order_by("registered_at"):
            chain = verify_chain(device)
            entries += chain.entries
            if chain.problem:
                raise Refused(f"端末「{device.name}」の記録 {chain.seq} 番：{chain.problem}")
        return {"entries": entries, "devices": Device.objects.count()}

    def say(self, result: dict[str, Any]) -> str:
        return f"端末 {result['devices']}台、記録 {result['entries']:,}件。欠けも改変もありません。"
