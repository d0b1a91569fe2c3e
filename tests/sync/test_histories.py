"""Conservation over histories that nobody thought of; many more and longer ones in `make drill`."""

import os
import subprocess
import sys

import pytest

from .processes import ROOT

COUNT = int(os.environ.get("TASUKI_HISTORIES", "500"))
STEPS = "10"
PARTS = 4


@pytest.mark.once
@pytest.mark.parametrize("part", range(PARTS))  # so that the processes of a run share them
def test_whatever_a_screen_confirmed_is_found_in_the_end(part):
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.histories", "--count", str(COUNT // PARTS), "--steps", STEPS],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.sync.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
