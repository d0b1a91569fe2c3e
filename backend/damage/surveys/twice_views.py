"""Pages of 二度打ち: the sheets that were drawn, and one sheet typed once more."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import needs
from backend.core.errors import Refused

from . import queries, services, showing, twice_queries
from .forms import SheetForm
from .views import crumbs, known, log, tell, working_disaster


@require_safe
@never_cache
@needs("surveys.write")
def index(request: HttpRequest) -> HttpResponse:
    """Which sheets were drawn and wait for somebody else to type them, and where typings differ."""
    disaster = working_disaster(request)
    number = request.GET.get("page", "")
    page = twice_queries.waiting(disaster, int(number) if number.isdecimal() else 1)
    differing = twice_queries.differing(disaster)
    if hits := len(page.object_list) + len(differing):
        log(request, "surveys", hits, "二度打ち")
    found = twice_queries.standing(disaster)
    context = {
        "disaster": disaster,
        "percent": settings.SECOND_TYPING_PERCENT,
        "cards": showing.twice_cards(found),
        "page": page,
        "columns": showing.DRAWN_COLUMNS,
        "rows": showing.drawn_rows(page.object_list, request.user.pk),
        "differing": showing.drawn_rows(differing, None),
        "answer_columns": showing.ANSWER_COLUMNS,
        "answers": [{"cells": [queries.ANSWER_LABELS.get(key, key), count]} for key, count in found.answers],
        "crumbs": crumbs(("二度打ち", "")),
    }
    return render(request, "damage/surveys/twice.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("surveys.write")
def second_typing(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Type a sheet once more without seeing the first; afterwards the two are shown side by side."""
    row = queries.survey(survey_id)
    view = known(request, row.house_id)
    done = getattr(row, "second", None)
    form = SheetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.type_again(by=request.user, survey=survey_id, sheet=form.sheet())  # type: ignore[arg-type]
        except Refused as refusal:
            tell(form, refusal)
        else:
            if made.differs:
                messages.warning(request, f"{len(made.differs)}項目が一度目と違います。調査票を見て確かめてください。")
            else:
                messages.success(request, "一度目の入力と同じでした。")
            return redirect("surveys:second_typing", survey_id)
    trail = (("二度打ち", reverse("surveys:twice")), (view.known.where, ""))
    context = {
        "view": view,
        "row": row,
        "form": form,
        "second": done,
        "replaced": hasattr(row, "replaced_by"),
        "mine": row.by_id == request.user.pk,
        "columns": showing.TWICE_COLUMNS,
        "rows": showing.twice_rows(row, done) if done else [],
        "thresholds": showing.thresholds(),
        "crumbs": crumbs(*trail),
    }
    return render(request, "damage/surveys/second.html", context, status=422 if form.errors else 200)


@require_POST
@needs("surveys.write")
def keep_first(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """The paper says what was typed first."""
    services.keep_first(by=request.user, survey=survey_id)  # type: ignore[arg-type]
    messages.success(request, "一度目の入力でよいとしました。")
    return redirect("surveys:twice")
