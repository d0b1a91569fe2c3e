"""Values in pieces: none is lost, none comes twice, and nothing gives no piece."""

from __future__ import annotations

import pytest

from backend.core.pieces import pieces


@pytest.mark.parametrize(
    ("many", "sizes"),
    [(0, []), (1, [1]), (3, [3]), (4, [3, 1]), (6, [3, 3])],
    ids=["none", "one", "full", "more", "two"],
)
def test_every_value_is_in_one_piece(many, sizes):
    found = list(pieces((n for n in range(many)), 3))
    assert [len(piece) for piece in found] == sizes
    assert [n for piece in found for n in piece] == list(range(many))
