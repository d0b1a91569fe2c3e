"""Pages of the register: the files that were taken, and taking one, with a look at it first."""

from __future__ import annotations

import csv
import io
from typing import Any

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

from . import page_queries, preview, staging, tables, taking_work
from .forms import NEW, UploadForm
from .layouts.shipped import CANONICAL
from .models import RegisterFile
from .reading import MissingColumns
from .set_aside import write_set_aside_rows
from .uploads import is_own, own_upload, owner, remember

PAGE = 50


def _crumbs(*labels: str) -> list[dict[str, str]]:
    return [{"label": "住民記録", "url": reverse("registry:index")}, *({"label": label} for label in labels)]


@require_safe
@never_cache
@needs("register.read")
def index(request: HttpRequest) -> HttpResponse:
    """All files that were taken."""
    page = Paginator(page_queries.listed_files(), PAGE).get_page(request.GET.get("page"))
    export = page_queries.latest_export()
    context = {
        "page": page,
        "columns": tables.FILE_COLUMNS,
        "rows": [tables.file_row(file) for file in page],
        "export": export,
        "changes": page_queries.changes_since(export.as_of if export else None),
        "running": work.running(taking_work.KIND),
        "may_take": may(request.user, "register.write"),
    }
    return render(request, "registry/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("register.write")
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; it is kept aside and looked at, not taken."""
    form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": request.GET.get("kind")})
    columns_url = ""
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        staged = staging.stage(
            pieces=values["file"].chunks(),
            name=values["file"].name,
            kind=values["kind"],
            as_of=values["as_of"],
            owner=owner(request),
            layout=CANONICAL if values["layout"] == NEW else values["layout"],
        )
        if values["layout"] == NEW and values["kind"] != "correction":
            remember(request, staged)
            return redirect("registry:columns", staged.token)
        try:
            preview.look(staged)
        except MissingColumns as refusal:
            form.add_error("file", refusal.message)
            if staged.kind == "correction":
                staging.remove(staged)
            else:
                remember(request, staged)  # kept: a mapping can be made for its header
                columns_url = reverse("registry:columns", args=[staged.token])
        except Refused as refusal:
            staging.remove(staged)
            form.add_error("file", refusal.message)
        else:
            remember(request, staged)
            return redirect("registry:preview", staged.token)
    of = _file_or_none(request.GET.get("of", ""))
    context = {"form": form, "of": of, "columns_url": columns_url, "crumbs": _crumbs("ファイルを選ぶ")}
    return render(request, "registry/upload.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@needs("register.write")
def preview_page(request: HttpRequest, token: str) -> HttpResponse:
    """The upload as it would be read, before anything is taken."""
    begun = work.find(token)
    if begun and begun.state in {"running", "done"}:
        return redirect("registry:work", token)
    staged = own_upload(request, token)
    found, again = preview.look(staged), preview.taken_before(staged)
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.LIST,
        subject="register_upload",
        hits=found.looked_at,
        detail="取込前の確認",
    )
    context = {
        "staged": staged,
        "found": found,
        "kind_label": RegisterFile.Kind(staged.kind).label,
        "again": again,
        "again_text": _taken_as(again),
        "crumbs": _crumbs("内容の確認"),
    }
    return render(request, "registry/preview.html", context)


@require_POST
@needs("register.write")
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Take the upload. A second click finds the work that the first one began."""
    begun = work.find(token)
    if begun is None or begun.state not in {"running", "done"}:
        staged = own_upload(request, token)
        work_pages.keep_session(request)
        taking_work.begin(staged, by=request.user)  # type: ignore[arg-type]
    return redirect("registry:work", token)


@require_POST
@needs("register.write")
def discard(request: HttpRequest, token: str) -> HttpResponse:
    """Throw the upload away untaken."""
    if is_own(request, token):
        staged = staging.find(token, owner(request))
        begun = work.find(token)
        if staged and not (begun and begun.goes_on):
            staging.remove(staged)
            messages.success(request, "取り込まずに、アップロードしたファイルを削除しました。")
    return redirect("registry:index")


@require_safe
@never_cache
@needs("register.write")
def work_page(request: HttpRequest, token: str) -> HttpResponse:
    """How far the import is; leads on to the result when it is done."""
    found = taking_work.find(token)
    again = found.state != "refused" and is_own(request, token)
    return work_pages.page(
        request,
        found,
        done=lambda done: _to_result(request, done),
        words=work_pages.TAKING,
        stop_url=reverse("registry:stop", args=[token]),
        back_url=reverse("registry:index"),
        back_label="一覧へ",
        choose_url=reverse("registry:upload"),
        retry_url=reverse("registry:start", args=[token]) if again else "",
        discard_url=reverse("registry:discard", args=[token]),
        crumbs=_crumbs("取込の状況"),
    )


@require_POST
@needs("register.write")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    return work_pages.stop(request, token, "registry:work")


@require_safe
@never_cache
@needs("register.read")
def file_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of one file, and the rows of it that wait to be corrected."""
    file = page_queries.file(pk)
    of = file.corrects or file
    may_take = may(request.user, "register.write")
    page = Paginator(page_queries.waiting_rows(of), PAGE).get_page(request.GET.get("page"))
    if page.object_list:
        log_access(
            by=request.user,  # type: ignore[arg-type]
            what=AccessLog.What.LIST,
            subject=f"register_file:{of.pk}",
            hits=len(page.object_list),
            detail="取り置いた行",
        )
    context = {
        "file": file,
        "of": of,
        "facts": tables.file_facts(file),
        "cards": tables.file_cards(file),
        "torn": tables.torn(file),
        "page": page,
        "columns": tables.set_aside_columns(with_person=may_take),
        "rows": [tables.set_aside_row(row, with_person=may_take) for row in page],
        "may_take": may_take,
        "corrections": file.corrections.order_by("received_at"),
        "upload_url": f"{reverse('registry:upload')}?kind=correction&of={of.pk}",
        "crumbs": _crumbs(file.name),
    }
    return render(request, "registry/file.html", context)


@require_safe
@never_cache
@needs("register.write")
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that wait to be corrected, as the CSV that is taken again when they are."""
    file = page_queries.file(pk)
    rows = list(page_queries.waiting_rows(file))
    if not rows:
        raise NotFound("このファイルに、直すのを待っている行はありません。")
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.EXPORT,
        subject=f"register_file:{file.pk}",
        hits=len(rows),
        detail="取り置いた行",
    )
    text = io.StringIO(newline="")
    write_set_aside_rows(text, rows, file.fingerprint)
    text.seek(0)
    # Taken in again when it is corrected: what Shift_JIS can't carry would come back as part of a name.
    return csv_answer(request, csv.reader(text), f"set-aside-{file.pk}.csv", lossy=False)


def _taken_as(again: RegisterFile | None) -> str:
    if again is None:
        return ""
    day = f"　基準日 {tables.day(again)}" if again.as_of else ""
    return f"{again.name}（{again.get_kind_display()}{day}）"


def _file_or_none(pk: str) -> RegisterFile | None:
    return RegisterFile.objects.filter(pk=int(pk)).first() if pk.isdigit() and len(pk) < 18 else None


def _to_result(request: HttpRequest, found: work.Work) -> HttpResponse:
    result: dict[str, Any] = found.result
    if result.get("again"):
        messages.info(request, "取込済みのファイルです。もう一度取り込んでも何も変わりません。")
    elif result.get("set_aside"):
        messages.warning(
            request, f"取り込みました。{result['set_aside']:,}行は取り置きました。下の一覧の理由を見て直してください。"
        )
    else:
        messages.success(request, "取り込みました。取り置いた行はありません。")
    return redirect("registry:file", result["file"])
