"""`tasuki-shelter start --share`: a real laptop process, real sockets, TLS; phones with a PIN each."""

from __future__ import annotations

import os
import re
import socket
import ssl
import time
import urllib.error
import urllib.request

import pytest

from .processes import PASSPHRASE, PASSWORD, START, Person, Process, free_port

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("laptop")]


class Phone(Person):
    """Somebody at a phone: over TLS, whoever signed the certificate."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), urllib.request.HTTPSHandler(context=context)
        )

    def refused(self, path: str, **headers: str) -> tuple[int, str]:
        """What it gets where it gets no page."""
        try:
            self.opener.open(urllib.request.Request(self.url + path, headers=headers), timeout=30)
        except urllib.error.HTTPError as answer:
            return answer.code, answer.read().decode()
        raise AssertionError(f"{path} was opened")

    def enters(self, pin: str) -> str:
        try:
            self.get("/pin/")
            return self.post("/pin/", pin=pin)
        except urllib.error.HTTPError as answer:
            return answer.read().decode()


@pytest.fixture
def school(town):
    return town.school


@pytest.fixture
def desk(town):
    person = Person(town.laptop.url).sign_in()
    listening(town)
    yield person
    person.post("/desk/laptop/share/cut-all/")


def answers(address: str, port: int) -> bool:
    try:
        socket.create_connection((address, port), timeout=2).close()
    except OSError:
        return False
    return True


def listening(town):
    end = time.monotonic() + 30
    while not answers("127.0.0.1", town.share_port):
        assert time.monotonic() < end, "not shared"
        time.sleep(0.1)


def pin(desk: Person, name: str) -> str:
    page = desk.post("/desk/laptop/share/", name=name)
    return re.search(rf"「{name}」の PIN</p>.*?(\d{{3}} \d{{3}})", page, re.DOTALL)[1]


def device(desk: Person, name: str) -> str:
    page = desk.get("/desk/laptop/share/")
    return re.search(rf'href="(/desk/laptop/share/[0-9a-f-]{{36}}/)">{name}<', page)[1]


def row(desk: Person, name: str) -> str:
    """What the list says of a device."""
    page = desk.get("/desk/laptop/share/")
    found = next(part for part in page.split("<tr ") if f">{name}</a>" in part)
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", found))


@pytest.fixture
def phone(town, desk):
    made = Phone(town.shared)
    made.enters(pin(desk, "受付のタブレット"))
    return made.sign_in()


def test_a_phone_is_let_in_once_and_what_it_writes_is_known(town, desk, school, phone):
    phone.post(f"/desk/shelters/{school}/new/", name="携帯 太郎", how="inside")
    assert "携帯 太郎" in desk.roster(school)
    said = row(desk, "受付のタブレット")
    assert "使用中" in said
    assert "shelter" in said  # who is signed in on it
    assert "2件" in said
    page = desk.get(device(desk, "受付のタブレット"))
    assert page.count("<td") == 4  # two lines: kind and person
    # Its PIN is used up, and whoever came in goes on without another one.
    again = Phone(town.shared)
    assert "/pin/" in again.get("/desk/shelters/") or again.at == "/pin/"
    phone.get("/desk/shelters/")
    assert phone.at == "/desk/shelters/"


def test_the_screen_shows_the_very_certificate_that_phones_get(town, desk):
    import hashlib

    with socket.create_connection(("127.0.0.1", town.share_port)) as plain:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(plain) as secure:
            der = secure.getpeercert(binary_form=True)
            assert secure.version() in ("TLSv1.2", "TLSv1.3")
    page = desk.get("/desk/laptop/share/")
    shown = re.search(r"share-in__print\">(.*?)</p>", page, re.DOTALL)[1]
    assert re.sub("[^0-9A-F]", "", shown.replace("<br>", "")) == hashlib.sha256(der).hexdigest().upper()
    assert f"{town.shared}/" in page
    # A phone whose clock is a year wrong may still take it.
    from cryptography import x509

    made = x509.load_der_x509_certificate(der)
    assert made.not_valid_after_utc.year - made.not_valid_before_utc.year >= 2


def test_only_tls_is_spoken_there_and_the_laptop_itself_stays_alone(town, desk):
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the client makes of it
        urllib.request.urlopen(f"http://127.0.0.1:{town.share_port}/", timeout=10)
    other = next((address for address in own_addresses() if address != "127.0.0.1"), None)
    if other is not None:
        for port in (town.laptop.port, town.share_port):
            assert not answers(other, port)


def own_addresses():
    from offline_client.share.addresses import mine

    return [address.ip for address in mine()]


def test_cookies_of_a_phone_go_over_tls_only(phone):
    assert {cookie.name for cookie in phone.jar} >= {"__Host-tasuki_device", "tasuki_shelter"}
    assert all(cookie.secure for cookie in phone.jar)


def test_wrong_pins_are_counted_and_then_nothing_is_taken_for_a_while(town, desk):
    open_pin = pin(desk, "物資のスマートフォン")
    wrong = f"{(int(open_pin.replace(' ', '')) + 1) % 10**6:06}"
    stranger = Phone(town.shared)
    assert "あと4回" in stranger.enters(wrong)
    for _ in range(3):
        stranger.enters(wrong)
    assert "15分のあいだ受け付けません" in stranger.enters(wrong)
    assert "15分のあいだ受け付けません" in stranger.enters(open_pin)  # the right one too
    stranger.get("/desk/shelters/")
    assert stranger.at == "/pin/"
    stranger.enters(pin(desk, "物資のタブレット"))
    assert stranger.at == "/desk/accounts/login/"


def test_a_device_that_is_cut_gets_a_plain_page_and_others_go_on(town, desk, school, phone):
    second = Phone(town.shared)
    second.enters(pin(desk, "保健師のスマートフォン"))
    second.sign_in()
    desk.post(device(desk, "保健師のスマートフォン"), cut="1")
    status, page = second.refused(f"/desk/shelters/{school}/")
    assert status == 403
    assert "この機器は切られました" in page
    assert "高橋" not in page
    status, page = second.refused(f"/desk/shelters/{school}/find/", **{"HX-Request": "true"})
    assert 'id="refusal"' in page
    assert "西町小学校" in phone.get(f"/desk/shelters/{school}/")
    desk.post("/desk/laptop/share/cut-all/")
    assert phone.refused(f"/desk/shelters/{school}/")[0] == 403
    # A new PIN lets the same device in again, under its name; it signs in anew.
    page = desk.post(device(desk, "受付のタブレット"), again="1")
    fresh = re.search(r"(\d{3} \d{3})</p>", page)[1]
    phone.enters(fresh)
    assert phone.at == "/desk/accounts/login/"


def test_the_laptops_own_acts_and_other_names_are_refused_to_a_phone(town, desk, phone):
    for path in ("/desk/laptop/share/", "/unlock/"):
        status, page = phone.refused(path)
        assert status == 403
        assert "端末の画面でだけ" in page
    assert "機器を加える・切る" not in phone.get("/desk/laptop/sync/")
    for host in ("evil.example", f"localhost:{town.share_port}", "192.168.1.9:8766"):
        assert phone.refused("/desk/shelters/", Host=host)[0] == 400
    stranger = Person(town.laptop.url)
    with pytest.raises(urllib.error.HTTPError, match="400"):
        stranger.opener.open(urllib.request.Request(town.laptop.url, headers={"Host": "evil.example:80"}))
    # A header cannot make the laptop's own screen of a phone, nor the other way round.
    assert phone.refused("/desk/laptop/share/", **{"X-Forwarded-For": "127.0.0.1", "tasuki.shared": ""})[0] == 403


def test_a_device_on_which_passwords_are_tried_out_is_cut(town, desk):
    thief = Phone(town.shared)
    thief.enters(pin(desk, "拾われた機器"))
    thief.get("/desk/accounts/login/")
    for _ in range(10):
        assert thief.at == "/desk/accounts/login/"
        thief.post("/desk/accounts/login/", username="shelter", password="wrong", reason="shelter")
    assert thief.refused("/desk/accounts/login/")[0] == 403
    assert "ログインの間違い" in row(desk, "拾われた機器")


def test_while_the_laptop_is_locked_phones_wait_and_then_go_on(town, desk, school, phone):
    desk.post("/desk/laptop/lock/")
    status, page = phone.refused(f"/desk/shelters/{school}/")
    assert status == 503
    assert "端末に鍵がかかっています" in page
    assert phone.refused("/unlock/")[0] == 503
    opener = Person(town.laptop.url)
    opener.get("/unlock/")
    opener.post("/unlock/", passphrase=PASSPHRASE)
    assert "西町小学校" in phone.get(f"/desk/shelters/{school}/")


def test_after_a_restart_a_phone_is_still_known_and_the_certificate_is_the_same(town, desk, school, phone):
    before = ssl.get_server_certificate(("127.0.0.1", town.share_port))
    town.laptop.kill()
    town.laptop.start()
    listening(town)
    assert ssl.get_server_certificate(("127.0.0.1", town.share_port)) == before
    phone.get(f"/desk/shelters/{school}/")
    assert phone.at == "/desk/accounts/login/"  # not the PIN
    person = Person(town.laptop.url).sign_in()
    assert "使用中" in row(person, "受付のタブレット")


def test_laptop_and_phone_side_by_side_in_browsers(browser, town, desk, school):
    """Chromium twice: the laptop's screen, and a telephone of 320 px that accepts the certificate."""
    from playwright.sync_api import expect

    pictures = os.environ.get("TASUKI_PICTURES")
    troubles: list[str] = []
    screen = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 900}).new_page()
    phone = browser.new_context(
        locale="ja-JP", viewport={"width": 320, "height": 640}, ignore_https_errors=True
    ).new_page()
    for page in (screen, phone):
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)

    def sign_in(page):
        page.get_by_label("ユーザー名").fill("shelter")
        page.get_by_label("パスワード").fill(PASSWORD)
        page.get_by_label("今日の業務の理由").select_option("shelter")
        page.get_by_role("button", name="ログイン").click()

    def keep(page, name):
        if pictures:
            page.screenshot(path=f"{pictures}/{name}.png", full_page=True)

    screen.goto(f"{town.laptop.url}/desk/laptop/share/")
    sign_in(screen)
    screen.get_by_label("機器の名前").fill("受付のスマートフォン")
    screen.get_by_role("button", name="PIN を出す").click()
    digits = screen.locator(".share-pin__digits").inner_text()
    keep(screen, "share-laptop")
    screen.set_viewport_size({"width": 320, "height": 640})
    keep(screen, "share-laptop-320")
    screen.set_viewport_size({"width": 1280, "height": 900})
    phone.goto(town.shared)
    keep(phone, "share-pin-320")
    phone.get_by_label("PIN（6 桁の数字）").fill(digits)
    phone.get_by_role("button", name="入る").click()
    sign_in(phone)
    phone.goto(f"{town.shared}/desk/shelters/{school}/new/")
    phone.get_by_label("氏名").first.fill("画面 花子")
    keep(phone, "share-new-320")
    phone.get_by_role("main").get_by_role("button", name="受け付ける").first.click()
    expect(phone.get_by_role("main")).to_contain_text("画面 花子")
    keep(phone, "share-door-320")
    assert "画面 花子" in desk.roster(school)
    screen.reload()
    expect(screen.get_by_role("row", name="受付のスマートフォン")).to_contain_text("使用中")
    keep(screen, "share-laptop-used")
    screen.get_by_role("button", name="すべての機器を切る").click()
    expect(screen.get_by_role("main")).to_contain_text("この端末だけで使えます")
    assert troubles == []
    phone.goto(f"{town.shared}/desk/shelters/{school}/")
    expect(phone.get_by_role("main")).to_contain_text("この機器は切られました")
    keep(phone, "share-cut-320")
    screen.context.close()
    phone.context.close()


