"""Building outlines and the address table: taken, matched to houses, refused in words when they are something else."""

from __future__ import annotations

import json
import tracemalloc
import zipfile

import pytest

from backend.ledger.houses.filling import fill
from backend.ledger.houses.geojson import shapes
from backend.ledger.houses.outlines import match_again
from backend.ledger.models import AddressPair, House, HouseTable, Outline
from tests.house_rows import collection, feature, square, told
from tests.unit.registry.commands import tasuki

pytestmark = pytest.mark.django_db
JGD2011 = 'GEOGCS["GCS_JGD_2011",DATUM["D_JGD_2011",SPHEROID["GRS_1980",6378137.0,298.257222101]]]'
PLANE = 'PROJCS["JGD_2011_Japan_Zone_9",GEOGCS["GCS_JGD_2011",DATUM["D_JGD_2011"]]]'


@pytest.fixture
def give(tmp_path):
    """`give(object or text)`: a file of it."""

    def write(content, name="a.geojson"):
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def take(path, *more):
    return tasuki("import_outlines", path, *more)


def test_outlines_find_their_houses_by_place_number_and_address(give):
    fill(
        [
            told("H1", "西町1", latitude="38.0001", longitude="143.5001"),
            told("H2", "西町2"),
            told("H3", "西町3番地"),
        ],
        by=None,
    )
    path = give(
        collection(
            feature(square()),
            feature(square(143.6), 物件番号="H2"),
            feature(square(143.7), 所在地="大浜市西町3"),
            feature(square(143.8)),
        )
    )
    code, said = take(path)
    assert (code, said["status"], said["rows"], said["accepted"]) == (0, "done", 4, 4)
    found = Outline.objects.order_by("west").values_list("house__property_no", "ground")
    assert list(found) == [("H1", "place"), ("H2", "number"), ("H3", "address"), (None, "")]


def test_a_place_in_a_courtyard_is_not_in_the_house(give):
    fill([told("H1", "西町1", latitude="38.0005", longitude="143.5005")], by=None)
    hole = square(143.5003, 38.0003, 0.0004)
    take(give(collection(feature(square(side=0.001), hole))))
    assert Outline.objects.get().house is None
    assert len(Outline.objects.get().rings) == 2


def test_a_roll_that_comes_after_the_outlines_is_matched_then(give, tmp_path):
    from tests.unit.registry.files import write
    from tests.unit.registry.roll_files import HOUSE_COLUMNS, house

    take(give(collection(feature(square()), feature(square(143.6)))))
    tasuki("import_house_roll", write(tmp_path / "r.csv", [house(緯度="38.0001", 経度="143.5001")], HOUSE_COLUMNS))
    assert Outline.objects.exclude(house=None).get().ground == "place"
    assert match_again() == 0


def test_the_same_file_twice_changes_nothing_and_a_newer_one_can_take_its_place(give):
    path = give(collection(feature(square())))
    take(path)
    assert take(path)[1]["files"][0]["again"] is True
    more = give(collection(feature(square()), feature(square(143.6))), "b.geojson")
    assert (take(more)[1]["accepted"], Outline.objects.count()) == (1, 2)
    newest = give(collection(feature(square(143.7))), "c.geojson")
    take(newest, "--replace")
    assert Outline.objects.filter(table__until=None).count() == 1
    assert HouseTable.objects.filter(until=None).count() == 1


def test_what_is_no_area_is_left_out_with_the_reason(give):
    path = give(
        collection(
            feature(square()),
            feature([143.5, 38.0], [143.6, 38.1], kind="LineString"),
            {"type": "Feature", "properties": None, "geometry": None},
            feature([[143.5, 38.0], [143.6, 38.0]]),
            feature([["x", 38.0], [143.6, 38.0], [143.6, 38.2], ["x", 38.0]]),
            feature(square(0.0, 0.0)),
            7,
        )
    )
    code, said = take(path)
    assert (code, said["accepted"], said["set_aside"]) == (1, 1, 6)
    reasons = " ".join(why for _, why in said["files"][0]["problems"])
    for named in ("面（Polygon", "三つに足りない", "数の組ではありません", "日本の緯度", "7番目"):
        assert named in reasons


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "読めません"),
        ("宛名番号,氏名", "{ ではありません"),
        ('{"type":"FeatureCollection","features":[{"type"', "読めません"),
        ('{"type":"FeatureCollection"}', "FeatureCollection ではありません"),
        ('{"type":"Feature","features":[]}', "FeatureCollection ではありません"),
        ('{"type":"FeatureCollection","features":{}}', "読めません"),
        (collection(), "一つもありません"),
        (collection(feature(square(-7000.0, -35000.0))), "平面直角座標"),
        (collection(feature(square(38.0, 143.5))), "順が逆"),
        (collection(feature(square()), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::6677"}}), "EPSG::6677"),
        (collection(feature(square()), crs={"properties": {"name": "urn:ogc:def:crs:EPSG::4301"}}), "変換"),
        (collection(feature([[float("nan"), 38.0]] * 4)), "一つもありません"),
        ("[" * 100_000, "{ ではありません"),
        ('{"a":' + "[" * 100_000, "読めません"),
    ],
)
def test_what_is_something_else_is_refused_in_words_and_nothing_stays(give, content, named):
    code, said = take(give(content))
    assert (code, said["status"]) == (2, "refused")
    assert named in said["message"]
    assert not HouseTable.objects.exists()


