"""The little language of payloads."""

import pytest

from backend.journal.schema import problems

SCHEMA = {"opening": "uuid", "people": "count", "note?": "text:5", "who?": {"kind": "one:a|b"}, "days?": ["time"]}
GOOD = {"opening": "0192f3c4-0000-7000-8000-000000000000", "people": 3}


@pytest.mark.parametrize(
    "more", [{}, {"note": "元気です"}, {"who": {"kind": "a"}}, {"days": ["2026-11-21T08:00:00+09:00"]}]
)
def test_what_fits_has_no_problems(more):
    assert problems(SCHEMA, GOOD | more) == []


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ({"people": -1}, "people"),
        ({"people": True}, "people"),
        ({"people": 1.5}, "people"),
        ({"opening": "0192F3C4-0000-7000-8000-000000000000"}, "opening"),
        ({"note": "長すぎる文です"}, "note"),
        ({"note": "\0"}, "note"),
        ({"note": "\ud800"}, "note"),
        ({"who": {"kind": "c"}}, "who.kind"),
        ({"who": {}}, "who.kind"),
        ({"days": ["2026-11-21T08:00:00"]}, "days[0]"),
        ({"days": "x"}, "days"),
        ({"my_number": "1"}, "my_number"),
    ],
)
def test_what_does_not_fit_is_named_by_its_key(more, where):
    assert [problem.split(":")[0] for problem in problems(SCHEMA, GOOD | more)] == [where]


def test_a_missing_key_is_named():
    assert problems(SCHEMA, {"people": 1}) == ["opening: missing"]
