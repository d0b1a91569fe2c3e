"""Conservation over histories that nobody thought of; many more and longer ones in `make drill`."""

import os
import subprocess
import sys

import pytest

from .processes import ROOT

COUNT = int(os.environ.get("TASUKI_HISTORIES", "100"))
STEPS = "10"


@pytest.mark.once
@pytest.mark.parametrize("half", [1, 2])  # so that two processes share them
def test_whatever_a_screen_confirmed_is_found_in_the_end(half):
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.histories", "--count", str(COUNT // 2), "--steps", STEPS],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.sync.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
