"""Photographs of lists between laptops and headquarters: the ways of picture_ways.py, in a process with both sides' tables."""

import os
import subprocess
import sys

import pytest

from .processes import ROOT


@pytest.mark.once
def test_pictures_follow_their_entries():
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.picture_ways"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.sync.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert done.stdout.count("went") == 5
