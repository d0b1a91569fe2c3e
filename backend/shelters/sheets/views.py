"""Pages: photographed lists of a shelter, and one of them with its picture on the left and its lines on the right."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs, require
from backend.accounts.services import log_access
from backend.core.clock import now
from backend.core.errors import NotFound
from backend.shelters.models import Sheet
from backend.shelters.pages import attempt, posted, shelter_crumbs, shelter_or_404
from backend.shelters.undoing import undo

from . import queries, rules, services
from .forms import SheetForm, SheetLineForm

AT_ONCE = 10
NO_PICTURE = "この紙の写真は表示できません。まだ届いていないか、見られる職員が限られています。"


@needs("shelters.read")
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, opening: UUID) -> HttpResponse:
    """All sheets of a shelter, and a photograph to add."""
    shelter = shelter_or_404(opening)
    form = SheetForm(posted(request), request.FILES or None)
    if request.method == "POST":
        require(request.user, "shelters.write")
        if form.is_valid():
            said = {key: form.cleaned_data[key] for key in ("listed_at", "title")}
            data = form.cleaned_data["picture"].read()
            done = attempt(form, lambda: services.attach(by=request.user, opening=opening, data=data, **said))  # type: ignore[arg-type]
            if done:
                messages.success(request, "写真を入れました。写真を見ながら、一行ずつ入力できます。")
                return redirect("shelters:sheet", opening, done)
    context = {
        "shelter": shelter,
        "at": now(),
        "form": form,
        "sheets": queries.sheets(opening),
        "can_write": may(request.user, "shelters.write") and shelter.is_open,
        "crumbs": shelter_crumbs(shelter, "紙の名簿の写真"),
    }
    return render(request, "shelters/sheets/index.html", context, status=422 if form.errors else 200)


def _sheet(opening: UUID, entry: UUID) -> Sheet:
    found = queries.sheet(opening, entry)
    if found is None:
        raise NotFound("その紙の名簿の記録は見つかりません。")
    return found


@needs("shelters.read")
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, opening: UUID, entry: UUID) -> HttpResponse:
    """The picture, what was typed from it, and the next lines."""
    shelter, sheet = shelter_or_404(opening), _sheet(opening, entry)
    done = queries.lines(entry, request.user)  # type: ignore[arg-type]
    log_access(by=request.user, what="list", subject=f"sheet:{entry}", hits=len(done))  # type: ignore[arg-type]
    numbers = [line.row.line for line in done]
    todo = rules.to_type(numbers, AT_ONCE)
    forms = [
        SheetLineForm(posted(request), prefix=f"line{i}", initial={"number": number}) for i, number in enumerate(todo)
    ]
    head = forms[0]
    if request.method == "POST":
        require(request.user, "shelters.write")
        valid = [form.is_valid() for form in forms]
        if all(valid):
            said = [_line(form) for form in forms if form.said]
            taken = attempt(
                head,
                lambda: services.type_lines(by=request.user, opening=opening, sheet=entry, lines=said),  # type: ignore[arg-type]
            )
            if taken is not None:
                came, already = taken
                more = f"{already}名は、すでに名簿にあります。" if already else ""
                messages.success(request, f"{len(said)}行を入力しました。{came}名を受け付けました。{more}")
                return redirect("shelters:sheet", opening, entry)
    context = {
        "shelter": shelter,
        "sheet": sheet,
        "done": done,
        "forms": forms,
        "head": head,
        "problem": any(form.errors for form in forms),
        "missing": rules.missing(numbers),
        "picture": queries.picture(sheet, request.user) is not None,  # type: ignore[arg-type]
        "no_picture": NO_PICTURE,
        "results": rules.RESULTS,
        "can_write": may(request.user, "shelters.write") and shelter.is_open,
        "crumbs": shelter_crumbs(shelter, f"シート{sheet.number}"),
    }
    return render(request, "shelters/sheets/page.html", context, status=422 if context["problem"] else 200)


def _line(form: SheetLineForm) -> services.Line:
    data = form.cleaned_data
    if data["result"]:
        return services.Line(data["number"], data["result"], text=data["name"] or data["address"])
    return services.Line(data["number"], "typed", form.details(), data["how"] or "inside", data["together"])


@needs("shelters.read")
@require_safe
def picture(request: HttpRequest, opening: UUID, entry: UUID) -> HttpResponse:
    """The photograph itself. It names people: every look is in the log, and no browser keeps it."""
    sheet = _sheet(opening, entry)
    data = queries.picture(sheet, request.user)  # type: ignore[arg-type]
    if data is None:
        raise NotFound(NO_PICTURE)
    log_access(by=request.user, what="list", subject=f"sheet:{entry}", hits=1, detail="写真")  # type: ignore[arg-type]
    answer = HttpResponse(data, content_type=f"image/{sheet.kind}")
    answer["Cache-Control"] = "no-store"
    return answer


@needs("shelters.write")
@require_POST
def take_back(request: HttpRequest, opening: UUID, entry: UUID) -> HttpResponse:
    """A wrong photograph, or a line that was read wrongly. Whoever was checked in by it is taken back on their own page."""
    kind, sheet = request.POST.get("kind", ""), request.POST.get("sheet", "")
    if kind not in ("sheet.attached", "sheet.typed"):
        raise NotFound("その記録は見つかりません。画面を開き直してください。")
    undo(by=request.user, opening=opening, entry=entry, kinds=(kind,))  # type: ignore[arg-type]
    messages.success(request, "取り消しました。受け付けた人は、その人の画面で取り消してください。")
    return redirect("shelters:sheet", opening, sheet) if kind == "sheet.typed" else redirect("shelters:sheets", opening)
