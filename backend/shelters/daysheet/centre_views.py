"""Pages of headquarters: the sheets of all shelters of a day, who has not reported first; on paper and as CSV."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from backend.accounts.permissions import needs
from backend.core.clock import now, today
from backend.core.downloads import csv_answer
from backend.shelters.pages import crumbs

from . import queries, rules
from .forms import asked_day
from .views import rows


def _all(request: HttpRequest) -> dict[str, Any]:
    day = asked_day(request)
    lines = queries.of_day(day)
    reported = [line for line in lines if line.sheet]
    return {
        "day": day,
        "at": now(),
        "lines": [
            {
                "line": line,
                "answers": line.answers,
                "sick": rules.sick(line.answers),
                "wrong": rules.to_look_at(line.answers),
                "meals": "／".join(str(line.answers.get(key, "—")) for key in ("breakfast", "lunch", "dinner")),
                "words": [line.answers[key] for key in ("problems", "requests") if key in line.answers],
            }
            for line in lines
        ],
        "reported": len(reported),
        "missing": len(lines) - len(reported),
        "people": sum(line.answers.get("people", 0) for line in reported),
        "outside": sum(line.answers.get("outside", 0) for line in reported),
    }


@needs("shelters.read")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    found = _all(request)
    day = found["day"]
    cards = [
        {"label": "日報のある避難所", "value": found["reported"], "unit": "か所"},
        {
            "label": "まだ報告のない避難所",
            "value": found["missing"],
            "unit": "か所",
            "kind": "warning" if found["missing"] else "",
        },
        {"label": "避難所内（日報）", "value": found["people"], "unit": "人", "note": "報告のあった避難所の合計"},
        {"label": "避難所外（日報）", "value": found["outside"], "unit": "人"},
    ]
    way = crumbs(("本部", reverse("centre:headquarters")), ("日報", ""))
    days = {"before": day - timedelta(days=1), "after": day + timedelta(days=1) if day < today() else None}
    return render(request, "shelters/daysheet/all.html", {**found, **days, "cards": cards, "crumbs": way})


@needs("shelters.read")
@require_safe
def paper(request: HttpRequest) -> HttpResponse:
    found = _all(request)
    back = f"{reverse('centre:day_sheets')}?day={found['day']}"
    more = {"as_of": found["at"], "printed_at": found["at"], "landscape": True, "back_url": back}
    return render(request, "shelters/daysheet/all_print.html", {**found, **more})


@needs("shelters.read")
@require_safe
def csv(request: HttpRequest) -> HttpResponse:
    """Every question, for the public-health nurses."""
    day = asked_day(request)
    return csv_answer(request, rows(queries.of_day(day), day), f"避難所日報_{day:%Y%m%d}.csv")
