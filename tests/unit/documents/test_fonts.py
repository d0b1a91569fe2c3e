"""Every character is printed by a font that has exactly it, or the paper is held."""

import pytest
from fontTools.fontBuilder import FontBuilder

from backend.characters import faces
from backend.documents import fonts
from tests.fonts import square

KATSU_ADOBE = "葛\U000e0100"  # the first form of Adobe-Japan1


@pytest.fixture
def town_font(tmp_path, settings):
    """A town's font with one 外字 at U+E000, a form of its own for 葛+U+E0105, and a few kana."""
    names = [".notdef", "gaiji", "katsu", "katsu.own", "a"]
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap(
        {0xE000: "gaiji", ord("葛"): "katsu", ord("あ"): "a"}, uvs=[(ord("葛"), 0xE0105, "katsu.own")]
    )
    builder.setupGlyf({name: square() for name in names})
    builder.setupHorizontalMetrics(dict.fromkeys(names, (900, 100)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Town Gaiji", "styleName": "Regular", "psName": "TownGaiji"})
    builder.setupOS2(sTypoAscender=800, usWeightClass=400)
    builder.setupPost()
    builder.save(tmp_path / "town.ttf")
    settings.FONT_DIRS = [str(tmp_path)]
    return "Town Gaiji"


def families(text):
    chain = faces.chain()
    return [(chain.families[index], piece) for index, piece in fonts.runs(text)]


def test_runs_put_together_are_the_text():
    text = f"髙﨑 𠮷郎 {KATSU_ADOBE}子 渡邉 がﾊﾟ"
    assert "".join(piece for _, piece in fonts.runs(text)) == text


def test_a_base_with_its_selector_goes_to_a_font_that_has_that_sequence():
    chain = faces.chain()
    for index, piece in fonts.runs(KATSU_ADOBE):
        assert (ord("葛"), 0xE0100) in chain.faces[index].sequences
        assert piece == KATSU_ADOBE


def test_a_sequence_that_no_font_has_is_reported_and_not_printed_as_its_base():
    text = "田\U000e01ef 一郎"
    assert fonts.missing(text) == [(1, "U+7530 U+E01EF")]
    with pytest.raises(fonts.Held):
        fonts.runs(text)


@pytest.mark.parametrize("text", ["外\ue000", "〓田", "a\ufffd", "葛\U000e0100\U000e0101", "\U000e0100葛"])
def test_lost_and_private_characters_hold_the_paper(text):
    assert fonts.missing(text)


def test_the_refusal_says_which_character_where_and_not_whose():
    with pytest.raises(fonts.Held) as held:
        fonts.hold([("世帯員2の氏名", "山\ue001 花子", {}), ("住所", "大浜市西町", {})])
    assert "世帯員2の氏名の2文字目（U+E001）" in held.value.message
    assert "花子" not in held.value.message


def test_the_towns_own_font_is_asked_first_and_may_have_private_characters(town_font):
    assert families("あ\ue000")[0] == (town_font, "あ\ue000")
    assert families("葛\U000e0105") == [(town_font, "葛\U000e0105")]
    assert families("山")[0][0] != town_font


def test_a_sequence_the_towns_font_lacks_goes_to_the_next(town_font):
    assert families(KATSU_ADOBE)[0][0] != town_font
