"""Pages of headquarters: people by kind of place, those to visit by district, one person's chain, and the telephone's screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import TOKYO, now, today
from backend.core.downloads import csv_answer
from backend.core.errors import NotFound
from backend.core.forms import AsOfForm, kept, times
from backend.core.spreadsheets import harmless

from .. import rules as shelter_rules
from ..door import queries as door
from ..models import Evacuee
from ..needs.queries import needs_of
from ..pages import attempt, posted, uuid_or_none
from ..people import faces, hidden
from ..telling.pages import confirm
from ..unheard.rules import key_of
from ..welfare.queries import marks
from . import queries, rules, services
from .forms import CallForm, VisitForm

PAGE = 100
NO_SHELTER = UUID(int=0)


def _crumbs(*way: tuple[str, str]) -> list[dict[str, str]]:
    first = {"label": "居場所", "url": reverse("centre:places")}
    return [{"label": "本部", "url": reverse("centre:headquarters")}, first, *({"label": t, "url": u} for t, u in way)]


@needs("shelters.read")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """How many people are at which kind of place; numbers only."""
    form, as_of, known_at = times(request)
    found = Counter(place.kind for place in queries.seen(request.user, as_of, known_at).values())  # type: ignore[arg-type]
    rows = [{"cells": [_kind_cell(kind, found[kind]), found[kind]], "muted": not found[kind]} for kind in rules.KINDS]
    context = {
        "form": form,
        "asked": bool(as_of or known_at),
        "at": as_of or now(),
        "known_at": known_at,
        "query": request.GET.urlencode(),
        "columns": [{"label": "居場所の種類"}, {"label": "人数", "number": True}],
        "rows": rows,
        "totals": ["計（亡くなった方・行方の分からない方を除く）", _total(found)],
        "can_write": may(request.user, services.RIGHT),
        "crumbs": [*_crumbs()[:1], {"label": "居場所", "url": ""}],
    }
    return render(request, "shelters/places/page.html", context)


def _total(found: Counter[str]) -> int:
    return sum(number for kind, number in found.items() if kind not in {"dead", "missing", "unknown"})


def _kind_cell(kind: str, number: int) -> Any:
    if kind in rules.VISITED and number:
        return {"text": rules.KINDS[kind], "url": f"{reverse('centre:visits')}?{urlencode({'kind': kind})}"}
    return rules.KINDS[kind]


@needs("shelters.read")
@require_GET
def counts_csv(request: HttpRequest) -> HttpResponse:
    _, as_of, known_at = times(request)
    found = Counter(place.kind for place in queries.seen(request.user, as_of, known_at).values())  # type: ignore[arg-type]
    stamp = (as_of or now()).astimezone(TOKYO)

    def lines() -> Iterator[list[str]]:
        yield ["居場所の種類", "人数", "時点"]
        for kind, label in rules.KINDS.items():
            yield [label, str(found[kind]), stamp.isoformat(timespec="minutes")]

    return csv_answer(request, lines(), f"居場所の種類別人数_{stamp:%Y%m%d-%H%M}.csv")


# Whom to visit -----------------------------------------------------------------------------------------------------------


class Shown:
    """The list for the kind of place and the district in the address."""

    def __init__(self, request: HttpRequest, what: str) -> None:
        kind = request.GET.get("kind", "")
        if kind and kind not in rules.VISITED:
            raise NotFound("この一覧はありません。居場所の画面から選び直してください。")
        self.form, self.as_of, self.known_at = times(request)
        self.is_past = bool(self.as_of or self.known_at)
        self.at = self.as_of or now()
        self.everybody = queries.visits(request.user, kind, self.as_of, self.known_at)  # type: ignore[arg-type]
        self.kind, self.rows, self.district = kind, self.everybody, ""
        asked = {name: request.GET[name] for name in AsOfForm.base_fields if self.is_past and request.GET.get(name)}
        self.times = urlencode(asked)
        asked |= {"kind": kind} if kind else {}
        self.kind_query = urlencode(asked)
        if key := request.GET.get("district"):
            self.rows = [row for row in self.rows if key_of(row.district) == key]
            if not self.rows:
                raise NotFound("この地区の一覧はもうありません。居場所の画面から選び直してください。")
            self.district = self.rows[0].district
            asked["district"] = key
        self.query = urlencode(asked)
        log_access(by=request.user, what=what, subject="outside", hits=len(self.rows))  # type: ignore[arg-type]

    @property
    def title(self) -> str:
        kinds = rules.KINDS[self.kind] if self.kind else "・".join(rules.KINDS[kind] for kind in rules.VISITED)
        return f"{kinds}の方　{self.district}".strip()


@needs("shelters.read")
@require_GET
def visits(request: HttpRequest) -> HttpResponse:
    shown = Shown(request, "list")
    listed = Paginator(shown.rows, PAGE).get_page(request.GET.get("page"))
    groups = Counter(row.district for row in shown.everybody)
    never = Counter(row.district for row in shown.everybody if row.contact is None)
    context = {
        "title": shown.title,
        "at": shown.at,
        "form": shown.form,
        "is_past": shown.is_past,
        "known_at": shown.known_at,
        "keep": kept(request),
        "times": shown.times,
        "count": len(shown.rows),
        "rows": listed.object_list,
        "page": listed,
        "query": shown.query,
        "base": f"?{shown.query}&" if shown.query else "?",
        "kinds": [(kind, rules.KINDS[kind], kind == shown.kind) for kind in rules.VISITED],
        "groups": []
        if shown.district
        else [
            {
                "name": name,
                "people": groups[name],
                "never": never[name],
                "query": f"{_and(shown)}district={key_of(name)}",
            }
            for name in sorted(groups)
        ],
        "crumbs": _crumbs((shown.title, "")),
    }
    return render(request, "shelters/places/visits.html", context)


def _and(shown: Shown) -> str:
    return f"{shown.kind_query}&" if shown.kind_query else ""


@needs("shelters.read")
@require_GET
def visits_print(request: HttpRequest) -> HttpResponse:
    shown = Shown(request, "export")
    context = {
        "title": shown.title,
        "rows": shown.rows,
        "as_of": shown.at,
        "known_at": shown.known_at,
        "printed_at": now(),
        "landscape": True,
        "back_url": f"{reverse('centre:visits')}?{shown.query}",
    }
    return render(request, "shelters/places/visits_print.html", context)


@needs("shelters.read")
@require_GET
def visits_csv(request: HttpRequest) -> HttpResponse:
    shown = Shown(request, "export")
    stamp = shown.at.astimezone(TOKYO)
    return csv_answer(request, _lines(shown.rows, stamp), f"避難所の外の方_{stamp:%Y%m%d-%H%M}.csv")


def _lines(rows: list[queries.Visit], stamp: datetime) -> Iterator[list[str]]:
    yield [
        "地区・場所", "居場所の種類", "場所の詳しいこと", "車のナンバー", "氏名", "氏名カナ", "生年月日", "年齢", "住所", "電話番号",
        "配慮すること", "いつから", "だれから聞いたか", "最後の訪問・連絡", "その日時", "次に訪ねる人", "時点",
    ]  # fmt: skip
    for row in rows:
        cells = [
            row.district,
            row.now.label,
            row.now.where,
            row.now.plate,
            row.face.name,
            row.face.kana,
            row.face.birth,
            "" if row.age is None else str(row.age),
            row.face.address,
            row.telephone,
            "、".join(need.label for need in row.needs),
            row.now.since.astimezone(TOKYO).isoformat(timespec="minutes"),
            row.now.told_by or row.now.at,
            row.tried,
            row.contact.occurred_at.astimezone(TOKYO).isoformat(timespec="minutes") if row.contact else "",
            row.contact.next_by if row.contact else "",
            stamp.isoformat(timespec="minutes"),
        ]
        yield [harmless(cell) for cell in cells]


# One person --------------------------------------------------------------------------------------------------------------


@needs("contacts.write")
@require_http_methods(["GET", "POST"])
def call(request: HttpRequest) -> HttpResponse:
    """Somebody is at home, in a car, at relatives …: told by telephone, on one screen, whether or not shelters know them."""
    form = CallForm(posted(request))
    found: Any = None
    if request.method == "POST" and form.is_valid():
        chosen = _chosen(request)
        if not chosen and "new" not in request.POST:
            found = door.find(form.cleaned_data["name"], NO_SHELTER, request.user)  # type: ignore[arg-type]
            log_access(by=request.user, what="search", subject="where", hits=found.people)  # type: ignore[arg-type]
        if found is None or not found.families:
            new = None if chosen else form.details()
            done = attempt(
                form,
                lambda: services.say_where(by=request.user, new=new, **chosen, **form.told()),  # type: ignore[arg-type]
            )
            if done:
                confirm(request, done)
                return redirect("centre:where_call")
    context = {"form": form, "found": found, "crumbs": _crumbs(("電話で聞いた居場所", ""))}
    return render(request, "shelters/places/call.html", context, status=422 if form.errors else 200)


def _chosen(request: HttpRequest) -> dict[str, list[UUID]]:
    """Who was ticked among those the name found."""
    chosen: dict[str, list[UUID]] = {}
    for text in request.POST.getlist("who"):
        kind, _, key = text.partition(":")
        if (pk := uuid_or_none(key)) and kind in ("member", "evacuee"):
            chosen.setdefault("persons" if kind == "member" else "evacuees", []).append(pk)
    return chosen


@needs("shelters.read")
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, evacuee: UUID) -> HttpResponse:
    """Where one person has been, and what a call or a visit brings."""
    if hidden([evacuee], request.user) or not Evacuee.objects.filter(pk=evacuee).exists():  # type: ignore[arg-type]
        raise NotFound("その避難者は見つかりません。")
    log_access(by=request.user, what="person", subject=f"evacuee:{evacuee}")  # type: ignore[arg-type]
    can_write = may(request.user, services.RIGHT)
    form = VisitForm(posted(request) if can_write else None)
    back = request.POST.get("back") or request.GET.urlencode()
    if can_write and request.method == "POST" and form.is_valid():
        done = attempt(
            form,
            lambda: services.say_where(by=request.user, evacuees=[evacuee], **form.cleaned_data),  # type: ignore[arg-type]
        )
        if done:
            confirm(request, done)
            return redirect(f"{reverse('centre:where', args=[evacuee])}?{back}")
    face = faces([evacuee])[evacuee]
    place = queries.current([evacuee]).get(evacuee)
    context = {
        "face": face,
        "age": face.age(today()),
        "sex": shelter_rules.SEXES.get(face.sex, "不明"),
        "place": place,
        "chain": queries.chain([evacuee]),
        "needs": needs_of([evacuee]).get(evacuee, []),
        "welfare": marks([evacuee], request.user).get(evacuee),  # type: ignore[arg-type]
        "form": form,
        "back": back,
        "can_write": can_write,
        "crumbs": _crumbs((face.name, "")),
    }
    return render(request, "shelters/places/person.html", context, status=422 if form.errors else 200)


@needs("contacts.write")
@require_POST
def take_back(request: HttpRequest, entry: UUID) -> HttpResponse:
    evacuee = services.take_back(by=request.user, entry=entry)  # type: ignore[arg-type]
    messages.success(request, "聞き取りの記録を取り消しました。")
    return redirect("centre:where", evacuee)
