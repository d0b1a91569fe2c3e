"""tasuki import_register FILE… --kind full|change: takes a register export or files of changes."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.registry.layouts.header_changes import in_words
from backend.registry.models import ChangeRow, Comparison
from backend.registry.services import Taken, take_file
from backend.registry.set_aside import write_beside

COUNTS = ("rows", "accepted", "unchanged", "pending", "set_aside")


class Command(BatchCommand):
    help = (
        "住民記録の全件ファイル・異動ファイルを取り込みます。一つのファイルは、全部入るか全く入らないかのどちらかです。"
    )

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--kind", required=True, choices=["full", "change"], help="full 全件 / change 異動")
        parser.add_argument("--as-of", metavar="DATE", help="全件の基準日（その日の終わりの状態）")
        parser.add_argument("--layout", default="canonical", metavar="NAME", help="列の対応表の名前か、YAMLファイル")
        parser.add_argument("--encoding", metavar="NAME", help="文字コード（指定しなければ判別します）")
        parser.add_argument("--corrects", action="store_true", help="取り置いた行を直したファイル")

    def run(self, **options: Any) -> dict[str, Any]:
        began = time.monotonic()
        reports: list[dict[str, Any]] = []
        as_of = _day(options["as_of"])
        for path in options["files"]:
            bar = self.share_of_work(path.name)

            def progress(done: int, total: int, bar: Any = bar) -> None:
                bar.total = total
                bar.update(done - bar.n)

            try:
                taken = take_file(
                    path=path,
                    kind=options["kind"],
                    by=None,
                    as_of=as_of,
                    encoding=options["encoding"],
                    layout_name=options["layout"],
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
            reports.append(_report(path, taken))
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
                f"　保留 {report['pending']}　取り置き {report['set_aside']}"
            )
            for line in in_words(report["header_changes"]):
                lines.append(f"　見出しが前と違います。{line}")
            if report["left_out"]:
                lines.append(f"　対応表により {report['left_out']}行を対象外としました（行数には数えません）。")
            if report["found_by_comparing"]:
                lines.append(f"　前後の全件と比べて、異動を {report['found_by_comparing']}件見つけました。")
            if report["torn"]:
                lines.append(
                    "　前の全件より人が減りすぎています。欠けたファイルのおそれがあり、異動は取り出していません。"
                )
            for name in report["dropped_columns"]:
                lines.append(f"　列「{name}」は個人番号のため破棄しました。")
            if report["set_aside"] and not report["set_aside_file"]:
                lines.append("　取り置いた行のファイルを書けませんでした。取込の画面から受け取ってください。")
            if report["set_aside_file"]:
                lines.append(
                    f"　取り置いた行：{report['set_aside_file']}（理由を見て直し、--corrects を付けて取り込んでください）"
                )
        return "\n".join(lines)


def _day(text: str | None) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused("基準日は 2026-11-07 の形で書いてください。") from error


def _result(reports: list[dict[str, Any]], began: float) -> dict[str, Any]:
    sums = {name: sum(report[name] for report in reports) for name in COUNTS}
    return {**sums, "seconds": round(time.monotonic() - began, 2), "files": reports}


def _report(path: Path, taken: Taken) -> dict[str, Any]:
    """What became of one file. Of a file taken before, every row is unchanged."""
    file = taken.file
    counts = {name: getattr(file, name) for name in COUNTS}
    if taken.again:
        counts |= {"accepted": 0, "pending": 0, "unchanged": file.rows - file.set_aside}
    return {
        "file": path.name,
        "status": "set_aside" if counts["set_aside"] and not taken.again else "done",
        **counts,
        "again": taken.again,
        "dropped_columns": file.dropped_columns,
        "layout": file.layout,
        "header_changes": file.header_changes,
        "left_out": file.left_out,
        "torn": Comparison.objects.filter(made_by=file, torn=True).exists(),
        "found_by_comparing": ChangeRow.objects.filter(comparison__made_by=file, comparison__ended_by=None).count(),
        "set_aside_file": write_beside(path, taken.set_aside, taken.set_aside_origin) if taken.set_aside else None,
    }
