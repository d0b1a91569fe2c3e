"""Pages: the day's sheet of one shelter, to fill in, on paper and as CSV."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs, require
from backend.core.clock import TOKYO, now, today
from backend.core.downloads import csv_answer
from backend.core.spreadsheets import harmless
from backend.shelters.pages import attempt, posted, shelter_crumbs, shelter_or_404
from backend.shelters.undoing import undo

from . import queries, rules, services
from .forms import DaySheetForm, asked_day


@needs("shelters.read")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, opening: UUID) -> HttpResponse:
    """The sheet of a day: filled with what is known, and the reports that were made, that which holds first."""
    shelter = shelter_or_404(opening)
    day = asked_day(request)
    reports = queries.reports(opening, day)
    newest = str(reports[0].sheet.entry) if reports else ""
    form, guessed_from = None, None
    if request.method == "POST":
        require(request.user, "shelters.write")
        form = DaySheetForm(posted(request))
        if form.is_valid():
            if form.cleaned_data["seen"] == newest:
                done = attempt(
                    form,
                    lambda: services.report(by=request.user, opening=opening, day=day, answers=form.answers()),  # type: ignore[arg-type, union-attr]
                )
                if done:
                    messages.success(request, f"{day.month}月{day.day}日の日報を記録しました。")
                    return redirect(f"{reverse('shelters:day_sheet', args=[opening])}?day={day}")
            else:
                form.data = form.data.copy()  # type: ignore[misc]
                form.data["seen"] = newest  # type: ignore[index]
                form.add_error(
                    None,
                    "入力している間に、別の報告が書かれました。下の「この日の報告」で確かめて、これでよければもう一度押してください。"
                    "前の報告も残ります。",
                )
    elif may(request.user, "shelters.write"):
        guess: dict[str, Any] = reports[0].sheet.answers if reports else {}
        if not reports:
            guess, guessed_from = queries.first_guess(opening, day)
        form = DaySheetForm(initial={**guess, "seen": newest})
    context = {
        "shelter": shelter,
        "day": day,
        "at": now(),
        "form": form,
        "reports": reports,
        "guessed_from": guessed_from,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1) if day < today() else None,
        "crumbs": shelter_crumbs(shelter, "日報"),
        "can_write": form is not None,
    }
    return render(request, "shelters/daysheet/page.html", context, status=422 if form and form.errors else 200)


@needs("shelters.write")
@require_POST
def take_back(request: HttpRequest, opening: UUID, entry: UUID) -> HttpResponse:
    undo(by=request.user, opening=opening, entry=entry, kinds=("daysheet.reported",))  # type: ignore[arg-type]
    messages.success(request, "報告を取り消しました。")
    return redirect(f"{reverse('shelters:day_sheet', args=[opening])}?day={asked_day(request)}")


@needs("shelters.read")
@require_safe
def paper(request: HttpRequest, opening: UUID) -> HttpResponse:
    """A4: every question, with its answer or room to write one by hand."""
    shelter = shelter_or_404(opening)
    day = asked_day(request)
    reports = queries.reports(opening, day)
    answers = reports[0].sheet.answers if reports else {}
    groups = [(title, _on_paper(items, answers)) for title, items in rules.GROUPS.items()]
    context = {
        "shelter": shelter,
        "day": day,
        "report": reports[0] if reports else None,
        "groups": groups,
        "as_of": reports[0].sheet.occurred_at if reports else None,
        "printed_at": now(),
        "back_url": f"{reverse('shelters:day_sheet', args=[opening])}?day={day}",
    }
    return render(request, "shelters/daysheet/print.html", context)


def _on_paper(items: Sequence[rules.Item], answers: dict[str, Any]) -> list[list[tuple[str, str, str, int]]]:
    """Three questions a row, (label, unit, answer, columns); words have a row of their own."""
    rows: list[list[tuple[str, str, str, int]]] = []
    for item in items:
        said = rules.shown(item.key, answers[item.key]) if item.key in answers else ""
        wide = not item.choices and not item.unit
        if wide or not rows or len(rows[-1]) == 3 or rows[-1][-1][3] > 1:
            rows.append([])
        rows[-1].append((item.label, item.unit, said, 5 if wide else 1))
    for row in rows:
        label, unit, said, span = row[-1]
        row[-1] = (label, unit, said, span if span > 1 else 7 - 2 * len(row))
    return rows


@needs("shelters.read")
@require_safe
def csv(request: HttpRequest, opening: UUID) -> HttpResponse:
    """All days of one shelter, the sheet that holds of each."""
    shelter = shelter_or_404(opening)
    lines = [queries.Line(shelter, sheet) for sheet in queries.of_shelter(opening)]
    return csv_answer(request, rows(lines), f"避難所日報_{shelter.name}.csv")


def rows(lines: Sequence[queries.Line], day: date | None = None) -> Iterator[list[str]]:
    """One line a sheet; a shelter that has not reported has an empty one."""
    labels = [f"{item.label}（{item.unit}）" if item.unit else item.label for item in rules.ITEMS.values()]
    yield ["避難所", "日", "報告した日時", *labels]
    for line in lines:
        sheet = line.sheet
        said = sheet.occurred_at.astimezone(TOKYO).isoformat(timespec="minutes") if sheet else "未報告"
        which = sheet.day if sheet else day or ""
        yield [
            harmless(cell)
            for cell in (line.shelter.name, str(which), said, *(_cell(key, line.answers) for key in rules.ITEMS))
        ]


def _cell(key: str, answers: dict[str, Any]) -> str:
    if key not in answers:
        return ""
    item = rules.ITEMS[key]
    return str(answers[key]) if item.unit else rules.shown(key, answers[key])
