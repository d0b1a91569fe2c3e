"""What a shelter's laptop and headquarters tell each other of people, in one process with both sides' tables.

Run with DJANGO_SETTINGS_MODULE=tests.sync.settings.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.sync.settings")
import django

django.setup()

from backend.accounts.models import Staff
from backend.core import clock
from backend.ledger.models import Protection
from backend.ledger.services import lift_protection
from backend.shelters import queries as shelters
from backend.shelters import services, wishes
from backend.shelters.help_first import packing, queries
from backend.shelters.help_first.services import answer, import_list
from backend.shelters.models import HelpPerson
from offline_client import sync

from .world import Laptop, World, go

LIST = "宛名番号,氏名,住所,事由\n0001,山田 太郎,大浜市西町1,人工呼吸器を使用\n,北原 ハル,大浜市西町2,要介護3\n"


def way_of_a_push_whose_answer_was_lost(world: World) -> None:
    """Headquarters took them: with the next exchange nothing is called unsent any more, though nothing was written since."""
    laptop = world.laptops[0]
    with laptop.here():
        for name in ("港 太郎", "港 花子"):
            services.check_in_new(by=None, opening=world.openings[0], details={"name": name})
        written = sync.unsent()
    laptop.faults = ["", "lost"]
    assert laptop.sync() == "NoLine"
    with laptop.here():
        assert sync.unsent() == written == 4
    laptop.faults = []
    assert laptop.sync() == "done"
    with laptop.here():
        assert sync.unsent() == 0
    with world.server.here():
        rows = shelters.roster(world.openings[0], staff=None).rows
        assert {row.face.name for row in rows} == {"港 太郎", "港 花子"}


def way_of_a_proxy_that_takes_nothing_long(world: World) -> None:
    """Headquarters was set back; what it lost is given back in parts, also where somebody in between refuses long questions."""
    here, there, _ = world.laptops
    copy = world.server.copy()
    with here.here():
        for name in ("港 太郎", "港 花子"):
            services.check_in_new(by=None, opening=world.openings[0], details={"name": name})
    assert here.sync() == there.sync() == "done"
    world.server.put(copy)
    there.faults = ["", "413"]
    assert there.sync() == "done"
    with world.server.here():
        rows = shelters.roster(world.openings[0], staff=None).rows
        assert {row.face.name for row in rows} == {"港 太郎", "港 花子"}
    there.faults = ["413 to all"] * 9
    assert there.sync() == "NoLine"
    there.faults = []
    assert there.sync() == "done"


def way_of_an_answer_about_somebody_who_needs_help(world: World) -> None:
    """Written without a line: with what result and when it was so, headquarters knows after a contact."""
    laptop = world.laptops[0]
    assert laptop.sync() == "done"
    with world.server.here(), TemporaryDirectory() as folder:
        path = Path(folder) / "list.csv"
        path.write_text(LIST, encoding="utf-8")
        import_list(by=None, path=path)
        given = list(packing.give(facility=world.openings[0], area=""))
    with laptop.here():
        packing.take(given)
    world.time += timedelta(hours=5)
    told = {}
    with laptop.here():
        for name, ago in {"山田 太郎": timedelta(hours=2), "北原 ハル": timedelta(minutes=90)}.items():
            told[name] = clock.now() - ago
            person = HelpPerson.objects.get(name=name).pk
            said = {"how": "visit", "result": "reached", "status": "home", "note": "電池はあと3時間"}
            answer(by=None, person=person, occurred_at=told[name], **said)
        assert all(row.reached for row in queries.people(None))
    with world.server.here():
        assert not any(row.reached for row in queries.people(None))
    laptop.faults = ["down"] * 9
    assert laptop.sync() == "NoLine"
    laptop.faults = []
    world.time += timedelta(hours=1)
    assert laptop.sync() == "done"
    with world.server.here():
        rows = queries.people(None)
        assert len(rows) == 2
        for row in rows:
            assert row.word_at is not None, row.person.name
            assert abs(row.word_at - told[row.person.name]) < timedelta(seconds=2)
            assert row.tried == "訪問：本人・家族に会えた／話せた"
            assert row.contact is not None
            assert row.contact.note == "電池はあと3時間"
            assert row.contact.received_at - row.contact.occurred_at > timedelta(hours=2)


def seen(laptop: Laptop) -> set[str]:
    with laptop.here():
        return {row.face.name for row in shelters.roster(laptop.world.openings[0], staff=None).rows}


def way_of_a_protection_that_is_lifted(world: World) -> None:
    """Hidden on both laptops of the shelter; what was written meanwhile comes when headquarters lifts it."""
    here, there, _ = world.laptops
    with here.here():
        evacuee, _ = services.check_in_new(by=None, opening=world.openings[0], details={"name": "北原 ハル"})
    assert here.sync() == there.sync() == "done"
    assert seen(there) == {"北原 ハル"}
    with here.here():
        wishes.ask_protection(by=None, evacuee=evacuee)
    assert here.sync() == there.sync() == "done"
    assert seen(here) == seen(there) == set()
    world.time += timedelta(hours=1)
    with world.server.here():
        wishes.correct_details(by=None, evacuee=evacuee, details={"name": "北原 春"})
    assert here.sync() == there.sync() == "done"
    with world.server.here():
        boss = Staff.objects.create_user(
            username="boss", password="x", division="shelter", is_supervisor=True, sees_protected=True
        )
        lift_protection(by=boss, protection=Protection.objects.get(), reason="本人の申し出")
    world.time += timedelta(hours=1)
    assert here.sync() == there.sync() == "done"
    assert seen(here) == seen(there) == {"北原 春"}
    # Asked for once more, they are hidden once more.
    with there.here():
        wishes.ask_protection(by=None, evacuee=evacuee)
    assert there.sync() == here.sync() == "done"
    assert seen(here) == seen(there) == set()


if __name__ == "__main__":
    go(globals())
