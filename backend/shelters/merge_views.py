"""Pages: two evacuee records of one person are made one, and two again; each is asked for once more before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from backend.accounts.permissions import needs
from backend.accounts.services import log_access
from backend.core.errors import NotFound

from . import household as leaf
from . import merging
from .pages import shelter_or_404
from .people import Face


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, opening: UUID, evacuee: UUID, other: UUID) -> HttpResponse:
    """The other record is asked no more; this one stands for both."""
    one, two = _both(request, opening, evacuee, other, merging.others_of(evacuee, request.user))  # type: ignore[arg-type]
    if request.method == "POST":
        merging.merge(by=request.user, evacuee=two.id, into=one.id)  # type: ignore[arg-type]
        messages.success(request, "二つの記録を一つにしました。名簿には一人として出ます。")
        return redirect("shelters:person", opening, evacuee)
    question = "この二つは、同じ方の記録ですか。"
    text = "一つにすると、名簿には一人として出ます。居場所は、新しい方の記録に合わせます。後から分けられます。"
    return _ask(request, opening, one, two, "二つの記録を一つにする", question, text, "一つにする")


@needs("shelters.write")
@require_http_methods(["GET", "POST"])
def unmerge(request: HttpRequest, opening: UUID, evacuee: UUID, other: UUID) -> HttpResponse:
    one, two = _both(request, opening, evacuee, other, merging.merged_here(evacuee, request.user))  # type: ignore[arg-type]
    if request.method == "POST":
        merging.unmerge(by=request.user, evacuee=two.id)  # type: ignore[arg-type]
        messages.success(request, "二つの記録に分けました。居場所を確かめてください。")
        return redirect("shelters:person", opening, evacuee)
    text = "分けると、名簿に二人として出ます。一つだった間に書かれた入退所は、書かれた方の記録に残ります。"
    return _ask(request, opening, one, two, "記録を分ける", "この二つは、別の方の記録ですか。", text, "分ける")


def _both(request: HttpRequest, opening: UUID, evacuee: UUID, other: UUID, among: list[Face]) -> tuple[Face, Face]:
    shelter_or_404(opening)
    found = next((face for face in among if face.id == other), None)
    if found is None or not leaf.was_at(opening, evacuee, request.user):  # type: ignore[arg-type]
        raise NotFound("その避難者は見つかりません。")
    for subject in (evacuee, other):
        log_access(by=request.user, what="person", subject=f"evacuee:{subject}")  # type: ignore[arg-type]
    return leaf.face(evacuee), found


def _ask(
    request: HttpRequest, opening: UUID, one: Face, two: Face, heading: str, question: str, text: str, label: str
) -> HttpResponse:
    facts: list[dict[str, Any]] = []
    for title, face in (("この記録", one), ("もう一つの記録", two)):
        facts.append({"label": title, "value": face.name, "kind": "name", "kana": face.kana})
        facts.append({"label": f"{title}の生年月日・住所", "value": f"{face.birth}　{face.address}".strip()})
    context = {
        "heading": heading,
        "question": question,
        "text": text,
        "facts": facts,
        "action": request.path,
        "confirm_label": label,
        "back_url": reverse("shelters:person", args=[opening, one.id]),
    }
    return render(request, "layout/confirm.html", context)
