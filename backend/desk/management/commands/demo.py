"""tasuki demo: the demo town, with accounts, and the server."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.core.wsgi import get_wsgi_application

from backend.core import clock
from backend.desk import demo_town


class Command(BaseCommand):
    help = "見本の町（架空の大浜市、発災三日目）を作り、画面を開けるようにします。二回目からは、そのまま開きます。"
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--now", metavar="ISO", help="見本の「いま」（画面の写真用。例 2026-11-20T09:00:00+09:00）")
        parser.add_argument("--build-only", action="store_true", help="作るだけで、開かない")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("demo は TASUKI_ROLE=demo でだけ使えます（本番の台帳に見本の人を入れないため）。")
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        call_command("migrate", verbosity=0, interactive=False)
        now = datetime.fromisoformat(options["now"]) if options["now"] else clock.now()
        if demo_town.is_built():
            demo_town.make_accounts()
        else:
            self.stdout.write("見本の町を作ります（初回だけ、数十秒かかります）")
            with clock.frozen(now):
                demo_town.build(now=now, say=lambda text: self.stdout.write(f"  {text}"))
        self.introduce(options["port"])
        if options["build_only"]:
            return
        if options["now"]:
            clock.frozen(now).__enter__()
        self.serve(options["port"])

    def introduce(self, port: int) -> None:
        self.stdout.write("")
        self.stdout.write(f"  職員の画面　　http://127.0.0.1:{port}/desk/")
        self.stdout.write(f"  公開の画面　　http://127.0.0.1:{port}/")
        self.stdout.write("")
        self.stdout.write(f"  見本の職員（パスワードはすべて {demo_town.PASSWORD}）")
        from backend.accounts.models import Division

        for username, division, name, trusted in demo_town.ACCOUNTS:
            extra = "・監督者" if trusted else ""
            self.stdout.write(f"    {username:<12}{Division(division).label}{extra}　{name}")
        self.stdout.write("")
        self.stdout.write("  人も町も架空です。終わるには Ctrl-C")
        self.stdout.flush()

    def serve(self, port: int) -> None:
        from waitress import serve

        try:
            serve(get_wsgi_application(), host="127.0.0.1", port=port, threads=8, _quiet=True)
        except OSError as error:
            raise CommandError(
                f"ポート {port} は使われています。PORT=8001 make run のように、別の番号を使ってください。"
            ) from error
