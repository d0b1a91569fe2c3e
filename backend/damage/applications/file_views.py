"""Attachments of an application: several put in at once, one shown, taken off where it was the wrong application."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.permissions import needs
from backend.core.errors import NotFound, Refused

from . import attaching
from .forms import FilesForm
from .views import application_page, log


@require_POST
@never_cache
@needs("applications.write")
def add(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Each file by itself: those that can be taken stay, the others are named with the reason."""
    form = FilesForm(request.POST, request.FILES)
    if not form.is_valid():
        return application_page(request, application_id, files_form=form)
    said = form.cleaned_data
    taken = 0
    for upload in said["pictures"]:
        try:
            attaching.add(
                by=request.user,  # type: ignore[arg-type]
                application=application_id,
                data=upload.read(),
                what=said["what"],
                about=said["about"],
                name=upload.name,
            )
            taken += 1
        except Refused as refusal:
            if isinstance(refusal, NotFound):
                raise
            form.add_error("pictures", f"{upload.name}：{refusal.message}")
    if taken:
        messages.success(request, f"{taken}件を添付しました。")
    if form.errors:
        return application_page(request, application_id, files_form=form)
    return redirect("applications:page", application_id)


@require_POST
@never_cache
@needs("applications.write")
def take_off(request: HttpRequest, file_id: UUID) -> HttpResponse:
    row = attaching.take_off(by=request.user, file=file_id)  # type: ignore[arg-type]
    messages.success(request, "添付を取り消しました。")
    return redirect("applications:page", row.application_id)


@require_safe
@never_cache
@needs("damage.read")
def show(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The reduced copy, without time, place and camera."""
    row, data = attaching.picture(file_id, request.user)
    log(request, f"application:{row.application_id}")
    return HttpResponse(data, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


@require_safe
@never_cache
@needs("judgements.make")
def original(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """The file as it came."""
    row, data = attaching.picture(file_id, request.user, original=True)
    log(request, f"application:{row.application_id}")
    name = f"{row.pk}.{'jpg' if row.kind == 'jpeg' else row.kind}"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(data, content_type=f"image/{row.kind}", headers=headers)


@require_safe
@never_cache
@needs("damage.read")
def document(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A PDF, as a file to keep and never as a page: what a stranger put into it does not run in our name."""
    row, data = attaching.document(file_id, request.user)
    log(request, f"application:{row.application_id}")
    name = f"{row.get_what_display()}_{row.application.fiscal_year}-{row.application.number}.pdf"
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f"attachment; filename=\"{row.pk}.pdf\"; filename*=UTF-8''{quote(name)}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(data, content_type="application/pdf", headers=headers)
