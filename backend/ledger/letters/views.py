"""Pages about where a household is reached, and households whose letters are held."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import now, tokyo_date
from backend.core.dates import era
from backend.core.errors import NotFound, Refused
from backend.ledger import queries as ledger
from backend.ledger.households.elsewhere import unseen_facts
from backend.ledger.models import Disaster, ReturnedMail

from . import queries, services
from .forms import ContactForm, SettleForm


@needs("household.read")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def contacts(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Where a household is reached: what is known, since when, from whom; what was known before; where letters go."""
    staff = request.user
    view = ledger.household_page(household_id, staff)
    people = {m.person.pk: m.person for m in [*view.members, *(view.counted or []), *(view.today or [])]}
    choices = [(str(pk), person.name) for pk, person in people.items()]
    may_write = may(staff, "household.write")
    form = ContactForm(request.POST or None, people=choices)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        person = people.get(values.pop("whose"))
        try:
            services.write_contact(by=staff, household=view.household, person=person, **values)  # type: ignore[arg-type]
        except Refused as refusal:
            for name, text in (refusal.fields or {"": refusal.message}).items():
                form.add_error(name if name in form.fields else None, text)
        else:
            messages.success(request, "記入しました。前の内容は履歴に残ります。")
            return redirect("letters:contacts", household_id)
    subject = f"household:{household_id}"
    log_access(by=staff, what=AccessLog.What.HOUSEHOLD, subject=subject, hits=len(view.members), detail="連絡先")  # type: ignore[arg-type]
    found = queries.contacts(view, staff)
    home = view.household
    context = {
        "view": view,
        "disaster": view.disaster,
        "form": form,
        "may_write": may_write,
        "target": queries.where_letters_go([home.pk], staff=staff).get(home.pk),
        "current": [c for c in found if c.holds],
        "earlier": [c for c in found if not c.holds],
        "registered": "　".join(part for part in (home.address, home.building) if part),
        "registered_on": era(tokyo_date(view.disaster.occurred_at)),
        "returns": queries.of_household(home),
        "shows_sent_to": not unseen_facts([home.pk], staff),
        "may_settle": may(staff, "letters.write"),
        "crumbs": [
            {"label": f"世帯 {home.disaster_number}", "url": reverse("desk:household", args=[home.pk])},
            {"label": "連絡先・送付先"},
        ],
    }
    return render(request, "ledger/letters/contacts.html", context, status=422 if form.errors else 200)


@needs("household.read")
@never_cache
@require_safe
def held(request: HttpRequest, disaster_id: UUID) -> HttpResponse:
    """Households whose letters are held because mail came back."""
    disaster = Disaster.objects.filter(pk=disaster_id).first()
    if disaster is None:
        raise NotFound("この災害はありません。")
    rows = queries.held(disaster, request.user)
    log_access(
        by=request.user,  # type: ignore[arg-type]
        what=AccessLog.What.LIST,
        subject=f"disaster:{disaster.pk}",
        hits=len(rows),
        detail="返戻で止めている世帯",
    )
    context = {
        "disaster": disaster,
        "rows": rows,
        "at": now(),
        "may_record": may(request.user, "letters.write"),
        "crumbs": [
            {"label": disaster.name, "url": reverse("ledger:disaster", args=[disaster.pk])},
            {"label": "返戻で止めている世帯"},
        ],
    }
    return render(request, "ledger/letters/held.html", context)


@needs("letters.write")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settle(request: HttpRequest, returned_id: UUID) -> HttpResponse:
    """Let the letters go again without a new address, with the reason."""
    row = ReturnedMail.objects.select_related("household", "by").filter(pk=returned_id).first()
    if row is None:
        raise NotFound(ledger.UNKNOWN_HOUSEHOLD)
    ledger.household_page(row.household_id, request.user)
    form = SettleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.settle_return(by=request.user, returned=row, **form.cleaned_data)  # type: ignore[arg-type]
        except Refused as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, "返戻を解除しました。")
            return redirect("letters:contacts", row.household_id)
    subject = f"household:{row.household_id}"
    log_access(by=request.user, what=AccessLog.What.HOUSEHOLD, subject=subject, detail="返戻")  # type: ignore[arg-type]
    return render(request, "layout/confirm.html", _settling(request, row, form), status=422 if form.errors else 200)


def _settling(request: HttpRequest, row: ReturnedMail, form: SettleForm) -> dict[str, Any]:
    return {
        "heading": "返戻の解除",
        "question": "送付を再開しますか。",
        "text": "新しい送付先が分かったときは、ここではなく「連絡先・送付先」に記入してください。記入すると送付を再開します。",
        "facts": [
            {"label": "り災番号", "value": row.household.disaster_number, "kind": "code"},
            {"label": "返戻の理由", "value": row.get_reason_display()},
            {"label": "返戻の日", "value": era(row.returned_on)},
        ],
        "action": request.path,
        "form": form,
        "confirm_label": "解除する",
        "back_url": reverse("letters:contacts", args=[row.household_id]),
    }
