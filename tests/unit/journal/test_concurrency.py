"""Several writers at once: still one chain, one row of numbers, nothing lost."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections

from backend.core.clock import now
from backend.journal.models import Entry
from backend.journal.queries import verify_chain
from backend.journal.services import record
from tests.template import empty

WRITER = """
import os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
django.setup()
from tests.unit.journal.test_concurrency import write
write(20)
"""


def write(times: int) -> None:
    try:
        for _ in range(times):
            payload = {"opening": str(uuid4()), "people": 1}
            record(kind="headcount.reported", payload=payload, occurred_at=now(), by=None)
    finally:
        connections.close_all()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_four_writers_make_one_chain():
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(write, 10) for _ in range(4)]:
            done.result()
    assert list(Entry.objects.order_by("received_no").values_list("received_no", flat=True)) == list(range(1, 41))
    assert verify_chain(Entry.objects.first().device).problem is None


@pytest.mark.once
def test_three_processes_on_one_sqlite_file_make_one_chain(tmp_path):
    env = os.environ | {"DATABASE_URL": f"sqlite:///{tmp_path / 'shelter.sqlite3'}", "TASUKI_DATA_DIR": str(tmp_path)}
    run = [sys.executable, "-m", "backend"]
    (tmp_path / "shelter.sqlite3").write_bytes(empty())
    writers = [subprocess.Popen([sys.executable, "-c", WRITER], env=env) for _ in range(3)]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    found = subprocess.run([*run, "verify_journal"], env=env, check=True, capture_output=True, text=True)
    assert "記録 60件" in found.stdout
