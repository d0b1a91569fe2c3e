"""What everybody can read after `publish`: the whole way from entries to files."""

import csv
import io
import json
import re

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from PIL import Image

from backend.accounts.models import AuditRow
from backend.core.errors import NotFound, Refused
from backend.publication import queries, rules
from backend.publication.models import PublicationRun
from backend.publication.services import publish

from .conftest import hour


@pytest.fixture
def site(disaster, tmp_path):
    """`site()` publishes into a folder of its own and gives it back."""
    event = disaster("2026")

    def make(**options):
        publish(code=event.code, to=tmp_path / "out", by=None, **options)
        return tmp_path / "out"

    return make


def rows(folder):
    text = (folder / "open" / "shelters.csv").read_bytes()
    return list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))


def test_the_table_tells_place_people_and_time(site, shelter, arrive):
    opening = shelter(
        "西町小学校", open_data_id="12", kana="ニシマチショウガッコウ", address="大浜市西町1", phone="099-555-0101",
        latitude="35.10", longitude="136.2", capacity=4,
    )  # fmt: skip
    arrive(opening, 3, "16:00")
    arrive(opening, 1, "16:30")
    [row] = rows(site())
    assert [row[name] for name in ("ID", "名称", "緯度", "開設状況", "避難者数(総数)", "避難世帯数")] == [
        "12", "西町小学校", "35.1", "開設", "4", "2",
    ]  # fmt: skip
    assert (row["人数の出所"], row["確認日時"]) == ("名簿", "2026-11-21T16:30:00+09:00")
    assert (row["空き状況"], row["時点"]) == ("満員", "2026-11-21T18:00:00+09:00")
    assert row["備考"] == ""


