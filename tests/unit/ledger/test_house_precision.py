"""Links between houses and households against the invented town's truth: what is called certain is right."""

from __future__ import annotations

import pytest

from tests.benchmarks import houses

pytestmark = pytest.mark.django_db


def test_links_of_a_small_town_against_its_truth(tmp_path):
    result, _ = houses.run(tmp_path / "town", people=1500, seed=7)
    print(houses.table(result))  # seen with pytest -s
    assert result["certain_right"] >= 0.995
    assert result["likely_right"] >= 0.90
    assert result["found"] >= 0.95
    assert result["found_surely"] >= 0.93
