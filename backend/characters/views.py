"""Pages of the administrator: the vendors' maps, the fonts found, and which characters nothing prints."""

from __future__ import annotations

import tempfile
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import NotFound, Refused

from . import queries, scan, services
from .forms import MapForm
from .models import GaijiMap

PAGE = 100


@require_safe
@needs("characters.read")
def index(request: HttpRequest) -> HttpResponse:
    """The maps with their versions, and the fonts in the order in which they are asked."""
    maps = [
        {
            "cells": [
                {"text": str(line["map"]), "url": reverse("characters:map", args=[line["map"].pk])},
                {"text": "使用中", "badge": "success"} if line["in_force"] else {"text": "前の版", "badge": "neutral"},
                line["rows"],
                line["texts"] + line["mj"],
                line["fonts"],
                line["pictures"],
                line["map"].loaded_at,
                str(line["map"].loaded_by or "運用"),
            ],
            "muted": not line["in_force"],
        }
        for line in queries.maps()
    ]
    fonts = [
        {"cells": [font.place, font.family, font.whose, font.characters, font.sequences, font.private]}
        for font in queries.fonts()
    ]
    context = {
        "maps": maps,
        "map_columns": [
            {"label": "対応表"},
            {"label": "状態"},
            {"label": "外字", "number": True},
            {"label": "文字に対応", "number": True},
            {"label": "書体だけ", "number": True},
            {"label": "図形だけ", "number": True},
            {"label": "登録"},
            {"label": "職員"},
        ],
        "fonts": fonts,
        "font_columns": [
            {"label": "順"},
            {"label": "書体"},
            {"label": "区分"},
            {"label": "文字", "number": True},
            {"label": "異体字", "number": True},
            {"label": "外字の領域", "number": True},
        ],
        "may_write": may(request.user, "characters.write"),
    }
    return render(request, "characters/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("characters.write")
def load(request: HttpRequest) -> HttpResponse:
    """Load a map as a new version."""
    form = MapForm(request.POST or None, request.FILES or None)
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            if upload.size > services.LARGEST:
                raise Refused("5MBを超えています。外字対応表のファイルか確かめてください。")
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "map"
                path.write_bytes(upload.read())
                found, counts = services.load_map(
                    by=request.user,
                    path=path,
                    name=upload.name,
                    source=form.cleaned_data["source"],
                    note=form.cleaned_data["note"],
                )
        except Refused as error:
            refusal = error
        else:
            if counts["unchanged"]:
                messages.info(request, f"いま使っている対応表（{found}）と同じ内容です。登録していません。")
            else:
                messages.success(
                    request, f"{found}（{counts['rows']:,}文字）を登録しました。登録された氏名は変わりません。"
                )
            return redirect("characters:map", found.pk)
    crumbs = [{"label": "文字", "url": reverse("characters:index")}, {"label": "対応表の登録", "url": ""}]
    status = 422 if refusal or (form.is_bound and not form.is_valid()) else 200
    context = {"form": form, "refusal": refusal, "crumbs": crumbs}
    return render(request, "characters/load.html", context, status=status)


@require_safe
@needs("characters.read")
def map_page(request: HttpRequest, map_id: UUID) -> HttpResponse:
    """One version: every code point, how it is shown, and how it is printed now."""
    found = GaijiMap.objects.select_related("loaded_by").filter(pk=map_id).first()
    if found is None:
        raise NotFound("その外字対応表はありません。")
    current = queries.in_force(found.source) == found
    page = Paginator(list(queries.rows_of(found)), PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "codes": f"U+{said.code:04X}",
            "pieces": queries.pieces(chr(said.code), found.source) if current else None,
            "said": said,
            "text_codes": queries.faces.codes(said.text),
            "way": way,
        }
        for said, way in page
    ]
    context = {
        "found": found,
        "current": current,
        "page": page,
        "rows": rows,
        "crumbs": [{"label": "文字", "url": reverse("characters:index")}, {"label": str(found), "url": ""}],
    }
    return render(request, "characters/map.html", context)


@never_cache
@require_POST
@needs("characters.read")
def check(request: HttpRequest) -> HttpResponse:
    """Look through all names and addresses of the ledger for what nothing prints. Characters and counts, no names."""
    found = scan.scan(request.user)
    log_access(by=request.user, what="list", hits=found.people, detail="characters that nothing prints")
    context = {
        "result": found,
        "lines": found.missing[: scan.MOST],
        "at": now(),
        "crumbs": [{"label": "文字", "url": reverse("characters:index")}, {"label": "印字の確認", "url": ""}],
    }
    return render(request, "characters/check.html", context)
