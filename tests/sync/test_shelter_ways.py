"""A shelter's laptop and headquarters about people: the ways of shelter_ways.py, in a process with both sides' tables."""

import os
import subprocess
import sys

import pytest

from .processes import ROOT


@pytest.mark.once
def test_answers_arrive_a_lost_one_leaves_nothing_unsent_and_protection_is_lifted_everywhere():
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.shelter_ways"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.sync.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert done.stdout.count("went") == 4
