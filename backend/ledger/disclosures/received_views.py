"""Who received my data: of a household, and on paper for one person; and the consents of its members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.permissions import may, needs
from backend.core.clock import now, today
from backend.core.errors import NotFound, Refused
from backend.core.templatetags.tasuki import tokyo
from backend.ledger.matching import confirming
from backend.ledger.models import DisclosureConsent

from . import consents, pages, queries, rules
from .forms import ConsentForm
from .queries import Received

UNCONFIRMED = "同じ方と確認するまで、もう一方の記録で言われた同意や提供の記録は、この方のものとして扱いません。"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disclosure.read")
def received(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """Per member: what was given to whom, when, on which ground; consents. POST notes a consent."""
    household, members = queries.of_household(household_id, request.user)  # type: ignore[arg-type]
    people = [(str(one.person.pk), one.person.name) for one in members]
    write = may(request.user, "consent.write")
    recipients = list(queries.recipients())
    form = ConsentForm(request.POST or None, people=people, recipients=recipients)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        chosen = values.pop("person")
        person = next(one.person for one in members if str(one.person.pk) == chosen)
        try:
            to = queries.recipient(UUID(values.pop("recipient")))
            consents.give_consent(by=request.user, person=person, recipient=to, **values)  # type: ignore[arg-type]
        except Refused as refusal:
            pages.take_errors(form, refusal)
        else:
            messages.success(request, f"{person.name}さんの、{to.name}への提供の同意を記録しました。")
            return redirect("disclosures:received", household_id)
    pages.log(request, "household", f"household:{household_id}", len(members), "提供の記録と同意")
    context = {
        "household": household,
        "members": [_member(one) for one in members],
        "form": form if write else None,
        "has_recipients": bool(recipients),
        "may_write": write,
        "unconfirmed": confirming.panel(request, [one.person.pk for one in members], why=UNCONFIRMED),
        "crumbs": [
            {"label": household.disaster_number, "url": reverse("desk:household", args=[household_id])},
            {"label": "提供の記録と同意"},
        ],
    }
    return render(request, "disclosures/received.html", context, status=422 if form.errors else 200)


def _member(one: Received) -> dict[str, Any]:
    return {
        "person": one.person,
        "rows": [_row(line) for line in one.rows],
        "consents": [_consent(consent) for consent in one.consents],
    }


def _row(line: Any) -> dict[str, Any]:
    row = line.hand_over.disclosure
    return {
        "at": line.hand_over.at,
        "to": row.to,
        "ground": rules.GROUNDS[row.ground],
        "purpose": row.purpose,
        "items": "、".join(line.hand_over.columns),
        "given": list(zip(line.hand_over.columns, line.values, strict=True)),
        "period": pages.period(row),
        "state": row.get_ending_display() if row.ending else row.get_status_display(),
        "number": str(row),
        "url": reverse("disclosures:disclosure", args=[row.pk]),
        "disaster": row.disaster.name,
    }


def _consent(consent: DisclosureConsent) -> dict[str, Any]:
    holds = rules.consent_holds(consent.since, consent.until, consent.withdrawn_on, today())
    return {
        "consent": consent,
        "holds": holds,
        "since": pages.day(consent.since),
        "until": pages.day(consent.until),
        "withdrawn": pages.day(consent.withdrawn_on),
    }


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("consent.write")
def withdraw(request: HttpRequest, household_id: UUID, consent_id: UUID) -> HttpResponse:
    """Take a consent back; the page says to whom something went before."""
    consent = queries.consent_of(consent_id, household_id, request.user)  # type: ignore[arg-type]
    back = reverse("disclosures:received", args=[household_id])
    if request.method == "POST":
        consents.withdraw_consent(by=request.user, consent=consent)  # type: ignore[arg-type]
        messages.success(request, "同意を取りやめました。これからの提供には含まれません。")
        return redirect(back)
    pages.log(request, "household", f"household:{household_id}", 1, "同意の取りやめ")
    (one,) = queries.received([consent.person])
    went = [
        f"{tokyo(line.hand_over.at)}（{'、'.join(line.hand_over.columns)}）"
        for line in one.rows
        if line.hand_over.disclosure.recipient_id == consent.recipient_id
    ]
    return render(
        request,
        "layout/confirm.html",
        {
            "heading": "同意の取りやめ",
            "question": f"{consent.recipient.name}への提供の同意を取りやめますか。",
            "text": "これからの提供には含まれなくなります。すでに渡した情報は、提供先に残っています。",
            "facts": [
                {"label": "氏名", "value": consent.person.name, "kind": "name", "kana": consent.person.kana},
                {"label": "同意した日", "value": pages.day(consent.since)},
                {"label": "これまでに渡した日時", "value": "、".join(went) or "渡していません"},
            ],
            "action": request.path,
            "confirm_label": "取りやめる",
            "back_url": back,
            "danger": True,
        },
    )


@require_safe
@never_cache
@needs("disclosure.read")
def printed(request: HttpRequest, household_id: UUID, person_id: UUID) -> HttpResponse:
    """One person's own answer on A4."""
    household, members = queries.of_household(household_id, request.user)  # type: ignore[arg-type]
    one = next((each for each in members if each.person.pk == person_id), None)
    if one is None:
        raise NotFound("この方の記録はありません。")
    pages.log(request, "export", f"person:{person_id}", 1, "提供の記録 印刷")
    context = {
        **_member(one),
        "printed_at": now(),
        "as_of": now(),
        "disaster": household.disaster,
        "back_url": reverse("disclosures:received", args=[household_id]),
    }
    return render(request, "disclosures/received_print.html", context)
