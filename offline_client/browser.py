"""The desk in the browser of whoever started the laptop: opened for them once it listens, where there is one."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Callable
from contextlib import suppress

# Somebody who is elsewhere would not see it.
ELSEWHERE = ("SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY")
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")
IN_A_WINDOW = ("linux", "freebsd", "openbsd", "netbsd")  # where a screen is named by the environment


def opener(port: int) -> Callable[[], None] | None:
    """What opens the desk; None where nobody would see it: over ssh, without a screen."""
    if any(os.environ.get(name) for name in ELSEWHERE):
        return None
    if sys.platform.startswith(IN_A_WINDOW) and not any(os.environ.get(name) for name in SCREENS):
        return None  # a browser in letters would take the terminal, where Ctrl+C ends the desk

    def open_desk() -> None:
        # The address stands in the terminal too: it is never worth an error.
        with suppress(Exception):
            webbrowser.open(f"http://127.0.0.1:{port}/")

    return open_desk
