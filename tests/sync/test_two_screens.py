"""The line is cut, people come in at both ends, the line is whole again: what Chromium shows at the laptop and at headquarters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PATIENCE, Person

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.xdist_group("laptop")]


@pytest.fixture
def before(new_context: Callable[..., Any]) -> Iterator[Callable[[str], Person]]:
    """`before(url)`: somebody of the shelter before the screen of that machine. No page of theirs may have complained."""
    everybody: list[Person] = []

    def sit_down(url: str) -> Person:
        context = new_context(locale="ja-JP", timezone_id="Asia/Tokyo")
        context.set_default_timeout(PATIENCE)
        everybody.append(Person(context.new_page(), url))
        return everybody[-1].signs_in("shelter")

    yield sit_down
    assert [trouble for person in everybody for trouble in person.troubles] == []


def takes_in(person: Person, opening: str, name: str) -> None:
    """Somebody whom no list has, from the keyboard."""
    person.opens(f"/desk/shelters/{opening}/find/")
    person.is_at(person.page.get_by_role("main").get_by_role("searchbox"))
    person.page.keyboard.type(name)
    person.types("Enter")
    person.sees("見つかりません")
    person.is_at(person.page.get_by_role("textbox", name="氏名").first)
    person.types("Control+Enter")
    person.sees("1名を受け付けました")


def roster(person: Person, opening: str) -> list[str]:
    """The rows of the roster as they are read, and the count above them."""
    person.opens(f"/desk/shelters/{opening}/roster/")
    main = person.page.get_by_role("main")
    rows = main.get_by_role("table").get_by_role("row").all_inner_texts()
    count = re.search(r"避難所内 [\d,]+人（[\d,]+世帯）", main.inner_text())[0]
    return [count, *(" ".join(row.split()) for row in rows)]


def exchanges(person: Person, says: str, unsent: str) -> None:
    """いまやり取りする, and what the page says then."""
    person.opens("/desk/laptop/sync/")
    person.presses("いまやり取りする")
    expect(person.page.locator("body")).to_contain_text(says)
    stands = person.page.get_by_role("main").locator("dt", has_text="まだ送っていない記録").locator("+ dd")
    expect(stands).to_have_text(unsent)


def test_both_screens_agree_after_the_line_was_cut(town, before):
    school, door, desk = town.school, before(town.laptop.url), before(town.server.url)
    exchanges(door, "本部とやり取りしました", "0件")
    known = set(roster(door, school)[1:])
    assert set(roster(desk, school)[1:]) == known
    town.wire.cut()
    try:
        takes_in(door, school, "西 太郎")
        takes_in(desk, school, "本部 花子")
        exchanges(door, "つながりません", "2件")
        at_the_door, at_the_desk = (" ".join(set(roster(one, school)[1:]) - known) for one in (door, desk))
        assert "西 太郎" in at_the_door
        assert "本部 花子" not in at_the_door
        assert "本部 花子" in at_the_desk
        assert "西 太郎" not in at_the_desk
    finally:
        town.wire.join()
    exchanges(door, "送った記録 2件、受け取った記録 2件", "0件")
    both = roster(door, school)
    assert both == roster(desk, school)
    assert len(set(both[2:]) - known) == 2
