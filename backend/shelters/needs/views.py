"""Pages: what one person needs, added to and settled."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from backend.accounts.permissions import needs as needs_right
from backend.accounts.services import log_access
from backend.shelters.pages import posted, shelter_crumbs, shelter_or_404
from backend.shelters.people_views import known_here

from . import services
from .forms import NeedsForm


@needs_right("shelters.write")
@require_http_methods(["GET", "POST"])
def state(request: HttpRequest, opening: UUID, evacuee: UUID) -> HttpResponse:
    face = known_here(request, opening, evacuee)
    form = NeedsForm(posted(request))
    if request.method == "POST" and form.is_valid():
        new = services.state(by=request.user, evacuee=evacuee, needs=form.stated())
        messages.success(request, f"配慮すること {new}件を記録しました。" if new else "新しい記録はありません。")
        return redirect("shelters:person", opening, evacuee)
    log_access(by=request.user, what="person", subject=f"evacuee:{evacuee}")
    context = {
        "form": form,
        "heading": f"{face.name} さんに配慮すること",
        "crumbs": shelter_crumbs(shelter_or_404(opening), "配慮すること"),
        "submit": "記録する",
        "back_url": reverse("shelters:person", args=[opening, evacuee]),
    }
    return render(request, "shelters/form.html", context, status=422 if form.errors else 200)


@needs_right("shelters.write")
@require_POST
def meet(request: HttpRequest, opening: UUID, evacuee: UUID) -> HttpResponse:
    known_here(request, opening, evacuee)
    need, text = request.POST.get("need", ""), request.POST.get("text", "")
    services.meet(by=request.user, evacuee=evacuee, need=need, text=text)
    messages.success(request, "解決したと記録しました。")
    return redirect("shelters:person", opening, evacuee)
