"""`python -m tests.benchmarks.certificates_counter COUNT`: certificates issued at the counter, one after the other.

From the click on 交付する to the PDF: the act, the page that it leads to, and the paper, asked for as a browser asks, within
one process: what a network adds comes on top. COUNT each of the 被災証明書 and of the 罹災証明書, whose house was surveyed, judged and
applied for before.
"""

from __future__ import annotations

import json
import re
import sys
import time
from typing import Any

import django

SHARE = 0.95


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from backend.accounts.models import Staff
    from backend.documents.signing import make_key
    from backend.ledger.models import Household

    settings.ALLOWED_HOSTS = ["testserver"]
    make_key(by=None, reason="measurement")
    count = int(sys.argv[1])
    clerk = Staff.objects.create_user(username="counter", password="measured-and-thrown-away", division="tax")
    client = Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    homes = list(Household.objects.order_by("-number").select_related("disaster")[: 2 * count])
    hisai = [(home, reverse("damage:issue", args=[home.pk])) for home in homes[:count]]
    risai = [(home, reverse("damage:risai_house", args=[home.pk, judged(home, clerk)])) for home in homes[count:]]
    result = _times(client, "hisai", hisai)
    result["risai"] = _times(client, "risai", risai)
    print(json.dumps(result))


def _times(client: Any, kind: str, pages: list[tuple[Any, str]]) -> dict[str, Any]:
    from django.urls import reverse

    from backend.documents.models import Issue

    seconds = []
    for home, page in pages:
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', client.get(page).content.decode())
        form = dict(hidden) | {"purpose": "保険金の請求", "receiver": "member", "id_checked": "licence", "copies": "1"}
        began = time.perf_counter()
        if client.post(page, form).status_code != 302:
            continue  # a name that nothing prints
        issue = Issue.objects.get(household=home.pk, kind=kind)
        client.get(reverse("damage:document", args=[issue.pk]))
        paper = client.get(reverse("damage:pdf", args=[issue.pk, 1]))
        seconds.append(time.perf_counter() - began)
        if not paper.content.startswith(b"%PDF"):
            raise RuntimeError("no paper")
    seconds.sort()
    return {
        "issued": len(seconds),
        "p50_ms": 1000 * seconds[len(seconds) // 2],
        "p95_ms": 1000 * seconds[min(len(seconds) - 1, int(len(seconds) * SHARE))],
        "most_ms": 1000 * seconds[-1],
    }


def judged(home: Any, clerk: Any) -> Any:
    """A house of its own for this household, surveyed, judged by two and applied for; its id."""
    from backend.accounts.models import Staff
    from backend.core.clock import now, today
    from backend.damage.applications import services as applying
    from backend.damage.applications.rules import Place, Said
    from backend.damage.judgements import services as judging
    from backend.damage.surveys import services as surveys
    from backend.ledger.houses.keys import place_key
    from backend.ledger.models import House, HouseLink, HouseRecord

    other, _ = Staff.objects.get_or_create(username="second", defaults={"division": "tax"})
    house = House.objects.create(property_no=f"B{home.number:07}")
    told = {"structure": "木造", "floors": "2", "kind": "居宅", "year": today().year, "digest": str(home.number)}
    HouseRecord.objects.create(house=house, lot=home.address[:100], lot_key=place_key(home.address[:100]), **told)
    link = {"role": "lives", "confidence": "certain", "confirmed_by": clerk, "confirmed_at": now()}
    HouseLink.objects.create(house=house, household=home, **link)
    sheet = surveys.Sheet(
        surveyed_on=today(),
        surveyors="第1班",
        stage="first",
        cause="earthquake",
        method="exterior",
        structure="wood",
        ratio=45,
        found="large",
        sheet_place="税務課の綴り",
    )
    survey = surveys.record(by=clerk, disaster=home.disaster, house=house.pk, sheet=sheet)
    made = judging.make(by=clerk, survey=survey.pk)
    judging.confirm(by=other, judgement=made.pk)
    name = home.members.order_by("position").first().name
    said = Said(
        channel="counter",
        applicant="resident",
        name=name,
        cause="earthquake",
        applied_on=today(),
        identity="licence",
        places=[Place(home.address, "dwelling", house.pk)],
    )
    applying.record(by=clerk, disaster=home.disaster, said=said, household=home.pk, knowingly=True)
    return house.pk


if __name__ == "__main__":
    main()
