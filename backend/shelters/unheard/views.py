"""Pages: districts with how many nobody has heard of, their lists on the screen, on paper and as CSV, and one person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import TOKYO, now
from backend.core.downloads import csv_answer
from backend.core.errors import NotFound
from backend.core.forms import AsOfForm, kept, times
from backend.core.spreadsheets import harmless
from backend.ledger.models import Disaster, Person
from backend.ledger.queries import current_disaster, visible_persons

from ..pages import attempt, posted
from ..people import known_as
from ..places.queries import chain
from ..telling import rules as telling
from ..telling.pages import confirm
from . import queries, rules, services, then
from .forms import SayForm
from .then import Then

ON_PAPER = 2000


def _crumbs(*way: tuple[str, str]) -> list[dict[str, str]]:
    first = {"label": "どの名簿にもいない人", "url": reverse("centre:unheard")}
    return [{"label": "本部", "url": reverse("centre:headquarters")}, first, *({"label": t, "url": u} for t, u in way)]


def _disaster(request: HttpRequest) -> Disaster:
    found = current_disaster(request.session.get("disaster"))
    if found is None:
        raise NotFound("災害がまだ開設されていません。台帳ができると、ここに出ます。")
    return found


@needs("shelters.read")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Every district; numbers only."""
    disaster = current_disaster(request.session.get("disaster"))
    form, as_of, known_at = times(request)
    is_past = bool(as_of or known_at)
    staff: Any = request.user
    if disaster and is_past:
        past = then.unheard(disaster, staff, as_of, known_at)
        at, found = past.at, past.districts
    else:
        at, found = queries.districts(disaster, staff) if disaster else (as_of or now(), [])
    more = urlencode(_times(request, is_past))
    everybody, missing = sum(d.people for d in found), sum(d.unheard for d in found)
    askers = [{"name": name, "key": rules.key_of(name)} for name in queries.askers()] if disaster else []
    context = {
        "at": at,
        "form": form,
        "is_past": is_past,
        "known_at": known_at,
        "query": more,
        "cards": [
            {"label": "台帳の人", "value": everybody, "unit": "人"},
            {"label": "居場所か無事が分かった人", "value": everybody - missing, "unit": "人"},
            {
                "label": "どの名簿にもいない人",
                "value": missing,
                "unit": "人",
                "kind": "warning" if missing else "success",
            },
        ],
        "columns": [
            {"label": "地区"},
            {"label": "台帳の人", "number": True},
            {"label": "どの名簿にもいない人", "number": True},
            {"label": "割合（%）", "number": True},
        ],
        "rows": [
            {
                "cells": [
                    {"text": d.name, "url": f"{reverse('centre:unheard_list')}?district={d.key}{more and '&'}{more}"},
                    d.people,
                    d.unheard,
                    d.share,
                ]
            }
            for d in sorted(found, key=lambda d: -d.unheard)
        ],
        "askers": askers,
    }
    return render(request, "shelters/unheard/page.html", context)


class Asked:
    """The list that an address asks for: of now, or of an hour in the past."""

    def __init__(self, request: HttpRequest) -> None:
        self.disaster = _disaster(request)
        self.form, as_of, self.known_at = times(request)
        self.then: Then | None = None
        staff: Any = request.user
        if as_of or self.known_at:
            self.then = then.unheard(self.disaster, staff, as_of, self.known_at)
            self.at, districts = self.then.at, self.then.districts
        else:
            self.at, districts = queries.districts(self.disaster, staff)
        self.title, town, name = "すべての地区", None, None
        self.count = sum(d.unheard for d in districts)
        asked = {}
        if key := request.GET.get("district"):
            found = next((d for d in districts if d.key == key), None)
            if found is None:
                raise NotFound("この地区はありません。一覧から選び直してください。")
            town, self.title, self.count = found.town, found.name, found.unheard
            asked = {"district": key}
        elif key := request.GET.get("asker"):
            name = next((n for n in queries.askers() if rules.key_of(n) == key), None)
            if name is None:
                raise NotFound("この担当の人は残っていません。一覧から選び直してください。")
            self.title, asked = f"次に聞く人：{name}", {"asker": key}
        self.query = urlencode(asked | _times(request, self.then is not None))
        self.districts = districts if town is None and name is None else []
        if self.then is not None:
            self.ids = self.then.of(town) if name is None else then.asked_by(self.then, name)
            self.count = len(self.ids)
            return
        self.people = queries.unheard(self.disaster, staff, town=town, next_by=name)
        if town is not None or name is not None:
            self.count = self.people.count()

    def __getitem__(self, part: slice) -> list[queries.Missed]:
        """A piece of the list. Of all districts only those are asked that the piece lies in."""
        if self.then is not None:
            return then.missed(self.then, self.ids[part])
        if not self.districts:
            return queries.missed(self.people[part])
        towns, before = queries.towns_of(self.districts, part.start or 0, part.stop)
        people = self.people.filter(town_key__in=towns)
        return queries.missed(people[(part.start or 0) - before : part.stop - before])

    def whole(self) -> Iterator[queries.Missed]:
        return queries.in_pieces(self.people) if self.then is None else then.in_pieces(self.then, self.ids)


def _times(request: HttpRequest, is_past: bool) -> dict[str, str]:
    return {name: request.GET[name] for name in AsOfForm.base_fields if is_past and request.GET.get(name)}


