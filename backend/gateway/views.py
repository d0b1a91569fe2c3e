"""Pages for strangers: no session, no cookie, no name of anybody."""

from __future__ import annotations

import hashlib
import json
import re
import textwrap
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

from backend.core.clock import TOKYO

from . import queries, site
from .forms import TokenForm
from .pages import private


@require_safe
def ask(request: HttpRequest) -> HttpResponse:
    """The form for the token under the QR code; a typed token leads to its own address."""
    form = TokenForm(request.GET if "token" in request.GET else None)
    if form.is_bound and form.is_valid():
        return private(redirect("gateway:verify", token=form.cleaned_data["token"]))
    return private(render(request, "gateway/ask.html", {"form": form, "as_of": queries.list_time()}))


@require_safe
def verify(request: HttpRequest, token: str) -> HttpResponse:
    """Genuine and valid, genuine but void, or not known (404, whatever was typed)."""
    answer = queries.verify(token)
    status = 404 if answer.verdict == "unknown" else 200
    return private(render(request, "gateway/verify.html", {"answer": answer}, status=status))


def _key_list() -> dict[str, object]:
    as_of = queries.list_time()
    return {
        "municipality": settings.MUNICIPALITY,
        "code": settings.MUNICIPALITY_CODE,
        "verify": f"{settings.PUBLIC_URL}/verify/",
        "as_of": as_of.astimezone(TOKYO).isoformat() if as_of else "",
        "keys": queries.public_keys(),
        "kinds": queries.printed_kinds(),
    }


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The public keys, and the verifier to take along."""
    found = [key | {"parts": textwrap.wrap(key["public"], 8)} for key in queries.public_keys()]
    response = render(request, "gateway/keys.html", {"keys": found, "as_of": queries.list_time()})
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def keys_json(request: HttpRequest) -> HttpResponse:
    """The same for programs."""
    response = JsonResponse(_key_list(), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """One file with the keys in it, to be kept: it checks a code without a connection, and sends nothing anywhere.

    It is saved and not shown, because a page of ours may have no script inside; from the disk it opens in any browser.
    """
    page, script = (
        Path(str(finders.find(f"verifier/{name}"))).read_text(encoding="utf-8") for name in ("page.html", "verifier.js")
    )
    said = _key_list()
    parts = {
        "%MUNICIPALITY%": escape(settings.MUNICIPALITY),
        "%AS_OF%": escape(str(said["as_of"])[:10]),
        "%KEYS%": json.dumps(said, ensure_ascii=False).replace("<", "\\u003c"),  # no `<` ends the script it stands in
        "%SCRIPT%": script,
    }
    text = re.sub("|".join(parts), lambda found: str(parts[found[0]]), page)
    response = HttpResponse(text, content_type="text/html; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="tasuki-verifier-{settings.MUNICIPALITY_CODE}.html"'
    response["Cache-Control"] = "no-cache"
    return response


PREREG_FILES = (
    "vendor/digital-go-jp/tokens.css",
    "css/base.css",
    "css/public.css",
    "css/prereg.css",
    "vendor/qrcode-generator/qrcode.js",
    "js/prereg-code.js",
    "js/prereg.js",
    "img/tasuki.svg",
)


@cache
def _prereg_state() -> str:
    """Another one as soon as any of the files is another."""
    found = (finders.find(name) for name in PREREG_FILES)
    return hashlib.sha256(b"".join(Path(path).read_bytes() for path in found if path)).hexdigest()[:16]


@require_safe
def prereg(request: HttpRequest) -> HttpResponse:
    """事前登録: a page that makes a QR code on the family's own telephone, works without a line, and sends nothing."""
    response = render(request, "gateway/prereg.html", {"worker": reverse("gateway:prereg_worker")})
    response["Cache-Control"] = "no-cache"
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_safe
def prereg_worker(request: HttpRequest) -> HttpResponse:
    """What keeps that page and its files in the browser. Its cache has a new name when any of them changes."""
    files = [reverse("gateway:prereg"), *(static(name) for name in PREREG_FILES)]
    name = f"prereg-{_prereg_state()}"
    text = render_to_string("gateway/prereg-worker.js", {"files": json.dumps(files), "cache": json.dumps(name)})
    response = HttpResponse(text, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def published(request: HttpRequest, address: str = "") -> HttpResponse:
    """A file of the published site."""
    path = site.published_file(settings.PUBLICATION_DIR, address)
    if path is None:
        first_page = address.strip("/") in ("", "shelters", "open")
        template = "gateway/nothing_yet.html" if first_page else "404.html"
        return render(request, template, {"first": not address}, status=200 if not address else 404)
    changed = int(path.stat().st_mtime)
    since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
    if since is not None and changed <= since:
        return HttpResponseNotModified()
    response = FileResponse(path.open("rb"), content_type=site.TYPES[path.suffix.lower()])
    response["Last-Modified"] = http_date(changed)
    response["Cache-Control"] = "no-cache"
    return response


def published_below(request: HttpRequest, folder: str, rest: str) -> HttpResponse:
    """A file in one of the folders of the published site."""
    return published(request, f"{folder}/{rest}")