@pytest.mark.parametrize("code", ["OGC:1.3:CRS84", "EPSG::6668", "EPSG::4326", "EPSG::4612"])
def test_degrees_of_any_japanese_or_world_system_are_taken(give, code):
    path = give(collection(feature(square()), crs={"type": "name", "properties": {"name": f"urn:ogc:def:crs:{code}"}}))
    assert take(path)[1]["accepted"] == 1


def test_a_shift_jis_file_is_refused_in_words(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_bytes(json.dumps(collection(feature(square(), 所在地="西町")), ensure_ascii=False).encode("cp932"))
    assert "UTF-8" in take(path)[1]["message"]


def test_a_big_file_is_read_piece_by_piece(tmp_path):
    path = tmp_path / "big.geojson"
    one = json.dumps(feature(square(), 種別="普通建物", 番号="x" * 200), ensure_ascii=False)
    with path.open("w", encoding="utf-8") as file:
        file.write('{"type":"FeatureCollection","features":[' + ",\n".join([one] * 30_000) + "]}")
    assert path.stat().st_size > 10_000_000
    tracemalloc.start()
    count = sum(1 for _ in shapes(path))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, peak < 6_000_000) == (30_000, True)


def shape_files(folder, prj=JGD2011, **records):
    import shapefile

    with shapefile.Writer(str(folder / "b"), encoding="cp932") as writer:
        writer.field("物件番号", "C", 20)
        writer.poly([[list(reversed(square()))[i] for i in range(5)]])
        writer.record(records.get("number", "H1"))
    if prj:
        (folder / "b.prj").write_text(prj)
    return folder / "b.shp"


def test_a_shape_and_its_zip_are_taken(tmp_path):
    fill([told("H1", "西町1")], by=None)
    path = shape_files(tmp_path)
    archive = tmp_path / "b.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for part in tmp_path.glob("b.*"):
            if part != archive:
                zipped.write(part, f"建物/{part.name}")
    assert take(path)[1]["accepted"] == 1
    assert Outline.objects.get().house == House.objects.get()
    assert take(archive)[1]["unchanged"] == 1


@pytest.mark.parametrize(
    ("prj", "named"), [(PLANE, "JGD_2011_Japan_Zone_9"), ("", ".prj がなく"), ('GEOGCS["GCS_Tokyo"]', "GCS_Tokyo")]
)
def test_a_shape_in_another_system_is_refused_with_what_to_do(tmp_path, prj, named):
    code, said = take(shape_files(tmp_path, prj))
    assert (code, named in said["message"]) == (2, True)
    assert "変換" in said["message"]


def test_a_broken_shape_is_refused_in_words(tmp_path):
    path = shape_files(tmp_path)
    path.write_bytes(b"not a shape at all" * 10)
    assert "Shapeファイルとして読めません" in take(path)[1]["message"]
    broken = tmp_path / "c.zip"
    broken.write_bytes(b"PK\x03\x04 broken")
    assert "ZIPとして開けません" in take(broken)[1]["message"]


# The address table ---------------------------------------------------------------------------------------------------


def test_an_address_table_is_taken_and_says_what_it_could_not_read(give):
    text = "住居表示,地番,備考\n大浜市本町一丁目2番3号,大浜市本町一丁目101番,x\n大浜市本町,大浜市本町101番,\n本町1-2-3,本町1-101,\n"
    code, said = tasuki("import_address_table", give(text, "a.csv"))
    assert (code, said["rows"], said["accepted"], said["unchanged"], said["set_aside"]) == (1, 3, 1, 1, 1)
    assert AddressPair.objects.values_list("address_key", "lot_key").get() == ("本町1-2-3", "本町1-101")
    assert said["files"][0]["problems"] == [[3, "住居表示に番号がないか、長すぎます"]]
    assert tasuki("import_address_table", give(text, "b.csv"))[1]["files"][0]["again"] is True


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("a,b\n1,2\n", "住居表示、地番"),
        ("住居表示,地番\n", "一つもありません"),
        ("", "空"),
        ("住居表示,地番\n西町,東町\n", "一つもありません"),
    ],
)
def test_what_is_no_address_table_is_refused_in_words(give, text, named):
    code, said = tasuki("import_address_table", give(text, "a.csv"))
    assert (code, named in said["message"]) == (2, True)
    assert not HouseTable.objects.exists()
