"""`tasuki-shelter start` opens the desk for whoever sits before the laptop, and for nobody else."""

from __future__ import annotations

import sys
import time

import pytest

from offline_client import browser

from .processes import LAPTOP, Process, free_port

AT_HOME = {"DISPLAY": ":0", "WAYLAND_DISPLAY": "", "SSH_CONNECTION": "", "SSH_CLIENT": "", "SSH_TTY": ""}


@pytest.fixture
def opened(monkeypatch):
    """`opened(DISPLAY="")`: what was opened by a start with that environment."""
    found: list[str] = []
    monkeypatch.setattr("webbrowser.open", found.append)

    def start(**env):
        for name, value in (AT_HOME | env).items():
            monkeypatch.setenv(name, value)
        if (open_desk := browser.opener(8765)) is not None:
            open_desk()
        return found

    return start


def test_the_desk_is_opened_where_there_is_a_screen(opened):
    assert opened() == ["http://127.0.0.1:8765/"]


def test_windows_has_a_screen_without_saying_so(opened, monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    assert opened(DISPLAY="") == ["http://127.0.0.1:8765/"]


@pytest.mark.parametrize("env", [{"SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22"}, {"SSH_TTY": "/dev/pts/1"}])
def test_nothing_is_opened_for_somebody_elsewhere(opened, env):
    assert opened(**env) == []


def test_nothing_is_opened_without_a_screen(opened, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    assert opened(DISPLAY="") == []


def test_no_browser_is_no_error(opened, monkeypatch):
    def fail(address):
        raise OSError("no such program")

    monkeypatch.setattr("webbrowser.open", fail)
    assert opened() == []


@pytest.mark.once
@pytest.mark.xdist_group("laptop")
def test_it_listens_when_the_browser_comes_and_stays_away_when_told_so(town, tmp_path):
    """A browser of the test's own, which asks for the page and writes down what came."""
    port, seen = free_port(), tmp_path / "seen"
    script = tmp_path / "browser"
    script.write_text(
        f"#!{sys.executable}\nimport sys, urllib.request\n"
        f"status = urllib.request.urlopen(sys.argv[1], timeout=60).status\n"
        f"open({str(seen)!r}, 'a').write(f'{{sys.argv[1]}} {{status}}\\n')\n"
    )
    script.chmod(0o700)
    env = town.laptop_env | AT_HOME | {"BROWSER": str(script)}
    for more in (["--no-browser"], []):
        process = Process([*LAPTOP, "start", "--locked", "--port", str(port), *more], env, port)
        try:
            end = time.monotonic() + (1 if more else 30)
            while time.monotonic() < end and not seen.exists():
                time.sleep(0.05)
            assert seen.exists() is not bool(more)
        finally:
            process.kill()
    assert seen.read_text() == f"http://127.0.0.1:{port}/ 200\n"
