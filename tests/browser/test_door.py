"""The door in the night: how many keys it takes, with nothing but a keyboard and a scanner."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import expect
from qrcode.main import QRCode

from backend.facilities.models import Facility, HeadCount
from backend.ledger import lookup
from backend.shelters import queries, services
from backend.shelters.cards import rules as cards
from backend.shelters.models import StayEvent

from .conftest import Person

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
# A scanner types faster than a busy test machine lets us press keys.
SCAN = """text => [...text, "Enter"].forEach(key => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true})))"""
# A camera that sees a card: a picture of its QR, or of nothing, as a film; `detector` is the browser's own reader.
CAMERA = """([squares, detector]) => {
    const canvas = document.createElement("canvas"), drawing = canvas.getContext("2d"), size = 8;
    canvas.width = canvas.height = (squares.length + 8) * size;
    setInterval(() => {
        drawing.fillStyle = "white";
        drawing.fillRect(0, 0, canvas.width, canvas.height);
        drawing.fillStyle = "black";
        squares.forEach((row, y) => row.forEach((dark, x) => {
            if (dark) drawing.fillRect((x + 4) * size, (y + 4) * size, size, size);
        }));
    }, 50);
    window.film = canvas.captureStream(20);
    navigator.mediaDevices.getUserMedia = asked => asked.video ? Promise.resolve(window.film) : Promise.reject();
    delete window.BarcodeDetector;
    if (detector) window.BarcodeDetector = class { detect() { return Promise.resolve([{rawValue: detector}]); } };
}"""
FAMILY = ["高橋 一郎", "高橋 花子", "高橋 太郎", "高橋 さくら"]


@pytest.fixture
def opening(house):
    """A shelter whose excerpt has two families of the same name; the second one is at the door."""
    rows = [
        {"atena_no": "70", "household_no": "90", "name": "高橋 梅", "kana": "タカハシ ウメ", "address": "大浜市港町9"}
    ]
    rows += [
        {
            "atena_no": str(80 + i),
            "household_no": "91",
            "name": name,
            "kana": f"タカハシ {i}",
            "birth": f"19{70 + i}-01-02",
        }
        for i, name in enumerate(FAMILY)
    ]
    lookup.take([{"address": "大浜市西町1", **row} for row in rows])
    return services.open_shelter(by=None, facility=Facility.objects.create(name="西町小学校"))


def names(opening):
    return sorted(row.face.name for row in queries.roster(opening, staff=None).rows)


def box(clerk: Person):
    return clerk.page.get_by_role("main").get_by_role("searchbox")


def test_a_household_of_four_in_at_most_twelve_keys(people, opening):
    clerk = people("shelter")
    clerk.opens(reverse("shelters:shelter", args=[opening]))
    clerk.is_at(box(clerk))
    clerk.page.keyboard.type("たかはし")
    strokes = clerk.types("Enter")
    expect(clerk.page.get_by_role("checkbox")).to_have_count(5)
    clerk.is_at(clerk.page.get_by_role("checkbox").first)
    down = clerk.page.get_by_role("form").nth(0).inner_text().startswith("大浜市港町")
    strokes += clerk.types("ArrowDown") if down else 0
    strokes += clerk.types("1", "2", "3", "4", "Enter")
    clerk.sees("4名を受け付けました")
    assert names(opening) == sorted(FAMILY)
    assert strokes <= 12
    clerk.is_at(box(clerk))  # the next one may come: who lives alone is not chosen first
    clerk.page.keyboard.type("たかはし うめ")
    clerk.types("Enter")
    clerk.is_at(clerk.page.get_by_role("checkbox"))
    clerk.types("Enter")
    clerk.sees("1名を受け付けました")
    assert len(names(opening)) == 5


def test_a_scanner_is_heard_wherever_the_focus_is_and_ticks_nobody(people, opening):
    clerk = people("shelter")
    clerk.opens(reverse("shelters:find", args=[opening]))
    clerk.is_at(box(clerk))
    clerk.page.keyboard.type("たかはし")
    clerk.types("Enter")
    clerk.is_at(clerk.page.get_by_role("checkbox").first)
    clerk.page.evaluate(SCAN, "1234567890")
    expect(box(clerk)).to_have_value("1234567890")
    assert names(opening) == []


def test_somebody_unknown_on_one_screen(people, opening):
    clerk = people("shelter")
    clerk.opens(reverse("shelters:find", args=[opening]))
    clerk.is_at(box(clerk))
    clerk.page.keyboard.type("旅野 めぐる")
    clerk.types("Enter")
    clerk.sees("見つかりません")
    clerk.is_at(clerk.page.get_by_role("textbox", name="氏名").first)
    clerk.types("Control+Enter")
    clerk.sees("1名を受け付けました")
    assert names(opening) == ["旅野 めぐる"]
    clerk.page.set_viewport_size({"width": 320, "height": 640})
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert clerk.page.evaluate(wide) <= 0


def test_a_card_held_before_the_camera_finds_its_person(people, opening):
    clerk = people("shelter")
    evacuee, _ = services.check_in_new(by=None, opening=opening, details={"name": "旅野 めぐる"})
    text, code = cards.in_qr(cards.card_of(evacuee)), QRCode(border=0)
    code.add_data(text)
    for squares, detected in (([], text), (code.get_matrix(), "")):  # the browser's own reader; ours, of the picture
        clerk.opens(reverse("shelters:find", args=[opening]))
        clerk.is_at(box(clerk))
        clerk.page.evaluate(CAMERA, [squares, detected])
        clerk.page.get_by_role("button", name="カメラで読む").click()
        clerk.sees("旅野 めぐる")
        expect(box(clerk)).to_have_value(text)


def test_where_the_camera_is_not_allowed_the_page_says_what_to_do(people, opening):
    clerk = people("shelter")
    clerk.opens(reverse("shelters:find", args=[opening]))
    clerk.is_at(box(clerk))
    clerk.page.evaluate("() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error()); }")
    clerk.page.get_by_role("button", name="カメラで読む").click()
    expect(clerk.page.locator("[data-door-said]")).to_contain_text("カメラを使えませんでした")
    expect(clerk.page.get_by_role("button", name="カメラで読む")).to_have_attribute("aria-pressed", "false")


def test_one_key_reports_the_count_and_one_says_where_somebody_went(people, opening):
    services.check_in_new(by=None, opening=opening, details={"name": "旅野 めぐる"})
    services.check_in_new(by=None, opening=opening, details={"name": "旅野 あゆむ"})
    clerk = people("shelter")
    clerk.opens(reverse("shelters:shelter", args=[opening]))
    clerk.is_at(box(clerk))  # as the page opens: whatever is a letter goes into the box
    expect(clerk.page.get_by_role("button", name="名簿どおり 2人と報告する（F2）")).to_be_visible()
    clerk.page.wait_for_timeout(600)  # no key counts in the first half second of a page
    clerk.types("F2")
    clerk.sees("人数 2人を記録しました")
    assert [count.people for count in HeadCount.objects.all()] == [2]
    clerk.page.get_by_role("checkbox").first.check()
    clerk.page.wait_for_timeout(600)
    clerk.types("F8")
    clerk.sees("キー一つで記録します")
    clerk.page.wait_for_load_state()
    clerk.page.wait_for_timeout(600)
    clerk.types("2")
    clerk.sees("1名の退所を記録しました")
    assert [stay.destination for stay in StayEvent.objects.filter(kind="left")] == ["relatives"]
