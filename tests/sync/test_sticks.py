"""Files of USB sticks as they come to headquarters: broken, of somebody else, or altered."""

from __future__ import annotations

import pytest

from backend.core.errors import Refused
from backend.journal import sticks
from backend.journal.models import Entry

TORN, NOT_OURS = "途中で切れているか、書き換えられています", "Tasuki の書出しファイルではありません"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda data: data[:-20], TORN),
        (lambda data: data[: data.index(b"\n") + 5], TORN),
        (lambda data: data[:-30] + bytes([data[-30] ^ 1]) + data[-29:], TORN),
        (lambda data: data.replace(b'"v": 1', b'"v": 2', 1), TORN),
        (lambda data: b"", NOT_OURS),
        (lambda data: data[:40], NOT_OURS),
        (lambda data: b"\x89PNG\r\n" + bytes(200), NOT_OURS),
        (lambda data: data.replace(b'"there"', b'"back"', 1), "逆向きのファイルです"),
    ],
    ids=["torn", "torn early", "one bit", "its head", "empty", "torn in its head", "a picture", "the other way"],
)
def test_a_broken_file_is_refused_whole_and_the_good_one_is_taken_afterwards(stick, change, said):
    good = stick()
    before = Entry.objects.count()
    with pytest.raises(Refused, match=said):
        sticks.take_stick(by=None, data=change(good))
    assert Entry.objects.count() == before
    assert sticks.take_stick(by=None, data=good).accepted == 1
    again = sticks.take_stick(by=None, data=good)
    assert (again.accepted, again.duplicate) == (0, 1)


def test_files_of_strangers_are_refused_by_what_they_are(stick, laptop):
    with pytest.raises(Refused, match="港町の端末のファイルです。このサーバーでは受け取れません"):
        sticks.take_stick(by=None, data=stick(municipality="999999", municipality_name="港町"))
    with pytest.raises(Refused, match="登録のない端末のファイルです"):
        sticks.take_stick(by=None, data=stick(terminal="01990000-0000-7000-8000-000000000001"))


def test_an_entry_altered_under_the_right_key_breaks_the_chain_of_what_follows(stick, laptop, opening):
    """Sealed anew by somebody who has the key: what follows the altered one waits at headquarters, kept as it came."""
    _, pen = laptop
    for number in ("0001", "0002", "0003"):
        pen.arrive(opening, number)
    lines = [pen.lines[0], pen.lines[1].replace(b"0002", b"0009"), pen.lines[2]]
    brought = sticks.take_stick(by=None, data=stick(lines))
    assert (brought.accepted, brought.refused + brought.retry) == (2, 1)
    assert bytes(Entry.objects.filter(verdict="refused").get().raw) == pen.lines[2]
