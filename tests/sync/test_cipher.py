"""The laptop's database: Django's own SQLite backend over the encrypting driver, with the disk's word for every commit."""

import json
import os
import subprocess
import sys
import threading

import pytest
import sqlcipher3
from django.db import DatabaseError, connections

from offline_client import home, keyring
from offline_client.cipher import resting

from .processes import ROOT

pytestmark = pytest.mark.once
SQL = "SELECT v FROM kept WHERE v = %s"


@pytest.fixture(scope="module")
def options(tmp_path_factory):
    """How the laptop's own settings open its database; read in a process of their own, where no others are loaded."""
    env = os.environ | {"TASUKI_SHELTER_HOME": str(tmp_path_factory.mktemp("home")), "PYTHONPATH": str(ROOT)}
    code = (
        "import json; from offline_client.settings import DATABASES; print(json.dumps(DATABASES['default']['OPTIONS']))"
    )
    read = subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(read.stdout)


@pytest.fixture
def database(options, tmp_path, monkeypatch, django_db_blocker):
    """`database()`: a new connection to the laptop's file, as its settings say."""
    monkeypatch.setenv("TASUKI_SHELTER_HOME", str(tmp_path))
    made = []

    def connect():
        from offline_client.cipher.base import DatabaseWrapper

        given = {"default": {"ENGINE": "offline_client.cipher", "NAME": str(home.database()), "OPTIONS": options}}
        made.append(DatabaseWrapper(connections.configure_settings(given)["default"], "default"))
        return made[-1]

    with django_db_blocker.unblock():
        yield connect
        for one in made:
            one.close()
    keyring.lock()


def test_what_is_written_is_read_with_the_passphrase_and_by_nobody_else(database, tmp_path):
    assert keyring.unlock("first-passphrase")
    one = database()
    with one.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (v text)")
        cursor.execute("INSERT INTO kept VALUES (%s)", ["高橋 一郎"])
    one.close()
    assert b"".join(path.read_bytes() for path in tmp_path.iterdir()).count("高橋".encode()) == 0
    assert not keyring.unlock("another-passphrase")
    assert keyring.unlock("first-passphrase")
    with database().cursor() as cursor:
        assert cursor.execute(SQL, ["高橋 一郎"]).fetchall() == [("高橋 一郎",)]


def test_nothing_opens_while_it_is_locked(database):
    keyring.unlock("first-passphrase")
    database().ensure_connection()
    keyring.lock()
    with pytest.raises((keyring.Locked, DatabaseError)):
        database().ensure_connection()


def test_it_waits_for_the_disk_and_holds_what_django_asks_of_sqlite(database):
    keyring.unlock("first-passphrase")
    with database().cursor() as cursor:
        assert cursor.execute("PRAGMA synchronous").fetchone() == (2,)
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert cursor.execute("SELECT json_extract(%s, '$.a')", ['{"a": 7}']).fetchone() == (7,)
        assert cursor.execute("SELECT django_date_extract('year', '2026-11-21')").fetchone() == (2026,)


def test_it_locks_itself_when_nobody_works(database, monkeypatch):
    keyring.unlock("first-passphrase")
    assert not keyring.lock_when_idle(seconds=100)
    assert keyring.lock_when_idle(seconds=0)
    assert not keyring.is_unlocked()


def lock_from_elsewhere():
    locking = threading.Thread(target=keyring.lock)
    locking.start()
    locking.join(10)


def test_a_connection_outlives_a_request_but_not_the_key(database, monkeypatch):
    keyring.unlock("first-passphrase")
    one = database()
    monkeypatch.setattr(resting.connections, "all", lambda **_: [one])
    resting.work()
    one.ensure_connection()
    opened = one.connection
    resting.rest()
    assert one.connection is opened
    lock_from_elsewhere()
    assert one.connection is None
    with pytest.raises(sqlcipher3.ProgrammingError):
        opened.execute("SELECT 1")


def test_who_is_at_work_when_the_laptop_is_locked_comes_to_an_end(database, monkeypatch):
    keyring.unlock("first-passphrase")
    one = database()
    monkeypatch.setattr(resting.connections, "all", lambda **_: [one])
    one.ensure_connection()
    resting.rest()
    resting.work()
    lock_from_elsewhere()
    with one.cursor() as cursor:
        assert cursor.execute("SELECT 1").fetchone() == (1,)
    resting.rest()
    assert one.connection is None
