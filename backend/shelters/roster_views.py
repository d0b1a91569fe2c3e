"""The roster as of any time, as known at any time: on the screen, as CSV, on paper. Every look is logged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from backend.accounts.permissions import needs
from backend.accounts.services import log_access
from backend.core.clock import TOKYO, now, tokyo_date
from backend.core.downloads import csv_answer
from backend.core.errors import NotFound
from backend.core.forms import times
from backend.core.spreadsheets import harmless
from backend.facilities import queries as facilities
from backend.facilities.queries import Shelter

from . import queries, rules
from .pages import shelter_crumbs

COLUMNS = (
    "避難所",
    "時点",
    "判明時点",
    "番号",
    "氏名",
    "氏名カナ",
    "性別",
    "生年月日",
    "年齢",
    "住所",
    "避難前の市町村",
    "避難形態",
    "入所日時",
    *rules.CONSENTS.values(),
)


def _asked(request: HttpRequest, opening: UUID, what: str) -> tuple[Shelter, queries.Roster]:
    """The shelter and its roster for the times in the address; the look is in the log before anybody sees it."""
    form, as_of, known_at = times(request)
    shelter = facilities.opening(opening, as_of, known_at) or facilities.opening(opening)
    if shelter is None:
        raise NotFound("その避難所の開設の記録がありません。")
    roster = queries.roster(opening, as_of or now(), known_at, staff=request.user)
    fields = "時点・判明時点" if form.is_bound and form.is_valid() and (as_of or known_at) else ""
    log_access(by=request.user, what=what, subject=f"opening:{opening}", hits=len(roster.rows), detail=fields)
    return shelter, roster


@needs("shelters.read")
@require_GET
def roster(request: HttpRequest, opening: UUID) -> HttpResponse:
    shelter, found = _asked(request, opening, "list")
    form, as_of, known_at = times(request)
    # Lists on paper and in files name the moment of this screen, also when it is now.
    same = urlencode({"as_of": local(found.as_of), **({"known_at": local(known_at)} if known_at else {})})
    context = {
        "shelter": shelter,
        "roster": found,
        "form": form,
        "query": same,
        "asked": bool(as_of or known_at),
        "crumbs": shelter_crumbs(shelter, "名簿"),
    }
    return render(request, "shelters/roster.html", context)


def local(moment: datetime) -> str:
    """To the microsecond: cut to the second, the paper would miss whoever arrived in it."""
    return moment.astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M:%S.%f")


@needs("shelters.read")
@require_GET
def roster_print(request: HttpRequest, opening: UUID) -> HttpResponse:
    """A4, with both times on every sheet."""
    shelter, found = _asked(request, opening, "export")
    context = {
        "shelter": shelter,
        "roster": found,
        "as_of": found.as_of,
        "printed_at": now(),
        "landscape": True,
        "back_url": reverse("shelters:roster", args=[opening]),
        "day": tokyo_date(found.as_of),
        "consents": rules.CONSENTS,
    }
    return render(request, "shelters/print.html", context)


@needs("shelters.read")
@require_GET
def roster_csv(request: HttpRequest, opening: UUID) -> HttpResponse:
    """UTF-8 with a byte order mark, or Shift_JIS with what it lost; every line bears both times.

    People whom the asker may not see are a number.
    """
    shelter, found = _asked(request, opening, "export")
    stamp = found.as_of.astimezone(TOKYO).strftime("%Y%m%d-%H%M")
    return csv_answer(request, _csv_rows(shelter, found), f"避難者名簿_{shelter.name}_{stamp}.csv")


def _csv_rows(shelter: Shelter, found: queries.Roster) -> Iterator[list[str]]:
    yield list(COLUMNS)
    head = [shelter.name, minute(found.as_of), minute(found.known_at or now())]
    for number, row in enumerate(found.rows, 1):
        yield [harmless(cell) for cell in [*head, str(number), *_cells(row, found.as_of)]]
    if found.hidden:
        rest = [""] * (len(COLUMNS) - len(head) - 2)
        yield [harmless(cell) for cell in [*head, "", f"ほか{found.hidden}名（秘匿）", *rest]]


def _cells(row: queries.RosterRow, at: datetime) -> list[str]:
    face = row.face
    age = face.age(tokyo_date(at))
    return [
        face.name,
        face.kana,
        face.sex_label,
        face.birth,
        "" if age is None else str(age),
        face.address,
        face.origin,
        row.how_label,
        minute(row.since),
        *("はい" if item in row.consents else "いいえ" for item in rules.CONSENTS),
    ]


def minute(moment: datetime) -> str:
    return moment.astimezone(TOKYO).isoformat(timespec="minutes")
