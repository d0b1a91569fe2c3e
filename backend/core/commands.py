"""The manners of every batch command: `--json`, a progress bar, exit codes, and that it can be stopped.

Exit codes: 0 done (also: nothing new) · 1 done, but rows were set aside · 2 refused, nothing changed · 70 failed
unexpectedly · 130 stopped. A command does its work in `run()` and returns a dict; `status` in it says which.
"""

from __future__ import annotations

import json
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from .errors import Refused

SHARE = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}<{remaining}"
EXIT = {"done": 0, "set_aside": 1, "refused": 2, "failed": 70, "stopped": 130}


class BatchCommand(BaseCommand):
    """Subclasses give `arguments(parser)`, `run(**options) -> dict` and `say(result) -> str` (Japanese, for people)."""

    requires_system_checks: list[str] = []  # type: ignore[assignment]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object at the end")
        self.arguments(parser)

    def arguments(self, parser: ArgumentParser) -> None:
        """Add what this command takes."""

    def run(self, **options: Any) -> dict[str, Any]:
        raise NotImplementedError

    def say(self, result: dict[str, Any]) -> str:
        return " ".join(f"{key}={value}" for key, value in result.items() if not isinstance(value, (list, dict)))

    def progress(self, total: int | None, unit: str = "行", description: str = "") -> tqdm:
        """A progress bar on standard error, shown only where that is a terminal."""
        return tqdm(total=total, unit=unit, desc=description, disable=None, file=sys.stderr, leave=False)

    def share_of_work(self, description: str = "") -> tqdm:
        """The same for work of several steps (`core.progress.Steps`), whose parts are of no unit."""
        return tqdm(desc=description, disable=None, file=sys.stderr, leave=False, bar_format=SHARE)

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options.pop("json", False)
        for name in ("settings", "pythonpath", "traceback", "no_color", "force_color", "skip_checks", "verbosity"):
            options.pop(name, None)
        previous = signal.getsignal(signal.SIGTERM)
        try:
            signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite kill is a Ctrl-C
        except ValueError:  # not the main thread
            previous = None
        try:
            result = {"status": "done", **self.run(**options)}
        except Refused as refusal:
            result = {"status": "refused", "message": refusal.message, **getattr(refusal, "result", {})}
        except KeyboardInterrupt:
            result = {
                "status": "stopped",
                "message": "中断しました。途中の変更は残っていません。もう一度実行できます。",
            }
        except CommandError:
            raise
        except Exception as error:
            if as_json:
                # The class only: a message of the database may carry a person's row.
                self.stdout.write(json.dumps({"status": "failed", "message": type(error).__name__}))
            self.stderr.write(f"予期しない誤りで止まりました（{type(error).__name__}）。変更は残っていません。")
            if options.get("verbosity", 1) > 1:
                raise
            sys.exit(EXIT["failed"])
        finally:
            if previous is not None:
                signal.signal(signal.SIGTERM, previous)
        if as_json:
            self.stdout.write(json.dumps(result, ensure_ascii=False, default=str))
        elif "message" in result:
            self.stderr.write(result["message"])
        else:
            self.stdout.write(self.say(result))
        code = EXIT[result["status"]]
        if code:
            sys.exit(code)