def test_the_csv_opens_in_excel_and_is_plain(site, shelter):
    shelter()
    content = (site() / "open" / "shelters.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.count(b"\r\n") == content.count(b"\n") == 2
    assert content.decode("utf-8-sig").splitlines()[0] == ",".join(name for name, _, _ in rules.COLUMNS)


def test_a_report_is_told_and_names_that_come_in_later_do_not_replace_it(site, shelter, arrive):
    opening = shelter(report=(30, 12, "17:00"))
    arrive(opening, 3, "16:00")
    assert [(r["避難者数(総数)"], r["人数の出所"]) for r in rows(site())] == [("30", "報告")]
    arrive(opening, 1, "17:30")
    assert [(r["避難者数(総数)"], r["人数の出所"]) for r in rows(site())] == [("30", "報告と名簿")]
    assert [r["避難者数(総数)"] for r in rows(site(as_of=hour("16:10")))] == ["3"]


def test_a_shelter_that_nobody_counted_is_unknown_and_not_empty(site, shelter):
    shelter()
    folder = site()
    assert rows(folder)[0]["避難者数(総数)"] == ""
    assert "不明" in (folder / "shelters" / "index.html").read_text()


def test_households_of_some_do_not_stand_beside_the_people_of_all(site, shelter):
    shelter(report=(30, 12, "17:00"))
    assert "30人（12世帯）" in (site() / "index.html").read_text()
    shelter("西町小学校", report=(20, None, "17:00"))
    assert "<dd>50人</dd>" in (site() / "index.html").read_text()


def test_a_closed_shelter_leaves_the_list_and_is_counted(site, shelter):
    shelter("港公民館", closed="12:00")
    shelter("西町小学校")
    folder = site()
    page = (folder / "shelters" / "index.html").read_text()
    assert [row["名称"] for row in rows(folder)] == ["西町小学校"]
    assert "港公民館" not in page
    assert "<dt>閉鎖した避難所</dt><dd>1か所" in page


@pytest.mark.parametrize("how", ["out of use", "not to be published"])
def test_a_hidden_place_is_neither_listed_nor_counted(site, shelter, how, monkeypatch):
    shelter("西町小学校", report=(10, 4, "17:00"))
    if how == "out of use":
        shelter("白百合の家", report=(7, 3, "17:00"), active=False)
        shelter("白百合の離れ", closed="12:00", active=False)
    else:
        shelter("白百合の家", report=(7, 3, "17:00"))
        shelter("白百合の離れ", closed="12:00")
        hidden = rules.may_appear
        monkeypatch.setattr(
            queries, "_may_appear", lambda place: hidden(active=True, published="白百合" not in place.name)
        )
    folder = site()
    for path in folder.rglob("*"):
        if path.suffix in {".html", ".csv", ".json"}:
            assert "白百合" not in path.read_text()
    home = (folder / "index.html").read_text()
    assert "1か所" in home
    assert "10人" in home
    assert "閉鎖" not in home


def test_nobody_is_named_and_the_protected_are_only_a_number(site, shelter, disaster, household, arrive):
    from backend.ledger.models import Person, Protection
    from backend.shelters.models import StayEvent

    opening = shelter()
    home = household(disaster("2027"), [{"name": "高橋 一郎"}], address="大浜市東町９番地")
    arrive(opening, 1, "16:00")
    person = Person.objects.get(household=home)
    Protection.objects.create(person=person, source="register")
    StayEvent.objects.update(evacuee=person.pk)
    folder = site()
    assert rows(folder)[0]["避難者数(総数)"] == "1"
    for path in folder.rglob("*"):
        if path.suffix in {".html", ".csv", ".json"}:
            assert not re.search("高橋|東町|" + str(opening), path.read_text())


@pytest.mark.parametrize(("number", "pictures"), [(0, 1), (1, 1), (31, 2)])
def test_every_page_and_picture_is_there_and_bears_its_time(site, shelter, number, pictures):
    for nth in range(number):
        shelter(f"避難所{nth}")
    folder = site()
    for page in folder.rglob("*.html"):
        assert "2026年11月21日 18時00分 現在" in page.read_text()
    found = sorted(folder.glob("shelters/*.jpg"))
    assert len(found) == pictures
    for path in found:
        with Image.open(path) as image:
            assert (image.format, image.width) == ("JPEG", 1600)
    assert len(rows(folder)) == number


def test_thirty_shelters_weigh_less_than_thirty_kilobytes(site, shelter):
    for nth in range(30):
        shelter(
            f"大浜市立緑が丘第{nth}小学校", kana="オオハマシリツミドリガオカショウガッコウ", phone="099-555-0101",
            address=f"大浜市緑が丘一丁目{nth}番{nth}号", capacity=100, report=(50, 20, "17:00"),
        )  # fmt: skip
    folder = site()
    whole = [folder / "shelters" / "index.html", *(folder / "assets").iterdir()]
    assert sum(path.stat().st_size for path in whole) < 30_000


def test_every_link_leads_to_a_file_of_the_site_and_nothing_is_loaded_from_elsewhere(site, shelter):
    shelter()
    folder = site().resolve()
    for page in folder.rglob("*.html"):
        text = page.read_text()
        assert "<script" not in text
        for tag, address in re.findall(r'<(\w+)[^>]*?(?:href|src)="([^"]+)"', text):
            if address.startswith(("#", "tel:")) or (tag == "a" and address == rules.LICENCE_URL):
                continue
            target = (page.parent / address).resolve()
            assert target.is_relative_to(folder)
            assert target.exists(), address


def test_styles_lose_nothing_that_is_used(site):
    folder = site()
    sheets = "".join(path.read_text() for path in (folder / "assets").glob("*.css"))
    assert set(re.findall(r"var\((--[\w-]+)\)", sheets)) <= set(re.findall(r"[{;](--[\w-]+):", sheets)) | {"--verdict"}
    assert sheets.count("{") == sheets.count("}")


def test_the_same_state_gives_the_same_bytes(site, shelter, arrive):
    arrive(shelter(), 2, "16:00")
    shelter("西町小学校", report=(30, 12, "17:00"))

    def content(folder):
        return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert content(site(as_of=hour("17:30"))) == content(site(as_of=hour("17:30")))


def test_the_package_describes_the_csv(site, shelter):
    import hashlib

    shelter()
    folder = site()
    package = json.loads((folder / "open" / "datapackage.json").read_text())
    [table], content = package["resources"], (folder / "open" / "shelters.csv").read_bytes()
    assert (table["bytes"], table["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
    assert [field["name"] for field in table["schema"]["fields"]] == list(rows(folder)[0])
    assert package["licenses"][0]["name"] == "CC-BY-4.0"


def test_a_character_without_a_font_does_not_keep_the_list_from_the_public(site, shelter):
    shelter("\U000f0041会館")
    assert (site() / "shelters" / "shelters.jpg").exists()


def test_a_run_is_written_down_with_its_files(site, shelter):
    shelter()
    folder = site()
    run = PublicationRun.objects.get()
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert (run.files, run.shelters, run.target) == (len(files), 1, "out")
    assert run.bytes == sum(path.stat().st_size for path in files)
    assert set(run.sha256) == {str(path.relative_to(folder)) for path in files}
    assert AuditRow.objects.get(act="publication.published").subject == f"publication:{run.pk}"


def test_a_run_is_never_changed(site, shelter):
    site()
    with pytest.raises(DatabaseError):
        PublicationRun.objects.update(files=1)


def test_without_the_record_the_old_site_stays(site, shelter, monkeypatch):
    shelter("西町小学校")
    folder = site()
    before = (folder / "index.html").read_bytes()
    shelter("港公民館")
    monkeypatch.setattr("backend.publication.services.audit", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        site()
    assert (folder / "index.html").read_bytes() == before
    assert PublicationRun.objects.count() == 1


def test_a_drill_stays_off_the_public_site_and_is_marked_elsewhere(disaster, shelter, public_site, tmp_path):
    disaster("0001", drill=True)
    shelter()
    for place in (public_site, public_site / "inner", public_site.parent):
        with pytest.raises(Refused, match="訓練"):
            publish(code="0001", to=place, by=None)
    assert not public_site.exists()
    publish(code="0001", to=tmp_path / "drill", by=None)
    for page in (tmp_path / "drill").rglob("*.html"):
        assert "訓練です。" in page.read_text()
    assert rows(tmp_path / "drill")[0]["備考"].startswith("訓練です。")
    with Image.open(tmp_path / "drill" / "shelters" / "shelters.jpg") as image:
        red, green, blue = image.getpixel((60, 60))
        assert red > 200 > 120 > blue  # the yellow band
        assert green > 180


def test_what_cannot_be_published_is_refused(site, disaster, tmp_path):
    with pytest.raises(Refused, match="これから"):
        site(as_of=hour("18:01"))
    with pytest.raises(NotFound, match="9999"):
        publish(code="9999", to=tmp_path / "out", by=None)
    assert not (tmp_path / "out").exists()


def test_the_command_answers_in_json(disaster, shelter, tmp_path, capsys):
    disaster("2026")
    shelter(report=(30, 12, "17:00"))
    call_command("publish", "--disaster", "2026", "-o", str(tmp_path / "out"), "--json")
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["shelters"], answer["people"]) == ("done", 1, 30)
    assert answer["files"] == len([path for path in (tmp_path / "out").rglob("*") if path.is_file()])
    assert answer["bytes"] > 10_000


def test_the_command_refuses_an_unreadable_time(disaster, tmp_path, capsys):
    disaster("2026")
    with pytest.raises(SystemExit) as stopped:
        call_command("publish", "--disaster", "2026", "-o", str(tmp_path / "out"), "--as-of", "昨日")
    assert stopped.value.code == 2
    assert "昨日" in capsys.readouterr().err
