"""A laptop's clock that is wrong by hours or years: what its pages say, and what headquarters knows after a contact."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from backend.core.clock import TOKYO, now

from .processes import ROOT, Person


@pytest.mark.once
def test_order_and_times_are_right_after_a_contact():
    """By hours and years ahead and behind, set by hand, and begun anew every day: see tests/sync/clocks.py."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.sync.clocks"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "tests.sync.settings"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]


def rows(person: Person, opening: str, name: str) -> list[str]:
    """The lines of somebody on the roster of now, as they are read."""
    page = person.get(f"/desk/shelters/{opening}/roster/")
    found = [re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", part)) for part in page.split("<tr")]
    return [row for row in found if name in row]


@pytest.mark.once
@pytest.mark.xdist_group("laptop")
@pytest.mark.parametrize("days", [-1096, 1096])
def test_the_pages_of_a_laptop_that_is_years_off(town, days):
    stays, goes, comes = (f"時計 {days}の{part}" for part in ("太郎", "花子", "次郎"))
    door, desk = Person(town.laptop.url).sign_in(), Person(town.server.url).sign_in()
    for name in (stays, goes):
        door.post(f"/desk/shelters/{town.school}/new/", name=name, how="inside")
    door.post("/desk/laptop/sync/now/")
    town.wire.cut()
    try:
        town.starts_again(TASUKI_TEST_CLOCK_DAYS=str(days))
        door = Person(town.laptop.url).sign_in()
        # A clock that is before the last contact can't be right: it says so, and the order of things holds.
        assert ("端末の時計が正しいか、分かりません" in door.get("/desk/laptop/sync/")) == (days < 0)
        page = door.get(f"/desk/shelters/{town.school}/roster/")
        leaving = re.findall(r'/people/([0-9a-f-]+)/"', page[: page.index(goes)])[-1]
        door.post(f"/desk/shelters/{town.school}/depart/", evacuee=[leaving], destination="home")
        door.post(f"/desk/shelters/{town.school}/new/", name=comes, how="inside")
        assert len(rows(door, town.school, comes)) == 1
        assert rows(door, town.school, goes) == []
        town.wire.join()
        page = door.post("/desk/laptop/sync/now/")
        # Going on from the last contact, a moment ago, was right already.
        assert ("記録3件の日時を本部の時計に合わせました" in page) == (days > 0)
        assert f"端末の時計が本部と違います（1,096日の{'遅れ' if days < 0 else '進み'}）" in page
        assert desk.roster(town.school) == door.roster(town.school)
        for screen in (desk, door):
            assert rows(screen, town.school, goes) == []
            [row] = rows(screen, town.school, comes)
            assert f"{now().astimezone(TOKYO):%-m月%-d日}" in row
        administrator = Person(town.server.url).sign_in("administrator")
        assert "1096日の" in administrator.get("/desk/journal/").replace(",", "")
    finally:
        town.wire.join()
        town.starts_again()
        Person(town.laptop.url).sign_in().post("/desk/laptop/sync/now/")
