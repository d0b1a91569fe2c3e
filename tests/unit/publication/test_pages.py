"""The clerk's page: see it, publish it with one click, see that it was done."""

import io
import zipfile

import pytest

from backend.publication.models import PublicationRun

INDEX = "/desk/publication/"
PUBLISH = "/desk/publication/publish/"


def test_one_click_publishes_what_the_page_shows(staff, sign_in, disaster, shelter, public_site):
    disaster("2026")
    shelter("西町小学校", report=(30, 12, "17:00"))
    client = sign_in(staff("publicity"))
    page = client.get(INDEX).content.decode()
    assert "西町小学校" in page
    assert "公表する" in page
    after = client.post(PUBLISH, follow=True).content.decode()
    assert "公表しました（避難所 1か所" in after
    assert "公開サイト" in after
    assert "西町小学校" in (public_site / "shelters" / "index.html").read_text()
    assert PublicationRun.objects.get().by.division == "publicity"


def test_others_look_but_do_not_publish(staff, sign_in, disaster, public_site):
    disaster("2026")
    client = sign_in(staff("welfare"))
    page = client.get(INDEX).content.decode()
    assert PUBLISH not in page
    assert "公表は広報班が行います" in page
    assert client.post(PUBLISH).status_code == 403
    assert not public_site.exists()


def test_a_drill_has_no_button_and_is_refused(staff, sign_in, disaster, public_site):
    drill = disaster("0001", drill=True)
    client = sign_in(staff("publicity"))
    assert PUBLISH not in client.get(INDEX).content.decode()
    assert client.post(PUBLISH, {"disaster": drill.pk}).status_code == 422
    assert not public_site.exists()


def test_the_real_disaster_comes_before_a_drill(staff, sign_in, disaster):
    disaster("0001", drill=True, name="総合防災訓練")
    disaster("2026")
    response = sign_in(staff("publicity")).get(INDEX)
    assert response.context["chosen"].code == "2026"


def test_before_any_disaster_the_page_says_so(staff, sign_in, db):
    client = sign_in(staff("publicity"))
    assert "災害がまだ開設されていません" in client.get(INDEX).content.decode()
    assert client.post(PUBLISH).status_code == 404


@pytest.mark.parametrize("wanted", ["nonsense", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_disaster_is_not_found(staff, sign_in, disaster, wanted):
    disaster("2026")
    assert sign_in(staff("publicity")).get(INDEX, {"disaster": wanted}).status_code == 404


def test_the_table_is_saved_also_in_shift_jis_with_what_it_could_not_carry(staff, sign_in, disaster, shelter):
    event = disaster("2026")
    shelter("𠮷田小学校", address="大浜市西町１")
    client = sign_in(staff("publicity"))
    saved = client.get("/desk/publication/table/", {"disaster": event.pk})
    assert "𠮷田小学校" in saved.content.decode("utf-8-sig")
    asked = client.get("/desk/publication/table/", {"disaster": event.pk, "encoding": "shift_jis"})
    assert "U+20BB7" in asked.content.decode()
    packed = client.get("/desk/publication/table/", {"disaster": event.pk, "encoding": "shift_jis", "lossy": "1"})
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        names = archive.namelist()
        assert "〓田小学校" in archive.read(names[0]).decode("cp932")
        assert "U+20BB7" in archive.read(names[1]).decode("utf-8-sig")
