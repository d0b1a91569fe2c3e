"""A real laptop and a real headquarters: what either knows after lines were cut, batteries died and files were set back."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress

import pytest

from .processes import PASSPHRASE, PASSWORD, START, Person, Process, free_port

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("laptop")]


@pytest.fixture
def door(town):
    """Somebody at the laptop, when everything is sent."""
    person = Person(town.laptop.url).sign_in()
    person.post("/desk/laptop/sync/now/")
    return person


def new(person: Person, opening: str, name: str) -> None:
    page = person.post(f"/desk/shelters/{opening}/new/", name=name, how="inside")
    assert person.at == f"/desk/shelters/{opening}/find/", page[:3000]


def test_at_the_door_residents_are_found_once_the_envelope_is_opened(town, door):
    school = door.openings()["西町小学校"]
    assert "まだ開いていません" in door.get(f"/desk/shelters/{school}/find/")
    with pytest.raises(Exception, match="422"):
        door.post("/desk/laptop/sync/", code="AAAAA-AAAAA-AAAAA-AAAAA")
    assert "名簿の写しを開きました（3人）" in door.post("/desk/laptop/sync/", code=town.made["code"])
    assert "開いています（3人）" in re.sub("<[^>]+>", "", door.get("/desk/laptop/sync/"))
    assert "高橋 花子" in door.post(f"/desk/shelters/{school}/find/", q="高橋")
    door.post(f"/desk/shelters/{school}/find/", q="高橋", person=["800000101", "800000102"], arrive="1")
    door.post("/desk/laptop/sync/now/")
    desk = Person(town.server.url).sign_in()
    assert {"高橋 一郎", "高橋 花子"} <= desk.roster(school) == door.roster(school)


def test_a_shelters_day_is_written_without_a_line_and_reaches_headquarters(town, door):
    school = door.openings()["西町小学校"]
    town.wire.cut()
    door.post(f"/desk/shelters/{school}/day/", seen="", people="31", drinking="short", requests="毛布を10枚")
    door.post(f"/desk/shelters/{school}/visitors/", name="港 次郎", asks_for="高橋さん", result="message")
    door.post(f"/desk/shelters/{school}/parcels/", addressee="高橋 一郎 様", what="段ボール1")
    door.post(f"/desk/shelters/{school}/notes/", text="灯油は今夜まで")
    page = door.post(f"/desk/supplies/{school}/", what="毛布", quantity="10", unit="枚", urgency="today")
    [asked] = re.findall(r'name="request" value="([0-9a-f-]+)"', page)
    assert "「毛布」4枚が届いた" in door.post(f"/desk/supplies/{school}/receive/", request=asked, quantity="4")
    door.post(f"/desk/supplies/{school}/receive/", what="カイロ", quantity="30", brought_by="支援団体")
    door.post(f"/desk/supplies/{school}/hand-out/", thing="1", what="水", quantity="1")
    door.post(f"/desk/supplies/{school}/hand-out/", given_to="通りがかりの方")
    town.wire.join()
    door.post("/desk/laptop/sync/now/")
    desk = Person(town.server.url).sign_in()
    assert "飲み水 足りない" in desk.get("/desk/centre/days/")
    assert "高橋さん" in desk.get(f"/desk/shelters/{school}/visitors/")
    assert "段ボール1" in desk.get(f"/desk/shelters/{school}/parcels/")
    assert "灯油は今夜まで" in desk.get(f"/desk/shelters/{school}/notes/")
    assert "一部届いた" in desk.get("/desk/supplies/")
    assert "カイロ" in desk.get(f"/desk/supplies/{school}/")
    assert "通りがかりの方" in desk.get(f"/desk/supplies/{school}/hand-out/")


def test_every_page_of_the_laptop_opens_and_leads_only_to_what_is_there(town, door):
    school = door.openings()["西町小学校"]
    seen, todo = set(), ["/desk/shelters/", f"/desk/shelters/{school}/", "/desk/laptop/sync/", "/desk/accounts/reason/"]
    while todo:
        path = todo.pop()
        if path in seen or "logout" in path:
            continue
        seen.add(path)
        page = door.get(path)
        if not path.endswith(".csv"):
            todo += [link for link in re.findall(r'href="(/desk/[^"#?]*)"', page) if link not in seen]
    assert len(seen) > 8


def test_a_welfare_shelter_asked_for_without_a_line_stands_in_the_queue_of_headquarters(town, door):
    import re

    school = door.openings()["西町小学校"]
    [asking, *_] = re.findall(
        rf'href="/desk/shelters/{school}/people/([0-9a-f-]+)/"', door.get(f"/desk/shelters/{school}/")
    )
    town.wire.cut()
    page = door.post(f"/desk/shelters/welfare/ask/{asking}/", needs="夜間の見守り", devices=["oxygen"])
    assert "受入先を探しています" in page
    town.wire.join()
    door.post("/desk/laptop/sync/now/")
    queue = Person(town.server.url).sign_in().get("/desk/centre/welfare/")
    assert "夜間の見守り" in queue
    assert asking in door.get(f"/desk/shelters/{school}/")


def test_it_exchanges_by_itself_once_the_line_is_back(town):
    """Nobody presses anything: what was written without a line is at headquarters some seconds after it is whole."""
    school = town.school
    town.starts_again(TASUKI_SHELTER_EVERY="1")
    try:
        town.wire.cut()
        new(Person(town.laptop.url).sign_in(), school, "ひとり でに")
        desk = Person(town.server.url).sign_in()
        time.sleep(2)
        assert "ひとり でに" not in desk.roster(school)
        new(desk, school, "本部 より")
        town.wire.join()
        end = time.monotonic() + 40
        while time.monotonic() < end and "ひとり でに" not in desk.roster(school):
            time.sleep(0.5)
        assert "ひとり でに" in desk.roster(school)
        door = Person(town.laptop.url).sign_in()
        while time.monotonic() < end and "本部 より" not in door.roster(school):
            time.sleep(0.5)
        assert "本部 より" in door.roster(school)
    finally:
        town.wire.join()
        town.starts_again()


def test_by_usb_stick_there_and_back(town, door, tmp_path):
    school = door.openings()["西町小学校"]
    town.wire.cut()
    new(door, school, "港 次郎")
    there, back = tmp_path / "there.tasuki", tmp_path / "back.tasuki"
    assert town.shelter("export", str(there))["entries"] >= 2
    assert "港".encode() not in there.read_bytes()
    for taken in (True, False):  # the second time adds nothing
        said = json.loads(
            town._run(["-m", "backend", "take_stick", str(there), "-o", str(back), "--json"]).splitlines()[-1]
        )
        assert (said["accepted"] >= 2, said["duplicate"] >= 2, said["refused"]) == (taken, not taken, 0)
    town.shelter("import", str(back))
    town.shelter("import", str(back))
    assert town.shelter("status")["unsent"] == 0
    town.wire.join()
    desk = Person(town.server.url).sign_in()
    assert "港 次郎" in desk.roster(school)


def test_by_usb_stick_from_the_pages_alone(town, door):
    """Nobody types a command: saved on one screen, taken on the other, and what is wrong is said there."""
    school = door.openings()["西町小学校"]
    town.wire.cut()
    new(door, school, "港 三郎")
    there = door.download("/desk/laptop/stick/there/", "POST")
    assert "港".encode() not in there
    desk = Person(town.server.url).sign_in()
    assert "受け付けた記録" in desk.upload("/desk/journal/stick/", "there.tasuki", there)
    back = desk.download(f"/desk/journal/stick/{town.made['terminal']}/back.tasuki")
    for wrong, said in (
        (there, "逆向きのファイルです"),
        (back[:-9], "途中で切れているか"),
        (b"x", "書出しファイルではありません"),
    ):
        assert said in door.upload("/desk/laptop/stick/back/", "back.tasuki", wrong)
    assert town.shelter("status")["unsent"] > 0
    assert "受け取りました。本部に届いた記録" in door.upload("/desk/laptop/stick/back/", "back.tasuki", back)
    assert town.shelter("status")["unsent"] == 0
    town.wire.join()
    assert "港 三郎" in desk.roster(school)


def test_a_stick_is_named_by_its_folder(town, door, tmp_path):
    """As it is typed where the stick is a drive: the names of the files are the program's matter."""
    empty = town.shelter("import", str(tmp_path), expect=2)
    assert "この端末へのファイル（back-" in empty["message"]
    town.shelter("export", str(tmp_path))
    terminal = town.made["terminal"]
    back = tmp_path / f"back-{terminal}.tasuki"
    town._run(["-m", "backend", "take_stick", str(tmp_path / f"there-{terminal}.tasuki"), "-o", str(back)])
    town.shelter("import", str(tmp_path))


