"""The family's own telephone: a code is made in the browser, nothing is sent, and it works without a line."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from backend.facilities.models import Facility
from backend.shelters import queries, services
from backend.shelters.prereg import rules

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


def test_a_familys_code_is_made_offline_sends_nothing_and_is_taken_at_the_door(people):
    family = people()
    page = family.page
    family.opens("/prereg/")
    page.evaluate("navigator.serviceWorker.ready")
    page.wait_for_function("caches.keys().then(names => names.length === 1)")
    page.context.set_offline(True)
    page.reload(wait_until="networkidle")
    asked: list[str] = []
    page.on("request", lambda request: None if request.url.startswith("data:") else asked.append(request.url))
    page.get_by_label("氏名").fill("髙橋 一郎")
    page.get_by_label("生年月日").fill("1970-01-02")
    page.get_by_label("住所").fill("大浜市西町１番地")
    page.get_by_text("服薬中・薬が必要").click()
    page.get_by_role("button", name="家族を加える").click()
    page.get_by_role("group", name="2人目").get_by_label("氏名").fill("髙橋 花子")
    expect(page.get_by_role("status")).to_contain_text("2人分のQRコード")
    text = page.get_by_role("img", name="事前登録").get_attribute("data-text")
    assert asked == []
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    for number in range(3, 14):  # a large family becomes several codes
        page.get_by_role("button", name="家族を加える").click()
        page.get_by_role("group", name=f"{number}人目").get_by_label("氏名").fill(f"髙橋 長い名前の人{number}")
    expect(page.get_by_role("status")).to_contain_text("13人分")
    pictures = page.get_by_role("img", name="事前登録")
    texts = [picture.get_attribute("data-text") for picture in pictures.all()]
    assert len(texts) > 1
    assert sum(len(rules.read(one).members) for one in texts) == 13
    assert len({rules.read(one).party for one in texts}) == 1

    opening = services.open_shelter(by=None, facility=Facility.objects.create(name="西町小学校"))
    clerk = people("shelter")
    clerk.opens(f"/desk/shelters/{opening}/find/")
    box = clerk.page.get_by_role("main").get_by_role("searchbox")
    clerk.is_at(box)
    box.fill(text)
    strokes = clerk.types("Enter")  # the scanner's own
    clerk.is_at(clerk.page.get_by_role("checkbox").first)
    strokes += clerk.types("Enter")
    clerk.sees("2名を受け付けました")
    assert strokes == 2
    rows = queries.roster(opening, staff=None).rows
    assert {(row.face.name, row.face.birth) for row in rows} == {("髙橋 一郎", "1970-01-02"), ("髙橋 花子", "")}
