"""Pages of applications: the list, taking one, one with what became of it, changing and withdrawing it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from backend.accounts.models import AccessLog
from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import Conflict, NotFound, Refused
from backend.damage.models import Application
from backend.damage.surveys.forms import ReasonForm
from backend.damage.surveys.views import disaster_or_refuse, tell, working_disaster
from backend.ledger import queries as ledger
from backend.ledger.houses import queries as houses
from backend.ledger.queries import HouseholdView

from . import attaching, papers, queries, services, showing
from .forms import (
    ApplicationForm,
    ChangeForm,
    FilesForm,
    FilterForm,
    KnowinglyForm,
    NumberForm,
    Places,
    application_initial,
    empty_initial,
    place_initial,
    places_initial,
)


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    first = {"label": "罹災証明書の申請", "url": reverse("applications:index")}
    return [first, *({"label": label, "url": url} for label, url in more)]


def log(request: HttpRequest, subject: str, hits: int = 1) -> None:
    what = AccessLog.What.LIST
    log_access(by=request.user, what=what, subject=subject, hits=hits, detail="罹災証明書の申請")  # type: ignore[arg-type]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("damage.read")
def index(request: HttpRequest) -> HttpResponse:
    """Applications by state and day; a receipt number opens its application."""
    disaster, staff = working_disaster(request), request.user
    find = NumberForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and find.is_valid():
        row = queries.by_number(disaster, find.cleaned_data["number"], staff)
        if row is not None:
            return redirect("applications:page", row.pk)
        find.add_error("number", "この番号の申請はありません。災害と番号を確かめてください。")
    chosen = FilterForm(request.GET)
    chosen.is_valid()
    said = {key: chosen.cleaned_data.get(key) or None for key in ("state", "day", "channel")}
    number = request.GET.get("page", "")
    page = queries.page(
        disaster,
        staff,
        number=int(number) if number.isdecimal() else 1,
        state=said["state"] or "",
        day=said["day"],
        channel=said["channel"] or "",
    )
    if page.object_list:
        log(request, "applications", len(page.object_list))
    kept = {key: str(value) for key, value in said.items() if value}
    context = {
        "disaster": disaster,
        "at": now(),
        "cards": showing.cards(queries.counts(disaster, staff)),
        "filter": chosen,
        "find": find,
        "page": page,
        "columns": showing.COLUMNS,
        "rows": showing.rows(page.object_list),
        "base": f"?{urlencode(kept)}&" if kept else "?",
        "may_write": may(staff, "applications.write"),
    }
    return render(request, "damage/applications/index.html", context, status=422 if find.errors else 200)


# Taking one ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("applications.write")
def new(request: HttpRequest) -> HttpResponse:
    """On the applicant's word alone: who and which house that is, is found afterwards."""
    disaster = disaster_or_refuse(request)
    return _take(request, disaster, initial=empty_initial(queries.last_cause(disaster)), places=[])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("applications.write")
def new_of(request: HttpRequest, household_id: UUID) -> HttpResponse:
    """For the household that is open, with all that is known of it filled in."""
    view = ledger.household_page(household_id, request.user)
    log_access(
        by=request.user, what=AccessLog.What.HOUSEHOLD, subject=f"household:{household_id}", detail="application"
    )  # type: ignore[arg-type]
    initial, places = _of_household(view, request.user)
    return _take(request, view.disaster, initial=initial, places=places, home=view)


