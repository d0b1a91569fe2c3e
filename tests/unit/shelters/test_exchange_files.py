"""The files of an exchange: what a mapping may say, what a row says by it, of which town an address is, and many rows."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.core.clock import now
from backend.core.errors import Refused
from backend.core.fields import uuid7
from backend.ledger import words
from backend.ledger.matching import services as matching
from backend.shelters.exchange import layouts, queries, rules, services
from backend.shelters.models import ExchangeFile
from backend.shelters.people import Face


def test_the_shipped_mappings_say_what_they_may():
    assert layouts.shipped().keys() == {"home", "prefecture"}
    for one in layouts.shipped().values():
        kinds = next(c for c in one.columns if c.item == "kind")
        assert {*rules.SOMEWHERE} - {"shelter"} <= kinds.values.keys()
        assert not one.verified  # a sample until somebody has compared it with the real thing


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("columns: {}", "columns"),
        ("columns: {カナ: kana}", "氏名"),
        ("columns: {氏名: name, 名: name}", "二つの列"),
        ("columns: {氏名: name, 血液型: blood}", "blood"),
        ("columns: {氏名: name, 個人番号: id}", "個人番号"),
        ("columns: {氏名: {item: name, other: 1}}", "item"),
        ("columns: {氏名: name}\nkey: 番号", "key"),
        ("columns: [", "YAML"),
        ("columns: {氏名: name, 時点: {item: as_of, date: 2026-13-45}}", "YAML"),
        ("columns: {氏名: name, 時点: {item: as_of, date: !!timestamp 今日}}", "YAML"),
        (
            "columns: {氏名: name, 性別: {item: sex, values: {男性: M, 女性: F}}}",
            "「女性、男性」はありません。使える値：1、2",
        ),
        ("columns: {氏名: name, 区分: {item: kind, values: {gym: 体育館}}}", "gym"),
    ],
)
def test_a_mapping_that_cannot_be_is_refused_with_the_reason(text, word):
    with pytest.raises(Refused, match=word):
        layouts.parse(text, "own.yaml")


@pytest.mark.parametrize(
    ("address", "elsewhere"),
    [
        ("大浜市西町1", False),
        ("石川県大浜市西町1", False),
        ("西町1丁目", False),
        ("港町村木2", False),
        ("輪島市河井町1", True),
        ("石川県鳳珠郡穴水町1", True),
        ("", False),
    ],
)
def test_whose_address_it_is(address, elsewhere):
    assert rules.is_elsewhere(address, "大浜市") is elsewhere


@pytest.mark.parametrize(
    ("origin", "address", "home"),
    [
        ("輪島市", "", "輪島市"),
        ("石川県 輪島市（観光中）", "", "石川県輪島市"),
        ("", "石川県珠洲市飯田町2", "石川県珠洲市"),
        ("", "西町1", ""),
        ("ブラジル", "", "ブラジル"),
    ],
)
def test_the_home_municipality_as_it_was_said(origin, address, home):
    assert rules.home_of(origin, address) == home


@pytest.mark.parametrize(
    "town",
    [
        "千葉県市川市",
        "千葉県市原市",
        "石川県野々市市",
        "三重県四日市市",
        "新潟県十日町市",
        "新潟県村上市",
        "東京都東村山市",
        "福島県郡山市",
        "奈良県大和郡山市",
        "愛知県蒲郡市",
        "岐阜県山県市",
        "福島県田村郡三春町",
        "山形県西村山郡河北町",
        "北海道余市郡余市町",
        "奈良県高市郡明日香村",
        "富山県中新川郡上市町",
        "兵庫県赤穂郡上郡町",
        "群馬県玉村町",
        "東京都新宿区",
    ],
)
def test_a_town_is_read_whole_whatever_letters_its_name_holds(town):
    assert rules.home_of("", f"{town}本町1") == town
    assert rules.home_of(town, "") == town


def test_a_part_of_a_town_that_looks_like_a_prefecture_or_a_county_is_none():
    assert rules.home_of("", "長野市県町1") == "長野市"
    assert rules.home_of("", "大和郡山市北郡山町1") == "大和郡山市"


@pytest.mark.parametrize(("town", "home"), [("津市", "滋賀県大津市"), ("東京都府中市", "広島県府中市")])
def test_a_town_whose_name_is_part_of_anothers_is_not_the_other(settings, town, home):
    settings.MUNICIPALITY = town
    assert queries.home_of(Face(uuid7(), "大津 花", address=f"{home}1")) == home
    assert queries.home_of(Face(uuid7(), "津 花", address=f"{town}1")) == ""
    assert rules.is_elsewhere(f"{home}1", town)
    assert not rules.is_elsewhere(f"{town}1", town)


def test_one_town_said_in_two_ways_is_one_unless_it_may_be_two():
    said = ["輪島市", "石川県輪島市", "府中市", "東京都府中市", "広島県府中市"]
    assert rules.same_home(said) == {
        "輪島市": "石川県輪島市",
        "石川県輪島市": "石川県輪島市",
        "府中市": "府中市",
        "東京都府中市": "東京都府中市",
        "広島県府中市": "広島県府中市",
    }


@pytest.mark.parametrize("text", ["", "住所\n西町\n", "氏名\n\n", "氏名,識別番号\n,1\n"])
def test_a_file_that_cannot_be_one_changes_nothing(db, tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(Refused):
        services.receive(by=None, path=path, layout=layouts.shipped()["home"], partner="輪島市")
    assert not ExchangeFile.objects.exists()


@pytest.mark.parametrize(
    ("date", "text", "birth"),
    [
        ("%d/%m/%Y", "02/01/1970", "1970-01-02"),
        ("%d/%m/%Y", "２/１/1970", "1970-01-02"),
        ("%Y-%d-%m", "1970-02-01", "1970-01-02"),
        ("%d/%m/%Y", "S45.1.2", "1970-01-02"),
        ("%d/%m/%Y", "1970-01-00", "1970-01-00"),
        ("%Y", "1970-01-02", "1970-01-02"),
    ],
)
def test_a_birth_date_is_read_as_the_mapping_writes_it_or_as_any_file_does(date, text, birth):
    own = layouts.parse(f"columns: {{氏名: name, 生年月日: {{item: birth, date: '{date}'}}}}", "own")
    columns, _ = rules.read_header(own, ["氏名", "生年月日"])
    assert rules.read_row(own, ["旅野 一歩", text], columns, "")["birth"] == birth


@pytest.mark.parametrize(
    ("date", "text"), [("%Y%m%d", "1970112"), ("%d/%m/%Y", "31/02/1970"), ("%d%m%Y%U%U", "いつか")]
)
def test_a_birth_date_that_may_be_two_days_or_none_is_set_aside(date, text):
    own = layouts.parse(f"columns: {{氏名: name, 生年月日: {{item: birth, date: '{date}'}}}}", "own")
    columns, _ = rules.read_header(own, ["氏名", "生年月日"])
    with pytest.raises(rules.Wrong, match="生年月日"):
        rules.read_row(own, ["旅野 一歩", text], columns, "")


def test_what_a_table_gives_for_a_birth_date_must_be_a_date_too():
    own = layouts.parse("columns: {氏名: name, 生年月日: {item: birth, values: {昔むかしのある日のこと: 不詳}}}", "own")
    columns, _ = rules.read_header(own, ["氏名", "生年月日"])
    with pytest.raises(rules.Wrong, match="生年月日"):
        rules.read_row(own, ["旅野 一歩", "不詳"], columns, "")


def test_putting_down_many_asks_the_database_no_more_than_for_two(disaster, household, tmp_path, staff, settings):
    settings.MUNICIPALITY_CODE = "999997"
    people = [{"name": f"山田 {name}", "birth": f"19{60 + n}-01-02"} for n, name in enumerate("一二三四五六七八")]
    made = household(disaster("2026", register_revision=1, filled_at=now()), people)
    words.rebuild(made.disaster)
    clerk, members = staff("shelter"), list(made.members.order_by("position"))
    asked = []
    for part in (members[:1], members[1:3], members[3:]):
        path = tmp_path / f"{len(part)}.csv"
        path.write_text("氏名,生年月日,識別番号\n" + "".join(f"{p.name},{p.birth},{p.pk}\n" for p in part))
        file = services.receive(by=None, path=path, layout=layouts.shipped()["home"], partner="輪島市")
        for row in services.take(by=None, file=file.pk).people.all():
            into = next(p for p in part if p.name == row.name)
            matching.decide(by=clerk, record=row.record, verdict="same", into=into.pk)
        with CaptureQueriesContext(connection) as queries_of:
            assert services.put_down(by=clerk) == (len(part), 0)
        asked.append(len(queries_of))
    assert asked[1] == asked[2]  # the first is asked with nothing loaded yet
