"""Search: whatever a clerk types for somebody finds them, alone or together with the rest."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.core.check_digits import format_disaster_number
from backend.ledger import words
from backend.ledger.models import Protection
from backend.ledger.queries import Asked, search

SAITO = ["斉藤", "斎藤", "齋藤", "齊藤"]
NUMBER = format_disaster_number("2026", 1)


@pytest.fixture
def town(disaster, household):
    event = disaster()
    people = {
        "髙橋 一郎": {"kana": "タカハシ イチロウ", "address": "大浜市西町一丁目２番３号"},
        "髙𣘺　京子": {"kana": "タカハシ　キョウコ", "birth": "1971-02-03"},
        "葛\U000e0101城 三郎": {"kana": "カツラギ サブロウ", "birth": "1980-00-00"},
        "グエン ヴァン アン": {"alias": "西山 安男", "birth": "1990-05-06"},
        "MARIA GONZALES": {"birth": "1985-07-00"},
    }
    for name, fields in people.items():
        household(event, [{"name": name, **fields}], address=fields.get("address", "大浜市港町５番地"))
    for name in SAITO:
        household(event, [{"name": f"{name} 花", "kana": "サイトウ ハナ", "birth": "1960-01-01"}], address="大浜市北町")
    words.rebuild(event)
    return event


@pytest.fixture
def found(town, staff):
    clerk = staff("tax")

    def ask(text="", **boxes):
        result = search(Asked(text=text, **boxes), disaster=town, staff=clerk)
        return {person.name for person in result.people}

    return ask


ICHIRO, KYOKO = "髙橋 一郎", "髙𣘺　京子"


@pytest.mark.parametrize(
    "typed", ["高橋", "髙橋", "髙𣘺", "高\U000e0100橋", "橋", "タカハシ", "ﾀｶﾊｼ", "たかはし", "たか"]
)
def test_every_form_of_a_family_name_finds_every_other(found, typed):
    assert {ICHIRO, KYOKO} <= found(typed)


@pytest.mark.parametrize("typed", SAITO)
def test_each_saito_finds_all_four(found, typed):
    assert found(typed) == {f"{name} 花" for name in SAITO}


@pytest.mark.parametrize(
    "typed",
    [
        "一郎", "いちろう", "ｲﾁﾛｳ", "高橋一郎", "高橋 一郎", "高橋　一郎", "一郎 高橋", "高橋 いちろう", "高橋いちろう",
        "タカハシイチロウ", "ﾀｶﾊｼ ｲﾁﾛｳ", "たかはし　いちろう", "たかはし いち",
    ],
)  # fmt: skip
def test_a_name_in_every_way_of_typing_it(found, typed):
    assert found(typed) == {ICHIRO}
    assert found(kana=typed) == {ICHIRO}
    assert found(typed, birth="S45.1.2") == {ICHIRO}


def test_small_kana_variation_selectors_aliases_and_letters(found):
    assert found("きようこ") == found("高橋きょうこ") == {KYOKO}
    assert found("葛城") == {"葛\U000e0101城 三郎"}
    assert found("西山") == found("西山安男") == found("グエン") == found(kana="ぐえん") == {"グエン ヴァン アン"}
    assert found("gonzales maria") == found("MARIA GONZALES") == found("ｍａｒｉａ") == {"MARIA GONZALES"}


BIRTHS = [
    "1971-02-03", "19710203", "1971/2/3", "S46.2.3", "s46.2.3", "S460203", "昭和46年2月3日", "昭46.2.3", "3 46 2 3",
    "3460203", "3.46.2.3", "３　４６　２　３", "３４６０２０３", "昭和４６年２月３日", "１９７１－０２－０３", "3  46  2  3",
    "S46 2 3", "昭和46年 2月 3日", "1971 2 3",
]  # fmt: skip


@pytest.mark.parametrize("typed", BIRTHS)
def test_a_birth_date_in_every_notation_in_either_box(found, typed):
    assert found(birth=typed) == {KYOKO}
    assert found(typed) == {KYOKO}
    assert found(f"高橋 {typed}") == {KYOKO}
    assert found(f"斎藤 {typed}") == set()


@pytest.mark.parametrize("typed", ["1971年", "S46", "昭和46年", "昭46年", "1971-02", "S46.2"])
def test_a_year_or_a_month_alone(found, typed):
    assert found(typed) == found(birth=typed) == {KYOKO}


def test_a_year_without_a_word_for_it_in_the_birth_box(found):
    assert found(birth="1971") == found(birth="昭和46") == found(birth="１９７１") == {KYOKO}


def test_a_birthday_that_the_register_knows_in_part_only(found):
    assert found(birth="1980-04-05") == {"葛\U000e0101城 三郎"}
    assert found(birth="1985-07-09") == {"MARIA GONZALES"}
    assert found(birth="1985-08-09") == set()


def test_a_birth_date_that_can_not_be_is_said(town, staff):
    result = search(Asked(birth="1971-02-30"), disaster=town, staff=staff("tax"))
    assert not result.people
    assert "日付" in result.problem
    assert "1971" not in result.problem


@pytest.mark.parametrize(
    "typed",
    [
        "西町1-2-3", "西町1-2", "西町１－２－３", "西町一丁目2番3号", "西町1丁目２番", "大浜市西町1の2の3", "西町 1-2-3",
        "西町", "大浜市西町", "高橋 西町1-2", "西町 1 高橋",
    ],
)  # fmt: skip
def test_a_part_of_an_address(found, typed):
    assert found(typed) == {ICHIRO}


def test_a_lot_is_no_beginning_of_a_longer_one(found):
    assert found("西町1-2-33") == found("西町1-22") == set()
    assert found("港町 5 一郎") == set()
    assert "MARIA GONZALES" in found("港町 5")
    assert found(address="大浜市 西町") == found(address="西町1-2", kana="たか") == {ICHIRO}


@pytest.mark.parametrize("typed", ["000123", "123", "１２３", "0000000123"])
def test_numbers_with_and_without_their_zeros(found, household, town, typed):
    household(town, [{"name": "番号 太郎", "atena_no": "000123", "kana": "バンゴウ タロウ"}], household_no="000777")
    words.rebuild(town)
    assert found(typed) == found(f"番号 {typed}") == found(typed, kana="ばんごう") == {"番号 太郎"}
    assert found("777") == found("0777") == {"番号 太郎"}
    assert found("12") == found("23") == set()


def test_thirteen_digits_may_be_somebodys_number(found, household, town):
    household(town, [{"name": "番号 太郎", "atena_no": "2026000000199"}])
    assert found("2026000000199") == {"番号 太郎"}


LETTERS = format_disaster_number("ABCD", 1)


@pytest.mark.parametrize(
    "typed",
    [
        NUMBER, NUMBER.replace("-", ""), NUMBER.replace("-", " "), NUMBER.replace("-", "－"), NUMBER.replace("-", "ー"),
        NUMBER.translate(str.maketrans("0123456789-", "０１２３４５６７８９－")), f" {NUMBER}　",
    ],
)  # fmt: skip
def test_a_disaster_number_however_it_is_typed(found, typed):
    assert found(typed) == {ICHIRO}


def test_a_disaster_number_together_with_the_rest(found):
    assert found(f"高橋 {NUMBER}") == found(NUMBER, kana="たかはし") == found(NUMBER, birth="S45.1.2") == {ICHIRO}
    assert found(NUMBER, kana="さいとう") == found(f"斎藤 {NUMBER}") == set()


def test_a_number_of_letters_in_either_case(disaster, household, staff):
    event = disaster("ABCD")
    household(event, [{"name": "髙橋 一郎"}, {"name": "髙橋 花"}])
    for typed in (LETTERS, LETTERS.lower(), LETTERS.lower().replace("-", "")):
        people = search(Asked(text=typed), disaster=event, staff=staff("tax")).people
        assert [person.name for person in people] == ["髙橋 一郎", "髙橋 花"]


def slips(number):
    yield from (number[:i] + str((int(number[i]) + 1) % 10) + number[i + 1 :] for i in (0, 6, 11, 14))
    yield from (
        number[:i] + number[i + 1] + number[i] + number[i + 2 :] for i in (0, 10, 13) if number[i] != number[i + 1]
    )
    yield number.replace("0", "O", 1)


def test_one_wrong_digit_or_two_swapped_is_asked_about(town, staff):
    for typed in slips(NUMBER):
        for text in (typed, typed.replace("-", "")):
            result = search(Asked(text=text), disaster=town, staff=staff("tax"))
            assert [home.disaster_number for home in result.did_you_mean] == [NUMBER], text
            assert not result.people
            assert "検査数字" in result.problem


@pytest.mark.parametrize("cut", [lambda n: n[:-3], lambda n: n[:-3].replace("-", ""), lambda n: f"2026-{int(n[5:12])}"])
def test_a_number_without_its_check_digits_is_asked_about(town, staff, cut):
    result = search(Asked(text=cut(NUMBER)), disaster=town, staff=staff("tax"))
    assert [home.disaster_number for home in result.did_you_mean] == [NUMBER]
    assert "最後の2けた" in result.problem
    assert not search(Asked(text="2026-5000000"), disaster=town, staff=staff("tax")).did_you_mean


def test_only_numbers_that_exist_are_meant(town, staff):
    far = format_disaster_number("2026", 5_000_000)
    wrong = far[:-1] + str((int(far[-1]) + 1) % 10)
    result = search(Asked(text=wrong), disaster=town, staff=staff("tax"))
    assert (result.did_you_mean, result.people) == ([], [])
    assert search(Asked(text=far), disaster=town, staff=staff("tax")).problem == "この番号の世帯はありません。"


@pytest.mark.parametrize("boxes", [{}, {"text": "　 "}, {"kana": " ", "birth": "　"}, {"text": "・"}])
def test_nothing_typed_is_said(town, staff, boxes):
    result = search(Asked(**boxes), disaster=town, staff=staff("tax"))
    assert not result.people
    assert "入れてください" in result.problem


@pytest.mark.parametrize(
    "typed",
    [
        "%", "_", "\\", "高%", "高_一郎", "%%%", "'", "\"; DROP TABLE", "😀", "高橋😀", "\x07", "\u200b高橋\u200b 無", "あ" * 200,
        "1" * 200, "1-" * 100, "99999-99999", "²", "1/2/3", "S99.99.99", "//verify", "NULL", "[a-z]*", "高橋" * 50,
    ],
)  # fmt: skip
def test_odd_input_finds_nobody_and_breaks_nothing(found, typed):
    assert found(typed) == set()
    assert found(kana=typed) == set()
    found(address=typed)
    assert found(typed, kana="たかはし") == set()


@pytest.mark.parametrize("text", ["高橋", "西町", "1970-01-02", "たか", "高", "港町 1970年"])
def test_many_hits_come_page_by_page_each_once(disaster, household, staff, text):
    event = disaster()
    families = ["高橋", "髙橋", "高", "高田", "日高", "高橋本"]
    for number in range(130):
        family = families[number % 6]
        member = {"name": f"{family} 太郎", "kana": "タカハシ タロウ" if number % 2 else "ダンタカ タロウ"}
        household(event, [member], address=f"大浜市{'西町' if number % 3 else '港町'}{number % 7 + 1}番地")
    words.rebuild(event)
    clerk, seen = staff("tax"), []
    for page in range(1, 20):
        result = search(Asked(text=text), disaster=event, staff=clerk, page=page)
        seen += [person.pk for person in result.people]
        if not result.more:
            break
        assert len(result.people) == 20
    assert len(seen) == len(set(seen))
    expected = {
        "高橋": 65, "西町": 86, "1970-01-02": 130, "たか": 130, "高": 130, "港町 1970年": 44,
    }  # fmt: skip
    assert len(seen) == expected[text]


def test_nobody_of_another_disaster(found, disaster, household):
    other = disaster("2027")
    household(other, [{"name": "他所 一郎"}])
    words.rebuild(other)
    assert found("他所") == found(format_disaster_number("2027", 1)) == set()


# The house or flat (方書) ---------------------------------------------------------------------------------------------


@pytest.fixture
def flats(town, household):
    """Three households in two houses, written as registers write them."""
    rows = {"岸 一": "大浜荘２０３号", "岸 二": "大浜荘１０３号", "岸 三": "ﾒｿﾞﾝ西町 201"}
    for name, building in rows.items():
        household(town, [{"name": name, "address": "大浜市港町６番地"}], building=building, address="大浜市港町６番地")
    words.rebuild(town)


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("大浜荘", {"岸 一", "岸 二"}),
        ("大浜荘203", {"岸 一"}),
        ("大浜荘２０３号室", {"岸 一"}),
        ("大浜荘 岸", {"岸 一", "岸 二"}),
        ("メゾン西町", {"岸 三"}),
        ("めぞん西町201", {"岸 三"}),
        ("大浜荘20", set()),
        ("どこにもない荘", set()),
    ],
)
def test_the_house_or_flat_finds_who_lives_there(flats, found, typed, names):
    assert found(typed) == names


@pytest.mark.parametrize("typed", ["港町6 大浜荘", "大浜市港町６番地　大浜荘２０３号", "大浜荘203"])
def test_the_house_or_flat_is_typed_after_the_address(flats, found, typed):
    assert "岸 一" in found(address=typed)
    assert "岸 三" not in found(address=typed)


def test_a_house_shows_nobody_who_is_hidden(flats, town, found):
    person = town.persons.get(name="岸 一")
    Protection.objects.create(person=person, source="desk")
    assert found("大浜荘") == {"岸 二"}


@pytest.mark.parametrize("typed", ["高橋 西町", "薬袋 太郎", "小鳥遊"])
def test_what_is_a_name_or_a_town_asks_no_household(flats, found, typed):
    with CaptureQueriesContext(connection) as asked:
        assert bool(found(typed)) == typed.startswith("高橋")
    assert not [q for q in asked.captured_queries if "building" in q["sql"].split("WHERE")[-1]]
