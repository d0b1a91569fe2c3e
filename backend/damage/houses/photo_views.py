"""Photographs of a house: several put in at once, one shown, the original for those who decide."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backend.accounts.permissions import needs
from backend.core.errors import NotFound, Refused
from backend.damage.surveys import photos, queries, services
from backend.damage.surveys.forms import PhotoForm
from backend.damage.surveys.views import log, working_disaster

from . import showing
from .views import house_page


@require_POST
@never_cache
@needs("surveys.write")
def add(request: HttpRequest, house_id: UUID) -> HttpResponse:
    """Each photograph by itself: those that can be taken stay, the others are named with the reason."""
    try:
        view = queries.house_view(house_id, working_disaster(request), request.user)
    except NotFound as missing:
        raise NotFound(services.UNKNOWN_HOUSE) from missing
    form = PhotoForm(request.POST, request.FILES, surveys=showing.survey_choices(view))
    if not form.is_valid():
        return house_page(request, house_id, photo_form=form)
    said = form.cleaned_data
    taken = 0
    for upload in said["pictures"]:
        try:
            photos.add(
                by=request.user,  # type: ignore[arg-type]
                survey=UUID(said["survey"]),
                data=upload.read(),
                about=said["about"],
                sheet=said["shows"] == "sheet",
            )
            taken += 1
        except Refused as refusal:
            form.add_error("pictures", f"{upload.name}：{refusal.message}")
    if taken:
        messages.success(request, f"写真を{taken}枚入れました。")
    if form.errors:
        return house_page(request, house_id, photo_form=form)
    return redirect("damage_houses:house", house_id)


@require_safe
@never_cache
@needs("damage.read")
def photo(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """The reduced copy, without time, place and camera."""
    row, data = queries.photo(photo_id, request.user)
    log(request, f"house:{row.survey.house_id}", detail="家屋の写真")
    return HttpResponse(data, content_type="image/jpeg", headers={"Cache-Control": "no-store"})


@require_safe
@never_cache
@needs("judgements.make")
def original(request: HttpRequest, photo_id: UUID) -> HttpResponse:
    """The photograph as it came."""
    row, data = queries.photo(photo_id, request.user, original=True)
    log(request, f"house:{row.survey.house_id}", detail="家屋の写真の原本")
    name = f"{row.pk}.{'jpg' if row.kind == 'jpeg' else row.kind}"
    headers = {"Cache-Control": "no-store", "Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(data, content_type=f"image/{row.kind}", headers=headers)
