"""Pages of certificates, of the 被災証明書 above all: the day's list, issue, one certificate with its copies, the PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.models import Staff
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.errors import Refused
from backend.documents import kinds
from backend.documents.held import queries as held
from backend.documents.models import Issue
from backend.documents.queries import settled as pdf_settled
from backend.ledger.matching import confirming

from . import declared, people, queries, receivers, services
from .forms import CopyForm, IssueForm, WithdrawForm
from .risai_form import facts as risai_facts


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    first = {"label": "証明書", "url": reverse("damage:index")}
    return [first, *({"label": label, "url": url} for label, url in more)]


@require_safe
@needs("certificates.read")
def index(request: HttpRequest) -> HttpResponse:
    """Counts, and what was issued today."""
    issued, counts = queries.today_issues(request.user), queries.counts()
    cards = [
        {"label": "今日の交付", "value": counts.today, "unit": "通"},
        {"label": "今年度の交付", "value": counts.year, "unit": "通"},
        {"label": "うち失効", "value": counts.withdrawn, "unit": "通"},
    ]
    columns = [
        {"label": "種類"},
        {"label": "番号"},
        {"label": "交付日時"},
        {"label": "状態"},
        {"label": "印刷", "number": True},
        {"label": "職員"},
    ]
    rows = [
        {
            "cells": [
                found.kind.title,
                {"text": found.number_text, "url": reverse("damage:document", args=[found.id])},
                found.issued_at,
                _badge(found),
                found.printed,
                str(found.issued_by),
            ],
            "muted": not found.is_valid,
        }
        for found in issued
    ]
    context = {
        "cards": cards,
        "columns": columns,
        "rows": rows,
        "may_search": may(request.user, "people.search"),
        "may_see_held": may(request.user, "held.read"),
        "may_issue": may(request.user, "certificates.issue"),
    }
    return render(request, "damage/certificates/index.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@needs("certificates.issue")
def issue(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """GET shows what will be printed; POST issues it and leads to its page."""
    staff = request.user
    may_restrict = staff.sees_protected
    what = people.printable(household_id, staff)
    standing = [found for found in queries.household_issues(household_id, staff, [queries.KIND]) if found.is_valid]
    initial = {"place": what.household.address}
    form = IssueForm(request.POST or None, initial=initial, may_restrict=may_restrict)
    refusal: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            new = services.issue_hisai(by=staff, household_id=household_id, **form.cleaned_data)
        except Refused as error:
            refusal = error
        else:
            messages.success(request, f"{new.number_text} を交付しました。PDFを開いて印刷してください。")
            return redirect(f"{reverse('damage:document', args=[new.id])}?new=1")
    log_access(by=staff, what="household", subject=f"household:{household_id}", detail="certificate")
    if refusal is None:
        refusal = _why_not(what)
    context = {
        "crumbs": crumbs(("交付する", "")),
        "kind": kinds.DEFAULTS["hisai"]["title"],
        "what": what,
        "facts": _facts(what),
        "members": [_member(m) for m in what.members],
        "form": form,
        "refusal": refusal,
        **way_on(staff, household_id, refusal),
        "unconfirmed": unconfirmed(request, refusal),
        "standing": standing,
        "can_issue": not [s for s in standing if not s.restricted] or may_restrict,
    }
    status = refusal.status if refusal and request.method == "POST" else 200
    return render(request, "damage/certificates/issue.html", context, status=status)


@never_cache
@require_safe
@needs("certificates.read")
def document(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    """One certificate: its state, what it says, every printing, and what can be done with it."""
    found = queries.certificate(issue_id, request.user)
    log_access(by=request.user, what="household", subject=f"household:{found.household}", detail="certificate")
    return _document(request, found)


@require_POST
@needs("certificates.issue")
def copy(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    """Hand over one more."""
    applied = queries.application_of(queries.certificate(issue_id, request.user))
    form = CopyForm(request.POST, applied=applied is not None)
    if not form.is_valid():
        return _again(request, issue_id, copy_form=form)
    line = services.copy_hisai(by=request.user, issue_id=issue_id, **form.cleaned_data)
    messages.success(request, f"再交付（{line.which}通目）を記録しました。PDFを開いて印刷してください。")
    return redirect(f"{reverse('damage:document', args=[issue_id])}?new={line.number}")


@require_POST
@needs("certificates.issue")
def withdraw(request: HttpRequest, issue_id: UUID) -> HttpResponse:
    """Declare void."""
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _again(request, issue_id, withdraw_form=form)
    found = services.withdraw_hisai(by=request.user, issue_id=issue_id, **form.cleaned_data)
    messages.success(request, f"{found.number_text} を失効させました。")
    return redirect("damage:document", issue_id)


@never_cache
@require_safe
@needs("certificates.read")
def pdf(request: HttpRequest, issue_id: UUID, number: int) -> HttpResponse:
    """The PDF of one printing, in the browser's own viewer; `?save` downloads it."""
    found, data = queries.paper(issue_id, request.user, copy=number)
    log_access(by=request.user, what="export", subject=f"household:{found.household}", detail="certificate pdf")
    response = HttpResponse(data, content_type="application/pdf")
    way = "attachment" if "save" in request.GET else "inline"
    name = f"{found.kind_id}-{found.fiscal_year}-{found.number:06d}-{number}.pdf"
    response["Content-Disposition"] = f'{way}; filename="{name}"'
    return response


def _again(request: HttpRequest, issue_id: UUID, **forms: object) -> HttpResponse:
    found = queries.certificate(issue_id, request.user)
    log_access(by=request.user, what="household", subject=f"household:{found.household}", detail="certificate")
    return _document(request, found, status=422, **forms)