def _of_household(view: HouseholdView, staff: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What the ledger knows, as the form has it; the head applies, where they may be shown."""
    home = view.household
    address = "　".join(part for part in (home.address, home.building) if part)
    said = empty_initial(queries.last_cause(view.disaster)) | {"head_address": address, "address": address}
    person = view.head or next((member.person for member in view.present), None)
    if person is not None:
        said |= {"name": person.name, "kana": person.kana, "birth": person.birth}
        if not person.is_head:
            said["head_name"] = next((m.person.name for m in view.present if m.is_head), "")
    telephone = view.facts.get("telephone")
    said["telephone"] = telephone.value.get("text", "") if telephone else ""
    lives = [one for one in houses.houses_of(home.pk, staff) if one["link"].role == houses.LIVES]
    places = [place_initial(one["record"].address or one["record"].lot, house=one["link"].house_id) for one in lives]
    return said, places or [place_initial(address)]


def _take(
    request: HttpRequest,
    disaster: Any,
    *,
    initial: dict[str, Any],
    places: list[dict[str, Any]],
    home: HouseholdView | None = None,
) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = ApplicationForm(posted, initial=initial)
    lines = Places(posted, initial=places, prefix="places")
    others: list[Application] = []
    knowingly = None
    if request.method == "POST" and _whole(form, lines):
        said = form.said(_said(lines))
        try:
            row = services.record(
                by=request.user,  # type: ignore[arg-type]
                disaster=disaster,
                said=said,
                household=home.household.pk if home else None,
                form=form.cleaned_data["form"],
                knowingly="knowingly" in request.POST,
            )
        except Conflict as conflict:
            tell(form, conflict)
            if "knowingly" in conflict.fields:
                household = home.household.pk if home else None
                others = queries.duplicates(said, disaster=disaster, household=household, staff=request.user)
                knowingly = KnowinglyForm()
        except Refused as refusal:
            if isinstance(refusal, NotFound):
                raise
            tell(form, refusal)
        else:
            return _taken(request, row)
    context = {
        "form": form,
        "lines": lines,
        "home": home,
        "disaster": disaster,
        "others": others,
        "knowingly": knowingly,
        "crumbs": crumbs(("申請の受付", "")),
        "heading": "罹災証明書の申請の受付",
        "submit": "申請を受け付ける",
        "back": reverse("desk:household", args=[home.household.pk]) if home else reverse("applications:index"),
    }
    return render(request, "damage/applications/form.html", context, status=_status(form, lines))


def _whole(form: ApplicationForm, lines: Any) -> bool:
    """Both, so that all errors are said at once."""
    return all([form.is_valid(), lines.is_valid()])


def _said(lines: Any) -> list[Any]:
    return [one for one in (line.said() for line in lines) if one is not None]


def _status(form: ApplicationForm, lines: Any, *more: Any) -> int:
    return 422 if form.errors or lines.total_error_count() or any(one.errors for one in more) else 200


def _taken(request: HttpRequest, row: Application) -> HttpResponse:
    messages.success(request, f"申請を受け付けました。受付番号は {row.number_text} です。")
    if queries.visible(request.user).filter(pk=row.pk).exists():
        return redirect("applications:page", row.pk)
    return redirect("applications:index")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("applications.write")
def again(request: HttpRequest, line_id: UUID) -> HttpResponse:
    """For a house that has been judged: another survey is wanted, by the same applicant, with the reason."""
    line = queries.line(line_id, request.user)
    row = line.application
    log(request, f"application:{row.pk}")
    home = queries.application_page(row.pk, request.user).household
    view = ledger.household_page(home.pk, request.user) if home else None
    kept = ("mandate_seen", "identity", "note", "channel", "reason", "photo_consent")
    said = {key: value for key, value in application_initial(row).items() if key not in kept}
    initial = said | empty_initial(row.cause) | {"applicant": row.applicant, "stage": queries.next_stage(line)}
    places = [place_initial(line.place, line.what, line.house_id)]
    return _take(request, row.disaster, initial=initial, places=places, home=view)


# One application -----------------------------------------------------------------------------------------------------


@require_safe
@never_cache
@needs("damage.read")
def page(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """An application with what has become of each house."""
    return application_page(request, application_id)


def application_page(request: HttpRequest, application_id: UUID, files_form: FilesForm | None = None) -> HttpResponse:
    """`files_form`: what could not be attached, shown again with the reason."""
    view = queries.application_page(application_id, request.user)
    log(request, f"application:{application_id}")
    staff = request.user
    last = view.later is None and view.row.withdrawn_at is None
    context = {
        "view": view,
        "row": view.row,
        **showing.page(view),
        "may_write": may(staff, "applications.write") and last,
        "may_again": may(staff, "applications.write") and view.later is None,
        "may_issue": may(staff, "certificates.issue") and last,
        "may_see_certificates": may(staff, "certificates.read"),
        "certificates": queries.certificates(view.row, staff),
        "may_open_household": may(staff, "household.read"),
        "papers": papers.papers_for(view, staff),
        "files": showing.files(view, attaching.of_application(view.row), staff),
        "may_survey": may(staff, "surveys.write") and last and view.row.stage == "first",
        "files_form": files_form or FilesForm(),
        "crumbs": crumbs((view.row.number_text, "")),
    }
    return render(request, "damage/applications/page.html", context, status=422 if files_form else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("applications.write")
def change(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Another row follows; the one before stays as it was."""
    row = queries.application(application_id, request.user)
    log(request, f"application:{application_id}")
    matched = queries.application_page(application_id, request.user).household is not None
    posted = request.POST if request.method == "POST" else None
    form = ApplicationForm(posted, initial=application_initial(row))
    lines = Places(posted, initial=places_initial(list(row.houses.all())), prefix="places")
    if row.channel not in dict(form.fields["channel"].choices):  # type: ignore[attr-defined]
        form.fields["channel"].choices = [(row.channel, row.get_channel_display())]  # type: ignore[attr-defined]
    why = ChangeForm(posted, matched=matched)
    if request.method == "POST" and _whole(form, lines) & why.is_valid():
        try:
            made = services.change(
                by=request.user,  # type: ignore[arg-type]
                application=application_id,
                said=form.said(_said(lines), row.photo_consent_on),
                why=why.cleaned_data["why"],
                detach=why.cleaned_data.get("detach", False),
            )
        except Refused as refusal:
            if isinstance(refusal, NotFound):
                raise
            tell(form, refusal)
        else:
            messages.success(request, "申請を訂正しました。前の内容も残っています。")
            seen = queries.visible(request.user).filter(pk=made.pk).exists()
            return redirect("applications:page", made.pk) if seen else redirect("applications:index")
    back = reverse("applications:page", args=[application_id])
    context = {
        "form": form,
        "lines": lines,
        "why": why,
        "crumbs": crumbs((row.number_text, back), ("訂正", "")),
        "heading": f"申請の訂正　{row.number_text}",
        "submit": "訂正する",
        "back": back,
    }
    return render(request, "damage/applications/form.html", context, status=_status(form, lines, why))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("applications.write")
def withdraw(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Asked once more, with the reason."""
    row = queries.application(application_id, request.user)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw(by=request.user, application=application_id, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        except Refused as refusal:
            if isinstance(refusal, NotFound):
                raise
            tell(form, refusal)
        else:
            messages.success(request, "申請を取り下げました。")
            return redirect("applications:page", application_id)
    log(request, f"application:{application_id}")
    context = {
        "heading": "申請の取下げ",
        "question": f"{row.number_text} の申請を取り下げますか。",
        "text": "この申請だけで依頼していた調査も、取り下げます。",
        "facts": [{"label": "申請者", "value": row.name, "kind": "name", "kana": row.kana}],
        "form": form,
        "action": request.path,
        "confirm_label": "取り下げる",
        "danger": True,
        "back_url": reverse("applications:page", args=[application_id]),
    }
    return render(request, "layout/confirm.html", context, status=422 if form.errors else 200)
