"""A backup brought back: it goes on signing where SECRET_KEY is the same, and old papers stay provable where that is lost."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import connection

from backend.core.fields import uuid7
from backend.documents import pdf, proofs, signing
from tests import postgres

from .conftest import DISASTER, body

pytestmark = pytest.mark.django_db(transaction=True)

ISSUE = """
import json, sys, django
django.setup()
from django.core.management import call_command
from backend.accounts.models import Staff
from backend.core.clock import now
from backend.core.errors import Refused
from backend.documents import pdf, services, signing
how = json.loads(sys.argv[1])
if how.pop("new_key"):
    call_command("make_signing_key", reason="SECRET_KEYの紛失", stdout=open("/dev/null", "w"))
try:
    made = services.issue(by=Staff.objects.first(), as_of=now(), **how)
except Refused as error:
    print(json.dumps({"refused": error.message}))
else:
    print(json.dumps({"number": made.number, "code": pdf.code_of(made.content), "keys": list(signing.public_keys())}))
"""


def proves(code: str, keys: list[dict[str, Any]]) -> bool:
    """As the verifier does it: with nothing but the code and the published keys."""
    text, _, signature = code.split("#")[1].rpartition(".")
    key = next(row["public"] for row in keys if row["key"] == text.split(".")[7])
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(proofs.decoded(signature), proofs.signed_bytes(text))
    return True


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Callable[[], str]]:
    """`copy()`: a backup as docs/operating.md says, brought back beside the original; its address."""
    made: list[str] = []

    def on_sqlite() -> str:
        connection.ensure_connection()
        with closing(sqlite3.connect(tmp_path / "copy.sqlite3")) as target:
            connection.connection.backup(target)  # what `.backup` of the command line does
        return f"sqlite:///{tmp_path / 'copy.sqlite3'}"

    def on_postgresql() -> str:
        here, name = connection.settings_dict, f"restored_{uuid7().hex}"
        server = ["-h", here["HOST"] or here["OPTIONS"]["host"], "-U", here["USER"]]

        def run(program: str, *arguments: Any) -> None:
            line = [postgres.binaries() / program, *server, *arguments]
            done = subprocess.run(line, capture_output=True, text=True, check=False, timeout=120)
            assert done.returncode == 0, done.stderr

        run("pg_dump", "--format=custom", "-f", tmp_path / "backup.dump", "-d", here["NAME"])
        run("createdb", "--template=template0", name)
        made.append(name)
        run("pg_restore", "--exit-on-error", "-d", name, tmp_path / "backup.dump")
        return postgres.named(os.environ["DATABASE_URL"], name)

    yield on_postgresql if connection.vendor == "postgresql" else on_sqlite
    with connection.cursor() as cursor:
        for name in made:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def restored(url: str, folder: Path, secret: str, *, new_key: bool = False) -> dict[str, Any]:
    """Another process on the copy, with that SECRET_KEY, issues one more certificate."""
    how = {
        **{"kind": "hisai", "form": "hisai/1", "disaster": str(DISASTER), "household": str(uuid7()), "body": body()},
        **{"reason": "新規交付", "receiver": "member", "id_checked": "licence", "new_key": new_key},
    }
    environment = os.environ | {
        "DATABASE_URL": url,
        "SECRET_KEY": secret,
        "TASUKI_DATA_DIR": str(folder),
        "DJANGO_SETTINGS_MODULE": "backend.settings",
        "TASUKI_ROLE": "inside",
        "TASUKI_MUNICIPALITY": settings.MUNICIPALITY,
        "TASUKI_MUNICIPALITY_CODE": settings.MUNICIPALITY_CODE,
        "ALLOWED_HOSTS": "testserver",
    }
    done = subprocess.run(
        [sys.executable, "-c", ISSUE, json.dumps(how)],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_a_restored_backup_signs_on_and_without_its_secret_key_a_new_key_takes_over(issue, copy, tmp_path):
    signing.make_key(by=None, reason="導入")
    before = issue()
    published = list(signing.public_keys())
    backup = copy()

    on = restored(backup, tmp_path, settings.SECRET_KEY)
    assert (on["number"], on["keys"]) == (before.number + 1, published)
    assert proves(on["code"], published)

    assert "SECRET_KEY が鍵を作ったときと違います" in restored(backup, tmp_path, "another-" + "x" * 50)["refused"]
    anew = restored(backup, tmp_path, "another-" + "x" * 50, new_key=True)
    assert anew["number"] == before.number + 2  # what was refused took none
    assert [row["state"] for row in anew["keys"]] == ["ended", "in_use"]
    assert proves(anew["code"], anew["keys"])
    assert proves(pdf.code_of(before.content), anew["keys"])