def test_without_the_passphrase_the_laptop_is_worth_nothing(town, door):
    data = (town.home / "shelter.sqlite3").read_bytes()
    assert not data.startswith(b"SQLite format 3")
    everything = b"".join(path.read_bytes() for path in town.home.iterdir() if path.is_file())
    assert "太郎".encode() not in everything
    refused = town.shelter("status", expect=2, TASUKI_SHELTER_PASSPHRASE="another-long-one")
    assert refused["message"] == "パスフレーズが違います。"


def test_a_server_set_back_is_given_again_what_it_lost(town):
    """Its files are copied back, as whoever repairs it does; nobody tells it so."""
    door, desk = Person(town.laptop.url).sign_in(), Person(town.server.url).sign_in()
    school = door.openings()["西町小学校"]
    door.post("/desk/laptop/sync/now/")
    town.server.kill()
    files = [path for path in town.folder.glob("server.sqlite3*")]
    copies = {path: path.read_bytes() for path in files}
    town.server.start()
    new(door, school, "戻る 太郎")
    new(desk, school, "戻る 花子")
    door.post("/desk/laptop/sync/now/")
    town.wire.cut()
    town.server.kill()
    for path in town.folder.glob("server.sqlite3*"):
        path.unlink()
    for path, data in copies.items():
        path.write_bytes(data)
    town.server.start()
    desk = Person(town.server.url).sign_in()
    new(desk, school, "戻る 次郎")
    assert not {"戻る 太郎", "戻る 花子"} & desk.roster(school)
    town.wire.join()
    page = door.post("/desk/laptop/sync/now/")
    assert "本部がバックアップから戻されたため、本部が失った記録を渡し直し、はじめから受け取り直しました" in page
    assert {"戻る 太郎", "戻る 花子", "戻る 次郎"} <= desk.roster(school) == door.roster(school)


