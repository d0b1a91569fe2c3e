from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from backend.accounts.models import Staff
from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.damage.imports import services
from backend.ledger.models import Disaster


class Command(BatchCommand):
    help = "Take applications that another system exported as CSV, with its attachments, each number once."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--disaster", metavar="CODE", required=True)
        parser.add_argument("--source", required=True, help="whose numbers these are, as マイナポータル")
        parser.add_argument("--by", metavar="USERNAME", required=True, help="who takes them")
        parser.add_argument("--layout", default="tasuki", help="a mapping that comes with the program, or a YAML file")
        parser.add_argument("--attachments", type=Path, help="a folder or a ZIP")
        parser.add_argument("--check", action="store_true", help="say what would be taken, and keep nothing")

    def run(self, file: Path, check: bool, **options: Any) -> dict[str, Any]:
        disaster = Disaster.objects.filter(code=options["disaster"]).first()
        if disaster is None:
            raise Refused(f"災害コード {options['disaster']} の災害はありません。")
        by = Staff.objects.filter(username=options["by"], is_active=True).first()
        if by is None:
            raise Refused(f"ユーザー名 {options['by']} の職員はいません。")
        done = services.take(
            by=by,
            disaster=disaster,
            path=file,
            source=options["source"],
            layout=services.find_layout(options["layout"]),
            attachments=options["attachments"],
            dry=check,
        )
        for one in done.problems:
            self.stderr.write(f"{one.line}行目　{one.column or '（行全体）'}　{one.why}")
        said = asdict(done) | {"set_aside": done.set_aside, "check": check}
        return said | ({"status": "set_aside"} if done.problems else {})

    def say(self, result: dict[str, Any]) -> str:
        what = "確かめました（何も受け付けていません）" if result["check"] else "取り込みました"
        return (
            f"{what}：{result['rows']:,}行のうち新しい申請 {result['taken']:,}件、前に取り込んだもの {result['before']:,}件、"
            f"受け付けられない行 {result['set_aside']:,}行、添付 {result['attached']:,}件、"
            f"写真による判定への同意がある新しい申請 {result['consents']:,}件。"
        )
