"""A benchmark measures the product with the settings that a town's installation has."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from .house import ROOT

LOOK = """
import json, os
before = dict(os.environ)
from tests.benchmarks import __main__ as benchmarks
loaded = dict(os.environ)
benchmarks.as_installed()
print(json.dumps([before == loaded, sorted(name for name in os.environ if name.startswith("TASUKI_"))]))
"""


@pytest.mark.once
def test_it_takes_no_setting_from_the_suite_or_from_a_shell():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TASUKI_")}
    given = {"TASUKI_DATABASE_KEEP_SECONDS": "0", "TASUKI_BENCH_SPLINK_PYTHON": "python"}
    run = [sys.executable, "-c", LOOK]
    done = subprocess.run(run, cwd=ROOT, env=environment | given, capture_output=True, text=True, check=True)
    loading_changed_nothing, left = json.loads(done.stdout)
    assert loading_changed_nothing
    assert left == ["TASUKI_BENCH_SPLINK_PYTHON"]
