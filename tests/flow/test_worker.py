"""A round of certificates begun on the page and done by workers, of which one is killed and one is told to end."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from tests.flow.installation import Installation, open_town

HOMES = 30
# The page, as a browser would ask it; files of three papers, so that there are ten.
BEGIN = """
def hook(count): pass
import io, json
from django.conf import settings
from django.test import Client
from django.urls import reverse
from backend.accounts.models import Staff
from backend.core import work
from backend.damage.certificates.bulk import services
services.PAGES = 6
clerk, _ = Staff.objects.get_or_create(username="clerk", defaults={"division": "tax", "display_name": "税務 花子"})
client = Client(SERVER_NAME="127.0.0.1")
client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
token = work.new_token()
form = {"token": token, "purpose": "手続き", "post": "page"}
page = client.post(reverse("damage:bulk"), form, follow=True).content.decode()
print(json.dumps({"token": token, "page": page}))
sys.exit()
"""
# A worker that looks often; in its third file it is killed, or waits until it is told to end.
WORKER = """
def hook(count): pass
from backend.core import work, work_queue
from backend.damage.certificates.bulk import services as bulk
work.DEAD_AFTER, work_queue.BEAT = 2.0, 0.2
before, calls = bulk.number_block, []
def number_block(**named):
    calls.append(1)
    if len(calls) == 3:
        {what}
    return before(**named)
bulk.number_block = number_block
"""
KILLED = "os.kill(os.getpid(), signal.SIGKILL)"
SLOW = "print('third', flush=True); time.sleep(3)"


@pytest.fixture
def town(tmp_path: Path) -> Installation:
    return open_town(tmp_path, homes=HOMES)


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What page and workers share beside the database."""
    monkeypatch.setenv("TASUKI_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def state(data: Path, token: str) -> str:
    return json.loads((data / "work" / f"{token}.json").read_text())["state"]


def test_one_worker_is_killed_one_is_told_to_end_and_the_third_finishes_with_every_number_once(town, data):
    begun = town.start("x", hook=BEGIN)
    said = json.loads(begun.communicate(timeout=60)[0].splitlines()[-1])
    assert "順番を待っています" in said["page"]
    assert "作業を行うプロセスが動いていません" in said["page"]
    token = said["token"]
    assert state(data, token) == "waiting"

    killed = town.start("worker", hook=WORKER.replace("{what}", KILLED))
    assert (killed.wait(60), killed.stderr.read()) == (-signal.SIGKILL, "")  # also its presses end without a word
    assert state(data, token) == "running"  # as far as the file knows

    told = town.start("worker", hook=WORKER.replace("{what}", SLOW))
    while told.stdout.readline().strip() != "third":
        assert told.poll() is None
    told.send_signal(signal.SIGTERM)
    assert told.wait(60) == 0
    assert state(data, token) == "waiting"

    last = town.start("worker", hook=WORKER.replace("{what}", "pass"))
    until = time.monotonic() + 90
    while state(data, token) in {"waiting", "running"} and time.monotonic() < until:
        time.sleep(0.1)
    last.send_signal(signal.SIGTERM)
    assert last.wait(60) == 0
    assert state(data, token) == "done"

    folder = next((data / "certificates").iterdir())
    lines = (folder / "manifest.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    numbers = sorted(int(line.split(",")[0][-7:-1]) for line in lines)
    assert numbers == list(range(1, HOMES + 1))
    assert len(list(folder.glob("*.pdf"))) == 10
    assert len(list((data / "work" / "workers").iterdir())) == 1  # the killed one's: it could not say that it ended
