"""tasuki import_address_table FILE…: takes the town's 住居表示–地番 table."""

from pathlib import Path
from typing import Any

from backend.ledger.houses.address_table import take_addresses
from backend.ledger.houses.command import TableCommand
from backend.ledger.models import HouseTable


class Command(TableCommand):
    help = "住居表示と地番の対応表（CSV。見出しは「住居表示」と「地番」）を取り込み、家屋と世帯を照合し直します。"

    def take(self, path: Path, *, replace: bool, progress: Any) -> tuple[HouseTable, bool]:
        return take_addresses(path=path, by=None, replace=replace, progress=progress)
