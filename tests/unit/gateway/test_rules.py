import hashlib
import json
from datetime import UTC, datetime

import pytest

from backend.gateway import rules

AT = datetime(2026, 11, 21, 9, tzinfo=UTC)
TOKEN = "7K2M" * 7
ROW = {
    "token_hash": hashlib.sha256(TOKEN.encode()).hexdigest(),
    "kind": "被災証明書",
    "number": "大浜市 被災第2026-000001号",
    "issued_on": "2026-11-21",
    "status": "valid",
}


def bundle(*rows):
    return rules.write({"certificates": rows}, made_at=AT, municipality="999997")[0]


@pytest.mark.parametrize(
    "typed",
    [TOKEN, TOKEN.lower(), "7K2M-" * 6 + "7K2M", " 7k2m " * 7, "７Ｋ２Ｍ" * 7, "7K2M－" * 6 + "７Ｋ２Ｍ"],
)
def test_a_token_may_be_typed_as_people_type(typed):
    assert rules.token_hash(typed) == ROW["token_hash"]


def test_letters_that_are_misread_for_digits_are_understood():
    assert rules.token_hash("O" * 14 + "il" * 7) == rules.token_hash("0" * 14 + "11" * 7)


@pytest.mark.parametrize("typed", ["", "7K2M", TOKEN + "7", "U" * 28, "あ" * 28, "../../etc/passwd", TOKEN + "'--"])
def test_what_cannot_be_a_token_has_no_key(typed):
    assert rules.token_hash(typed) is None


def test_a_bundle_reads_as_it_was_written():
    parsed = rules.read(bundle(ROW))
    assert (parsed.made_at, parsed.municipality, parsed.parts) == (AT, "999997", {"certificates": [ROW]})


@pytest.mark.parametrize(
    "row",
    [
        ROW | {"name": "高橋"},
        {key: value for key, value in ROW.items() if key != "status"},
        ROW | {"status": "perhaps"},
        ROW | {"token_hash": TOKEN},
        ROW | {"issued_on": "2026-13-01"},
        ROW | {"number": 5},
    ],
)
def test_a_row_of_another_shape_neither_leaves_nor_enters(row):
    with pytest.raises(rules.BundleError):
        bundle(row)
    body = json.loads(bundle()) | {"parts": {"certificates": [row]}}
    del body["sha256"]
    forged = body | {"sha256": hashlib.sha256(rules._canonical(body)).hexdigest()}
    with pytest.raises(rules.BundleError):
        rules.read(json.dumps(forged).encode())


def test_a_part_that_nobody_listed_does_not_leave():
    with pytest.raises(rules.BundleError):
        rules.write({"people": []}, made_at=AT, municipality="999997")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\xff",
        b"[]",
        b"{}",
        bundle(ROW)[:-20],
        bundle(ROW).replace(b"valid", b"withdrawn"),
        bundle(ROW).replace(b'"version":1', b'"version":2'),
    ],
)
def test_a_damaged_file_is_refused(data):
    with pytest.raises(rules.BundleError):
        rules.read(data)


def test_the_same_certificate_twice_is_refused():
    with pytest.raises(rules.BundleError):
        bundle(ROW, ROW)
