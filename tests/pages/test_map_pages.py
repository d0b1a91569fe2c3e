"""The map: outlines and houses of a box as JSON, nobody's name in it, and what a division may not know left out."""

from __future__ import annotations

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backend.ledger.houses import linking, map_queries, outlines
from backend.ledger.houses.filling import fill
from backend.ledger.models import House, HouseTable, Outline, Protection
from tests.house_rows import OWNER, collection, feature, square, told

pytestmark = pytest.mark.django_db
BOX = "143.49,37.99,143.52,38.02"


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def town(disaster, household, tmp_path):
    """H1 lived in by its owner and outlined, H2 a place without an outline, and a building of which nothing is known."""
    event = disaster()
    home = household(event, [{"name": "高橋　一郎", "atena_no": OWNER}], address="大浜市西町12番地")
    rows = [
        told("H1", "西町12", owner_no=OWNER, owner_name="高橋　一郎", latitude="38.0001", longitude="143.5001"),
        told("H2", "西町13", latitude="38.0101", longitude="143.5101"),
    ]
    fill(rows, by=None)
    linking.link(event, by=None)
    path = tmp_path / "o.geojson"
    path.write_text(json.dumps(collection(feature(square()), feature(square(143.505)))))
    outlines.take_outlines(path=path, by=None)
    return event, home


def drawn(client, box=BOX):
    answer = client.get(reverse("map:features"), {"bbox": box})
    return answer.json(), answer.content.decode()


def test_the_tax_clerk_sees_houses_with_their_state_and_no_names(town, staff, sign_in):
    data, text = drawn(sign_in(staff("tax")))
    houses = {one["label"]: one["state"] for one in data["outlines"] + data["houses"]}
    assert houses == {"西町12": "linked", "": "bare", "西町13": "empty"}
    assert "高橋" not in text
    assert OWNER not in text


def test_other_divisions_see_outlines_only(town, staff, sign_in):
    data, text = drawn(sign_in(staff("shelter")))
    assert [one["state"] for one in data["outlines"]] == ["bare", "bare"]
    assert data["houses"] == []
    assert "西町" not in text
    assert str(House.objects.get(property_no="H1").pk) not in text


def test_the_house_of_somebody_hidden_is_a_bare_outline(town, staff, sign_in):
    _, home = town
    Protection.objects.create(person=home.members.get(), source="desk")
    data, text = drawn(sign_in(staff("tax")))
    assert [one["state"] for one in data["outlines"]] == ["bare", "bare"]
    assert str(House.objects.get(property_no="H1").pk) not in text
    seen, _ = drawn(sign_in(staff("tax", sees_protected=True)))
    assert "linked" in [one["state"] for one in seen["outlines"]]


def test_only_what_lies_in_the_box_is_drawn(town, staff, sign_in):
    data, _ = drawn(sign_in(staff("tax")), "143.50,38.0095,143.52,38.0105")
    assert (data["outlines"], [one["label"] for one in data["houses"]]) == ([], ["西町13"])


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "3,3,2,2", "nan,1,2,3", "0,0,999,999"])
def test_a_box_that_is_none_is_refused(town, staff, sign_in, box):
    assert sign_in(staff("tax")).get(reverse("map:features"), {"bbox": box}).status_code == 422


def test_too_many_are_told_as_counts_by_square(town, staff, sign_in, monkeypatch):
    monkeypatch.setattr(map_queries, "MOST", 2)
    data, _ = drawn(sign_in(staff("tax")))
    assert "outlines" not in data
    assert sum(one["count"] for one in data["squares"]) == 3
    for one in data["squares"]:
        west, south, east, north = one["box"]
        assert west < east
        assert south < north


def test_a_wide_view_is_told_as_counts_where_a_house_would_be_a_speck(town, staff, sign_in):
    data, _ = drawn(sign_in(staff("tax")), "143.40,37.90,143.60,38.10")
    assert sum(one["count"] for one in data["squares"]) == 3


def test_the_page_frames_what_there_is_and_centres_a_house(town, staff, sign_in):
    clerk = sign_in(staff("tax"))
    page = clerk.get(reverse("map:page")).content.decode()
    assert 'data-box="143.499700,37.999700,' in page
    assert "この範囲の家屋" in page
    near = clerk.get(reverse("map:page"), {"house": House.objects.get(property_no="H2").pk}).content.decode()
    assert 'data-box="143.508' in near
    other = sign_in(staff("shelter")).get(reverse("map:page")).content.decode()
    assert "この範囲の家屋" not in other


def test_without_anything_to_draw_the_page_says_so(staff, sign_in):
    assert "描くものがまだありません" in sign_in(staff("tax")).get(reverse("map:page")).content.decode()


def upload(client, text, name="o.geojson", kind="outlines"):
    file = SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())
    return client.post(reverse("houses:tables"), {"kind": kind, "file": file}, follow=True)


def test_tables_are_taken_on_their_page_and_bad_ones_refused_there(staff, sign_in):
    clerk = sign_in(staff("tax"))
    assert "取り込みました" in upload(clerk, json.dumps(collection(feature(square())))).content.decode()
    assert Outline.objects.count() == 1
    assert "何も変わりません" in upload(clerk, json.dumps(collection(feature(square())))).content.decode()
    bad = upload(clerk, json.dumps(collection(feature(square(-7000.0, -35000.0)))))
    assert (bad.status_code, "平面直角座標" in bad.content.decode()) == (422, True)
    table = "住居表示,地番\n本町一丁目2番3号,本町一丁目101番\n本町,本町\n"
    page = upload(clerk, table, "t.csv", "addresses").content.decode()
    assert "読めなかった行（1件）" in page
    assert HouseTable.objects.count() == 2


def test_readers_see_the_tables_and_take_none(staff, sign_in):
    reader = sign_in(staff("welfare"))
    assert reader.get(reverse("houses:tables")).status_code == 200
    assert upload(reader, json.dumps(collection(feature(square())))).status_code == 403
    assert not Outline.objects.exists()
