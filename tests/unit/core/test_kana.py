import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.kana import looks_like_kana, search_kana, to_wide

TEXT = st.text(
    st.sampled_from("ｶﾞﾊﾟｰｱﾝかがっャヂヅヲヽヾゝゞー－-・ \u3000\u3099\u309aﾞaＡ高゠") | st.characters(codec="utf-8")
)


@pytest.mark.parametrize(
    ("half", "wide"),
    [
        ("ﾀｶﾊｼ ｲﾁﾛｳ", "タカハシ イチロウ"),
        ("ﾊﾞﾝﾄﾞｳ", "バンドウ"),
        ("タカハシ　イチロウ", "タカハシ　イチロウ"),
        ("ｼｬｰﾘｰ", "シャーリー"),
        ("", ""),
    ],
)
def test_readings_are_stored_in_full_width(half, wide):
    assert to_wide(half) == wide


@given(TEXT)
def test_no_half_width_kana_is_left(text):
    assert not any("\uff61" <= character <= "\uff9f" for character in to_wide(text))
    assert to_wide(to_wide(text)) == to_wide(text)


@pytest.mark.parametrize("written", ["キョウコ ヲダ", "きょうこ　おだ", "ｷﾖｳｺ･ｵﾀﾞ", "キョーウコオダ", "ｷｮｳｺ-ｵﾀﾞ"])
def test_a_reading_is_found_however_it_is_written(written):
    assert search_kana(written) == "キヨウコオダ"


def test_sounds_written_in_two_ways_are_one():
    assert search_kana("ミヅキ") == search_kana("ミズキ")
    assert search_kana("チヂワ") == search_kana("チジワ")
    assert search_kana("スヾ") == search_kana("すず")
    assert search_kana("ハナ") != search_kana("バナ")


@given(TEXT)
def test_a_key_is_its_own_key(text):
    assert search_kana(search_kana(text)) == search_kana(text)


@pytest.mark.parametrize("text", ["タカハシ", "ﾀｶﾊｼ ﾀﾞｲ", "たかはし　いちろう", "マリア・ルイサ", "ユーコ"])
def test_kana_is_recognised(text):
    assert looks_like_kana(text)


@pytest.mark.parametrize("text", ["高橋", "タカ橋", "", " ", "ー", "S45.1.2", "123", "Maria"])
def test_what_is_no_kana_is_not(text):
    assert not looks_like_kana(text)
