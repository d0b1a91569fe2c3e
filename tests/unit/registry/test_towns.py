"""The municipality's 町字: taken, in force, and held against the addresses of the register."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backend.registry.models import FullRow
from backend.registry.towns.models import Town, TownList
from backend.registry.towns.services import known_towns
from tests.unit.registry.commands import take_full, tasuki
from tests.unit.registry.files import person, write

pytestmark = pytest.mark.django_db
ABR = (
    "lg_code,machiaza_id,pref,county,city,ward,oaza_cho,chome,koaza,rsdt_addr_flg\n"
    "992011,0001000,汐見県,,大浜市,,西町,,,0\n"
    "992011,0002001,汐見県,,大浜市,,本町,一丁目,,1\n"
    "992011,0003000,汐見県,,大浜市,,川上,,字沖,0\n"
)


@pytest.fixture
def give(tmp_path):
    def to_file(text, name="t.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return to_file


def test_the_address_base_registry_is_read_in_its_own_columns(give):
    code, said = tasuki("import_towns", give(ABR))
    assert (code, said["rows"]) == (0, 3)
    assert set(Town.objects.values_list("name", "by_street")) == {
        ("西町", False),
        ("本町一丁目", True),
        ("川上字沖", False),
    }
    assert {"西町", "大浜市西町", "大浜市川上字沖"} <= (known_towns() or frozenset())


def test_addresses_of_the_register_are_held_against_the_list_in_force(give, tmp_path):
    tasuki("import_towns", give(ABR))
    rows = [person("1", address="大浜市西町1番地"), person("2", address="大浜市北町1番地")]
    take_full(write(tmp_path / "a.csv", rows))
    flagged = {row.atena_no: row.flags for row in FullRow.objects.all()}
    assert (flagged["1"], flagged["2"]) == (0, 8)


def test_a_newer_list_takes_the_place_and_the_older_one_stays(give):
    tasuki("import_towns", give(ABR))
    assert tasuki("import_towns", give(ABR))[1]["again"] is True
    tasuki("import_towns", give("町字名\n新町\n", "b.csv"))
    assert known_towns() == {"新町"}
    assert TownList.objects.count() == 2
    assert tasuki("import_towns", give(ABR, "c.csv"))[0] == 2


@pytest.mark.parametrize(("text", "named"), [("a,b\n1,2\n", "町字の列"), ("町字名\n", "一つもありません"), ("", "空")])
def test_what_is_no_list_of_towns_is_refused_in_words(give, text, named):
    code, said = tasuki("import_towns", give(text))
    assert (code, named in said["message"]) == (2, True)
    assert not TownList.objects.exists()


def test_without_a_list_the_file_of_the_settings_holds(settings, give):
    assert known_towns() is None
    settings.TOWNS_FILE = str(give("市区町村名,町字名\n大浜市,港町\n"))
    assert known_towns() == {"港町", "大浜市港町"}


def test_the_register_clerk_takes_it_by_page_and_readers_do_not(settings, tmp_path, staff, sign_in):
    settings.DATA_DIR = tmp_path
    url = reverse("registry:towns")
    clerk = sign_in(staff("register"))
    send = lambda client, text: client.post(url, {"file": SimpleUploadedFile("t.csv", text.encode())}, follow=True)  # noqa: E731
    assert "町字を3件取り込みました" in send(clerk, ABR).content.decode()
    assert "町字の列がありません" in send(clerk, "a,b\n1,2\n").content.decode()
    assert send(sign_in(staff("auditor")), ABR).status_code == 403
    assert not list((tmp_path / "uploads").iterdir())
