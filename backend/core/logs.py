"""Log lines that name nobody: of an exception only where it was and of which class, never what it said."""

from __future__ import annotations

import logging
import traceback
from typing import Any


class Nameless(logging.Formatter):
    """A database's message carries the row that it refused, so no exception's message is written."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is the standard library's
        return "".join([*traceback.format_tb(ei[2]), ei[0].__name__])
