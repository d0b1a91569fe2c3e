"""Pages of disasters: the list, opening one, what it was made from, filling and giving back its register."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core import downloads, work, work_pages
from backend.core.clock import tokyo_date
from backend.core.errors import Conflict, Forbidden, Refused
from backend.ledger import queries as ledger
from backend.registry import page_queries, staging

from . import queries, tables
from . import work as opening_work
from .exchange import standing as exchange
from .forms import OpenForm
from .revising import queries as revising
from .services import export_register


def crumbs(*items: Any) -> list[dict[str, str]]:
    """The way to a page of a disaster: labels, or disasters."""
    trail = [{"label": "災害", "url": reverse("ledger:index")}]
    for item in items:
        named = isinstance(item, str)
        trail.append(
            {"label": item} if named else {"label": item.name, "url": reverse("ledger:disaster", args=[item.pk])}
        )
    return trail


@require_safe
@never_cache
@needs("disaster.read")
def index(request: HttpRequest) -> HttpResponse:
    """All disasters."""
    context = {
        "columns": tables.COLUMNS,
        "rows": [tables.row(line) for line in queries.lines()],
        "running": work.running(opening_work.KIND),
        "may_open": may(request.user, "disaster.open"),
    }
    return render(request, "ledger/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disaster.open")
def open_page(request: HttpRequest) -> HttpResponse:
    """The form; then what the ledger would be made from; then the act."""
    form = OpenForm(request.POST or None)
    token = request.POST.get("token", "")
    begun = work.find(token)
    if begun and begun.state in {"running", "done"}:  # the second click: the code is taken by the first one
        return redirect("ledger:work", token)
    context: dict[str, Any] = {"form": form, "crumbs": crumbs("開設")}
    if request.method != "POST" or not form.is_valid() or "back" in request.POST:
        status = 422 if request.method == "POST" and form.errors else 200
        return render(request, "ledger/open.html", context, status=status)
    values = form.cleaned_data
    if "confirmed" not in request.POST or not work.TOKEN.match(token):
        occurred_at = values["occurred_at"]
        context |= {
            "token": work.new_token(),
            "occurred_at": occurred_at,
            "basis": page_queries.basis(tokyo_date(occurred_at)),
        }
        return render(request, "ledger/open_confirm.html", context)
    work_pages.keep_session(request)
    opening_work.begin_open(
        token=token,
        by=request.user,  # type: ignore[arg-type]
        code=values["code"],
        name=values["name"],
        occurred_at=values["occurred_at"],
        drill=values["drill"],
    )
    return redirect("ledger:work", token)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disaster.open")
def fill(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put the register under a ledger that was opened empty, after asking."""
    disaster = queries.disaster(pk)
    token = request.POST.get("token", "")
    begun = work.find(token)
    if begun and begun.state in {"running", "done"}:
        return redirect("ledger:work", token)
    if disaster.register_revision is not None:
        raise Conflict(f"「{disaster}」の台帳には、住民記録がすでに入っています。")
    basis = page_queries.basis(tokyo_date(disaster.occurred_at))
    if request.method == "POST" and work.TOKEN.match(token):
        if basis.export is None:
            raise Refused("全件ファイルがまだ取り込まれていません。住民記録を取り込んでから行ってください。")
        work_pages.keep_session(request)
        opening_work.begin_fill(token=token, by=request.user, disaster=disaster)  # type: ignore[arg-type]
        return redirect("ledger:work", token)
    context = {
        "disaster": disaster,
        "occurred_at": disaster.occurred_at,
        "basis": basis,
        "token": work.new_token(),
        "people": disaster.persons.count(),
        "crumbs": crumbs(disaster, "住民記録を入れる"),
    }
    return render(request, "ledger/fill.html", context)


@require_safe
@never_cache
@needs("disaster.open")
def work_page(request: HttpRequest, token: str) -> HttpResponse:
    """How far opening or filling is; leads on to the disaster when it is done."""
    return work_pages.page(
        request,
        opening_work.find(token),
        done=lambda found: _to_result(request, found.result),
        words=work_pages.DOING,
        stop_url=reverse("ledger:stop", args=[token]),
        back_url=reverse("ledger:index"),
        back_label="災害の一覧へ",
        crumbs=crumbs("作業の状況"),
    )


