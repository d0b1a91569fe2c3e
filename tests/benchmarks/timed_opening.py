"""A command of the product in this process, with the rebuild of the register inside it timed.

The JSON that the command prints gains `as_of_seconds`. Nothing else differs from `python -m backend COMMAND`.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from typing import Any

from backend.__main__ import main


def run() -> None:
    import django

    django.setup()
    from backend.registry import as_of

    spent: list[float] = []
    rebuild = as_of.rebuild

    def timed(*args: Any, **kwargs: Any) -> Any:
        began = time.perf_counter()
        try:
            return rebuild(*args, **kwargs)
        finally:
            spent.append(time.perf_counter() - began)

    as_of.rebuild = timed
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            main()
    finally:
        result = json.loads(said.getvalue() or "{}")
        if len(spent) != 1:
            raise RuntimeError(f"the register was rebuilt {len(spent)} times, not once: {result}")
        print(json.dumps({**result, "as_of_seconds": spent[0]}, ensure_ascii=False))
        sys.stdout.flush()


if __name__ == "__main__":
    run()
