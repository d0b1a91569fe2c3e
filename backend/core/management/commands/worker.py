"""tasuki worker: a process that does what pages have put into the queue, until it is told to end."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.utils.crypto import get_random_string


class Command(BaseCommand):
    help = "画面から始めた長い作業（証明書の一括交付など）を行うプロセスです。終わるには Ctrl-C。途中の作業は、次の worker が続きから行います。"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", action="store_true", help="待っている作業を終えたら終わる（cron から使うとき）")
        parser.add_argument(
            "--check", action="store_true", help="workerが動いているかを調べるだけ（動いていなければ終了コード1）"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not apps.is_installed("django_tasks_db"):
            raise CommandError("worker は庁内側（TASUKI_ROLE=inside）で使います。")
        from backend.core import work
        from backend.core.work_queue import Worker

        if options["check"]:
            if not work.is_looked_after():
                raise CommandError("worker は動いていません。")
            self.stdout.write("worker が動いています。")
            return
        worker = Worker(worker_id=get_random_string(16), batch=options["batch"])
        worker.configure_signals()
        self.stdout.write("作業を待っています。終わるには Ctrl-C（Ctrl-C to stop）")
        self.stdout.flush()
        worker.run()
