"""One of several presses: reads one job a line on standard input and answers each with a line (started by `presses`)."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.documents import press


class Command(BaseCommand):
    help = "印刷用のPDFを作ります（一括交付が使います。直接は使いません）。"
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def handle(self, *args: Any, **options: Any) -> None:
        for line in sys.stdin:
            try:
                job = json.loads(line)
                settings.FONT_DIRS = job["font_dirs"]
                answer = press.work(job)
            except Exception as error:
                # The class only: a message may carry a name.
                answer = {"error": type(error).__name__}
            self.stdout.write(json.dumps(answer))
            self.stdout.flush()
