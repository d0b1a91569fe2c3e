"""What `import_address_table` and `import_outlines` share."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.ledger.models import HouseTable

COUNTS = ("rows", "accepted", "unchanged", "set_aside")


class TableCommand(BatchCommand):
    """Subclasses take one file in `take(path, replace, progress)`."""

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="これまでの表を終わらせ、このファイルだけにする（一つ目のファイルで）",
        )

    def take(self, path: Path, *, replace: bool, progress: Any) -> tuple[HouseTable, bool]:
        raise NotImplementedError

    def run(self, **options: Any) -> dict[str, Any]:
        began = time.monotonic()
        reports: list[dict[str, Any]] = []
        for number, path in enumerate(options["files"]):
            bar = self.progress(None, description=path.name)

            def progress(done: int, total: int, bar: Any = bar) -> None:
                bar.total = total
                bar.update(done - bar.n)

            try:
                table, again = self.take(path, replace=options["replace"] and number == 0, progress=progress)
            except Refused as refusal:
                reports.append({"file": path.name, "status": "refused", "message": refusal.message})
                refusal.result = {"files": reports}  # type: ignore[attr-defined]
                raise
            finally:
                bar.close()
            counts = {name: getattr(table, name) for name in COUNTS}
            if again:
                counts |= {"accepted": 0, "unchanged": table.accepted + table.unchanged}
            aside = bool(counts["set_aside"]) and not again
            report = {"file": path.name, "status": "set_aside" if aside else "done", "again": again, **counts}
            reports.append({**report, "problems": table.problems[:20]})
        status = "set_aside" if any(report["status"] == "set_aside" for report in reports) else "done"
        sums = {name: sum(report[name] for report in reports) for name in COUNTS}
        return {"status": status, **sums, "seconds": round(time.monotonic() - began, 2), "files": reports}

    def say(self, result: dict[str, Any]) -> str:
        lines = []
        for report in result["files"]:
            if report["again"]:
                lines.append(f"{report['file']}：取込済みのファイルです。何も変わりません。")
                continue
            lines.append(
                f"{report['file']}：{report['rows']}件　取込 {report['accepted']}　重複 {report['unchanged']}"
                f"　読めない {report['set_aside']}"
            )
            lines += [f"　{place}：{why}" for place, why in report["problems"]]
        return "\n".join(lines)
