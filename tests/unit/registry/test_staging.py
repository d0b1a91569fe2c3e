"""Uploads that wait: half of one stays nowhere, and what nobody came back for is gone when the server starts."""

import importlib
import os
import time

import pytest

from backend.registry import staging


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path / "uploads"


def staged(pieces):
    return staging.stage(pieces=pieces, name="full.csv", kind="full", as_of=None, owner="1")


def test_half_an_upload_is_removed_at_once(folder):
    def broken():
        yield "宛名番号".encode()
        raise OSError("the browser went away")

    with pytest.raises(OSError, match="went away"):
        staged(broken())
    assert list(folder.iterdir()) == []


def test_what_nobody_came_back_for_goes_when_the_server_starts(folder):
    old, fresh = staged([b"a"]), staged([b"b"])
    past = time.time() - staging.KEPT - 60
    for path in (old.path, old.path.with_suffix(".json")):
        os.utime(path, (past, past))
    importlib.reload(importlib.import_module("backend.wsgi"))
    assert not old.path.exists()
    assert fresh.path.exists()
