"""Pictures that entries name: kept whole, taken in pieces, never believed before their hash is right."""

import base64
import hashlib

import pytest

from backend.core.errors import Refused
from backend.journal import files

WHOLE = bytes(range(256)) * 4
SHA = hashlib.sha256(WHOLE).hexdigest()


def piece(start, end, whole=WHOLE):
    return files.take_piece(SHA, len(WHOLE), start, base64.b64encode(whole[start:end]))


def test_pieces_come_in_order_once_or_more_often_and_make_the_whole(db):
    assert piece(0, 500) == 500
    assert files.content(SHA) is None
    assert files.held([SHA]) == set()
    assert piece(0, 500) == 500
    assert piece(700, 1024) == 500
    assert piece(500, 1024) == 1024
    assert files.content(SHA) == WHOLE
    assert files.held([SHA]) == {SHA}
    assert piece(0, 500) == 1024
    assert files.content(SHA) == WHOLE


def test_a_whole_that_is_another_one_is_thrown_away(db):
    piece(0, 500, bytes(1024))
    assert piece(500, 1024) == 0
    assert files.content(SHA) is None
    assert piece(0, 1024) == 1024
    assert files.content(SHA) == WHOLE


def test_too_much_or_no_base64_is_no_piece(db):
    assert files.take_piece(SHA, len(WHOLE), 0, base64.b64encode(WHOLE + b"more")) == 0
    with pytest.raises(Refused):
        files.take_piece(SHA, len(WHOLE), 0, b"no base64!")


def test_what_is_here_whole_is_kept_once_and_carried_as_far_as_a_stick_takes_it(db, monkeypatch):
    assert files.keep(WHOLE) == files.keep(WHOLE) == SHA
    assert list(files.carried([SHA, "0" * 64])) == [SHA]
    assert files.take_carried(files.carried([SHA]), {SHA: len(WHOLE)}) == [SHA]
    assert files.take_carried({SHA: 7}, {}) == []
    monkeypatch.setattr(files, "CARRIED", 1000)
    assert files.carried([SHA]) == {}
