"""The system's Chromium, and a person at the keyboard who notes whatever their pages ask for or complain of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

import fixtures as invented
from backend.core import clock
from fixtures import town

PASSWORD = "long-enough-words"
PATIENCE = 20_000  # milliseconds, for a busy machine
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def house(live_server: Any, settings: Any, tmp_path: Path) -> str:
    """A running installation with folders of its own; its address."""
    settings.DATA_DIR = tmp_path / "var"
    settings.PUBLICATION_DIR = tmp_path / "public"
    settings.PUBLIC_URL = live_server.url
    return str(live_server.url)


@dataclass
class Town:
    """The small town as if its disaster had been the day before yesterday."""

    folder: Path
    export_day: date
    disaster_day: date

    @property
    def export(self) -> Path:
        return next(self.folder.glob("register-full-????????.csv"))

    @property
    def changes(self) -> list[Path]:
        """Up to yesterday: what has come by the morning of the third day."""
        found = sorted(self.folder.glob("register-change-????????.csv"))
        return [path for path in found if path.stem[-8:] < f"{clock.today():%Y%m%d}"]


@pytest.fixture
def shaken_town(tmp_path: Path) -> Town:
    made = Path(invented.__file__).parent / "small_town"
    days = (clock.today() - timedelta(days=2) - town.DEFAULT_DISASTER_DAY).days
    about = town.shift(made, tmp_path / "town", days)
    return Town(tmp_path / "town", *(date.fromisoformat(about[key]) for key in ("export_day", "disaster_day")))


@dataclass
class Person:
    """Somebody before a browser of their own."""

    page: Page
    house: str
    troubles: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("console", lambda said: self._note(f"{said.type}: {said.text}", said.type == "error"))
        self.page.on("pageerror", lambda error: self._note(f"script: {error}", True))
        self.page.on("response", lambda got: self._note(f"{got.status} {got.url}", got.status >= 400))

    def _note(self, text: str, wrong: bool) -> None:
        if wrong:
            self.troubles.append(text)

    def _asked(self, request: Any) -> None:
        self._note(f"another host: {request.url}", not request.url.startswith((self.house, "data:", "blob:")))

    def signs_in(self, username: str) -> Person:
        self.opens("/desk/")
        self.writes("ユーザー名", username)
        self.writes("パスワード", PASSWORD)
        self.page.get_by_label("今日の業務の理由").select_option(index=1)
        self.presses("ログイン")
        expect(self.page.get_by_role("navigation", name="主なメニュー")).to_be_attached()
        return self

    def opens(self, address: str) -> None:
        self.page.goto(self.house + address)

    def goes_to(self, label: str) -> None:
        self.page.get_by_role("navigation", name="主なメニュー").get_by_role("link", name=label, exact=True).click()

    def presses(self, label: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=label, exact=True).click()

    def follows(self, label: str) -> None:
        self.page.get_by_role("main").get_by_role("link", name=label).first.click()

    def writes(self, label: str, text: str) -> None:
        self.page.get_by_role("main").get_by_role("textbox", name=label).fill(text)

    def types(self, *keys: str) -> int:
        """Press keys one after the other, whatever has the focus; how many they were."""
        for key in keys:
            self.page.keyboard.press(key)
        return len(keys)

    def sees(self, text: Any) -> None:
        expect(self.page.get_by_role("main")).to_contain_text(text)

    def downloads(self, press: Callable[[], None]) -> Path:
        with self.page.expect_download() as coming:
            press()
        return coming.value.path()

    def is_at(self, field: Locator) -> None:
        """The page has come, with its scripts, and this field has the focus: now keys may be pressed."""
        expect(field).to_be_focused()
        self.page.wait_for_load_state()


@pytest.fixture
def people(house: str, new_context: Callable[..., Any], staff: Callable[..., Any]) -> Iterator[Callable[..., Person]]:
    """`people("tax")` signs in by the form, `people()` is a stranger. No page of theirs may have complained."""
    everybody: list[Person] = []

    def enter(division: str = "", **look: Any) -> Person:
        context = new_context(locale="ja-JP", timezone_id="Asia/Tokyo", accept_downloads=True, **look)
        context.set_default_timeout(PATIENCE)
        person = Person(context.new_page(), house)
        everybody.append(person)
        if division:
            person.signs_in(staff(division, display_name=f"見本 {division}").username)
        return person

    yield enter
    assert [trouble for person in everybody for trouble in person.troubles] == []
