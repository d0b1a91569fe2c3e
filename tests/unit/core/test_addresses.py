import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from backend.core import addresses
from backend.core.addresses import address_key, split_address

WORDS = [
    "大浜市",
    "西町",
    "三日月町",
    "八千代",
    "茅ヶ崎",
    "が丘",
    "大字",
    "字",
    "一",
    "十二",
    "百",
    "丁目",
    "番",
    "番地",
    "の",
    "号",
    "-",
    "ー",
    "－",
    "・",
    "1",
    "23",
    "０",
    "４",
    " ",
    "　",
    "条",
    "番町",
    "甲",
    "ハイツ",
    "濵",
]
ADDRESSES = st.lists(st.sampled_from(WORDS), max_size=9).map("".join)


@pytest.mark.parametrize(
    "lot",
    [
        "一丁目2番3号",
        "1丁目2-3",
        "1-2-3",
        "１－２－３",
        "1の2の3",
        "1ー2ー3",
        "１丁目２番地３",
        "一丁目二番三号",
        " 1丁目 2番 3号",
        "1−2−3",
        "1 2 3",
        "01-02-03",
    ],
)
def test_a_lot_is_one_however_it_is_written(lot):
    assert split_address(f"大浜市西町{lot}") == ("大浜市西町", "1-2-3")


@pytest.mark.parametrize(
    ("address", "parts"),
    [
        ("西町1番地2", ("西町", "1-2")),
        ("西町１番地の２", ("西町", "1-2")),
        ("西町1", ("西町", "1")),
        ("西町", ("西町", "")),
        ("1-2", ("", "1-2")),
        ("", ("", "")),
        ("三日月町5", ("三日月町", "5")),
        ("八千代一丁目3", ("八千代", "1-3")),
        ("三番町2番", ("三番町", "2")),
        ("二番丁十番地", ("二番丁", "10")),
        ("四日市市三丁目", ("四日市市", "3")),
        ("北1条西3丁目", ("北一条西", "3")),
        ("西町千二百三番地", ("西町", "1203")),
        ("西町一〇三番地", ("西町", "103")),
        ("西町12番地甲", ("西町", "12甲")),
        ("大字西町5", ("西町", "5")),
        ("濵町2", ("浜町", "2")),
    ],
)
def test_place_and_lot_are_told_apart(address, parts):
    assert split_address(address) == parts


@pytest.mark.parametrize("place", ["茅ヶ崎市", "茅ケ崎市", "茅が崎市", "茅ガ崎市", "茅ｹ崎市"])
def test_a_place_is_one_however_its_ga_is_written(place):
    assert address_key(f"{place}1-2") == address_key("茅ヶ崎市1-2")


@given(ADDRESSES)
def test_a_key_is_its_own_key(address):
    assert address_key(address_key(address)) == address_key(address)


@given(ADDRESSES)
def test_the_short_way_gives_what_the_long_way_gives(address):
    assert split_address(address) == addresses._split(address)


@given(ADDRESSES)
@example("一番地一")  # a number that ends the text
def test_spaces_around_do_not_matter(address):
    assert address_key(f" {address}　") == address_key(address)
