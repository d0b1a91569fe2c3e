"""Where nothing more can be written: it is said clearly, nothing is confirmed, and the work goes on.

Broken and foreign files are in test_sticks (headquarters) and `strange` (the laptop).
"""

from __future__ import annotations

import urllib.error

import pytest

from offline_client.line import Http, NoLine

from .processes import LAPTOP, Person, free_port
from .test_laptop import new

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("laptop")]


@pytest.fixture
def door(town):
    person = Person(town.laptop.url).sign_in()
    person.post("/desk/laptop/sync/now/")
    return person


@pytest.mark.parametrize(
    ("address", "said"),
    [("http://127.0.0.1:PORT", "本部の機械が動いていません"), ("http://nowhere.invalid", "回線や Wi-Fi を確かめて")],
)
def test_why_there_is_no_line_is_said_in_words(address, said):
    line = Http(address.replace("PORT", str(free_port())), "Terminal x")
    with pytest.raises(NoLine) as found:
        line.ask("hello", b"")
    assert said in str(found.value)
    assert "Error" not in str(found.value)


def test_a_stick_that_is_full_leaves_no_half_file(town, door, tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    town.wire.cut()
    (folder / "out.tasuki.part").mkdir()  # what can't be written is told in the same way, whatever the reason
    said = town.shelter("export", str(folder / "out.tasuki"), expect=2)["message"]
    town.wire.join()
    assert "空きのある USB メモリーで、もう一度" in said
    assert not (folder / "out.tasuki").exists()


FULL = """
import sys
import urllib.error
from pathlib import Path
from offline_client import keyring
say = keyring.pragma
FLAG = Path({flag!r})
from sqlcipher3 import dbapi2
class Connection(dbapi2.Connection):
    limited = False
    def cursor(self, *args, **more):
        if FLAG.exists() != self.limited:
            self.limited = FLAG.exists()
            pages = self.execute("PRAGMA page_count").fetchone()[0]
            self.execute(f"PRAGMA max_page_count = {{pages if self.limited else 1073741823}}")
        return super().cursor(*args, **more)
dbapi2.Connection = Connection
"""


def test_a_full_disk_is_named_nothing_is_confirmed_and_the_work_goes_on(town, door, tmp_path):
    """The very limit of SQLite stands for the disk: the database may not grow while the file `full` is there."""
    flag = tmp_path / "full"
    town.laptop.kill()
    port = free_port()
    code = [LAPTOP[0], FULL.format(flag=str(flag)) + LAPTOP[1]]
    alone = type(town.laptop)([*code, "start", "--no-browser", "--port", str(port)], town.laptop_env, port)
    try:
        person = Person(alone.url).sign_in()
        before = person.roster(town.school)
        new(person, town.school, "満 一郎")
        person.get(f"/desk/shelters/{town.school}/new/")
        flag.write_text("")
        page, tried = "", 0
        while "ディスクがいっぱい" not in page and tried < 60:
            tried += 1
            try:
                page = person.post(f"/desk/shelters/{town.school}/new/", name=f"満 {tried}", how="inside")
            except urllib.error.HTTPError as answer:
                page = f"{answer.code} {answer.read().decode()}"
        assert page.startswith("507")
        assert "いまの入力は記録していません" in page
        assert "もう一度押します" in page
        flag.unlink()
        assert f"満 {tried}" not in person.roster(town.school)
        new(person, town.school, "満 二郎")
        assert person.roster(town.school) >= before | {"満 一郎", "満 二郎"}
    finally:
        alone.kill()
        town.laptop.start()
