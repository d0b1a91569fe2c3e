"""A vendor's map of 外字: how it is read, which version counts, and that it never changes what is stored."""

import io
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError, transaction

from backend.characters import queries, rules, services
from backend.characters.models import GaijiMap
from backend.core.errors import Forbidden, Refused

KATSU = "葛\U000e0102"


@pytest.mark.parametrize("written", ["U+E000", "e000", "0xE000", "Ｅ０００", "\ue000"])
def test_a_code_point_is_read_in_every_notation(written):
    assert rules.read_row({"code": written, "text": "葛"}).code == 0xE000


@pytest.mark.parametrize("written", [KATSU, "U+845B U+E0102", "845B_E0102", "<845B,E0102>"])
def test_the_character_may_be_itself_or_its_code_points(written):
    assert rules.read_row({"code": "E000", "text": written}).text == KATSU


def test_a_vendor_who_counts_in_shift_jis():
    assert rules.read_row({"sjis": "F040", "text": "葛"}).code == 0xE000
    assert rules.read_row({"sjis": "F9FC", "text": "葛"}).code == 0xE757


@pytest.mark.parametrize(
    "row",
    [
        {"code": "", "text": "葛"},
        {"code": "9AD8", "text": "葛"},
        {"code": "zzz", "text": "葛"},
        {"sjis": "8140", "text": "葛"},
        {"sjis": "F0", "text": "葛"},
        {"code": "E000", "text": "葛飾"},
        {"code": "E000", "text": "\ue001"},
        {"code": "E000", "text": "〓"},
        {"code": "E000", "text": "U+D800"},
        {"code": "E000", "mj": "12345"},
        {"code": "E000", "note": "長" * 201},
    ],
)
def test_what_makes_no_sense_is_refused(row):
    with pytest.raises(rules.Unreadable):
        rules.read_row(row)


def test_a_file_with_one_bad_line_is_refused_whole_and_the_line_is_named(load):
    with pytest.raises(Refused) as refused:
        load("コード,文字\nU+E000,葛\nU+E001,葛飾\nU+E000,高\n")
    assert "3行目" in refused.value.message
    assert "4行目" in refused.value.message
    assert not GaijiMap.objects.exists()


@pytest.mark.parametrize("text", ["", "文字\n葛\n", "コード\nU+E000\n", "コード,文字\n"])
def test_a_file_that_is_no_map_is_refused(load, text):
    with pytest.raises(Refused):
        load(text)


def test_yaml_and_csv_say_the_same(load):
    csv_map, _ = load("コード,文字,MJ文字図形名\nU+E000,葛,MJ022336\nU+E001,,\n")
    yaml_map, _ = load(
        "- {コード: U+E000, 文字: 葛, MJ文字図形名: MJ022336}\n- {コード: 0xE001}\n",
        source="house_roll",
        name="map.yaml",
    )
    assert queries.meanings(csv_map.pk) == queries.meanings(yaml_map.pk)


@pytest.mark.parametrize("text", ["a: [", "just words", "- 1\n- 2\n", "!!python/object/apply:os.system [x]"])
def test_yaml_that_is_no_list_of_characters_is_refused(load, text):
    with pytest.raises(Refused):
        load(text, name="map.yaml")


def test_a_newer_version_is_in_force_and_the_older_stays(load):
    first, _ = load("コード,文字\nU+E000,葛\n")
    second, _ = load("コード,文字\nU+E000,高\n")
    assert queries.in_force("register") == second
    assert second.version == 2
    assert queries.meanings(first.pk)[0xE000].text == "葛"


def test_the_same_file_again_makes_no_version(load):
    first, _ = load("コード,文字\nU+E000,葛\n")
    again, counts = load("コード,文字\nU+E000,葛\n")
    assert again == first
    assert counts["unchanged"] == 1


def test_two_vendors_may_mean_different_characters_by_one_code_point(load):
    load("コード,文字\nU+E000,葛\n", source="register")
    load("コード,文字\nU+E000,高\n", source="house_roll")
    assert queries.plain("\ue000西", "register") == "葛西"
    assert queries.plain("\ue000西", "house_roll") == "高西"
    assert queries.plain("\ue000西", "income_roll") == "\ue000西"


@pytest.mark.django_db(transaction=True)
def test_a_version_is_never_changed(load):
    found, _ = load("コード,文字\nU+E000,葛\n")
    for act in (lambda: found.rows.update(text="高"), lambda: found.rows.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_only_the_administrator_loads_a_map(staff, tmp_path):
    path = tmp_path / "map.csv"
    path.write_text("コード,文字\nU+E000,葛\n", encoding="utf-8")
    with pytest.raises(Forbidden):
        services.load_map(by=staff("register"), path=path, source="register")
    services.load_map(by=staff("administrator"), path=path, source="register")


def test_the_command_says_what_it_took(db, tmp_path):
    path = tmp_path / "map.csv"
    path.write_text("コード,文字,書体\nU+E000,葛,\nU+E001,,Town\nU+E002,,\n", encoding="cp932")
    out = io.StringIO()
    call_command("load_gaiji_map", path, "--json", stdout=out)
    said = json.loads(out.getvalue())
    assert (said["status"], said["rows"], said["texts"], said["only_font"], said["only_picture"]) == (
        "done",
        3,
        1,
        1,
        1,
    )


def test_the_page_loads_a_map_and_shows_its_rows(staff, sign_in):
    client = sign_in(staff("administrator"))
    upload = SimpleUploadedFile("地図.csv", "コード,文字\nU+E000,葛\nU+E001,\n".encode())
    answer = client.post(
        "/desk/characters/maps/load/", {"source": "register", "file": upload, "note": "試"}, follow=True
    )
    page = answer.content.decode()
    assert "住民記録 第1版" in page
    assert "U+E000" in page
    assert "葛" in page
    assert "保留" in page


def test_a_map_that_cannot_be_read_comes_back_with_the_reason(staff, sign_in):
    client = sign_in(staff("administrator"))
    upload = SimpleUploadedFile("map.csv", "コード,文字\nU+9AD8,葛\n".encode())
    answer = client.post("/desk/characters/maps/load/", {"source": "register", "file": upload})
    assert answer.status_code == 422
    assert "2行目" in answer.content.decode()