def test_a_laptop_set_back_from_its_own_backup_goes_on(town):
    door, desk = Person(town.laptop.url).sign_in(), Person(town.server.url).sign_in()
    school = door.openings()["西町小学校"]
    town.laptop.kill()
    copy = town.folder / "copy"
    shutil.copytree(town.home, copy)
    town.laptop.start()
    door = Person(town.laptop.url).sign_in()
    new(door, school, "写し 太郎")
    door.post("/desk/laptop/sync/now/")
    town.laptop.kill()
    shutil.rmtree(town.home)
    shutil.copytree(copy, town.home)
    town.wire.cut()
    town.laptop.start()
    door = Person(town.laptop.url).sign_in()
    new(door, school, "写し 花子")
    town.wire.join()
    page = door.post("/desk/laptop/sync/now/")
    assert (
        "この端末がバックアップから戻されたため、本部の記録をはじめから受け取り直し、端末にだけあった記録を送り直しました。そのまま使えます"
        in page
    )
    assert door.at == "/desk/laptop/sync/"
    assert {"写し 太郎", "写し 花子"} <= desk.roster(school) == door.roster(school)
    assert town.shelter("status")["unsent"] == 0


@pytest.mark.skipif(not shutil.which("strace") and os.environ.get("CI") != "true", reason="needs strace")
def test_the_disk_has_it_before_the_screen_says_so(town, tmp_path):
    """A check-in is traced: after its last write to the log of the database comes a sync, and then the answer."""
    school = Person(town.laptop.url).sign_in().openings()["西町小学校"]
    person = Person(town.laptop.url).sign_in()
    person.get(f"/desk/shelters/{school}/new/")
    trace = tmp_path / "trace"
    calls = "trace=pwrite64,write,fsync,fdatasync,sendto,send"
    process = str(town.laptop.running.pid)
    tracer = subprocess.Popen(
        ["strace", "-f", "-tt", "-y", "-s", "40", "-e", calls, "-o", str(trace), "-p", process],
        stderr=subprocess.PIPE,
    )
    tracer.stderr.readline()  # attached
    person.post(f"/desk/shelters/{school}/new/", name="跡 太郎", how="inside")
    tracer.send_signal(signal.SIGINT)
    tracer.wait()
    lines = trace.read_text(errors="replace").splitlines()
    answer = next(n for n, line in enumerate(lines) if "HTTP/1.1 302" in line)
    writes = [
        n for n, line in enumerate(lines) if "sqlite3-wal" in line and "write" in line.split("(")[0] and n < answer
    ]
    syncs = [n for n, line in enumerate(lines) if ("fsync" in line or "fdatasync" in line) and "sqlite3-wal" in line]
    assert writes, "\n".join(lines)[:3000]
    assert any(writes[-1] < n < answer for n in syncs), "\n".join(lines)[:3000]


