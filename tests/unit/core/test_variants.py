import unicodedata

import pytest

from backend.core.variants import IDENTITY, SEARCH, read_table

PAIRS = read_table()
WRONG = ["﨑埼", "澤途", "吉桔", "濵頻", "崎埼", "廣廣"]


def test_every_pair_stands_once_in_a_fold_and_shows_its_code_points():
    seen = set()
    for pair in PAIRS:
        folds = {"search", "identity"} if pair.fold == "both" else {pair.fold}
        assert not any((pair.variant, fold) in seen for fold in folds), pair
        seen |= {(pair.variant, fold) for fold in folds}
        assert pair.codes == f"U+{ord(pair.variant):04X} U+{ord(pair.plain):04X}"
        assert pair.variant != pair.plain
        assert pair.basis


@pytest.mark.parametrize("table", [SEARCH, IDENTITY])
def test_there_are_no_chains(table):
    assert not set(table) & set(table.values())


def test_pairs_are_met_after_nfkc():
    for pair in PAIRS:
        assert unicodedata.is_normalized("NFKC", pair.variant + pair.plain), pair


def test_only_han_characters_are_in_the_table():
    for pair in PAIRS:
        assert unicodedata.name(pair.variant).startswith("CJK"), pair
        assert unicodedata.name(pair.plain).startswith("CJK"), pair


def test_mistakes_of_published_tables_are_not_repeated():
    pairs = {pair.variant + pair.plain for pair in PAIRS}
    assert not pairs & {order for pair in WRONG for order in (pair, pair[::-1])}


def test_strict_fold_joins_nothing_that_the_wide_one_keeps_apart():
    for variant, plain in IDENTITY.items():
        assert SEARCH.get(variant, variant) == SEARCH.get(plain, plain)


def test_a_broken_line_is_named(tmp_path):
    table = tmp_path / "variants.tsv"
    table.write_text("# head\n髙\t高\tboth\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"variants.tsv:2"):
        read_table(table)
