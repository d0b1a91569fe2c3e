"""Pages of the tax rolls: the files that were taken, and taking one, with a look at it first."""

from __future__ import annotations

import csv
import io
from datetime import date

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core import work, work_pages
from backend.core.downloads import csv_answer
from backend.core.errors import NotFound, Refused
from backend.registry import staging
from backend.registry.set_aside import write_set_aside_rows

from . import preview, queries, tables, taking_work
from .forms import RollForm
from .layouts import LAYOUTS
from .models import RollFile
from .services import this_fiscal_year

PAGE = 50
UPLOADS = "roll_uploads"  # in the session: tokens of this person's uploads


def _crumbs(*labels: str) -> list[dict[str, str]]:
    return [{"label": "課税台帳", "url": reverse("rolls:index")}, *({"label": label} for label in labels)]


@require_safe
@never_cache
@needs("rolls.read")
def index(request: HttpRequest) -> HttpResponse:
    """All files that were taken, and what there is by year."""
    page = Paginator(queries.listed_files(), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "years": queries.years(),
        "columns": tables.FILE_COLUMNS,
        "rows": [tables.file_row(file) for file in page],
        "running": work.running(taking_work.KIND),
        "may_take": may(request.user, "rolls.write"),
    }
    return render(request, "registry/rolls/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("rolls.write")
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; it is kept aside and looked at, not taken."""
    form = RollForm(request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind")})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        year = (values["year"] or this_fiscal_year()) if values["kind"] == "house" else None
        staged = staging.stage(
            pieces=values["file"].chunks(),
            name=values["file"].name,
            kind=values["kind"],
            as_of=date(year, 1, 1) if year else None,
            owner=str(request.user.pk),
        )
        try:
            _look(staged)
        except Refused as refusal:
            staging.remove(staged)
            form.add_error("file", refusal.message)
        else:
            request.session[UPLOADS] = [*request.session.get(UPLOADS, []), staged.token][-20:]
            return redirect("rolls:preview", staged.token)
    context = {"form": form, "layouts": LAYOUTS.values(), "crumbs": _crumbs("ファイルを選ぶ")}
    return render(request, "registry/rolls/upload.html", context, status=422 if form.errors else 200)


def _look(staged: staging.Staged) -> preview.Preview:
    corrected = staged.kind == "correction"
    kind = preview.kind_of_correction(staged.path) if corrected else staged.kind
    return preview.look(staged.path, kind, corrected=corrected)


@require_safe
@never_cache
@needs("rolls.write")
def preview_page(request: HttpRequest, token: str) -> HttpResponse:
    """The upload as it would be read, before anything is taken."""
    begun = work.find(token)
    if begun and begun.state in {"running", "done"}:
        return redirect("rolls:work", token)
    staged = _staged(request, token)
    found = _look(staged)
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.LIST,
        subject="roll_upload",
        hits=found.looked_at,
        detail="取込前の確認",
    )
    label = "修正行" if staged.kind == "correction" else LAYOUTS[staged.kind].label
    context = {
        "staged": staged,
        "found": found,
        "label": label,
        "again": RollFile.objects.filter(fingerprint=staged.fingerprint).first(),
        "columns": [{"label": name} for name in found.columns],
        "rows": [{"cells": [tables.text(cell) for cell in cells]} for cells in found.rows],
        "wrong_columns": [{"label": "行"}, {"label": "理由"}],
        "wrong": [{"cells": [tables.text(line), why]} for line, why in found.wrong],
        "crumbs": _crumbs("内容の確認"),
    }
    return render(request, "registry/rolls/preview.html", context)


@require_POST
@needs("rolls.write")
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Take the upload. A second click finds the work that the first one began."""
    begun = work.find(token)
    if begun is None or begun.state not in {"running", "done"}:
        staged = _staged(request, token)
        work_pages.keep_session(request)
        taking_work.begin(staged, by=request.user)  # type: ignore[arg-type]
    return redirect("rolls:work", token)


@require_POST
@needs("rolls.write")
def discard(request: HttpRequest, token: str) -> HttpResponse:
    """Throw the upload away untaken."""
    if token in request.session.get(UPLOADS, []):
        staged = staging.find(token, str(request.user.pk))
        begun = work.find(token)
        if staged and not (begun and begun.goes_on):
            staging.remove(staged)
            messages.success(request, "取り込まずに、アップロードしたファイルを削除しました。")
    return redirect("rolls:index")


@require_safe
@never_cache
@needs("rolls.write")
def work_page(request: HttpRequest, token: str) -> HttpResponse:
    """How far the import is; leads on to the result when it is done."""
    found = taking_work.find(token)
    again = found.state != "refused" and token in request.session.get(UPLOADS, [])
    return work_pages.page(
        request,
        found,
        done=lambda done: _to_result(request, done),
        words=work_pages.TAKING,
        stop_url=reverse("rolls:stop", args=[token]),
        back_url=reverse("rolls:index"),
        back_label="一覧へ",
        choose_url=reverse("rolls:upload"),
        retry_url=reverse("rolls:start", args=[token]) if again else "",
        discard_url=reverse("rolls:discard", args=[token]),
        crumbs=_crumbs("取込の状況"),
    )


@require_POST
@needs("rolls.write")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    return work_pages.stop(request, token, "rolls:work")


@require_safe
@never_cache
@needs("rolls.read")
def file_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of one file, and the rows of it that wait to be corrected."""
    file = queries.file(pk)
    of = file.corrects or file
    page = Paginator(queries.waiting_rows(of), PAGE).get_page(request.GET.get("page"))
    if page.object_list:
        log_access(
            by=request.user,  # type: ignore[arg-type]
            what=AccessLog.What.LIST,
            subject=f"roll_file:{of.pk}",
            hits=len(page.object_list),
            detail="取り置いた行",
        )
    context = {
        "file": file,
        "of": of,
        "facts": tables.file_facts(file),
        "cards": tables.file_cards(file),
        "page": page,
        "columns": tables.SET_ASIDE_COLUMNS,
        "rows": [tables.set_aside_row(row) for row in page],
        "may_take": may(request.user, "rolls.write"),
        "corrections": file.corrections.order_by("received_at"),
        "upload_url": f"{reverse('rolls:upload')}?kind=correction",
        "crumbs": _crumbs(file.name),
    }
    return render(request, "registry/rolls/file.html", context)


@require_safe
@never_cache
@needs("rolls.write")
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that wait to be corrected, as the CSV that is taken again when they are."""
    file = queries.file(pk)
    rows = list(queries.waiting_rows(file))
    if not rows:
        raise NotFound("このファイルに、直すのを待っている行はありません。")
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.EXPORT,
        subject=f"roll_file:{file.pk}",
        hits=len(rows),
        detail="取り置いた行",
    )
    text = io.StringIO(newline="")
    order = [column.header for column in LAYOUTS[file.kind].columns]
    write_set_aside_rows(text, rows, file.fingerprint, order)
    text.seek(0)
    # Taken in again when it is corrected: what Shift_JIS can't carry would come back as part of a name.
    return csv_answer(request, csv.reader(text), f"roll-set-aside-{file.pk}.csv", lossy=False)


def _staged(request: HttpRequest, token: str) -> staging.Staged:
    """The upload, if this very session made it; raises `NotFound`."""
    owner = str(request.user.pk)
    found = staging.find(token, owner) if token in request.session.get(UPLOADS, []) else None
    if found is None:
        raise NotFound(
            "アップロードしたファイルがありません。削除されたか、1日を過ぎたか、別の担当者のものです。"
            "もう一度ファイルを選んでください。"
        )
    return found


def _to_result(request: HttpRequest, found: work.Work) -> HttpResponse:
    result = found.result
    if result.get("again"):
        messages.info(request, "取込済みのファイルです。もう一度取り込んでも何も変わりません。")
    elif result.get("set_aside"):
        messages.warning(
            request, f"取り込みました。{result['set_aside']:,}行は取り置きました。下の一覧の理由を見て直してください。"
        )
    else:
        messages.success(request, "取り込みました。取り置いた行はありません。")
    return redirect("rolls:file", result["file"])
