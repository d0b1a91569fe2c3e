"""The door of a shelter without a line: keys, the machine's own seconds, and what both make of a person's time, by each way of entry.

No people were timed. Hands and thoughts are counted by the keystroke-level model (Card, Moran and Newell, 1980): 0.28 s a key of a
person who doesn't type for a living, 1.35 s for each time that they must look and decide, and 2 s (ours) to hold a card before the
scanner. What the machine needs is measured in Chromium against a laptop's own process.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from tests.chromium import QUIET, chromium
from tests.sync.processes import PASSWORD, Town

from .laptop import PEOPLE, RESIDENTS, in_laptop
from .place import Place
from .report import Limit, Report, Table

KEY, MENTAL, SCAN = 0.28, 1.35, 2.0  # seconds
ROUNDS = 5
PAPER, READER, PRE_REGISTERED, TABLET = (
    262.0,
    26.0,
    13.0,
    352.0,
)  # seconds a person, as others measured (docs/sources.md)


@dataclass
class Way:
    """One way in: how many people it takes in at once, keys (without those that the scanner types), looks, scans."""

    label: str
    people: int
    keys: int
    looks: int
    scans: int
    machine: float
    to_beat: str
    bound: float | None

    @property
    def seconds(self) -> float:
        """A person."""
        return (self.keys * KEY + self.looks * MENTAL + self.scans * SCAN + self.machine) / self.people


def run(place: Place) -> Report:
    town = Town(Path(tempfile.mkdtemp(dir=place.folder)))
    try:
        town.join()
        town.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
            ways = _measure(town, browser.new_context(locale="ja-JP").new_page(), browser)
            browser.close()
    finally:
        town.close()
    return _report(ways)


def _measure(town: Town, page: Page, browser: Any) -> list[Way]:
    code = _own_telephone(browser.new_context(locale="ja-JP").new_page(), town)
    _sign_in(page, town)
    town.wire.cut()
    page.goto(f"{town.laptop.url}/desk/shelters/")
    page.request.post(
        f"{town.laptop.url}/desk/shelters/open/",
        form={"facility": town.made["facility"], "csrfmiddlewaretoken": _token(page)},
        headers={"Referer": f"{town.laptop.url}/desk/shelters/"},
    )
    made = in_laptop(town, "--residents", str(RESIDENTS), "--people", str(PEOPLE), "--families", str(ROUNDS))
    find = f"{town.laptop.url}/desk/shelters/{made['opening']}/find/"
    box = page.get_by_role("main").get_by_role("searchbox")

    def ready() -> None:
        page.goto(find)
        expect(box).to_be_focused()
        page.wait_for_load_state()

    def until(act: Callable[[], None], seen: str) -> float:
        began = time.perf_counter()
        act()
        page.get_by_role("main").get_by_text(seen).first.wait_for()
        return time.perf_counter() - began

    def enter() -> None:
        page.keyboard.press("Enter")

    def family(number: int) -> tuple[int, float]:
        ready()
        name = made["families"][number]
        page.keyboard.type(name)
        found = until(enter, "さくら")
        expect(page.get_by_role("checkbox").first).to_be_focused()
        for key in "1234":
            page.keyboard.press(key)
        # Romaji of the name (two keys a character), what ends its conversion, Enter; four ticks and Enter.
        return 2 * len(name) + 1 + 1 + 5, found + until(enter, "4名を受け付けました")

    def card(number: int) -> tuple[int, float]:
        ready()
        page.keyboard.insert_text(made["cards"][number])
        return 0, until(enter, "郎")

    def unknown(number: int) -> tuple[int, float]:
        ready()
        name = f"旅野めぐる{'一二三四五'[number]}"
        page.keyboard.insert_text(name)
        none = until(enter, "見つかりません")
        expect(page.get_by_role("textbox", name="氏名").first).to_be_focused()
        done = until(lambda: page.keyboard.press("Control+Enter"), "1名を受け付けました")
        return 2 * len(name) + 2 + 1 + 1, none + done

    def registered(number: int) -> tuple[int, float]:
        ready()
        page.keyboard.insert_text(code[number])
        shown = until(enter, "髙橋 花子")
        expect(page.get_by_role("checkbox").first).to_be_focused()
        return 1, shown + until(enter, "2名を受け付けました")

    return [
        _way("a family of four by name, from the excerpt", 4, family, 3, 0, f"paper {PAPER:g}", PAPER),
        _way("a family's own code, made before", 2, registered, 1, 1, "QR after pre-registration 6–13", PRE_REGISTERED),
        _way("somebody's card", 1, card, 1, 1, f"card reader {READER:g}", READER),
        _way("somebody unknown, the name alone", 1, unknown, 2, 0, f"a shared tablet {TABLET:g}", TABLET),
    ]


def _way(
    label: str, people: int, act: Callable[[int], tuple[int, float]], looks: int, scans: int, beat: str, bound: float
) -> Way:
    done = [act(number) for number in range(ROUNDS)]
    machine = sorted(seconds for _, seconds in done)[ROUNDS // 2]
    return Way(label, people, done[0][0], looks, scans, machine, beat, bound)


def _own_telephone(page: Page, town: Town) -> list[str]:
    """The code that a family of two makes on its own telephone, once for each round."""
    made = []
    for _ in range(ROUNDS):
        page.goto(f"http://127.0.0.1:{town.port}/prereg/")
        page.get_by_label("氏名").fill("髙橋 一郎")
        page.get_by_role("button", name="家族を加える").click()
        page.get_by_role("group", name="2人目").get_by_label("氏名").fill("髙橋 花子")
        expect(page.get_by_role("status")).to_contain_text("2人分のQRコード")
        made.append(page.get_by_role("img", name="事前登録").get_attribute("data-text") or "")
    return made


def _sign_in(page: Page, town: Town) -> None:
    page.goto(f"{town.laptop.url}/desk/accounts/login/")
    page.get_by_label("ユーザー名").fill("shelter")
    page.get_by_label("パスワード").fill(PASSWORD)
    page.get_by_label("今日の業務の理由").select_option("shelter")
    page.get_by_role("button", name="ログイン").click()
    page.wait_for_url("**/desk/shelters/**")


def _token(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if "csrf" in cookie["name"])


def _report(ways: list[Way]) -> Report:
    return Report(
        name="intake",
        title="The door of a shelter without a line",
        about=(
            f"A laptop's own process with {RESIDENTS:,} residents in its excerpt and {PEOPLE:,} people in the shelter, its line"
            " cut, in Chromium. No people were timed: the machine's seconds are measured (from the key to the next page, the middle"
            f" of {ROUNDS}), hands and thoughts are counted by the keystroke-level model (Card, Moran and Newell 1980): {KEY} s a key,"
            f" {MENTAL} s for each look and decision, {SCAN:g} s to hold a card before the scanner. What is said at the door, on both"
            " sides the same, is in none of ours and in all of the figures beside them, which others measured at exercises with people."
        ),
        figures={way.label: {"machine_s": way.machine, "keys": way.keys} for way in ways},
        table=Table(
            ["way", "people", "keys", "looks", "scans", "machine, s", "s a person", "others, s a person"],
            [
                [way.label, way.people, way.keys, way.looks, way.scans, way.machine, way.seconds, way.to_beat]
                for way in ways
            ],
        ),
        limits=[Limit(f"{way.label}: a person", way.seconds, way.bound, " s") for way in ways if way.bound],
    )
