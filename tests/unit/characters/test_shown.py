"""What is stored is found by its plain form, shown as what it is or as 〓 with its code point, and never changed."""

import pytest
from django.template import Context, Template

from backend.characters import faces, queries, scan
from backend.ledger.models import Person
from backend.ledger.queries import Asked, search

KATSU = "葛\U000e0102"  # a form of Moji_Joho
KATSU_ADOBE = "葛\U000e0100"


def shown(text):
    return Template("{% load tasuki %}{{ text|shown }}").render(Context({"text": text}))


def test_an_ordinary_name_is_left_alone():
    assert queries.shown("髙﨑 一郎") is None
    assert shown("髙﨑 <一郎>") == "髙﨑 &lt;一郎&gt;"


def test_a_character_without_map_and_font_is_a_geta_with_its_code_point(db):
    page = shown("<山>\ue000田")
    assert "〓" in page
    assert "U+E000" in page
    assert "&lt;山&gt;" in page
    assert "\ue000" not in page


def test_a_mapped_character_is_shown_as_what_it_is(load):
    load(f"コード,文字\nU+E000,{KATSU_ADOBE}\n")
    page = shown("\ue000西")
    assert KATSU_ADOBE in page
    assert "U+E000" in page
    assert "〓" not in page


def test_a_character_of_the_towns_font_is_drawn_for_machines_without_it(db, build_font):
    build_font("Town Gaiji", {0xE000: "gaiji"})
    page = shown("\ue000田")
    assert "<svg" in page
    assert 'aria-label="外字 U+E000"' in page
    assert "M100" in page


def test_a_form_that_no_font_has_says_so_beside_its_base(db):
    page = shown("田\U000e01ef")
    assert "似た字形" in page
    assert "U+E01EF" in page


@pytest.mark.skipif(not any("IPAmj" in f.family for f in faces.chain().faces), reason="IPAmj明朝 is not installed")
def test_an_mj_number_is_found_in_the_font_that_carries_it(load):
    load("コード,MJ文字図形名\nU+E000,MJ022336\n")
    way = queries.way("\ue000", "register")
    assert way.text[0] == "葛"
    assert queries.plain("\ue000西")[0] == "葛"


def test_a_font_put_into_the_folder_is_noticed(db, build_font):
    assert queries.way("\ue000", "register") is None
    build_font("Town Gaiji", {0xE000: "gaiji"})
    faces.look_again()
    assert queries.way("\ue000", "register") == queries.Way("\ue000")


def test_a_source_with_a_map_means_what_the_map_says_and_nothing_of_the_towns_font(load, build_font):
    build_font("Town Gaiji", {0xE000: "gaiji", 0xE001: "other"})
    load("コード,文字,書体\nU+E000,葛,\nU+E002,,Town Gaiji\n")
    assert queries.way("\ue000", "register").text == "葛"
    assert queries.way("\ue001", "register") is None  # not in the map: nobody says what it is
    assert queries.way("\ue002", "register") is None  # the font that it names doesn't have it
    assert queries.way("\ue001", "typed") == queries.Way("\ue001")


def names(result):
    return [person.name for person in result.people]


def found(text, event, clerk):
    return names(search(Asked(text=text), disaster=event, staff=clerk))


def test_a_map_loaded_later_lets_people_be_found_and_changes_no_name(load, household, disaster, staff):
    event, clerk = disaster(), staff("register")
    household(event, [{"name": "\ue000西 花子"}, {"name": "渡辺 一郎"}])
    assert found("葛西", event, clerk) == []
    _, counts = load(f"コード,文字\nU+E000,{KATSU}\n")
    assert counts["refolded"] == 1
    assert found("葛西", event, clerk) == ["\ue000西 花子"]
    assert found("\ue000西", event, clerk) == ["\ue000西 花子"]
    assert found("渡辺", event, clerk) == ["渡辺 一郎"]
    load("コード,文字\nU+E000,高\n")
    assert found("葛西", event, clerk) == []
    assert found("高西", event, clerk) == ["\ue000西 花子"]
    assert Person.objects.get(name__endswith="花子").name == "\ue000西 花子"


def test_a_map_of_the_house_roll_is_none_of_the_registers(load, household, disaster, staff):
    event, clerk = disaster(), staff("register")
    household(event, [{"name": "\ue000西 花子"}])
    load("コード,文字\nU+E000,葛\n", source="house_roll")
    assert found("葛西", event, clerk) == []


def test_the_scan_counts_what_nothing_prints(load, household, disaster):
    event = disaster()
    household(event, [{"name": "\ue000西 花子"}, {"name": "\ue001西 \ue001子"}, {"name": "髙﨑 一郎"}])
    household(event, [{"name": "田\U000e01ef 一", "address": "大浜市\ue001町"}])
    load("コード,文字\nU+E000,葛\n")
    result = scan.scan(None)
    assert result.people == 4
    said = {m.codes: (m.people, m.where) for m in result.missing}
    assert said == {"U+E001": (2, "氏名・住所"), "U+7530 U+E01EF": (1, "氏名")}


def test_the_scan_tells_nobody_of_the_protected(household, disaster, staff, sign_in):
    from backend.ledger.models import Protection

    home = household(disaster(), [{"name": "\ue000西 花子"}, {"name": "髙﨑 一郎"}])
    Protection.objects.create(person=home.members.first(), source="desk")
    answer = sign_in(staff("administrator")).post("/desk/characters/check/")
    assert answer.status_code == 200
    assert "U+E000" not in answer.content.decode()
    assert (
        "U+E000"
        in sign_in(staff("administrator", sees_protected=True)).post("/desk/characters/check/").content.decode()
    )


def test_the_page_of_the_scan_names_nobody(household, disaster, staff, sign_in):
    household(disaster(), [{"name": "\ue000西 花子"}])
    page = sign_in(staff("administrator")).post("/desk/characters/check/").content.decode()
    assert "U+E000" in page
    assert "花子" not in page


def test_the_first_page_lists_the_fonts_in_their_order(staff, sign_in, build_font):
    build_font("Town Gaiji", {0xE000: "gaiji"})
    page = sign_in(staff("administrator")).get("/desk/characters/").content.decode()
    assert page.index("Town Gaiji") < page.index("Noto Serif")


def test_the_household_page_says_which_characters_nothing_shows(household, disaster, staff, sign_in):
    home = household(disaster(), [{"name": "\ue000西 花子", "kana": "カサイ ハナコ"}])
    page = sign_in(staff("tax")).get(f"/desk/households/{home.pk}/").content.decode()
    assert "世帯員1（カサイ ハナコ）の氏名の1文字目（U+E000）" in page
    assert "〓" in page
    assert "\ue000" not in page


def test_a_household_that_is_all_readable_says_nothing(household, disaster, staff, sign_in, load):
    load("コード,文字\nU+E000,葛\n")
    home = household(disaster(), [{"name": "\ue000西 花子"}])
    page = sign_in(staff("tax")).get(f"/desk/households/{home.pk}/").content.decode()
    assert "表示・印刷できない文字" not in page
    assert "葛" in page
