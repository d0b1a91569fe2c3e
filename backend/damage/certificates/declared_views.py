"""Pages of the 届出証明書: what a household declared that is no dwelling, and one page on which its paper is issued."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.models import Staff
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import TOKYO, today
from backend.core.errors import NotFound, Refused
from backend.damage.applications import queries as applications
from backend.damage.applications.rules import DWELLING
from backend.damage.models import Application
from backend.documents import kinds
from backend.documents.models import Issue

from . import declared, people, receivers
from .forms import DeclaredForm
from .views import crumbs, way_on

PURPOSE = "保険の請求など"


@never_cache
@require_safe
@needs("certificates.issue")
def choose(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """What a household has applied for that is no dwelling, with the paper of each."""
    staff: Staff = request.user  # type: ignore[assignment]
    if Application.objects.filter(pk=household_id).exists():  # an applicant of no household
        return redirect("applications:page", household_id)
    what = people.printable(household_id, staff)
    title = kinds.kind(declared.KIND).title
    rows = []
    for row in applications.of_household(household_id, staff):
        out = {} if row.withdrawn_at else declared.issues_of(row, staff)
        for line in row.houses.all():
            if line.what != DWELLING and not row.withdrawn_at:
                rows.append({"cells": _line(row, line, out)})
    log_access(by=staff, what="household", subject=f"household:{household_id}", detail="declared")
    context = {
        "crumbs": crumbs((title, "")),
        "title": title,
        "what": what,
        "columns": [{"label": label} for label in ("被災した場所", "届出の対象", "申請", title)],
        "rows": rows,
        "may_apply": may(staff, "applications.write"),
    }
    return render(request, "damage/certificates/declared_of.html", context)


def _line(row: Application, line: Any, out: dict[UUID, Issue]) -> list[Any]:
    about = declared.Declaration(line, receivers.Handed(row, own=False), "", "", None).subject
    paper = out.get(about)
    return [
        {"text": line.place, "url": reverse("damage:declared", args=[line.pk])},
        line.get_what_display(),
        {"text": row.number_text, "url": reverse("applications:page", args=[row.pk])},
        {"text": paper.number_text, "url": reverse("damage:document", args=[paper.pk])}
        if paper
        else "交付していません",
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("certificates.issue")
def issue(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """GET shows what will be printed and who receives it; POST issues it."""
    staff: Staff = request.user  # type: ignore[assignment]
    found, refusal = _declaration(staff, line_id)
    form = DeclaredForm(request.POST or None, initial=_initial(found) if found else {})
    if request.method == "POST" and form.is_valid():
        try:
            new = declared.issue_declared(by=staff, line=line_id, **form.cleaned_data)
        except NotFound:
            raise
        except Refused as error:
            refusal = error
        else:
            messages.success(
                request, f"{new.number_text} を交付しました。PDFを開いて{new.copies.get().quantity}通印刷してください。"
            )
            return redirect(f"{reverse('damage:document', args=[new.pk])}?new=1")
    title = kinds.kind(declared.KIND).title
    subject = found.application.pk if found else line_id
    log_access(by=staff, what="household", subject=f"application:{subject}", detail="declared")
    standing = declared.issues_of(found.application, staff).get(found.subject) if found else None
    context = {
        "crumbs": crumbs((title, "")),
        "title": title,
        "found": found,
        "facts": declared.facts(declared.body(found, said="", purpose="")) if found else [],
        "form": form,
        "refusal": refusal,
        "standing": standing,
        "may_applications": may(staff, "damage.read"),
        **_way_on(staff, found, refusal),
    }
    status = 200 if request.method != "POST" else refusal.status if refusal else 422
    return render(request, "damage/certificates/declared.html", context, status=status)


def _declaration(staff: Staff, line: UUID) -> tuple[declared.Declaration | None, Refused | None]:
    try:
        return declared.declaration(staff, line), None
    except NotFound:
        raise
    except Refused as error:
        return None, error


def _way_on(staff: Staff, found: declared.Declaration | None, refusal: Refused | None) -> dict[str, str]:
    if isinstance(refusal, receivers.Unready) and may(staff, "damage.read"):
        return {"way_url": reverse("applications:page", args=[refusal.application]), "way_label": "申請を見る"}
    return way_on(staff, found.household, refusal, declared.KIND) if found else {}


def _initial(found: declared.Declaration) -> dict[str, Any]:
    row = found.application
    here = row.channel == "counter" and row.received_at.astimezone(TOKYO).date() == today()
    return {
        "purpose": row.purpose[:60] or PURPOSE,
        "copies": row.copies,
        "id_checked": row.identity if here else "",
    }
