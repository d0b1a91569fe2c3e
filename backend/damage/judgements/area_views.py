"""The page on which the houses of an area are judged by those at its corners."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.permissions import needs
from backend.core.errors import Refused
from backend.damage.surveys import queries as surveys
from backend.damage.surveys.views import crumbs, disaster_or_refuse, log, tell

from . import areas, services
from .forms import AreaForm


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("judgements.make")
def page(request: HttpRequest) -> HttpResponse:
    """First the district, then its four corners and its houses; the judgements wait for somebody else."""
    disaster = disaster_or_refuse(request)
    place = request.GET.get("place", "").strip()
    form = AreaForm(request.POST or None, initial={"name": place})
    left_out: list[str] = []
    chosen = {
        "samples": _uuids(request, "sample"),
        "houses": _uuids(request, "house"),
        "otherwise": _uuids(request, "otherwise"),
    }
    if request.method == "POST" and form.is_valid():
        try:
            done = areas.judge(by=request.user, disaster=disaster, **form.cleaned_data, **chosen)  # type: ignore[arg-type]
        except Refused as refusal:
            tell(form, refusal)
        else:
            messages.success(request, f"{len(done.made)}棟の判定を起案しました。ほかの職員がまとめて確認できます。")
            left_out = services.named(done.left_out)
            chosen = {"samples": [], "houses": [], "otherwise": []}
    rows = areas.houses(place)
    log(request, "area", len(rows), "区域の一括判定")
    state = {row.house_id for row, _ in areas.samples(disaster, place)}
    context = {
        "place": place,
        "districts": [one.name for one in surveys.districts(disaster) if one.name],
        "form": form,
        "samples": [
            {
                "row": row,
                "where": where,
                "answers": surveys.answer_words(row.answers),
                "chosen": row.pk in chosen["samples"],
            }
            for row, where in areas.samples(disaster, place)
        ],
        "houses": [
            {
                "row": row,
                "why": areas.unfit(row),
                "chosen": not chosen["houses"] or row.house_id in chosen["houses"],
                "otherwise": row.house_id in chosen["otherwise"],
            }
            for row in rows
            if row.house_id not in state
        ],
        "left_out": left_out,
        "most": areas.LISTED,
        "crumbs": crumbs(("区域の一括判定", "")),
    }
    return render(request, "damage/judgements/area.html", context, status=422 if form.errors else 200)


def _uuids(request: HttpRequest, name: str) -> list[UUID]:
    found = []
    for text in request.POST.getlist(name):
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
