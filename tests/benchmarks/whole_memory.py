"""A command of the product in this process; its JSON gains `peak_mb`: the most that it and its children held together."""

from __future__ import annotations

import contextlib
import io
import json
import threading

import psutil

from backend.__main__ import main

LOOK = 0.1  # seconds between two looks


def run() -> None:
    me, peak, over = psutil.Process(), [0.0], threading.Event()

    def look() -> None:
        while not over.wait(LOOK):
            held = 0
            for process in [me, *me.children(recursive=True)]:
                with contextlib.suppress(psutil.Error):
                    held += process.memory_full_info().pss
            peak[0] = max(peak[0], held / 1e6)

    threading.Thread(target=look, daemon=True).start()
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            main()
    finally:
        over.set()
        print(json.dumps(json.loads(said.getvalue() or "{}") | {"peak_mb": peak[0]}))


if __name__ == "__main__":
    run()
