"""`python -m tests.benchmarks.certificates_counter COUNT`: certificates issued at the counter, one after the other.

From the click on 交付する to the PDF: the act, the page that it leads to, and the paper, asked for as a browser asks.
"""

from __future__ import annotations

import json
import sys
import time

import django

SHARE = 0.95


def main() -> None:
    django.setup()
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from backend.accounts.models import Staff
    from backend.documents.models import Issue
    from backend.documents.signing import make_key
    from backend.ledger.models import Household

    settings.ALLOWED_HOSTS = ["testserver"]
    make_key(by=None, reason="measurement")
    clerk = Staff.objects.create_user(username="counter", password="measured-and-thrown-away", division="tax")
    client = Client()
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")
    form = {"purpose": "保険金の請求", "receiver": "member", "id_checked": "licence"}
    seconds = []
    for home in Household.objects.order_by("-number").values_list("pk", flat=True)[: int(sys.argv[1])]:
        page = reverse("damage:issue", args=[home])
        client.get(page)
        began = time.perf_counter()
        if client.post(page, form).status_code != 302:
            continue  # a name that nothing prints
        issue = Issue.objects.get(household=home)
        client.get(reverse("damage:document", args=[issue.pk]))
        paper = client.get(reverse("damage:pdf", args=[issue.pk, 1]))
        seconds.append(time.perf_counter() - began)
        if not paper.content.startswith(b"%PDF"):
            raise RuntimeError("no paper")
    seconds.sort()
    result = {
        "issued": len(seconds),
        "p50_ms": 1000 * seconds[len(seconds) // 2],
        "p95_ms": 1000 * seconds[min(len(seconds) - 1, int(len(seconds) * SHARE))],
        "most_ms": 1000 * seconds[-1],
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
