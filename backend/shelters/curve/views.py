"""Pages: the curve and its table on the screen, on paper, and as files. Numbers only; nobody is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from backend.accounts.permissions import needs
from backend.core.clock import TOKYO, now
from backend.core.downloads import csv_answer
from backend.core.plots import plot
from backend.core.spreadsheets import harmless

from ..pages import crumbs
from ..roster_views import local, minute
from . import queries, rules
from .forms import CurveForm
from .queries import Curve
from .rules import Heads

DRAWN = 5  # shelters that have a line of their own beside the total
ON_SHEET = 12  # times side by side on A4
UNKNOWN = "不明"


def _asked(request: HttpRequest) -> tuple[CurveForm, Curve | None]:
    """The table for the span in the address; None when the span can't be read, or no shelter was ever opened."""
    form = CurveForm(request.GET or None)
    data: dict[str, Any] = {}
    if form.is_bound:
        if not form.is_valid():
            return form, None
        data = form.cleaned_data
    end = data.get("end") or now()
    begin = data.get("begin") or queries.first_opened(end)
    if begin is None:
        return form, None
    step = int(data.get("step") or rules.fitting_step(begin, end))
    while rules.too_many(begin, end, step):
        step *= 2
    times = rules.times(min(begin, end), end, step)
    return form, queries.curve(times, data.get("known_at"), facility=data.get("facility"))


@needs("shelters.counts")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    form, found = _asked(request)
    context: dict[str, Any] = {"form": form, "asked": form.is_bound, "crumbs": crumbs(("避難者数推移表", ""))}
    if found:
        context |= _shown(found) | {
            "curve": found,
            "query": _query(form, found),
            "rule": rules.RULE,
            "one": found.lines[0].name if form.is_bound and form.cleaned_data.get("facility") and found.lines else "",
            "whole_url": f"{reverse('shelters:curve')}?{_query(form, found, facility='')}",
        }
    return render(request, "shelters/curve/page.html", context)


def _query(form: CurveForm, found: Curve, **other: str) -> str:
    """The same table again: files, paper and links name the moments of this screen, also when its end is now."""
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    parts = {"begin": local(found.times[0]), "end": local(found.times[-1]), "step": data.get("step") or ""}
    parts |= {"known_at": local(found.known_at) if found.known_at else "", "facility": str(data.get("facility") or "")}
    return urlencode({key: value for key, value in (parts | other).items() if value})


def _shown(found: Curve) -> dict[str, Any]:
    rows = []
    for line in found.lines:
        rows.append({"name": line.name, "facility": line.facility.pk, "cells": [_cell(c) for c in line.cells]})
    days = [_day(at, before) for at, before in zip(found.times, [None, *found.times], strict=False)]
    return {
        "plots": _plots(found),
        "heads": [{"day": day, "hour": _hour(at)} for day, at in zip(days, found.times, strict=True)],
        "rows": rows,
        "totals": [
            {"label": "合計（避難所内）", "cells": [_number(n) for n in found.people]},
            {"label": "避難所外", "cells": [_number(n) for n in found.outside]},
            {"label": "開設中の避難所（か所）", "cells": [str(n) for n in found.open_shelters]},
            {"label": "人数の分からない避難所（か所）", "cells": [str(n) for n in found.uncounted]},
        ],
    }


def _plots(found: Curve) -> list[dict[str, Any]]:
    """All shelters together, and the largest ones on a scale of their own."""
    largest = sorted(found.lines, key=lambda line: -max((c.people or 0 for c in line.cells if c), default=0))[:DRAWN]
    lines = [(_short(line.name), [c.people if c else None for c in line.cells]) for line in largest]
    drawn = [("total", "避難者数（合計）", plot(found.times, [("合計", found.people)]))] if len(found.lines) > 1 else []
    title = f"避難者数の多い{len(lines)}か所" if len(lines) > 1 else "避難者数"
    drawn.append(("largest", title, plot(found.times, lines)))
    return [{"id": f"curve-{key}", "title": title, "plot": drawing} for key, title, drawing in drawn if drawing]