class Counted(Paginator):
    """Pages of a list whose length is known already."""

    def __init__(self, people: Any, size: int, length: int) -> None:
        self._length = length
        super().__init__(people, size)

    @property
    def count(self) -> int:  # type: ignore[override]
        return self._length


@needs("shelters.read")
@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    asked = Asked(request)
    shown = Counted(asked, queries.PAGE, asked.count).get_page(request.GET.get("page"))
    rows = list(shown.object_list)
    log_access(by=request.user, what="list", subject=f"disaster:{asked.disaster.pk}", hits=len(rows), detail="unheard")  # type: ignore[arg-type]
    context = {
        "title": asked.title,
        "count": asked.count,
        "at": asked.at if asked.then else now(),
        "form": asked.form,
        "is_past": asked.then is not None,
        "known_at": asked.known_at,
        "keep": kept(request),
        "rows": rows,
        "page": shown,
        "base": f"?{asked.query}&" if asked.query else "?",
        "query": asked.query,
        "crumbs": _crumbs((asked.title, "")),
        "can_write": may(request.user, services.RIGHT),
    }
    return render(request, "shelters/unheard/list.html", context)


@needs("shelters.read")
@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    """A list to telephone or to walk by: with room to write."""
    asked = Asked(request)
    rows = asked[:ON_PAPER]
    log_access(
        by=request.user, what="export", subject=f"disaster:{asked.disaster.pk}", hits=len(rows), detail="unheard"
    )  # type: ignore[arg-type]
    context = {
        "title": asked.title,
        "rows": rows,
        "more": max(asked.count - len(rows), 0),
        "as_of": asked.at if asked.then else now(),
        "known_at": asked.known_at,
        "printed_at": now(),
        "landscape": True,
        "statuses": telling.STATUSES,
        "back_url": f"{reverse('centre:unheard_list')}?{asked.query}",
    }
    return render(request, "shelters/unheard/print.html", context)


@needs("shelters.read")
@require_GET
def csv(request: HttpRequest) -> HttpResponse:
    asked = Asked(request)
    log_access(
        by=request.user, what="export", subject=f"disaster:{asked.disaster.pk}", hits=asked.count, detail="unheard"
    )  # type: ignore[arg-type]
    stamp = (asked.at if asked.then else now()).astimezone(TOKYO)
    return csv_answer(request, _rows(asked, stamp), f"居場所の分からない人_{stamp:%Y%m%d-%H%M}.csv")


def _rows(asked: Asked, at: datetime) -> Iterator[list[str]]:
    yield [
        "氏名", "氏名カナ", "生年月日", "性別", "住所", "方書", "電話番号", "り災番号", "最後に分かったこと", "その日",
        "最後の連絡", "連絡の日時", "次に聞く人", "次に聞く日", "時点",
    ]  # fmt: skip
    stamp = at.isoformat(timespec="minutes")
    for row in asked.whole():
        p, c = row.person, row.contact
        cells = [
            p.name,
            p.kana,
            p.birth,
            {"1": "男", "2": "女"}.get(p.sex, ""),
            p.address,
            p.building,
            row.telephone,
            p.household.disaster_number if p.household else "",
            row.known,
            row.known_on.isoformat() if row.known_on else "",
            row.tried,
            c.occurred_at.astimezone(TOKYO).isoformat(timespec="minutes") if c else "",
            c.next_by if c else "",
            c.next_on if c else "",
            stamp,
        ]
        yield [harmless(cell) for cell in cells]


@needs("contacts.write")
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, person: UUID) -> HttpResponse:
    """One person, with those of the household nobody has heard of either: what a call or a visit brought."""
    found = visible_persons(request.user).select_related("household", "disaster").filter(pk=person).first()
    if found is None:
        raise NotFound("この人は台帳に見つかりません。")
    log_access(by=request.user, what="person", subject=f"person:{found.pk}")  # type: ignore[arg-type]
    together: list[Person] = [found, *queries.housemates(found, request.user)]  # type: ignore[arg-type]
    form = SayForm(posted(request), people=together)
    back = request.POST.get("back") or request.GET.urlencode()
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        chosen = [UUID(pk) for pk in data.pop("persons")]
        done = attempt(form, lambda: services.say(by=request.user, persons=chosen, **data))  # type: ignore[arg-type]
        if done:
            confirm(request, done)
            return redirect(f"{reverse('centre:unheard_list')}?{back}")
    [row] = queries.missed([found])
    facts = [
        {"label": "氏名", "value": found.name, "kind": "name", "kana": found.kana},
        {"label": "年齢", "value": "不明" if row.age is None else f"{row.age}歳"},
        {"label": "住所", "value": f"{found.address}　{found.building}".strip()},
        {"label": "電話番号", "value": row.telephone or "分かりません"},
        {"label": "最後に分かったこと", "value": f"{row.known}（{row.how_old}）" if row.known else "ありません"},
    ]
    tried = [
        {
            "at": c.occurred_at,
            "title": f"{telling.HOW.get(c.how, '')}：{telling.RESULTS.get(c.result, '')}",
            "text": "　".join(filter(None, [c.note, f"次に聞く人：{c.next_by}" if c.next_by else "", c.next_on])),
        }
        for c in queries.contacts_of(found)
    ]
    context = {
        "form": form,
        "facts": facts,
        "tried": tried,
        "chain": chain(known_as([found])),
        "back": back,
        "crumbs": _crumbs((found.name, "")),
    }
    return render(request, "shelters/unheard/person.html", context, status=422 if form.errors else 200)
