import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import variants
from backend.core.names import identity_key, is_odd, search_key, split_name

MARKS = "".join(variants.SEARCH) + "々ヶゖかガ゛ﾞ\u3099\u0301\U000e0100\ufe00 \u3000・ßİ㍼①ﬁ高橋"
TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from(MARKS), max_size=12)


@pytest.mark.parametrize("written", ["高橋", "髙橋", "髙𣘺", "髙\U000e0100橋", "髙槗", "高 橋"])
def test_all_takahashi_are_found_by_the_plain_form(written):
    assert search_key(written) == "高橋"


def test_the_four_saito_find_each_other_but_are_two_families_when_compared_strictly():
    assert len({search_key(f"{sai}藤") for sai in "斉斎齋齊"}) == 1
    assert identity_key("斎藤") == identity_key("齋藤") != identity_key("斉藤") == identity_key("齊藤")


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("渡邉", "渡辺"),
        ("渡邊", "渡辺"),
        ("山﨑", "山崎"),
        ("山嵜", "山崎"),
        ("濵田", "浜田"),
        ("濱田", "浜田"),
        ("澤田", "沢田"),
        ("廣田", "広田"),
        ("德川", "徳川"),
        ("嶋", "島"),
        ("嶌", "島"),
        ("冨田", "富田"),
        ("栁", "柳"),
        ("曻", "昇"),
        ("靑木", "青木"),
        ("眞", "真"),
        ("龍", "竜"),
        ("𠮷田", "吉田"),
        ("佐佐木", "佐々木"),
        ("三ヶ尻", "三ケ尻"),
        ("マリア・ルイサ", "ﾏﾘｱ ﾙｲｻ"),
        ("NGUYEN Van", "Ｎｇｕｙｅｎ　ｖａｎ"),
        ("さくら", "サクラ"),
        ("福\ufe00田", "福田"),
    ],
)
def test_variants_are_found_either_way(written, plain):
    assert search_key(written) == search_key(plain)


@pytest.mark.parametrize("pair", ["崎埼", "沢途", "吉桔", "浜頻", "修脩", "坂阪", "萩荻", "巳己", "辺部", "斉済"])
def test_different_characters_stay_apart(pair):
    assert search_key(pair[0]) != search_key(pair[1])


@given(TEXT)
def test_a_key_is_its_own_key(text):
    assert search_key(search_key(text)) == search_key(text)
    assert identity_key(identity_key(text)) == identity_key(text)


@given(TEXT)
def test_who_is_the_same_strictly_is_found_too(text):
    assert search_key(identity_key(text)) == search_key(text)


def test_names_are_split_at_the_first_space_of_any_width():
    assert split_name("髙橋　一郎") == ("髙橋", "一郎")
    assert split_name("GARCIA  Maria Luisa ") == ("GARCIA", "Maria Luisa")
    assert split_name("髙橋") == ("髙橋", "")
    assert split_name("") == ("", "")


@pytest.mark.parametrize("character", ["\ue000", "\U000f0000", "\ufffd", "〓", "\n", "\x00", "\uffff", "\u0378", "한"])
def test_characters_nobody_can_read_are_noticed(character):
    assert is_odd(f"田中{character}")


@pytest.mark.parametrize(
    "name", ["髙𣘺 一郎", "葛\U000e0100城", "ﾀﾅｶ", "𠮷田", "José Peña", "佐々木　ゆゞ", "メゾンⅡ", ""]
)
def test_registered_names_are_not_odd(name):
    assert not is_odd(name)


def test_known_sets_hold_nothing_unassigned_private_or_controlling():
    # Ideographs that are newer than the Unicode data of this Python are known to us and not to it.
    newer = [
        range(0x2A6DE, 0x2A700),
        range(0x2B735, 0x2B740),
        range(0x2CEA2, 0x2CEAE),
        range(0x2EBF0, 0x2EE5E),
        range(0x31350, 0x3347A),
    ]
    wrong = [
        hex(code)
        for code in range(0x110000)
        if unicodedata.category(chr(code)) in ("Cn", "Co", "Cc", "Cs")
        and not is_odd(chr(code))
        and not any(code in block for block in newer)
    ]
    assert wrong == []


def test_a_mark_after_a_repeated_sound_still_makes_one_key():
    assert search_key(search_key("ハ々ﾞ")) == search_key("ハ々ﾞ") == "ハバ"
