from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from backend.core.commands import BatchCommand
from backend.core.errors import Refused
from backend.shelters.exchange import layouts, queries, services


class Command(BatchCommand):
    help = "Write evacuees who agreed to it for another body (column mapping), or for each home municipality (--homes)."

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("-o", "--output", type=Path, required=True, help="the file; with --homes the folder")
        parser.add_argument("--mapping", default="prefecture", help="a shipped mapping or a YAML file")
        parser.add_argument("--partner", default="", help="who receives it")
        parser.add_argument("--columns", default="", help="only these of their columns, with commas between")
        parser.add_argument("--encoding", choices=["utf-8", "shift_jis"], default="utf-8")
        parser.add_argument("--homes", action="store_true", help="one file for each home municipality")

    def run(self, **options: Any) -> dict[str, Any]:
        output: Path = options["output"]
        if options["homes"]:
            return self._homes(output, options["encoding"])
        columns = [title.strip() for title in options["columns"].split(",") if title.strip()]
        layout = layouts.find(options["mapping"])
        if unknown := set(columns) - set(layout.titles()):
            raise Refused(f"対応表にない列です：{'、'.join(sorted(unknown))}")
        done = services.export(
            by=None,
            layout=layout,
            partner=options["partner"],
            columns=columns or None,
            encoding=options["encoding"],
        )
        output.write_bytes(done.content)
        lost = len(done.losses.places)
        return {"status": "done", "rows": done.file.rows, "refused": done.refused, "lost": lost, "files": [output.name]}

    def _homes(self, folder: Path, encoding: str) -> dict[str, Any]:
        layout = layouts.find("home")
        folder.mkdir(parents=True, exist_ok=True)
        rows = refused = lost = 0
        files = []
        for home, told, others in queries.homes():
            refused += others
            if not told:
                continue
            done = services.export(by=None, layout=layout, partner=home, home=home, encoding=encoding)
            name = f"避難者の報告_{home.replace('/', '／')}.csv"
            (folder / name).write_bytes(done.content)
            rows, lost = rows + done.file.rows, lost + len(done.losses.places)
            files.append(name)
        return {"status": "done", "rows": rows, "refused": refused, "lost": lost, "files": files}

    def say(self, result: dict[str, Any]) -> str:
        lost = f"（Shift_JISにない文字 {result['lost']}か所）" if result["lost"] else ""
        return f"{len(result['files'])}ファイル、{result['rows']:,}人。同意のない方 {result['refused']:,}人は含みません{lost}"
