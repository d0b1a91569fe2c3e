"""In the laptop's own process: fill it, or exchange once; print how long it took."""

from __future__ import annotations

import argparse
import json
import os
import time
from datetime import timedelta

os.environ["DJANGO_SETTINGS_MODULE"] = "offline_client.settings"
import django

django.setup()

from backend.core.clock import now
from backend.core.fields import uuid7
from backend.facilities.models import Opening
from backend.journal.services import Draft, record_many
from backend.ledger import lookup
from backend.shelters.cards import rules as cards
from backend.shelters.models import Evacuee
from offline_client import keyring, running
from offline_client.models import State

SURNAMES = ["すみれの", "もみじの", "さつきの", "あおいの", "ふじの"]


def residents(count: int, families: int = 0) -> None:
    rows = [
        {
            "atena_no": f"6{family:04}{place}",
            "household_no": f"6{family:07}",
            "name": f"{SURNAMES[family]} {given}",
            "kana": "",
            "birth": f"197{place}-01-02",
            "sex": "1",
            "address": "大浜市西町1番地",
        }
        for family in range(families)
        for place, given in enumerate(["一郎", "花子", "太郎", "さくら"])
    ]
    rows += [
        {
            "atena_no": f"7{number:07}",
            "household_no": f"{number // 3:08}",
            "name": f"{'高橋佐藤鈴木渡邉'[number % 4 * 2 :][:2]} {number}郎",
            "kana": "タカハシ イチロウ",
            "birth": f"19{number % 90 + 10}-0{number % 9 + 1}-1{number % 9}",
            "sex": "1",
            "address": f"大浜市西町{number % 900}番地",
        }
        for number in range(count)
    ]
    lookup.take(rows)


def check_in(count: int, first: int) -> None:
    opening, at = str(Opening.objects.values_list("opening", flat=True).first()), now()
    drafts = [
        Draft(
            "stay.arrived",
            {"opening": opening, "person": {"atena_no": f"7{first + number:07}"}, "party": str(uuid7())},
            at - timedelta(seconds=count - number),
        )
        for number in range(count)
    ]
    for start in range(0, count, 500):
        record_many(drafts=drafts[start : start + 500], by=None)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--residents", type=int, default=0)
    parser.add_argument("--people", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--exchange", default="", help="the address to go to")
    parser.add_argument("--families", type=int, default=0, help="of four, in the excerpt beside the residents")
    parser.add_argument("--address", default="", help="where headquarters is from now on")
    asked = parser.parse_args()
    assert keyring.unlock(os.environ["TASUKI_SHELTER_PASSPHRASE"])
    running.opened()
    if asked.residents:
        residents(asked.residents, asked.families)
    if asked.people:
        check_in(asked.people, asked.first)
    if asked.address:
        State.objects.update(url=asked.address)
    said: dict[str, object] = {}
    if asked.families:
        people = Evacuee.objects.order_by("pk").values_list("pk", flat=True)[: asked.families]
        said = {
            "opening": str(Opening.objects.values_list("opening", flat=True).first()),
            "families": SURNAMES[: asked.families],
            "cards": [cards.in_qr(cards.card_of(one)) for one in people],
        }
    if asked.exchange:
        before = State.objects.get().url
        State.objects.update(url=asked.exchange)
        began = time.perf_counter()
        row = running.exchange()
        said = {"seconds": time.perf_counter() - began, "sent": row.sent, "problem": row.problem}
        State.objects.update(url=before)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
