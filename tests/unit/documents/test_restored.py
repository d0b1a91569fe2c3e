"""A backup brought back: it goes on signing where SECRET_KEY is the same, and old papers stay provable where that is lost."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.conf import settings
from django.db import connection

from backend.core.fields import uuid7
from backend.documents import pdf, proofs, signing

from .conftest import DISASTER, body

# One copy brings its own database: the same on either.
pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]

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


def restored(copy: Path, secret: str, *, new_key: bool = False) -> dict[str, Any]:
    """Another process on the copy, with that SECRET_KEY, issues one more certificate."""
    how = {
        **{"kind": "hisai", "form": "hisai/1", "disaster": str(DISASTER), "household": str(uuid7()), "body": body()},
        **{"reason": "新規交付", "receiver": "member", "id_checked": "licence", "new_key": new_key},
    }
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{copy}",
        "SECRET_KEY": secret,
        "TASUKI_DATA_DIR": str(copy.parent),
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


def test_a_restored_backup_signs_on_and_without_its_secret_key_a_new_key_takes_over(issue, tmp_path):
    signing.make_key(by=None, reason="導入")
    before = issue()
    published = list(signing.public_keys())
    connection.ensure_connection()
    copy = tmp_path / "copy.sqlite3"
    with sqlite3.connect(copy) as target:
        connection.connection.backup(target)  # what `.backup` of the command line does
    target.close()

    on = restored(copy, settings.SECRET_KEY)
    assert (on["number"], on["keys"]) == (before.number + 1, published)
    assert proves(on["code"], published)

    assert "SECRET_KEY が鍵を作ったときと違います" in restored(copy, "another-" + "x" * 50)["refused"]
    anew = restored(copy, "another-" + "x" * 50, new_key=True)
    assert anew["number"] == before.number + 2  # what was refused took none
    assert [row["state"] for row in anew["keys"]] == ["ended", "in_use"]
    assert proves(anew["code"], anew["keys"])
    assert proves(pdf.code_of(before.content), anew["keys"])
