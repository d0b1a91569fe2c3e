"""tasuki demo: the demo town, with accounts, and the server."""

from __future__ import annotations

import os
import socket
import threading
from argparse import ArgumentParser
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.db.migrations.exceptions import InconsistentMigrationHistory, NodeNotFoundError
from django.utils.module_loading import import_string

from backend.accounts.models import Division
from backend.core import clock
from backend.desk import demo_town

HOST = "127.0.0.1"


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
        port = options["port"]
        if not options["build_only"]:
            _must_be_free(port)
            settings.PUBLIC_URL = (os.environ.get("TASUKI_PUBLIC_URL") or f"http://{HOST}:{port}").rstrip("/")
        for folder in (settings.DATA_DIR, settings.STATIC_ROOT):
            folder.mkdir(parents=True, exist_ok=True)
        try:
            call_command("migrate", verbosity=0, interactive=False)
        except (InconsistentMigrationHistory, NodeNotFoundError, DatabaseError, ValueError) as error:
            raise CommandError(
                f"見本の町のデータは別の版で作られたもので、このままでは開けません。{settings.DATA_DIR} を消してから、"
                "もう一度実行してください（架空の町なので、消してもかまいません）。"
            ) from error
        now = datetime.fromisoformat(options["now"]) if options["now"] else clock.now()
        try:
            self.prepare(now)
        except KeyboardInterrupt:
            raise CommandError("中断しました。もう一度実行すると、続きから作ります。", returncode=130) from None
        settings.TOWNS_FILE = str(demo_town.towns_file())
        self.introduce(port)
        if options["build_only"]:
            return
        with clock.frozen(now) if options["now"] else nullcontext():
            self.serve(port)

    def prepare(self, now: datetime) -> None:
        if demo_town.is_built():
            demo_town.make_accounts()
            return
        self.stdout.write("見本の町（架空の大浜市、発災三日目）を作ります。初回だけ、数十秒かかります。")
        self.stdout.flush()
        with clock.frozen(now):
            demo_town.build(now=now, say=self.step)

    def step(self, text: str) -> None:
        self.stdout.write(f"  {text}")
        self.stdout.flush()

    def introduce(self, port: int) -> None:
        lines = [
            "",
            f"  職員の画面（desk）　　http://{HOST}:{port}/desk/",
            f"  公開の画面（public）　http://{HOST}:{port}/",
            "",
            f"  見本の職員。パスワード（password）はすべて {demo_town.PASSWORD}",
        ]
        for username, division, name, trusted in demo_town.ACCOUNTS:
            extra = "（監督者）" if trusted else ""
            lines.append(f"    {username:<12}{Division(division).label}　{name}{extra}")
        lines += ["", "  人も町も架空です。終わるには Ctrl-C（Ctrl-C to stop）"]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()

    def serve(self, port: int) -> None:
        """The pages, and beside them the worker: in a town hall it is a process of its own (docs/operating.md)."""
        from waitress import serve

        from backend.core.work_queue import Worker

        threading.Thread(target=Worker(worker_id="demo").run, name="worker", daemon=True).start()

        try:
            serve(import_string(settings.WSGI_APPLICATION), host=HOST, port=port, threads=8, _quiet=True)
        except OSError as error:
            raise CommandError(_taken(port)) from error
        self.stdout.write("\n  終わりました。もう一度 make run で、続きから使えます。")


def _must_be_free(port: int) -> None:
    """Said before the town is built, not after."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            raise CommandError(_taken(port)) from error


def _taken(port: int) -> str:
    return f"ポート {port} は使われています。make run PORT={port + 1} のように、別の番号を使ってください。"
