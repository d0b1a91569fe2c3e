"""A real server process, a real laptop process, the wire between them, and somebody at a browser."""

from __future__ import annotations

import http.cookiejar
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.template import empty

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "long-enough-for-tests"
PASSWORD = "long-enough-words"
# The laptop is installed without what the server adds: here such a package can't be imported.
SERVER_ONLY = [
    "psycopg2",
    "import_export",
    "drf_spectacular",
    "axes",
    "typst",
    "fontTools",
    "gunicorn",
    "yaml",
    "rapidfuzz",
]
# A hash that is meant to be slow would be most of the time.
QUICK = "from django.contrib.auth.hashers import PBKDF2PasswordHasher; PBKDF2PasswordHasher.iterations = 1\n"
# A clock that is wrong by so many days, for whatever asks it.
CLOCK = """
import os, datetime
if off := float(os.environ.get("TASUKI_TEST_CLOCK_DAYS", "0")):
    from backend.core import clock
    clock.device_now = lambda: datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=off)
"""
LAPTOP = [
    "-c",
    f"import sys; sys.modules.update(dict.fromkeys({SERVER_ONLY!r}))\n{CLOCK}{QUICK}"
    "from offline_client.__main__ import main; main()",
]
START = [*LAPTOP, "start", "--no-browser"]
PREPARE = (
    f"""
import json, django
django.setup()
{QUICK}"""
    + """
from datetime import timedelta
from backend.accounts.models import Staff
from backend.core.clock import now
from backend.facilities.models import Facility
from backend.journal import packs, terminals
from backend.ledger.models import Disaster, Household, Person
from backend.ledger.search_keys import search_keys
from backend.core.check_digits import format_disaster_number
made = {}
place = Facility.objects.create(name="西町小学校", kana="ニシマチショウガッコウ")
Facility.objects.create(name="港公民館", kana="ミナトコウミンカン")
for division in ("shelter", "administrator"):
    Staff.objects.create_user(username=division, password="long-enough-words", division=division, display_name=division)
event = Disaster.objects.create(code="2026", name="大浜沖地震", occurred_at=now() - timedelta(days=2), last_number=2)
for number, family in ((1, ["高橋 一郎", "高橋 花子"]), (2, ["鈴木 次郎"])):
    home = Household.objects.create(disaster=event, number=number, household_no=f"9{number:06}", address="大浜市西町１番地",
        disaster_number=format_disaster_number("2026", number))
    for position, name in enumerate(family, 1):
        Person.objects.create(disaster=event, household=home, position=position, name=name, address=home.address,
            atena_no=f"8{number:06}{position:02}", birth="1970-01-02", sex="1", is_head=position == 1,
            **search_keys(name=name, kana="", alias="", address=home.address))
terminal, token = terminals.make_ready(by=None, facility=place.pk)
print(json.dumps({"facility": str(place.pk), "terminal": str(terminal.pk), "token": token,
    "code": packs.envelope_code(terminal)}))
"""
)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Process:
    """A program that serves on a port until it is ended."""

    def __init__(self, arguments: list[str], env: dict[str, str], port: int, path: str = "/healthz") -> None:
        self.arguments, self.env, self.port, self.path = arguments, env, port, path
        self.url = f"http://127.0.0.1:{port}"
        self.start()

    def start(self) -> None:
        self.running = subprocess.Popen(
            [sys.executable, *self.arguments],
            env=os.environ | self.env,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.await_answer()

    def await_answer(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(self.url + self.path, timeout=5).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                if self.running.poll() is not None:
                    raise RuntimeError(f"{self.arguments} ended with {self.running.returncode}") from None
                time.sleep(0.05)
        raise TimeoutError(self.url)

    def kill(self) -> None:
        """As when the battery dies."""
        self.running.kill()
        self.running.wait()

    stop = kill


class Wire:
    """Carries bytes between a port of its own and another one, while it is whole."""

    def __init__(self, to: int) -> None:
        self.to, self.whole = to, True
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.server.getsockname()[1])
        self.open: list[socket.socket] = []
        self.pushing = threading.Event()  # while the server is at a push, and has answered nothing of it
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        self.whole = False
        for one in self.open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self.open.clear()

    def join(self) -> None:
        self.whole = True

    def _serve(self) -> None:
        while True:
            try:
                here, _ = self.server.accept()
            except OSError:
                return
            if not self.whole:
                here.close()
                continue
            try:
                there = socket.create_connection(("127.0.0.1", self.to))
            except OSError:  # the server is down
                here.close()
                continue
            self.open += [here, there]
            threading.Thread(target=self._carry, args=(here, there, True), daemon=True).start()
            threading.Thread(target=self._carry, args=(there, here, False), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, asks: bool) -> None:
        try:
            while data := one.recv(65536):
                if not asks:
                    self.pushing.clear()
                if asks and b"POST /api/v1/journal/push/" in data[:200]:
                    self.pushing.set()
                other.sendall(data)
        except OSError:
            pass
        finally:
            for end in (one, other):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)