def test_locked_it_shows_nothing_but_the_way_in(town):
    port = free_port()
    process = Process([*START, "--locked", "--port", str(port)], town.laptop_env, port)
    try:
        person = Person(process.url)
        assert "パスフレーズ" in person.get("/desk/shelters/")
        assert person.at == "/unlock/"
        with pytest.raises(Exception, match="422"):
            person.post("/unlock/", passphrase="wrong-but-long")
        person.post("/unlock/", passphrase=PASSPHRASE)
        assert person.at == "/desk/accounts/login/"
    finally:
        process.kill()


def test_what_was_typed_is_not_lost_when_the_laptop_locks_itself(town, door):
    """In the middle of a check-in, with a second tab; sent again by a person, once."""
    school = town.school
    second = Person(town.laptop.url)
    second.jar = door.jar
    second.opener = door.opener  # another tab of the same browser
    door.get(f"/desk/shelters/{school}/new/")
    second.post("/desk/laptop/lock/")
    door.post(f"/desk/shelters/{school}/new/", name="途中 太郎", how="inside")
    assert door.at == "/unlock/"
    assert "残してあります" in door.page
    assert "途中" not in door.page  # whoever finds the laptop reads nothing
    # A fragment's request leaves its page standing and says where to unlock.
    asked = {"HX-Request": "true", "Referer": door.url + "/"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        door.opener.open(urllib.request.Request(f"{door.url}/desk/shelters/{school}/find/", b"q=x", asked))
    text = refused.value.read().decode()
    assert 'id="refusal"' in text
    assert "別のタブ" in text
    assert "HX-Redirect" not in refused.value.headers
    second.post("/unlock/", passphrase=PASSPHRASE)
    assert "途中 太郎" in second.get("/desk/laptop/held/")
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', second.page))
    assert fields["name"] == "途中 太郎"
    second.post_from("/desk/laptop/held/", f"/desk/shelters/{school}/new/", name=fields["name"], how=fields["how"])
    assert second.at == f"/desk/shelters/{school}/find/"
    assert "途中 太郎" in second.roster(school)
    assert "書きかけの入力はありません" in door.get("/desk/laptop/held/")


def test_a_form_from_before_signing_in_anew_is_not_lost_and_a_strangers_is_not_kept(town, door):
    school = town.school
    door.get(f"/desk/shelters/{school}/new/")
    door.post("/desk/accounts/logout/")
    door.post(f"/desk/shelters/{school}/new/", name="古い 画面", how="inside")
    assert door.at == "/desk/accounts/login/"
    door.post("/desk/accounts/login/?next=/desk/laptop/held/", username="shelter", password=PASSWORD, reason="shelter")
    assert door.at == "/desk/laptop/held/"
    assert "古い 画面" in door.page
    door.post("/desk/laptop/held/", drop="1")
    assert "古い 画面" not in door.roster(school)
    # A page elsewhere can put nothing there.
    with pytest.raises(urllib.error.HTTPError, match="403"):
        door.opener.open(
            urllib.request.Request(
                f"{door.url}/desk/shelters/{school}/new/", b"name=x", {"Origin": "https://evil.example"}
            )
        )
    assert "書きかけの入力はありません" in door.get("/desk/laptop/held/")


def test_an_idle_laptop_locks_itself_though_a_page_keeps_asking(town):
    port = free_port()
    process = Process([*START, "--port", str(port)], town.laptop_env | {"TASUKI_SHELTER_IDLE_MINUTES": "0.05"}, port)
    try:
        person = Person(process.url)
        person.get("/desk/shelters/")
        assert person.at == "/desk/accounts/login/"
        end = time.monotonic() + 4
        while time.monotonic() < end:
            asked = urllib.request.Request(f"{process.url}/desk/shelters/", headers={"HX-Request": "true"})
            with suppress(urllib.error.HTTPError):
                person.opener.open(asked).close()
            time.sleep(0.5)
        person.get("/desk/laptop/sync/")
        assert person.at == "/unlock/"
        person.post("/unlock/", passphrase=PASSPHRASE, next="/desk/laptop/sync/")
        assert person.at == "/desk/accounts/login/"
        assert "next=/desk/laptop/sync/" in person.url_at
    finally:
        process.kill()
