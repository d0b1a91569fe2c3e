"""Pages of the mappings: those that there are, and making one for an upload that waits."""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import needs
from backend.accounts.services import log_access
from backend.core.errors import NotFound, Refused
from backend.core.text_files import UnreadableFile, csv_rows, sniff_encoding
from backend.registry import layout, preview, staging
from backend.registry.models import SavedLayout
from backend.registry.reading import header_names
from backend.registry.uploads import own_upload

from . import services
from .header_changes import in_words
from .mapping import Mapping, WrongMapping
from .sheet import HOW, Seen, Sheet
from .shipped import CANONICAL, shipped
from .stored import Found, changes_of_header, find

COLUMNS = [
    {"label": "名前"},
    {"label": "種別"},
    {"label": "版", "number": True},
    {"label": "保存"},
    {"label": "担当"},
    {"label": "確認されていないコード", "number": True},
]


@require_safe
@never_cache
@needs("register.read")
def index(request: HttpRequest) -> HttpResponse:
    """Every mapping, those of the program first, with the codes that nobody has confirmed."""
    rows = []
    doubtful: list[dict[str, Any]] = []
    for mapping in shipped().values():
        unsure = mapping.unverified()
        rows.append(
            {"cells": [f"{mapping.name}（{mapping.title}）", "どちらも", "―", "最初からある", "―", len(unsure)]}
        )
        doubtful += [{"cells": [mapping.title, *(text or "（空欄）" for text in code)]} for code in unsure]
    for saved in SavedLayout.objects.select_related("made_by"):
        who = saved.made_by.display_name if saved.made_by else "コマンド"
        name = {"text": saved.name, "url": reverse("registry:layout_file", args=[saved.pk])}
        rows.append({"cells": [name, saved.get_kind_display(), saved.version, saved.made_at, who, 0]})
    context = {
        "columns": COLUMNS,
        "rows": rows,
        "doubtful_columns": [{"label": "対応表"}, {"label": "項目"}, {"label": "コード"}, {"label": "読み取る値"}],
        "doubtful": doubtful,
        "crumbs": [{"label": "住民記録", "url": reverse("registry:index")}, {"label": "列の対応表"}],
    }
    return render(request, "registry/layouts.html", context)


@require_safe
@needs("register.read")
def as_yaml(request: HttpRequest, pk: int) -> HttpResponse:
    """One saved version as the YAML file that `--layout` takes too."""
    import yaml

    saved = SavedLayout.objects.filter(pk=pk).first()
    if saved is None:
        raise NotFound("この対応表はありません。")
    text = yaml.safe_dump(saved.definition, allow_unicode=True, sort_keys=False)
    response = HttpResponse(text.encode(), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="layout-{saved.pk}.yaml"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("register.write")
def columns(request: HttpRequest, token: str) -> HttpResponse:
    """Their columns on the left, ours on the right; tried on the first thousand rows, then saved."""
    staged = own_upload(request, token)
    if staged.kind == "correction":
        raise NotFound("修正行は、元のファイルと同じ対応表で読みます。")
    seen, encoding = _start_of(staged)
    found = find(staged.layout)
    trying = request.method == "POST"
    if trying:
        sheet = Sheet.posted(seen, staged.kind, request.POST.dict(), found.mapping)
    elif found.mapping:
        sheet = Sheet.of_mapping(seen, staged.kind, found.mapping)
        sheet.name = "" if found.name in shipped() else found.name
    else:
        sheet = Sheet.guessed(seen, staged.kind)
    wrong, result = "", None
    try:
        mapping = sheet.mapping()
        result = preview.trial(staged, mapping, encoding)
        if trying and "save" in request.POST:
            return _save(request, staged, sheet, mapping)
    except (WrongMapping, Refused) as error:
        wrong = error.message if isinstance(error, Refused) else str(error)
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.LIST,
        subject="register_upload",
        hits=result.looked_at if result else 0,
        detail="列の対応表の試し",
    )
    context = {
        "staged": staged,
        "sheet": sheet,
        "ours": list(layout.COLUMNS),
        "required": layout.REQUIRED[staged.kind],
        "hows": HOW.items(),
        "found": result,
        "wrong": wrong,
        "trying": trying,
        "name_wrong": trying and wrong.startswith("対応表"),
        "changes": _changes(found, staged.kind, seen.names),
        "crumbs": [
            {"label": "住民記録", "url": reverse("registry:index")},
            {"label": "列の対応表", "url": reverse("registry:layouts")},
            {"label": "対応を決める"},
        ],
    }
    return render(request, "registry/columns.html", context, status=422 if trying and wrong else 200)


def _save(request: HttpRequest, staged: staging.Staged, sheet: Sheet, mapping: Mapping) -> HttpResponse:
    if not sheet.name:
        raise WrongMapping("対応表に名前を付けてください。")
    saved = services.save_layout(mapping=mapping, header=sheet.seen.names, kind=staged.kind, by=request.user)  # type: ignore[arg-type]
    staging.with_layout(staged, saved.name)
    messages.success(request, f"列の対応表「{saved.name}」を保存しました（第{saved.version}版）。")
    return redirect("registry:preview", staged.token)


def _changes(found: Found, kind: str, names: list[str]) -> list[str]:
    return [] if found.name == CANONICAL else in_words(changes_of_header(found, kind, names).said())


def _start_of(staged: staging.Staged) -> tuple[Seen, str]:
    try:
        encoding = sniff_encoding(staged.path)
        names = header_names(staged.path, encoding)
        records = csv_rows(staged.path, encoding)
        next(records, None)
        start = [record for _, record in islice(records, preview.LOOKED_AT)]
        records.close()  # type: ignore[attr-defined]
    except UnreadableFile as error:
        raise Refused(str(error)) from error
    return Seen.of(names, start), encoding