class Person:
    """Somebody at a browser without scripts."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.page = ""
        self.at = self.url_at = ""

    def get(self, path: str) -> str:
        with self.opener.open(self.url + path, timeout=60) as answer:
            self._reads(answer)
        return self.page

    def _reads(self, answer: Any) -> None:
        self.page, self.url_at = answer.read().decode(), answer.url
        self.at = urllib.parse.urlsplit(answer.url).path

    def post(self, path: str, **values: Any) -> str:
        return self.post_from(path, path, **values)

    def post_from(self, page: str, path: str, **values: Any) -> str:
        """Press a button of that page which sends to this path."""
        token = next((cookie.value for cookie in self.jar if "csrf" in cookie.name), "")
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token or "", **values}, doseq=True).encode()
        return self._sends(urllib.request.Request(self.url + path, data, {"Referer": self.url + page}))

    def upload(self, path: str, name: str, data: bytes) -> str:
        """Choose a file and press the button; also the page that refuses it."""
        token = next((cookie.value for cookie in self.jar if "csrf" in cookie.name), "")
        body = encode_multipart(BOUNDARY, {"csrfmiddlewaretoken": token or "", "file": SimpleUploadedFile(name, data)})
        headers = {"Referer": self.url + path, "Content-Type": MULTIPART_CONTENT}
        try:
            return self._sends(urllib.request.Request(self.url + path, body, headers))
        except urllib.error.HTTPError as refused:
            if refused.code != 422:
                raise
            self._reads(refused)
            return self.page

    def download(self, path: str, method: str = "GET") -> bytes:
        """The file behind a link, or (POST) a button."""
        token = next((cookie.value for cookie in self.jar if "csrf" in cookie.name), "")
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token or ""}).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + path, data, {"Referer": self.url + path})
        with self.opener.open(request, timeout=60) as answer:
            assert answer.headers["Content-Disposition"].startswith("attachment")
            return bytes(answer.read())

    def _sends(self, request: urllib.request.Request) -> str:
        with self.opener.open(request, timeout=60) as answer:
            self._reads(answer)
        return self.page

    def sign_in(self, username: str = "shelter") -> Person:
        self.get("/desk/accounts/login/")
        self.post("/desk/accounts/login/", username=username, password=PASSWORD, reason="shelter")
        assert self.at != "/desk/accounts/login/", re.sub("<[^>]+>", " ", self.page)[:2000]
        return self

    def openings(self) -> dict[str, str]:
        """Name of each shelter on the list -> its opening."""
        found = re.findall(r'href="/desk/shelters/([0-9a-f-]{36})/"[^>]*>\s*([^<]+?)\s*<', self.get("/desk/shelters/"))
        return {name: opening for opening, name in found}

    def roster(self, opening: str) -> set[str]:
        """Who is on the roster, by the CSV that the page offers."""
        text = self.get(f"/desk/shelters/{opening}/roster.csv").lstrip("\ufeff")
        lines = [line.split(",") for line in text.splitlines()[1:]]
        return {line[4].strip('"') for line in lines if len(line) > 4}


class Town:
    """Headquarters with an invented town, and one laptop that may join; on a SQLite file, or in the database at `url`."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.env = {
            "DJANGO_SETTINGS_MODULE": "backend.settings",
            "TASUKI_ROLE": "demo",
            "TASUKI_DATA_DIR": str(folder / "server"),
            "DATABASE_URL": url or f"sqlite:///{folder / 'server.sqlite3'}",
            "TASUKI_ACCESS_LOG_ALIAS": "log",
            "PYTHONPATH": str(ROOT),
        }
        (folder / "server").mkdir()
        if not url:
            (folder / "server.sqlite3").write_bytes(empty())
        self.made = json.loads(self._run(["-c", PREPARE]).splitlines()[-1])
        code = f"{QUICK}import waitress; from backend.wsgi import application; "
        code += f"waitress.serve(application, host='127.0.0.1', port={self.port}, threads=4)"
        self.server = Process(["-c", code], self.env, self.port)
        self.wire = Wire(self.port)
        self.home = folder / "laptop"
        self.laptop_env = {
            "TASUKI_SHELTER_HOME": str(self.home),
            "TASUKI_SHELTER_PASSPHRASE": PASSPHRASE,
            "DJANGO_SETTINGS_MODULE": "offline_client.settings",
            "PYTHONPATH": str(ROOT),
            "TASUKI_TRACEBACK": "1",
            "TASUKI_SHELTER_EVERY": "3600",  # exchanges when the test says so
        }
        self.laptop: Any = None
        self.school = ""  # its opening

    def _run(self, arguments: list[str]) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=os.environ | self.env, cwd=ROOT, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def shelter(self, *arguments: str, expect: int = 0, **env: str) -> dict[str, Any]:
        """Run `tasuki-shelter` with `--json`."""
        done = subprocess.run(
            [sys.executable, *LAPTOP, *arguments, "--json"],
            env=os.environ | self.laptop_env | env,
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        assert done.returncode == expect, done.stdout + done.stderr[-3000:]
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def join(self) -> dict[str, Any]:
        return self.shelter("join", f"http://127.0.0.1:{self.wire.port}", "--token", self.made["token"])

    def start(self, *, shared: bool = False, **env: str) -> Process:
        """Start it; `shared`: with phones, at 127.0.0.1."""
        port, more = free_port(), []
        if shared:
            self.share_port = free_port()
            self.shared = f"https://127.0.0.1:{self.share_port}"
            more = ["--share", "127.0.0.1", "--share-port", str(self.share_port)]
        self.laptop = Process([*START, "--port", str(port), *more], self.laptop_env | env, port)
        return self.laptop

    def starts_again(self, *more: str, **env: str) -> None:
        """The same laptop at the same ports, with other arguments."""
        process = self.laptop
        process.kill()
        process.arguments = [part for part in process.arguments if part != "--locked"] + list(more)
        process.env = self.laptop_env | env
        process.start()

    def close(self) -> None:
        self.server.stop()
        self.wire.server.close()
        if self.laptop is not None:
            self.laptop.stop()
