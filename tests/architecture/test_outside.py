"""The Internet side, started alone: it holds no room that knows a resident, and nothing about anybody gets there."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from backend.damage.certificates import services
from backend.gateway.services import export_bundle

from .house import ROOT

# Whatever a household is known by; none of it may be found outside.
NAME, KANA, ADDRESS, ATENA, BIRTH = (
    "外浜 内子",
    "ソトハマ ウチコ",
    "大浜市奥町７７番地",
    "700000000000777",
    "1951-03-27",
)
TRACES = ["外浜", "内子", "ソトハマ", "ウチコ", "奥町", "大浜市奥町", ATENA, BIRTH, "19510327", "昭和26年3月27日"]
INSIDE_ADDRESSES = ["/desk/", "/desk/search/", "/admin/", "/admin/login/", "/api/v1/", "/api/v1/schema/", "/desk/ui/"]

LIST = """
import json, django
django.setup()
from django.apps import apps
from django.conf import settings
from django.db import connection
tables = connection.introspection.table_names()
with connection.cursor() as cursor:
    columns = {t: [c.name for c in connection.introspection.get_table_description(cursor, t)] for t in tables}
print(json.dumps({"apps": [a.name for a in apps.get_app_configs()], "columns": columns,
                  "modules": sorted(m for m in __import__("sys").modules if m.startswith("backend."))}))
"""
ASK = """
import json, sys, django
django.setup()
from django.test import Client
client, answers = Client(), {}
for address in json.loads(sys.argv[1]):
    answer = client.get(address)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    answers[address] = [answer.status_code, content.decode("utf-8", "replace"), len(answer.cookies)]
print(json.dumps(answers))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("outside")


@pytest.fixture(scope="module")
def outside(folder):
    """`outside(*arguments)`: Python with the settings of the outside, in a process and with a database of its own."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "TASUKI_ROLE": "outside",
        "SECRET_KEY": "only-for-this-test",
        "DATABASE_URL": f"sqlite:///{folder / 'outside.sqlite3'}",
        "TASUKI_DATA_DIR": str(folder),
        "TASUKI_MUNICIPALITY": "大浜市",
        "TASUKI_MUNICIPALITY_CODE": "999997",
        "ALLOWED_HOSTS": "testserver",
        "DJANGO_SETTINGS_MODULE": "backend.settings",
    }

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("-m", "backend", "migrate", "--verbosity", "0")
    return run


@pytest.fixture
def carried(outside, folder, disaster, household, staff):
    """A certificate issued inside; its bundle, as written and as loaded outside."""
    members = [{"name": NAME, "kana": KANA, "atena_no": ATENA, "birth": BIRTH, "address": ADDRESS}]
    home = household(disaster(), members, address=ADDRESS, household_no="700000777")
    paper = services.issue_hisai(by=staff("tax"), household_id=home.id, purpose="保険金の請求", id_checked="licence")
    file = folder / f"{datetime.now(UTC).timestamp()}.json"
    export_bundle(path=file)
    outside("-m", "backend", "load_bundle", str(file))
    return home, paper, file


def ask(outside, *addresses):
    return json.loads(outside("-c", ASK, json.dumps(addresses)))


def test_only_core_and_gateway_are_there(outside):
    found = json.loads(outside("-c", LIST))
    ours = {name for name in found["apps"] if name.startswith("backend.")}
    assert ours == {"backend.core", "backend.gateway"}
    rooms = {name.split(".")[1] for name in found["modules"]} - {"settings", "urls"}
    assert rooms <= {"core", "gateway"}


def test_its_tables_can_hold_nobody(outside):
    tables = json.loads(outside("-c", LIST))["columns"]
    assert {name for name in tables if not name.startswith(("sqlite_", "django_migrations"))} == {
        "gateway_bundle",
        "gateway_certificatestatus",
        "gateway_publickey",
        "gateway_printedkind",
        # What somebody applied with is there only sealed for inside; the rest says nothing of anybody.
        "gateway_applicationdesk",
        "gateway_applicationstate",
        "gateway_sealedform",
        "gateway_sealedpicture",
        "gateway_use",
    }
    assert set(tables["gateway_certificatestatus"]) == {"token_hash", "kind", "number", "issued_on", "status", "as_of"}


def test_no_inside_address_answers(outside):
    for address, (status, page, _) in ask(outside, *INSIDE_ADDRESSES).items():
        assert status == 404, address
        assert "ログイン" not in page


def test_it_is_alive_and_sets_no_cookies(outside):
    answers = ask(outside, "/", "/verify/", "/healthz", "/readyz", "/shelters/", "/verify/nobody-knows-this")
    assert [status for status, _, _ in answers.values()] == [200, 200, 200, 200, 404, 404]
    assert not any(cookies for _, _, cookies in answers.values())


def test_a_stranger_learns_what_the_bundle_says_and_no_more(outside, carried):
    _, paper, _ = carried
    status, page, _ = ask(outside, f"/verify/{paper.token}")[f"/verify/{paper.token}"]
    assert status == 200
    assert "本物です" in page
    assert paper.number_text in page
    assert not [trace for trace in TRACES if trace in page]


def test_neither_bundle_nor_database_holds_a_trace_of_anybody(outside, carried, folder):
    home, paper, file = carried
    with sqlite3.connect(folder / "outside.sqlite3") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    stored = b"".join(path.read_bytes() for path in folder.glob("outside.sqlite3*"))
    secrets = [*TRACES, paper.token, str(home.id), home.disaster_number, home.household_no, "保険金"]
    for where, data in (("bundle", file.read_bytes()), ("database", stored)):
        assert paper.number_text.encode() in data, where
        escaped = [json.dumps(secret)[1:-1] for secret in secrets]
        assert not [s for s in [*secrets, *escaped] if s.encode() in data], where
        assert not [s for s in TRACES if s.encode("utf-16-le") in data], where


def test_the_inside_alone_has_no_public_pages():
    environment = os.environ | {"TASUKI_ROLE": "inside", "SECRET_KEY": "x", "DATABASE_URL": "sqlite://:memory:"}
    code = "import django; django.setup()\nfrom django.urls import resolve\nresolve('/verify/')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment | {"DJANGO_SETTINGS_MODULE": "backend.settings"},
        capture_output=True,
        text=True,
    )
    assert "Resolver404" in done.stderr
