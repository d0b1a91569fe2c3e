"""Scanning letters that came back: one after the other, with a scanner or by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.models import AccessLog
from backend.accounts.permissions import needs
from backend.accounts.services import log_access
from backend.core.clock import now, tokyo_date
from backend.core.errors import Refused
from backend.documents import queries as documents
from backend.ledger.letters import queries as letters
from backend.ledger.letters import services
from backend.ledger.letters.forms import ReturnForm
from backend.ledger.models import Household

from . import queries
from .views import working_disaster

# The same words for a number that there isn't and for a household that this person may not see.
UNKNOWN = "この番号の世帯はありません。読み直しても同じときは、封筒を、支援措置対象者を見られる監督者に渡してください。"
SHOWN = 30


@needs("letters.write")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def returned(request: HttpRequest) -> HttpResponse:
    """Record a letter that came back; the next one can be scanned at once."""
    disaster = working_disaster(request)
    form = ReturnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        home, issue = _found(values["code"], request.user)
        subject = f"household:{home}" if home else ""
        log_access(
            by=request.user,  # type: ignore[arg-type]
            what=AccessLog.What.SEARCH,
            subject=subject,
            hits=1 if home else 0,
            detail="返戻",
        )
        try:
            if home is None:
                raise Refused(UNKNOWN, fields={"code": UNKNOWN})
            household = Household.objects.select_related("disaster").get(pk=home)
            services.record_return(
                by=request.user,  # type: ignore[arg-type]
                household=household,
                reason=values["reason"],
                returned_on=values["returned_on"],
                issue=issue,
            )
        except Refused as refusal:
            for name, text in (refusal.fields or {"code": refusal.message}).items():
                form.add_error(name if name in form.fields else None, text)
        else:
            number = household.disaster_number
            messages.success(request, f"{number}（{household.disaster.name}）の返戻を記録し、送付を止めました。")
            kept: Any = {"reason": request.POST["reason"], "returned_on": request.POST["returned_on"]}
            form = ReturnForm(initial=kept)
    rows = [
        row
        for row in letters.returns(disaster, request.user)[:SHOWN]
        if tokyo_date(row.recorded_at) == tokyo_date(now())
    ]
    context = {"form": form, "rows": rows, "disaster": disaster}
    return render(request, "desk/returned.html", context, status=422 if form.errors else 200)


def _found(code: str, staff: Any) -> tuple[UUID | None, UUID | None]:
    """The household of what was scanned or typed, and the paper if its code was scanned."""
    if queries.is_scan(code):
        home = queries.household_of_scan(code, staff)
        return home, documents.issue_of_token(queries.token_of(code)) if home else None
    return queries.household_of_number(code, staff), None
