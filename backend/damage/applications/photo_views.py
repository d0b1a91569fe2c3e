"""The page on which a clerk turns an applicant's consent and photographs into the survey 写真による自己判定."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.permissions import may, needs
from backend.core.dates import era_short
from backend.core.errors import NotFound, Refused
from backend.damage.models import ApplicationHouse
from backend.damage.surveys import queries as surveys
from backend.damage.surveys.forms import today_short
from backend.damage.surveys.views import tell

from . import photo_judging, queries, showing
from .forms import PhotoSheetForm, PicturesForm
from .views import crumbs, log


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("surveys.write")
def judge(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """The consent's day is filled in; the clerk looks at the pictures and says which of them count."""
    line = queries.line(line_id, request.user)
    row = line.application
    log(request, f"application:{row.pk}")
    if line.house_id is None:
        raise Refused("先に、この所在地の住家を家屋と照合してください。")
    before, pictures = photo_judging.declared(line), photo_judging.pictures(line)
    form = _form(request, line, pictures, again=before is not None)
    if request.method == "POST" and form.is_valid():
        sheet = form.sheet() if isinstance(form, PhotoSheetForm) else None
        files = [UUID(text) for text in form.cleaned_data["files"]]
        try:
            photo_judging.declare(by=request.user, line=line_id, files=files, sheet=sheet)  # type: ignore[arg-type]
        except Refused as refusal:
            if isinstance(refusal, NotFound):
                raise
            tell(form, refusal)
        else:
            messages.success(request, f"写真による判定に、写真{len(files)}枚を使いました。次に判定を起案できます。")
            return redirect("damage_houses:house", line.house_id)
    record = surveys.places([line.house_id])
    back = reverse("applications:page", args=[row.pk])
    context = {
        "row": row,
        "line": line,
        "where": record.get(line.house_id, ""),
        "before": before,
        "form": form,
        "chosen": form["files"].value() or [],
        "pictures": showing.pictures(pictures, request.user),
        "documents": photo_judging.documents(line),
        "decides": may(request.user, "judgements.make"),
        "back": back,
        "crumbs": crumbs((row.number_text, back), ("写真による判定", "")),
    }
    return render(request, "damage/applications/photos.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, line: ApplicationHouse, pictures: list[Any], *, again: bool) -> PicturesForm:
    posted = request.POST if request.method == "POST" else None
    free = [one for one in pictures if not one.used]
    choices = [(str(one.row.pk), one.row.about or "写真") for one in free]
    chosen = [str(one.row.pk) for one in free if not one.far]
    if again:
        return PicturesForm(posted, pictures=choices, initial={"files": chosen})
    consent = line.application.photo_consent_on
    said = {
        "files": chosen,
        "cause": line.application.cause,
        "surveyed_on": today_short(),
        "surveyors": str(request.user),
        "consent_on": era_short(consent) if consent else "",
    }
    return PhotoSheetForm(posted, pictures=choices, initial=said)