def _to_result(request: HttpRequest, result: dict[str, Any]) -> HttpResponse:
    if "report" in result:
        return _to_report(request, result)
    if "exchange" in result:
        messages.success(
            request,
            f"{result['exchanged']:,}人を入れ替え、{result['entered']:,}人が加わりました。"
            f"決める方は{result['open']:,}人です。",
        )
        return redirect("ledger:exchange", result["exchange"])
    if result.get("empty"):
        messages.success(
            request,
            "空の台帳を開設しました。窓口と避難所の受付を始められます。住民記録は、取り込んだ後に入れてください。",
        )
    elif "persons" in result:
        joined = f"先に登録された方のうち{result['joined']:,}人を結び付けました。" if result["joined"] else ""
        messages.success(request, f"台帳ができました：{result['households']:,}世帯 {result['persons']:,}人。{joined}")
    return redirect("ledger:disaster", result["disaster"])


def _to_report(request: HttpRequest, result: dict[str, Any]) -> HttpResponse:
    if result.get("again"):
        messages.info(request, "この報告の後に届いたファイルはありません。")
    if result.get("accepted"):
        messages.success(request, f"{result['accepted']:,}件を台帳に受け入れました。")
    if result.get("held"):
        messages.warning(
            request,
            f"{result['held']:,}件は、報告の後に台帳が変わったため受け入れていません。報告を作り直してください。",
        )
    return redirect("ledger:revision", result["report"])


@require_POST
@needs("disaster.open")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    return work_pages.stop(request, token, "ledger:work")


@require_safe
@never_cache
@needs("disaster.read")
def disaster_page(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One disaster: counts, what it was made from, what was flagged."""
    disaster = queries.disaster(pk)
    revision = queries.revision(disaster)
    reads = may(request.user, "register.read")
    context = {
        "disaster": disaster,
        "revision": revision,
        "cards": tables.cards(disaster, revision),
        "facts": tables.facts(disaster, revision),
        "flag_columns": tables.FLAG_COUNT_COLUMNS,
        "flag_rows": tables.flag_count_rows(disaster, with_links=reads),
        "undecided": disaster.persons.filter(household=None, ended_at=None).count(),
        "may_read": reads,
        "unread": revising.unread_files(disaster) if reads and revision else 0,
        "report": revising.newest(disaster),
        "exchange": exchange.emergency(disaster) or disaster.exchanges.exists(),
        "emergency": exchange.emergency(disaster),
        "may_open": may(request.user, "disaster.open"),
        "may_see_households": may(request.user, "household.read"),
        "crumbs": crumbs(disaster.name),
    }
    return render(request, "ledger/disaster.html", context)


@require_POST
@never_cache
@needs("disaster.open")
def export(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The register as of the disaster as CSV: written whole before it is sent, and removed from the disk at once."""
    disaster = queries.disaster(pk)
    revision = queries.revision(disaster)
    if not ledger.sees_protected(request.user):
        raise Forbidden("支援措置の方も含まれるため、支援措置対象者を見られる職員だけが出力できます。")
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.EXPORT,
        subject=f"disaster:{disaster.pk}",
        hits=revision.persons if revision else 0,
        detail="基準日住民記録",
    )
    path, recoded = staging.private_path(".csv"), staging.private_path(".csv")
    try:
        export_register(code=disaster.code, to=path, by=request.user)  # type: ignore[arg-type]
        name = f"register-{disaster.code}-{tokyo_date(disaster.occurred_at):%Y%m%d}.csv"
        if downloads.asked_encoding(request) == "shift_jis":
            losses = downloads.recode(path, recoded)
            return downloads.answer(request, recoded.read_bytes(), losses, name)
        file = path.open("rb")
    finally:
        path.unlink(missing_ok=True)
        recoded.unlink(missing_ok=True)
    return FileResponse(file, as_attachment=True, filename=name, content_type="text/csv")
