"""The page on which the emergency register is exchanged for the real one, and the rest is decided."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core import work, work_pages
from backend.core.errors import Refused
from backend.ledger.opening import queries as opening
from backend.ledger.opening import work as opening_work
from backend.ledger.opening.views import crumbs

from . import queries, standing
from .services import decide
from .undoing import undo

PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("register.read")
def index(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Before: what would happen, and the button (POST `token`). After: both sides of whom nobody is certain."""
    disaster = opening.disaster(pk)
    may_write = may(request.user, "disaster.open")
    token = request.POST.get("token", "")
    if may_write and work.TOKEN.match(token):
        work_pages.keep_session(request)
        opening_work.begin_exchange(token=token, by=request.user, disaster=disaster)  # type: ignore[arg-type]
        return redirect("ledger:work", token)
    emergency = standing.emergency(disaster)
    context = {
        "disaster": disaster,
        "emergency": emergency,
        "real": standing.real_register(disaster) if emergency else None,
        "people": disaster.persons.filter(ended_at=None).count() if emergency else 0,
        "token": work.new_token(),
        "may_write": may_write,
        "crumbs": crumbs(disaster, "住民記録への入れ替え"),
    }
    if not emergency:
        number = request.POST.get("number", "").strip()[:15]
        people, hidden = queries.waiting(disaster, request.user)
        page = Paginator(people, PAGE).get_page(request.GET.get("page"))
        both = queries.both_sides(disaster, request.user, list(page))
        done = queries.exchanges(disaster, request.user, number=number)
        if both or done:
            log_access(
                by=request.user,  # type: ignore[arg-type]
                what=AccessLog.What.LIST,
                subject=f"disaster:{disaster.pk}",
                hits=len(both) + len(done),
                detail="住民記録への入れ替え",
            )
        counts = queries.counts(disaster)
        context |= {"both": both, "hidden": hidden, "page": page, "done": done, "number": number, "counts": counts}
    return render(request, "ledger/exchange/index.html", context)


@require_POST
@needs("disaster.open")
def choose(request: HttpRequest, pk: UUID, person: UUID) -> HttpResponse:
    """Somebody is this one of the real register (`number`), or none of them."""
    disaster = opening.disaster(pk)
    row = queries.waiting_person(disaster, request.user, person)
    number = request.POST.get("number", "")
    if number:
        number = queries.candidate(row, request.user, number)
    try:
        decide(by=request.user, person=row, number=number)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "同じ方として入れ替えました。" if number else "どの方でもないと記録しました。")
    return redirect("ledger:exchange", disaster.pk)


@require_POST
@needs("disaster.open")
def take_back(request: HttpRequest, pk: UUID, exchange: int) -> HttpResponse:
    """One exchange is taken back."""
    disaster = opening.disaster(pk)
    row = queries.exchange(disaster, request.user, exchange)
    try:
        undo(by=request.user, exchange=row)  # type: ignore[arg-type]
    except Refused as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, "入れ替えを取り消しました。もう一度決められます。")
    return redirect("ledger:exchange", disaster.pk)
