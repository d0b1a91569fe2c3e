"""When two records are one person, said field by field: names, readings, dates, places, and who is never linked."""

import pytest

from backend.ledger.matching.records import keys, turned
from backend.ledger.matching.rules import (
    DEAD,
    PROTECTED,
    TWICE,
    TWINS,
    Birth,
    Candidate,
    Kana,
    Level,
    Name,
    Place,
    Rarity,
    Side,
    compare,
    compare_births,
    compare_kana,
    compare_names,
    compare_places,
    compare_sexes,
    decide,
)
from backend.ledger.search_keys import search_keys

TOWN = Rarity(
    1_000_000,
    {
        ("family", "佐藤"): 0.03,
        ("kana_family", "サトウ"): 0.03,
        ("family", "斎藤"): 0.01,
        ("given", "健一"): 0.01,
        ("given", "彩"): 0.004,
        ("kana_given", "アヤ"): 0.008,
    },
)


def typed(name, kana="", birth="1970-01-02", sex="1", address="西町1-2"):
    k = keys(name, kana, address)
    return Side(
        name, k["family_key"], k["given_key"], k["kana_family_key"], k["kana_given_key"], "", birth, sex,
        k["town_key"], k["lot_key"],
    )  # fmt: skip


def resident(name, kana="", birth="1970-01-02", sex="1", address="大浜市西町１番地２", alias=""):
    k = search_keys(name=name, kana=kana, alias=alias, address=address)
    return Side(
        name, k["family_key"], k["given_key"], k["kana_family_key"], k["kana_given_key"], k["alias_key"], birth, sex,
        k["town_key"], k["lot_key"],
    )  # fmt: skip


def found(who, *people, dead=(), protected=()):
    candidates = [
        Candidate(i, person, compare(who, person, TOWN), i in dead, i in protected) for i, person in enumerate(people)
    ]
    return decide(who, candidates)


@pytest.mark.parametrize(
    ("said", "registered", "expected"),
    [
        (("佐藤 健一",), ("佐藤　健一",), Name.SAME),
        (("斉藤 健一",), ("齋藤 健一",), Name.VARIANT),
        (("齋藤 健一",), ("斎藤 健一",), Name.SAME),  # shapes of one and the same character
        (("佐藤健一",), ("佐藤 健一",), Name.SAME),
        (("サトウ ケンイチ",), ("佐藤 健一", "サトウ ケンイチ"), Name.KANA),
        (("さとう けんいち",), ("佐藤 健一", "サトウ ケンイチ"), Name.KANA),
        (("サトウ ケンニチ",), ("佐藤 健一", "サトウ ケンイチ"), Name.KANA_NEAR),
        (("佐藤 健市", "サトウ ケンイチ"), ("佐藤 健一", "サトウ ケンイチ"), Name.READS_ALIKE),
        (("佐藤 健二",), ("佐藤 健一",), Name.ONE_CHARACTER),
        (("田中 健一",), ("佐藤 健一",), Name.FAMILY_DIFFERS),
        (("健一",), ("佐藤 健一",), Name.GIVEN_ONLY),
        (("ケンイチ",), ("佐藤 健一", "サトウ ケンイチ"), Name.GIVEN_ONLY),
        (("佐藤",), ("佐藤 健一",), Name.FAMILY_ONLY),
        (("佐藤 花子",), ("佐藤 健一",), Name.OTHER),
    ],
)
def test_names(said, registered, expected):
    assert compare_names(typed(*said), resident(*registered))[0] is expected


def test_a_foreigner_is_known_by_the_common_use_name():
    assert compare_names(typed("山田 健一"), resident("NGUYEN DUC", alias="山田　健一"))[0] is Name.ALIAS


@pytest.mark.parametrize(
    ("said", "registered", "expected"),
    [
        ("サトウ ケンイチ", "ｻﾄｳ ｹﾝｲﾁ", Kana.SAME),
        ("サトウケンイチ", "サトウ ケンイチ", Kana.SAME),
        ("サトウ ケンニチ", "サトウ ケンイチ", Kana.NEAR),
        ("サトオ ケンニチ", "サトウ ケンイチ", Kana.OTHER),
        ("", "サトウ ケンイチ", Kana.UNKNOWN),
    ],
)
def test_readings(said, registered, expected):
    assert compare_kana(typed("佐藤 健一", said), resident("佐藤 健一", registered)) is expected


@pytest.mark.parametrize(
    ("said", "registered", "expected"),
    [
        ("1970-01-02", "1970-01-02", Birth.SAME),
        ("1970-02-01", "1970-01-02", Birth.SWAPPED),
        ("1970-01-03", "1970-01-02", Birth.ONE_FIGURE),
        ("1958-01-02", "1970-01-02", Birth.OTHER_YEAR),
        ("1970-00-00", "1970-01-02", Birth.PARTLY),
        ("1950-00-00", "1950-00-00", Birth.PARTLY),
        ("1958-11-12", "1970-01-02", Birth.OTHER),
        ("", "1970-01-02", Birth.UNKNOWN),
    ],
)
def test_birth_dates(said, registered, expected):
    assert compare_births(said, registered) is expected


