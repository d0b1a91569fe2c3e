"""Conservation over histories that nobody thought of; many more of them in `make drill`."""

import os
import subprocess
import sys

import pytest

from .processes import ROOT

COUNT = os.environ.get("TASUKI_HISTORIES", "25")


@pytest.mark.once
def test_whatever_a_screen_confirmed_is_found_in_the_end():
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.histories", "--count", COUNT],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.sync.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
