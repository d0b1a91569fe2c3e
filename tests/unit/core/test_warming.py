"""Nobody's first page waits until the server has loaded what it is made of."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.postgres import ROOT

FIRST_PAGE = """
import sys
from unittest import mock
import backend.wsgi
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client

assert all(one.connection is None for one in connections.all(initialized_only=True)), "forked processes would share it"
call_command("migrate", verbosity=0)
settings.ALLOWED_HOSTS = ["testserver"]
before = {name for name in sys.modules if name.startswith("backend.")}
with mock.patch("django.template.loaders.filesystem.Loader.get_contents", side_effect=AssertionError("read anew")):
    answer = Client().get(sys.argv[1], follow=True)
assert answer.status_code == 200, answer.status_code
assert "<form" in answer.content.decode()
print(sorted({name for name in sys.modules if name.startswith("backend.")} - before))
"""


@pytest.mark.once
@pytest.mark.parametrize(("role", "address"), [("demo", "/desk/"), ("inside", "/")])
def test_the_first_page_is_there_and_loads_nothing_any_more(role, address, tmp_path):
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "TASUKI_ROLE": role,
        "SECRET_KEY": "only-for-this-test-" * 3,
        "ALLOWED_HOSTS": "testserver",
        "TASUKI_HTTPS": "false",
        "TASUKI_DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'first.sqlite3'}",
    }
    first_page = [sys.executable, "-c", FIRST_PAGE, address]
    done = subprocess.run(first_page, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip().splitlines()[-1] == "[]"
