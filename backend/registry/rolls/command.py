"""What `import_house_roll` and `import_income_roll` share."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.registry.set_aside import write_beside

from .layouts import LAYOUTS
from .services import COUNTS, Taken, take_roll
from .values import fiscal_year


class RollCommand(BatchCommand):
    """Subclasses name the `kind` of roll."""

    kind = ""

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--encoding", metavar="NAME", help="文字コード（指定しなければ判別します）")
        parser.add_argument("--corrects", action="store_true", help="取り置いた行を直したファイル")

    def run(self, **options: Any) -> dict[str, Any]:
        began = time.monotonic()
        reports: list[dict[str, Any]] = []
        year = _year(options.get("year"))
        for path in options["files"]:
            bar = self.progress(None, description=path.name)

            def progress(done: int, total: int, bar: Any = bar) -> None:
                bar.total = total
                bar.update(done - bar.n)

            try:
                taken = take_roll(
                    path=path,
                    kind=self.kind,
                    by=None,
                    year=year,
                    encoding=options["encoding"],
                    corrects=options["corrects"],
                    progress=progress,
                )
            except Refused as refusal:
                nothing = {**dict.fromkeys(COUNTS, 0), "set_aside_file": None}
                reports.append({"file": path.name, "status": "refused", "message": refusal.message, **nothing})
                refusal.result = _result(reports, began)  # type: ignore[attr-defined]
                raise
            finally:
                bar.close()
            reports.append(self._report(path, taken))
        status = "set_aside" if any(report["status"] == "set_aside" for report in reports) else "done"
        return {"status": status, **_result(reports, began)}

    def say(self, result: dict[str, Any]) -> str:
        lines = []
        for report in result["files"]:
            if report["again"]:
                lines.append(f"{report['file']}：取込済みのファイルです。何も変わりません（{report['rows']}行）。")
                continue
            lines.append(
                f"{report['file']}：{report['rows']}行　取込 {report['accepted']}　変更なし {report['unchanged']}"
                f"　取り置き {report['set_aside']}"
            )
            lines += [f"　列「{name}」は個人番号のため破棄しました。" for name in report["dropped_columns"]]
            if report["set_aside_file"]:
                lines.append(
                    f"　取り置いた行：{report['set_aside_file']}（理由を見て直し、--corrects を付けて取り込んでください）"
                )
            elif report["set_aside"]:
                lines.append("　取り置いた行のファイルを書けませんでした。課税台帳の画面から受け取ってください。")
        return "\n".join(lines)

    def _report(self, path: Path, taken: Taken) -> dict[str, Any]:
        """What became of one file. Of a file taken before, every row is unchanged."""
        file = taken.file
        counts = {name: getattr(file, name) for name in COUNTS}
        if taken.again:
            counts |= {"accepted": 0, "unchanged": file.rows - file.set_aside}
        beside = None
        if taken.set_aside:
            order = [column.header for column in LAYOUTS[self.kind].columns]
            beside = write_beside(path, taken.set_aside, taken.set_aside_origin, order)
        return {
            "file": path.name,
            "status": "set_aside" if counts["set_aside"] and not taken.again else "done",
            **counts,
            "again": taken.again,
            "year": file.year,
            "dropped_columns": file.dropped_columns,
            "set_aside_file": beside,
        }


def _year(text: str | None) -> int | None:
    try:
        return fiscal_year(text) if text else None
    except ValueError as error:
        raise Refused(f"--year の「{text}」は{error}") from error


def _result(reports: list[dict[str, Any]], began: float) -> dict[str, Any]:
    sums = {name: sum(report[name] for report in reports) for name in COUNTS}
    return {**sums, "seconds": round(time.monotonic() - began, 2), "files": reports}