def test_without_share_the_laptop_says_how_to_begin(town):
    port = free_port()
    town.laptop.kill()
    alone = Process([*START, "--port", str(port)], town.laptop_env, port)
    try:
        page = Person(alone.url).sign_in().get("/desk/laptop/share/")
        assert "start --share" in page
        assert not answers("127.0.0.1", town.share_port)
    finally:
        alone.kill()
        town.laptop.start()


def test_the_laptop_follows_its_network_when_the_address_changes():
    from offline_client.share.addresses import Address, follow

    wifi, wire = Address("192.168.0.5", "wlan0"), Address("10.1.0.7", "eth0")
    assert follow(None, [wifi]) == wifi
    assert follow(None, [wire, wifi]) is None  # somebody must choose
    assert follow(None, []) is None
    assert follow(wifi, [wire, wifi]) == wifi
    moved = Address("172.16.0.2", "wlan0")
    assert follow(wifi, [wire, moved]) == moved
    # Windows does not name the interface: the network tells.
    assert follow(Address("192.168.0.5"), [Address("10.1.0.7"), Address("192.168.0.9")]) == Address("192.168.0.9")
    # Never another network instead, also when it is the only one: it may lead to the town hall.
    assert follow(wifi, [wire]) is None
    assert follow(Address("127.0.0.1"), [wifi, wire]) == Address("127.0.0.1")
