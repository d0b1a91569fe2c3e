"""How the databases of a server are opened."""

from __future__ import annotations

from django.db import connections
from django.db.backends.sqlite3.base import DatabaseWrapper

from backend import settings as server


def test_what_a_server_on_sqlite_has_answered_for_is_on_the_disk(tmp_path, django_db_blocker):
    """A laptop no longer offers what was answered for, so losing it with the power would be losing it for good."""
    given = server.database(f"sqlite:///{tmp_path / 'server.sqlite3'}")
    config = connections.configure_settings({"default": given})["default"]
    opened = DatabaseWrapper(config, "default")
    try:
        with django_db_blocker.unblock(), opened.cursor() as cursor:
            said = {}
            for name in ("synchronous", "journal_mode", "foreign_keys"):
                cursor.execute(f"PRAGMA {name}")
                said[name] = cursor.fetchone()[0]
    finally:
        opened.close()
    assert said == {"synchronous": 2, "journal_mode": "wal", "foreign_keys": 1}