def _document(request: HttpRequest, found: Issue, *, status: int = 200, **forms: object) -> HttpResponse:
    lines = list(found.copies.all())
    applied = queries.application_of(found)
    hidden = queries.shows_protected(found)
    newest = request.GET.get("new", "")
    may_issue = may(request.user, "certificates.issue")
    refusal = _why_no_copy(found) if may_issue and found.is_valid and not hidden else None
    panel = unconfirmed(request, refusal)
    context = {
        "crumbs": crumbs((found.number_text, "")),
        "found": found,
        "badge": _badge(found),
        "hidden": hidden,
        "has_household": applied is None or applied.household_id is not None,
        "facts": [] if hidden else _content_facts(found),
        "settled": [] if hidden else pdf_settled(found),
        "lines": [
            {
                "line": line,
                "pdf": reverse("damage:pdf", args=[found.id, line.number]),
                "is_new": newest == str(line.number),
            }
            for line in lines
        ],
        "last_pdf": reverse("damage:pdf", args=[found.id, lines[-1].number]),
        "applied": receivers.Handed(applied, found.restricted) if applied and not hidden else None,
        "may_see_application": applied is not None and may(request.user, "damage.read"),
        "copy_form": forms.get("copy_form") or CopyForm(auto_id="copy_%s", applied=applied is not None),
        "withdraw_form": forms.get("withdraw_form") or WithdrawForm(auto_id="withdraw_%s"),
        "may_issue": may_issue,
        "refusal": refusal,
        **way_on(request.user, found.household, refusal),
        "unconfirmed": panel and panel | {"back": reverse("damage:document", args=[found.id])},
        "household_issue": _issue_page(found),
    }
    return render(request, "damage/certificates/document.html", context, status=status)


def _why_no_copy(found: Issue) -> Refused | None:
    try:
        services.require_matched(found)
    except Refused as error:
        return error
    return None


def _issue_page(found: Issue) -> str:
    """Where a new one of this kind is issued to the household."""
    if found.kind_id == queries.DECLARED:
        return reverse("damage:declared_of", args=[found.household])
    if found.kind_id == queries.RISAI:
        return reverse("damage:risai_house", args=[found.household, found.subject])
    return reverse("damage:issue", args=[found.household])


def _badge(found: Issue) -> dict[str, str]:
    kind = "success" if found.is_valid else "danger"
    return {"text": found.state_label, "badge": kind}


def _why_not(what: people.Printable) -> Refused | None:
    try:
        services.certificate(what, purpose="", place="")
        services.require_none_as_typed(what)
    except Refused as error:
        return error
    return None


def way_on(staff: Staff, household_id: UUID, refusal: Refused | None, kind: str = queries.KIND) -> dict[str, str]:
    """Where the reason can be settled, where that is another page; of held characters, the first that holds the paper."""
    if isinstance(refusal, services.AsResident):
        home = refusal.household
        page = "damage:issue" if kind == queries.KIND else "damage:risai"
        return {"way_url": reverse(page, args=[home]), "way_label": "住民記録の世帯で交付する"}
    if isinstance(refusal, services.Unmatched) and may(staff, "matching.read"):
        return {"way_url": reverse("matching:case", args=[refusal.records[0]]), "way_label": "名寄せで見くらべる"}
    if refusal is None or refusal.code != "held" or not may(staff, "held.read"):
        return {}
    waiting = held.waiting_for(kind, household_id, staff)
    url = reverse("documents:held_line", args=[waiting[0].row.pk]) if waiting else reverse("documents:held")
    return {"way_url": url, "way_label": "この文字の扱いを決める"}


def unconfirmed(request: HttpRequest, refusal: Refused | None) -> dict[str, Any] | None:
    if not isinstance(refusal, services.Unconfirmed):
        return None
    why = "証明書は、職員が確認した結び付きによってだけ交付します。"
    return confirming.panel(request, refusal.records, why=why)


def _facts(what: people.Printable) -> list[dict[str, object]]:
    household = what.household
    return [
        {"label": "り災番号", "value": household.disaster_number, "kind": "code"},
        {
            "label": "世帯主",
            "value": what.head.name if what.head else "",
            "kind": "name",
            "kana": what.head.kana if what.head else "",
        },
        {"label": "住所", "value": what.address},
        {"label": "災害", "value": household.disaster.name},
    ]


def _member(member: object) -> dict[str, object]:
    return {
        "name": member.name,
        "kana": member.kana,
        "relationship": member.relationship,
        "birth": people.birth_in_words(member.birth),
    }


def _content_facts(found: Issue) -> list[dict[str, object]]:
    content = found.content
    if found.kind_id == queries.DECLARED:
        return [*declared.facts(content), {"label": "交付者", "value": str(found.issued_by)}]
    if found.kind_id == queries.RISAI:
        return [*risai_facts(content), {"label": "交付者", "value": str(found.issued_by)}]
    names = "、".join(member["name"] for member in content["members"])
    return [
        {"label": "り災番号", "value": content["household_number"], "kind": "code"},
        {"label": "世帯主", "value": content["head"]["name"]},
        {"label": "住所", "value": content["head"]["address"]},
        {"label": "世帯員", "value": names, "note": f"{len(content['members'])}人"},
        {"label": "災害", "value": content["disaster"], "note": content["occurred"]},
        {"label": "被災場所", "value": content["place"]},
        {"label": "使用目的", "value": content["purpose"]},
        {"label": "交付日", "value": content["issued_on"]},
        {"label": "交付者", "value": str(found.issued_by)},
    ]