@pytest.mark.parametrize(
    ("birth", "expected"),
    [("1970-01-02", "1970-02-01"), ("1970-01-13", ""), ("1970-02-02", ""), ("1970-00-00", ""), ("", "")],
)
def test_turned_dates_are_dates(birth, expected):
    assert turned(birth) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (("大浜市西町", "1-2"), Place.SAME),
        (("西町", "1-2"), Place.SAME),
        (("西町", "9"), Place.TOWN),
        (("西町", ""), Place.TOWN),
        (("大浜市東町", "1-2"), Place.OTHER),
        (("", ""), Place.UNKNOWN),
    ],
)
def test_places(said, expected):
    assert compare_places(said, ("大浜市西町", "1-2")) is expected


def test_a_sex_that_is_not_known_says_nothing():
    assert compare_sexes("9", "1") == compare_sexes("1", "") != compare_sexes("1", "2")


HOME = resident("佐藤 健一", "サトウ ケンイチ")


@pytest.mark.parametrize(
    "who",
    [
        typed("佐藤 健一"),
        typed("佐藤健一", "サトウ ケンイチ"),
        typed("佐藤 健一", "サトウ ケンニチ"),
        typed("サトウ ケンイチ"),
        typed("佐藤 健一", sex=""),
    ],
)
def test_name_birth_and_address_are_certain(who):
    assert found(who, HOME).level is Level.CERTAIN


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (typed("佐藤 健一", birth="1970-02-01"), Birth.SWAPPED),
        (typed("佐藤 健一", birth="1970-01-03"), Birth.ONE_FIGURE),
        (typed("佐藤 健一", birth=""), Name.SAME),
        (typed("佐藤 健一", address="東町7"), Birth.SAME),  # too frequent a name, and no address
        (typed("田中 健一"), Name.FAMILY_DIFFERS),
        (typed("健一"), Name.GIVEN_ONLY),
        (typed("佐藤 健市", "サトウ ケンイチ"), Name.READS_ALIKE),
        (typed("サトウ ケンニチ"), Name.KANA_NEAR),
        (typed("佐藤 健一", sex="2"), Name.SAME),
    ],
)
def test_what_leaves_a_doubt_is_for_a_person_with_the_reason(who, reason):
    outcome = found(who, HOME)
    assert outcome.level is Level.LIKELY
    assert str(reason) in outcome.candidates[0].likeness.reasons


def test_a_rare_name_needs_no_address():
    rare = resident("勅使河原 健一", "テシガワラ ケンイチ")
    assert found(typed("勅使河原 健一", address="東町7"), rare).level is Level.CERTAIN


@pytest.mark.parametrize(
    "who",
    [typed("田中 太郎", address="東町7"), typed("佐藤 花子", birth="1999-09-09"), typed("健一", birth="", address="")],
)
def test_a_stranger_is_nobody(who):
    assert found(who, HOME).level is Level.NO


def test_two_of_one_name_and_birth_date_are_for_a_person_the_nearer_first():
    elsewhere = resident("佐藤 健一", address="大浜市東町７番地")
    outcome = found(typed("佐藤 健一"), elsewhere, HOME)
    assert (outcome.level, outcome.held, outcome.best.id) == (Level.LIKELY, TWICE, 1)


AYA = resident("佐藤 彩", "サトウ アヤ", sex="2")


@pytest.mark.parametrize(
    ("name", "twin", "told_apart"),
    [
        ("佐藤 彩", resident("佐藤 綾", "サトウ アヤ", sex="2"), False),  # heard, both are アヤ
        ("佐藤 彩", resident("佐藤 舞", "サトウ マヤ", sex="2"), False),
        ("佐藤 彩", resident("佐藤 美咲", "サトウ ミサキ", sex="2"), True),
        ("サトウ アヤ", resident("佐藤 美咲", "サトウ ミサキ", sex="2"), False),
    ],
)
def test_twins_are_linked_only_where_they_are_told_apart(name, twin, told_apart):
    outcome = found(typed(name, sex="2"), AYA, twin)
    assert outcome.best.id == 0
    assert (outcome.level is Level.CERTAIN, outcome.held) == (told_apart, "" if told_apart else TWINS)


def test_the_dead_and_the_protected_are_never_linked_by_itself():
    assert found(typed("佐藤 健一"), HOME, dead=[0]).held == DEAD
    assert found(typed("佐藤 健一"), HOME, protected=[0]).held == PROTECTED


def test_the_first_is_the_one_for_whom_more_speaks():
    who = typed("田中 健一")
    elsewhere = resident("高橋 健一", address="大浜市東町７番地")
    other_day = resident("佐藤 健一", birth="1970-01-03")
    assert found(who, elsewhere, other_day, HOME).candidates[0].id == 2