def _cell(cell: Heads | None) -> str:
    if cell is None:
        return "—"
    return _number(cell.people)


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def _short(name: str) -> str:
    return name if len(name) <= 9 else f"{name[:8]}…"


def _day(at: datetime, before: datetime | None) -> str:
    """The day, where it is another than the column's before."""
    day = at.astimezone(TOKYO).date()
    if before is not None and before.astimezone(TOKYO).date() == day:
        return ""
    return (
        f"{day.month}月{day.day}日"
        if before and before.astimezone(TOKYO).year == day.year
        else f"{day.year}/{day.month}/{day.day}"
    )


def _hour(at: datetime) -> str:
    here = at.astimezone(TOKYO)
    return f"{here.hour}時" + (f"{here.minute:02}分" if here.minute else "")


@needs("shelters.counts")
@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    """A4: the drawing, then a dozen times a table."""
    _, found = _asked(request)
    context: dict[str, Any] = {
        "printed_at": now(),
        "as_of": now(),
        "landscape": True,
        "back_url": f"{reverse('shelters:curve')}?{request.GET.urlencode()}",
    }
    if found:
        shown = _shown(found)
        blocks = []
        for start in range(0, len(found.times), ON_SHEET):
            part = slice(start, start + ON_SHEET)
            heads = [dict(head) for head in shown["heads"][part]]
            heads[0]["day"] = _day(found.times[start], None)
            cut = {name: [row | {"cells": row["cells"][part]} for row in shown[name]] for name in ("rows", "totals")}
            blocks.append({"heads": heads, **cut})
        context |= {"curve": found, "as_of": found.times[-1], "blocks": blocks, "plots": shown["plots"]}
        context["rule"] = rules.RULE
    return render(request, "shelters/curve/print.html", context)


@needs("shelters.counts")
@require_GET
def csv(request: HttpRequest) -> HttpResponse:
    """One line a shelter with a column a time; with `?shape=long` one line a shelter and time, with what the number rests on."""
    _, found = _asked(request)
    if found is None:
        found = Curve([now()], None, [])
    rows = _long(found) if request.GET.get("shape") == "long" else _wide(found)
    stamp = found.times[-1].astimezone(TOKYO).strftime("%Y%m%d-%H%M")
    return csv_answer(request, rows, f"避難者数推移表_{stamp}.csv")


def _wide(found: Curve) -> Iterator[list[str]]:
    yield ["避難所", "種別", *(minute(at) for at in found.times)]
    for line in found.lines:
        cells = ("" if c is None else UNKNOWN if c.people is None else str(c.people) for c in line.cells)
        yield [harmless(line.name), line.facility.get_kind_display(), *cells]
    yield ["合計（避難所内）", "", *(UNKNOWN if n is None else str(n) for n in found.people)]
    yield ["避難所外", "", *(UNKNOWN if n is None else str(n) for n in found.outside)]
    yield ["開設中の避難所（か所）", "", *map(str, found.open_shelters)]
    yield ["人数の分からない避難所（か所）", "", *map(str, found.uncounted)]


def _long(found: Curve) -> Iterator[list[str]]:
    yield ["ID", "避難所", "種別", "時点", "判明時点", "避難者数", "世帯数", "避難所外", "人数の出所", "確認日時"]
    known = minute(found.known_at or now())
    for line in found.lines:
        place = line.facility
        for at, cell in zip(found.times, line.cells, strict=True):
            if cell is None:
                continue
            numbers = ("" if n is None else str(n) for n in (cell.people, cell.households, cell.outside))
            head = [place.open_data_id or "", harmless(line.name), place.get_kind_display(), minute(at), known]
            yield [*head, *numbers, cell.source, minute(cell.at) if cell.at else ""]
