"""A family's own code at the door: read tolerantly, checked in whole with one act, and never twice."""

import base64
import json
import zlib
from contextlib import suppress
from uuid import UUID

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from backend.facilities.models import Facility
from backend.ledger.models import Protection
from backend.shelters import queries, services, wishes
from backend.shelters.needs.queries import needs_of
from backend.shelters.prereg import rules

FAMILY = {
    "f": "0123456789abcdef",
    "a": "大浜市西町１番地",
    "t": "090-0000-0000",
    "c": "大浜 300 あ 12-34",
    "p": "犬1",
    "m": [
        ["髙橋 一郎", "たかはし いちろう", "19700102", "1", "MH"],
        ["髙橋 花子", "たかはし はなこ", "19710203", "2", "", "卵・そば"],
        ["髙橋 さくら", "", "20250405", "2", "N"],
        ["髙橋 梅"],
    ],
}


def code(said, version="1"):
    data = said if isinstance(said, bytes) else json.dumps(said, ensure_ascii=False).encode()
    data += zlib.crc32(data).to_bytes(4, "big")
    return f"TSKP{version}" + base64.b32encode(data).decode().rstrip("=")


@pytest.fixture
def opening(db):
    return services.open_shelter(by=None, facility=Facility.objects.create(name="西町小学校"))


@pytest.fixture
def desk(sign_in, staff):
    return sign_in(staff("shelter"))


def scan(desk, opening, text, **more):
    return desk.post(reverse("shelters:find", args=[opening]), {"q": text, **more}, follow=True)


def test_the_whole_family_with_one_key(desk, opening):
    page = scan(desk, opening, code(FAMILY))
    assert page.content.decode().count(" checked") == 4
    everybody = [str(member.evacuee) for member in page.context["family"].members]
    done = scan(desk, opening, code(FAMILY), evacuee=everybody, arrive="1", how="car")
    assert "4名を受け付けました" in done.content.decode()
    rows = queries.roster(opening, staff=None).rows
    assert {(r.face.name, r.face.birth, r.face.address, r.how) for r in rows} >= {
        ("髙橋 一郎", "1970-01-02", "大浜市西町１番地", "car"),
        ("髙橋 梅", "", "大浜市西町１番地", "car"),
    }
    said = {row.face.name: [one.label for one in needs_of([row.face.id]).get(row.face.id, [])] for row in rows}
    assert said["髙橋 花子"] == ["アレルギー：卵・そば"]
    assert said["髙橋 一郎"] == ["服薬中・薬が必要", "受診・入院が必要", "ペット：犬1"]
    assert queries.head_count(opening).outside == 4


def test_scanned_twice_or_at_another_shelter_they_are_the_same_people(desk, opening):
    other = services.open_shelter(by=None, facility=Facility.objects.create(name="港公民館"))
    everybody = [str(member.evacuee) for member in rules.read(code(FAMILY)).members]
    scan(desk, opening, code(FAMILY), evacuee=everybody, arrive="1")
    again = scan(desk, opening, code(FAMILY), evacuee=everybody, arrive="1")
    assert "4名はすでにこの避難所で受付済みです" in again.content.decode()
    scan(desk, other, code(FAMILY), evacuee=everybody[:1], arrive="1")
    assert (queries.head_count(opening).people, queries.head_count(other).people) == (3, 1)
    assert queries.head_count(opening).households == 1


def test_who_wants_nobody_to_be_told_is_hidden_from_the_first_moment(desk, opening, staff, sign_in):
    hidden = {**FAMILY, "m": [["北原 ナツ", "", "19900101", "2", "X"]]}
    member = rules.read(code(hidden)).members[0]
    scan(desk, opening, code(hidden), evacuee=[str(member.evacuee)], arrive="1")
    assert Protection.objects.get().evacuee == member.evacuee
    assert "北原" not in sign_in(staff("welfare")).get(reverse("shelters:shelter", args=[opening])).content.decode()


def test_a_hidden_member_is_moved_by_nobody_who_may_not_see_her_and_her_shelter_is_not_named(
    desk, opening, staff, sign_in
):
    other = services.open_shelter(by=None, facility=Facility.objects.create(name="港公民館"))
    everybody = {member.details["name"]: str(member.evacuee) for member in rules.read(code(FAMILY)).members}
    scan(desk, opening, code(FAMILY), evacuee=[*everybody.values()], arrive="1")
    wishes.ask_protection(by=None, evacuee=UUID(everybody["髙橋 花子"]))
    elsewhere = sign_in(staff("shelter"))
    refused = scan(elsewhere, other, code(FAMILY), evacuee=[*everybody.values()], arrive="1")
    assert refused.status_code == 422
    assert "受け付けられない方" in refused.content.decode()
    assert "西町小学校" not in refused.content.decode()
    others = [pk for name, pk in everybody.items() if name != "髙橋 花子"]
    assert "3名を移動" in scan(elsewhere, other, code(FAMILY), evacuee=others, arrive="1").content.decode()
    assert queries.places_of([UUID(everybody["髙橋 花子"])]) == {UUID(everybody["髙橋 花子"]): opening}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (code(FAMILY)[:-9], "途中で切れた"),
        (code(FAMILY).replace("A", "1", 1), "読めない文字"),
        (code(FAMILY, version="2"), "新しい形式"),
        ("TSKP1" + "A" * 2500, "長すぎます"),
        (code(b"\xff\xfe"), "中身が読めません"),
        (code({"m": "x"}), "中身が読めません"),
        (code({"m": [["", "カナ"], 7]}), "氏名のある人がいません"),
        (code(b"[" * 900), "中身が読めません"),
    ],
)
def test_a_bad_code_says_why_and_what_to_do(desk, opening, text, why):
    page = scan(desk, opening, text)
    assert page.status_code == 422
    assert why in page.content.decode()


def test_what_a_newer_page_adds_is_passed_over_and_what_is_wrong_of_one_is_said():
    said = {**FAMILY, "new": [1], "m": [["北原 ハル", "", "19501332", "9", "MZ!", "", "", "", "new"], [""]]}
    family = rules.read(code(said))
    assert [m.details.get("birth") for m in family.members] == [None]
    assert family.members[0].needs == [("medicine", ""), ("pet", "犬1")]
    assert len(family.left_out) == 2


def test_two_babies_of_one_name_are_two_people(desk, opening):
    twins = code({**FAMILY, "m": [["髙橋 花子"], ["赤ちゃん"], ["赤ちゃん"]]})
    everybody = [str(member.evacuee) for member in rules.read(twins).members]
    assert "3名を受け付けました" in scan(desk, opening, twins, evacuee=everybody, arrive="1").content.decode()
    assert "3名はすでに" in scan(desk, opening, twins, evacuee=everybody, arrive="1").content.decode()


def test_a_scanner_with_an_input_method_on_or_without_capitals_is_understood():
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code(FAMILY))
    assert rules.read(wide) == rules.read(code(FAMILY).lower()) == rules.read(code(FAMILY))


@given(st.text(max_size=60))
def test_nothing_that_is_scanned_breaks_the_door(text):
    for candidate in (
        "TSKP1" + text,
        "TSKP" + text,
        code({"m": [[text] * 9], "a": text}),
        code({"m": [text, {"x": text}]}),
    ):
        with suppress(rules.Unreadable):
            assert rules.read(candidate).members
