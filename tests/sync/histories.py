"""Conservation: whatever a screen confirmed is at headquarters in the end, in the state, the history or a named queue.

    python -m tests.sync.histories --count 40 [--steps 30]

Hypothesis writes histories of three laptops and a server: people come and go on all of them, the line drops, answers are
lost, cut, old or somebody else's, files travel on sticks, clocks jump, disks are full, databases are set back. At the end
everything is repaired, everybody exchanges, and what is there is held against a plain list of what was confirmed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.sync.settings")
import django

django.setup()

from django.conf import settings as conf
from django.db import DatabaseError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from backend.core import clock
from backend.core.errors import Refused
from backend.core.fields import uuid7
from backend.journal import queries, sticks, terminals
from backend.journal.models import Conflict, Device, Entry, Terminal
from backend.journal.services import rebuild, record
from backend.shelters import queries as shelters
from backend.shelters import rules, said
from backend.shelters.models import StayEvent
from backend.shelters.needs import queries as needs
from offline_client import sync
from tests.sync.world import IN_BETWEEN, Node, World

FAULTS = ["", "", "", "down", "413", "lost", "half", "short", "old", "twice", *IN_BETWEEN]
NODES = st.integers(0, 3)
LAPTOPS = st.integers(0, 2)
PEOPLE = st.integers(1, 4)
PLACES = st.integers(0, 1)
MINUTES = st.integers(0, 300)
NAMES = ["港 太郎", "港 太朗", "湊 太郎"]


class Histories(RuleBasedStateMachine):
    """One history. `confirmed`: id -> what was written, as plain values."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.folder = tempfile.TemporaryDirectory()
        self.confirmed: dict[str, tuple[str, dict[str, Any]]] = {}
        self.copies: dict[int, bytes] = {}
        self.files = 0

    done = 0

    def teardown(self) -> None:
        type(self).done += 1
        if type(self).done % 100 == 0:
            print(f"{type(self).done} histories", file=sys.stderr, flush=True)
        try:
            self.at_the_end()
        finally:
            self.world.close()
            self.folder.cleanup()

    # What people do -------------------------------------------------------------------------------------------------------

    def write(self, node: Node, kind: str, payload: dict[str, Any], minutes: int) -> None:
        """Write on a machine's screen; only what was confirmed counts."""
        self.world.time += timedelta(seconds=7)
        with node.here():
            at = clock.now() - timedelta(minutes=minutes)
            entry = record(kind=kind, payload=payload, occurred_at=at, by=None)
            self.confirmed[str(entry.uuid)] = (kind, payload)

    def person(self, number: int) -> dict[str, Any]:
        return {"person": {"atena_no": f"{number:04}"}}

    @rule(node=NODES, who=PEOPLE, place=PLACES, minutes=MINUTES)
    def arrive(self, node: int, who: int, place: int, minutes: int) -> None:
        payload = {"opening": str(self.world.openings[place]), **self.person(who)}
        self.write(self.world.nodes[node], "stay.arrived", payload, minutes)

    @rule(node=NODES, who=PEOPLE, place=PLACES, minutes=MINUTES)
    def leave(self, node: int, who: int, place: int, minutes: int) -> None:
        payload = {"opening": str(self.world.openings[place]), "destination": "home", **self.person(who)}
        self.write(self.world.nodes[node], "stay.left", payload, minutes)

    @rule(node=NODES, who=PEOPLE, place=PLACES, minutes=MINUTES)
    def move(self, node: int, who: int, place: int, minutes: int) -> None:
        there, here = self.world.openings[place], self.world.openings[1 - place]
        self.write(
            self.world.nodes[node], "stay.moved", {"from": str(here), "to": str(there), **self.person(who)}, minutes
        )

    @rule(node=NODES, place=PLACES)
    def register_new(self, node: int, place: int) -> None:
        evacuee = str(uuid7())
        self.write(self.world.nodes[node], "evacuee.registered", {"evacuee": evacuee, "name": "港 太郎"}, 0)
        payload = {"opening": str(self.world.openings[place]), "person": {"evacuee": evacuee}}
        self.write(self.world.nodes[node], "stay.arrived", payload, 0)

    @rule(node=NODES, who=PEOPLE, need=st.sampled_from(["medicine", "care", "infant"]))
    def state_need(self, node: int, who: int, need: str) -> None:
        self.write(self.world.nodes[node], "need.stated", {"need": need, **self.person(who)}, 0)

    @rule(node=NODES, who=PEOPLE, name=st.sampled_from(NAMES))
    def correct_name(self, node: int, who: int, name: str) -> None:
        """As its page does it: with what stood there before, as far as this machine knows."""
        evacuee = rules.evacuee_id(conf.MUNICIPALITY_CODE, self.person(who)["person"])
        with self.world.nodes[node].here():
            before = said.said_of([evacuee]).get(evacuee)
        was = {"name": before.name if before else ""}
        self.write(self.world.nodes[node], "evacuee.corrected", {"name": name, "was": was, **self.person(who)}, 0)

    @rule(node=NODES, place=PLACES, people=st.integers(0, 900))
    def count(self, node: int, place: int, people: int) -> None:
        payload = {"opening": str(self.world.openings[place]), "people": people}
        self.write(self.world.nodes[node], "headcount.reported", payload, 0)

    @rule(node=NODES, which=st.integers(0, 50))
    def take_back(self, node: int, which: int) -> None:
        here = self.stays(self.world.nodes[node])
        if here:
            self.write(self.world.nodes[node], "entry.voided", {"entry": here[which % len(here)]}, 0)

    @rule(node=NODES, which=st.integers(0, 50), minutes=MINUTES)
    def correct(self, node: int, which: int, minutes: int) -> None:
        here = self.stays(self.world.nodes[node])
        if here:
            at = (self.world.time - timedelta(minutes=minutes)).isoformat()
            payload = {"entry": here[which % len(here)], "occurred_at": at}
            self.write(self.world.nodes[node], "stay.corrected", payload, 0)

    def stays(self, node: Node) -> list[str]:
        with node.here():
            rows = Entry.objects.filter(kind__in=["stay.arrived", "stay.left"], verdict="accepted").order_by("uuid")
            return [str(uuid) for uuid in rows.values_list("uuid", flat=True)]

    @rule(laptop=LAPTOPS, who=PEOPLE)
    def full_disk(self, laptop: int, who: int) -> None:
        """Nothing is confirmed while nothing can be written; afterwards the work goes on."""
        node = self.world.laptops[laptop]
        with node.full(), suppress(DatabaseError):
            for _ in range(8):
                self.write(node, "note.added", {"text": "満" * 900, **self.person(who)}, 0)

    # What happens to lines and machines --------------------------------------------------------------------------------------

    @rule(laptop=LAPTOPS, faults=st.lists(st.sampled_from(FAULTS), max_size=6), cut=st.none() | st.integers(0, 4))
    def exchange(self, laptop: int, faults: list[str], cut: int | None) -> None:
        node = self.world.laptops[laptop]
        node.faults, node.cut_at = list(faults), cut
        self.world.time += timedelta(seconds=20)
        node.sync()
        node.faults, node.cut_at = [], None

    @rule(laptop=LAPTOPS, there=st.booleans(), pages=st.integers(0, 3))
    def exchange_onto_a_full_disk(self, laptop: int, there: bool, pages: int) -> None:
        """The laptop's, or headquarters': what does not fit any more is asked for again later."""
        node = self.world.laptops[laptop]
        self.world.time += timedelta(seconds=20)
        with (self.world.server if there else node).full(pages):
            node.sync()

    @rule(laptop=LAPTOPS)
    def stick_there(self, laptop: int) -> None:
        from offline_client import bundle

        self.files += 1
        path = Path(self.folder.name) / f"{self.files}.there"
        with self.world.laptops[laptop].here():
            bundle.write(path)
        self.world.there.append(path)

    @precondition(lambda self: self.world.there)
    @rule(which=st.integers(0, 20), torn=st.booleans())
    def stick_at_headquarters(self, which: int, torn: bool) -> None:
        """Any stick, in any order, also again; a torn one says so and does no harm."""
        path = self.world.there[which % len(self.world.there)]
        data = path.read_bytes()
        with self.world.server.here():
            if torn:
                try:
                    sticks.take_stick(by=None, data=data[:-9] + b"x" * 9)
                except Refused:
                    return
                raise AssertionError("a torn stick was taken")
            try:
                brought = sticks.take_stick(by=None, data=data)
            except Refused:  # a server set back to before this laptop joined
                return
        self.files += 1
        back = Path(self.folder.name) / f"{self.files}.back"
        back.write_bytes(brought.answer)
        laptop = next(one for one in self.world.laptops if one.terminal == brought.terminal.pk)
        self.world.back.append((laptop, back))

    @precondition(lambda self: self.world.back)
    @rule(which=st.integers(0, 20))
    def stick_back(self, which: int) -> None:
        from offline_client import bundle

        laptop, path = self.world.back[which % len(self.world.back)]
        with laptop.here():
            bundle.read(path)

    @rule(laptop=LAPTOPS, hours=st.sampled_from([-24 * 700, -30, -1, 0, 1, 30, 24 * 400]))
    def clock_jumps(self, laptop: int, hours: int) -> None:
        self.world.laptops[laptop].skew = timedelta(hours=hours)

    @rule(node=NODES)
    def back_up(self, node: int) -> None:
        self.copies[node] = self.world.nodes[node].copy()

    @precondition(lambda self: self.copies)
    @rule(which=st.integers(0, 3))
    def set_back(self, which: int) -> None:
        """From its backup. What was on this machine alone, on no stick and nowhere else, is lost with it."""
        number = sorted(self.copies)[which % len(self.copies)]
        node = self.world.nodes[number]
        before = node.facts()
        node.put(self.copies[number])
        elsewhere = set().union(*(other.facts() for other in self.world.nodes))
        for lost in before - elsewhere:
            self.confirmed.pop(lost, None)

    @rule(laptop=LAPTOPS)
    def kill(self, laptop: int) -> None:
        """The process died: what it knew of the clock was only what it had kept."""
        from offline_client import timing

        node = self.world.laptops[laptop]
        with node.here():
            timing.set_again()

    @rule(laptop=LAPTOPS)
    def lose(self, laptop: int) -> None:
        """Revoked, though it may come back."""
        with self.world.server.here():
            if Terminal.objects.filter(revoked_at=None).count() > 2:
                terminals.revoke(by=None, terminal=Terminal.objects.get(pk=self.world.laptops[laptop].terminal))

    # The end -----------------------------------------------------------------------------------------------------------------

    def at_the_end(self) -> None:
        self.forget_what_only_a_lost_laptop_was_given()
        rounds = 2
        while rounds:
            rounds -= 1
            for laptop in self.world.laptops:
                # Who has nothing to send comes in the last round, when all is there that is to be fetched.
                if self.world.is_up_to_date(laptop) or (rounds and not self.world.may_send(laptop)):
                    continue
                laptop.faults, laptop.cut_at = [], None
                self.world.time += timedelta(seconds=30)
                laptop.sync()
                if laptop.anew:
                    rounds = 2  # what was carried over is still to go round
        self.nothing_is_lost()
        self.nothing_is_called_unsent()
        self.chains_hold()
        self.rosters_follow_from_what_was_written()
        self.needs_are_a_union()
        self.names_follow_and_what_clashes_is_named()
        self.tables_made_anew_are_the_same()

    def forget_what_only_a_lost_laptop_was_given(self) -> None:
        """A revoked laptop's own entries are taken in; of what it was given once nobody asks it."""
        with self.world.server.here():
            revoked = set(Terminal.objects.exclude(revoked_at=None).values_list("pk", flat=True))
        gone = [laptop for laptop in self.world.laptops if laptop.terminal in revoked]
        elsewhere = set().union(*(node.facts() for node in self.world.nodes if node not in gone))
        for laptop in gone:
            with laptop.here():
                own = {str(pk) for pk in Entry.objects.filter(device__is_own=True).values_list("uuid", flat=True)}
            elsewhere |= own
            for lost in laptop.facts() - elsewhere:
                self.confirmed.pop(lost, None)

    def nothing_is_lost(self) -> None:
        with self.world.server.here():
            accepted = {
                str(uuid): (kind, payload)
                for uuid, kind, payload in Entry.objects.filter(verdict="accepted").values_list(
                    "uuid", "kind", "payload"
                )
            }
            waiting = set()
            for row in queries.waiting_refused():
                waiting.add(json.loads(bytes(row.raw))["id"])
            named = {str(uuid) for uuid in Conflict.objects.values_list("entry", flat=True)}
        for uuid, (kind, payload) in self.confirmed.items():
            if uuid in accepted:
                assert accepted[uuid] == (kind, payload) or uuid in named, f"{kind} was changed"
            else:
                assert uuid in waiting, f"{kind} {uuid} was confirmed and is nowhere"

    def nothing_is_called_unsent(self) -> None:
        for laptop in self.world.laptops:
            with laptop.here():
                assert sync.unsent() == 0, laptop.name

    def chains_hold(self) -> None:
        node = self.world.laptops[type(self).done % 3]  # one of them a history, each in its turn
        with node.here():
            for device in Device.objects.filter(is_own=True):
                assert queries.verify_chain(device).problem is None, node.name
        with self.world.server.here():
            for device in Device.objects.all():
                assert queries.verify_chain(device).problem is None

    def rosters_follow_from_what_was_written(self) -> None:
        with self.world.server.here():
            expected = whereabouts()
            events = list(StayEvent.objects.values_list("evacuee", flat=True).distinct())
            far = clock.now() + timedelta(days=4000)
            assert shelters.places_of(events, far) == expected
            revoked = set(Terminal.objects.exclude(revoked_at=None).values_list("pk", flat=True))
        for laptop in self.world.laptops:
            if laptop.terminal in revoked:
                continue
            mine = self.world.openings[self.world.laptops.index(laptop) // 2]
            with laptop.here():
                known = list(StayEvent.objects.values_list("evacuee", flat=True).distinct())
                found = {pk for pk, place in shelters.places_of(known, far).items() if place == mine}
            assert found == {pk for pk, place in expected.items() if place == mine}, laptop.name

    def needs_are_a_union(self) -> None:
        with self.world.server.here():
            expected: dict[UUID, set[str]] = {}
            for payload in Entry.objects.filter(kind="need.stated", verdict="accepted").values_list(
                "payload", flat=True
            ):
                who = rules.evacuee_id(conf.MUNICIPALITY_CODE, payload["person"])
                expected.setdefault(who, set()).add(payload["need"])
            found = needs.needs_of(
                expected, clock.now() + timedelta(days=4000)
            )  # also what a clock ahead of time wrote
        assert {who: {one.need for one in stated} for who, stated in found.items()} == expected

    def names_follow_and_what_clashes_is_named(self) -> None:
        """The last correction holds. One that took another name for granted than the one before it gave did not know of it:
        then one of the two is named, where no clock was put right since (that may turn their order round)."""
        with self.world.server.here():
            rows = Entry.objects.filter(verdict="accepted")
            times = told_times(rows)
            people: dict[UUID, list[tuple[datetime, Entry]]] = {}
            for e in rows.filter(kind="evacuee.corrected"):
                who = rules.evacuee_id(conf.MUNICIPALITY_CODE, e.payload["person"])
                people.setdefault(who, []).append((times.get(e.uuid, e.occurred_at), e))
            held = said.said_of(people)
            named = set(Conflict.objects.filter(code="corrected_apart").values_list("entry", flat=True))
        for who, corrections in people.items():
            order = [e for _, e in sorted(corrections, key=lambda row: (row[0], row[1].uuid))]
            assert held[who].name == order[-1].payload["name"]
            for one, other in pairwise(order):
                if not times and one.payload["name"] not in (other.payload["was"]["name"], other.payload["name"]):
                    assert named & {one.uuid, other.uuid}, (
                        "two names that did not know of each other, and nobody is told"
                    )

    def tables_made_anew_are_the_same(self) -> None:
        for node in self.world.nodes[type(self).done % 4 :: 4]:  # one of them a history, each in its turn
            with node.here():
                before = sorted(map(str, StayEvent.objects.values_list("entry", "evacuee", "opening", "occurred_at")))
                alive = set(StayEvent.objects.filter(voided_at=None).values_list("entry", flat=True))
                rebuild()
                after = sorted(map(str, StayEvent.objects.values_list("entry", "evacuee", "opening", "occurred_at")))
                assert before == after
                assert alive == set(StayEvent.objects.filter(voided_at=None).values_list("entry", flat=True))


def told_times(entries: Iterable[Entry]) -> dict[UUID, datetime]:
    """A laptop that learnt that its clock was wrong says when things were."""
    told = sorted((e.uuid, e.payload) for e in entries if e.kind == "entry.retimed")
    return {UUID(payload["entry"]): datetime.fromisoformat(payload["occurred_at"]) for _, payload in told}


def whereabouts() -> dict[UUID, UUID]:
    """Where everybody is, by the plain reading of all accepted entries, in whatever order they came: of a stay and its
    corrections the last correction holds, unless any of them was taken back; later ones win."""
    rows = {e.uuid: e for e in Entry.objects.filter(verdict="accepted")}
    voided = {UUID(e.payload["entry"]) for e in rows.values() if e.kind == "entry.voided"}
    times = told_times(rows.values())
    families: dict[UUID, list[Entry]] = {
        e.uuid: [e] for e in rows.values() if e.kind in ("stay.arrived", "stay.left", "stay.moved")
    }
    for e in rows.values():
        aim = e
        while aim is not None and aim.kind == "stay.corrected":
            aim = rows.get(UUID(aim.payload["entry"]))
        if e.kind == "stay.corrected" and aim is not None and aim.uuid in families:
            families[aim.uuid].append(e)
    stays = []
    for root, *corrections in families.values():
        if voided & {root.uuid, *(e.uuid for e in corrections)}:
            continue
        last = max(corrections, key=lambda e: e.uuid, default=None)
        at = datetime.fromisoformat(last.payload["occurred_at"]) if last else times.get(root.uuid, root.occurred_at)
        stays.append((at, (last or root).uuid, root))
    found: dict[UUID, UUID] = {}
    for _, _, stay in sorted(stays, key=lambda row: row[:2]):
        who = rules.evacuee_id(conf.MUNICIPALITY_CODE, stay.payload["person"])
        if stay.kind == "stay.left":
            if found.get(who) == UUID(stay.payload["opening"]):
                del found[who]
        else:
            found[who] = UUID(stay.payload.get("opening") or stay.payload["to"])
    return found


def run(count: int, steps: int) -> None:
    """Write and check so many histories; the first that fails is shrunk and shown."""
    # What is loaded stays; looking through it again and again would be a fifth of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=count,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--steps", type=int, default=30)
    asked = parser.parse_args()
    run(asked.count, asked.steps)
    print(json.dumps({"status": "done", "histories": asked.count, "steps": asked.steps}))


if __name__ == "__main__":
    sys.exit(main())
