"""One of several presses: reads one job a line on standard input and answers each with a line (started by `presses`)."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.characters import faces
from backend.documents import press


class Command(BaseCommand):
    help = "印刷用のPDFを作ります（一括交付が使います。直接は使いません）。"
    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def handle(self, *args: Any, **options: Any) -> None:
        for line in sys.stdin:
            job = json.loads(line)
            if job["font_dirs"] != settings.FONT_DIRS:
                settings.FONT_DIRS = job["font_dirs"]
            faces.chain()  # read once, for all children
            # The typesetter remembers all it has ever laid out, half a megabyte a page: each file is made by a child,
            # which takes that with it.
            child = os.fork()
            if child == 0:
                _answer(job)
            _, ended = os.waitpid(child, 0)
            if ended:
                try:
                    _say({"error": "ended"})
                except BrokenPipeError:
                    return  # who asked is gone, and nobody waits for an answer


def _answer(job: dict[str, Any]) -> NoReturn:
    try:
        try:
            answer = press.work(job)
        except Exception as error:
            # The class only: a message may carry a name.
            answer = {"error": type(error).__name__}
        _say(answer)
        os._exit(0)
    finally:
        os._exit(1)


def _say(answer: dict[str, Any]) -> None:
    left = (json.dumps(answer) + "\n").encode()
    while left:
        left = left[os.write(1, left) :]
