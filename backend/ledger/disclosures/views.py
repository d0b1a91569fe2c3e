"""Pages of the register of disclosures: the list, a new one, one with its people and its acts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backend.accounts.permissions import may, needs
from backend.core.clock import now
from backend.core.errors import NotFound, Refused
from backend.ledger.matching import confirming
from backend.ledger.models import Disclosure

from . import consents, pages, papers, queries, services
from .forms import SELF, CloseForm, DraftForm, RecipientForm, RefusalForm, StatusForm

PAGE = 50


@require_safe
@never_cache
@needs("disclosure.read")
def index(request: HttpRequest) -> HttpResponse:
    """All that was asked in this disaster, newest first; names nobody but the recipients."""
    disaster = pages.working_disaster(request)
    form = StatusForm(request.GET)
    status = form.cleaned_data["status"] if form.is_valid() else ""
    page = Paginator(queries.disclosures(disaster, status), PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "cells": [
                {"text": str(row), "url": reverse("disclosures:disclosure", args=[row.pk])},
                row.to,
                row.get_ground_display(),
                row.purpose,
                pages.badge(row),
                row.drafted_at,
                str(row.drafted_by),
            ],
            "muted": row.status in ("refused", "cancelled"),
        }
        for row in page
    ]
    labels = ("番号", "提供先", "根拠", "利用の目的", "状態", "起案日時", "起案した人")
    context = {
        "form": form,
        "page": page,
        "base": f"?status={status}&" if status else "?",
        "columns": [{"label": label} for label in labels],
        "rows": rows,
        "at": now(),
        "may_ask": may(request.user, "disclosure.ask"),
    }
    return render(request, "disclosures/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disclosure.ask")
def new(request: HttpRequest) -> HttpResponse:
    """Put down who asks for what; whom it is about is chosen next."""
    disaster = pages.working_disaster(request)
    form = DraftForm(request.POST or None, recipients=queries.recipients())
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        to = values.pop("recipient")
        try:
            recipient = None if to == SELF else queries.recipient(UUID(to))
            row = services.draft(by=request.user, disaster=disaster, recipient=recipient, **values)  # type: ignore[arg-type]
        except Refused as refusal:
            pages.take_errors(form, refusal)
        else:
            messages.success(request, f"{row}を起案しました。次に対象者を選びます。")
            return redirect("disclosures:choose", row.pk)
    context = {"form": form, "crumbs": pages.crumbs(("起案する", ""))}
    return render(request, "disclosures/new.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disclosure.ask")
def recipients(request: HttpRequest) -> HttpResponse:
    """The bodies that may be given information; a new one."""
    form = RecipientForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = consents.add_recipient(by=request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except Refused as refusal:
            pages.take_errors(form, refusal)
        else:
            messages.success(request, f"提供先「{made.name}」を登録しました。")
            return redirect("disclosures:recipients")
    context = {
        "form": form,
        "rows": queries.recipients(),
        "crumbs": pages.crumbs(("提供先", "")),
    }
    return render(request, "disclosures/recipients.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disclosure.ask")
def end_recipient(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asked first: a body that has ended is chosen for nothing any more."""
    row = queries.recipient(pk)
    if request.method != "POST":
        context = {
            "heading": "提供先の終了",
            "question": f"提供先「{row.name}」を終了しますか。",
            "text": "終了すると、起案と同意で選べなくなります。元には戻せません（もう一度登録はできます）。"
            "これまでの提供と同意の記録は残ります。",
            "action": request.path,
            "confirm_label": "終了する",
            "back_url": reverse("disclosures:recipients"),
            "danger": True,
        }
        return render(request, "layout/confirm.html", context)
    consents.end_recipient(by=request.user, recipient=row)  # type: ignore[arg-type]
    messages.success(request, f"提供先「{row.name}」を終了しました。これまでの提供の記録は残ります。")
    return redirect("disclosures:recipients")


@require_safe
@never_cache
@needs("disclosure.read")
def disclosure(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One disclosure: what is asked, who is in it and what becomes of each, what can be done next."""
    row = queries.disclosure(pk)
    people = queries.people_of(row, request.user)  # type: ignore[arg-type]
    page = Paginator(people.lines, PAGE).get_page(request.GET.get("page"))
    if page.object_list:
        pages.log(request, "list", pages.subject(row), len(page.object_list), "提供の対象者")
    done = queries.hand_over(row)
    may_ask, mine = may(request.user, "disclosure.ask"), request.user.pk in (row.asked_by_id, row.drafted_by_id)
    lost = papers.losses(queries.file_rows(done, request.user)[0]) if done and may_ask else []  # type: ignore[arg-type]
    context = {
        "row": row,
        "badge": pages.badge(row),
        "facts": pages.facts(row),
        "people": people,
        "page": page,
        "done": done,
        "unconfirmed": None if done else _unconfirmed(request, people),
        "lost": lost[:20],
        "lost_more": max(0, len(lost) - 20),
        "is_draft": row.status == Disclosure.Status.DRAFT,
        "may_ask": may_ask,
        "may_decide": row.status == Disclosure.Status.ASKED and may(request.user, "disclosure.approve") and not mine,
        "may_cancel": may_ask and row.status in ("draft", "asked", "approved"),
        "crumbs": pages.crumbs((str(row), "")),
    }
    return render(request, "disclosures/disclosure.html", context)


def _unconfirmed(request: HttpRequest, people: queries.People) -> dict[str, Any] | None:
    """Those who are left out only because nobody has confirmed who of the register they are."""
    ids = [line.person.pk for line in people.lines if line.outcome == "unconfirmed"]
    why = "住民記録の方と自動で結び付いているだけの方は、職員が確認するまで渡しません。"
    return confirming.panel(request, ids, why=why)


@require_POST
@needs("disclosure.ask")
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = queries.disclosure(pk)
    try:
        services.ask(by=request.user, disclosure=row)  # type: ignore[arg-type]
        messages.success(request, "承認を依頼しました。起案した人とは別の監督者が承認します。")
    except Refused as refusal:
        messages.error(request, refusal.message)
    return redirect("disclosures:disclosure", pk)


@require_POST
@needs("disclosure.ask")
def take_off(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = queries.disclosure(pk)
    (person,) = pages.uuids([request.POST.get("person", "")])
    services.take_off(by=request.user, disclosure=row, person=person)  # type: ignore[arg-type]
    messages.success(request, "対象者から外しました。")
    return redirect("disclosures:disclosure", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disclosure.approve")
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Approve with one button, or refuse with a reason."""
    row = queries.disclosure(pk)
    if (moved := _moved_on(request, row, "asked")) is not None:
        return moved
    form = RefusalForm(request.POST if "refuse" in request.POST else None)
    if request.method == "POST" and ("approve" in request.POST or form.is_valid()):
        approve = "approve" in request.POST
        reason = "" if approve else form.cleaned_data["reason"]
        services.decide(by=request.user, disclosure=row, approve=approve, reason=reason)  # type: ignore[arg-type]
        messages.success(request, f"{row}を承認しました。" if approve else f"{row}を承認しませんでした。")
        return redirect("disclosures:disclosure", pk)
    context = {
        "row": row,
        "facts": pages.facts(row),
        "people": queries.people_of(row, request.user),  # type: ignore[arg-type]
        "form": form,
        "crumbs": pages.trail(row, "承認"),
    }
    return render(request, "disclosures/decide.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disclosure.ask")
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = queries.disclosure(pk)
    if (moved := _moved_on(request, row, "draft", "asked", "approved")) is not None:
        return moved
    if request.method == "POST":
        services.cancel(by=request.user, disclosure=row)  # type: ignore[arg-type]
        messages.success(request, f"{row}を取りやめました。")
        return redirect("disclosures:disclosure", pk)
    texts = {"question": "この提供を取りやめますか。", "text": "まだ何も渡していません。記録は残ります。"}
    return _confirm(request, row, "提供の取りやめ", "取りやめる", danger=True, **texts)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disclosure.ask")
def hand_over(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Made once: says before what will be in it, and freezes it."""
    row = queries.disclosure(pk)
    if (moved := _moved_on(request, row, "approved")) is not None:
        return moved
    if request.method == "POST":
        try:
            services.hand_over(by=request.user, disclosure=row)  # type: ignore[arg-type]
        except Refused as refusal:
            messages.error(request, refusal.message)
        else:
            messages.success(request, "渡す内容を確定しました。ファイルを保存するか、印刷してください。")
        return redirect("disclosures:disclosure", pk)
    people = queries.people_of(row, request.user)  # type: ignore[arg-type]
    left_out = "、".join(f"{label} {count}人" for label, count in people.left_out)
    text = f"いま渡せるのは{people.given}人です。" + (f"除かれる方：{left_out}。" if left_out else "")
    texts = {"question": "渡す内容を確定しますか。", "text": text + "確定は一度だけで、後から変えられません。"}
    return _confirm(request, row, "引渡し", "確定する", **texts)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("disclosure.ask")
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = queries.disclosure(pk)
    if (moved := _moved_on(request, row, "handed")) is not None:
        return moved
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.close(by=request.user, disclosure=row, **form.cleaned_data)  # type: ignore[arg-type]
        messages.success(request, "返却・消去の確認を記録しました。")
        return redirect("disclosures:disclosure", pk)
    texts = {"question": "渡した情報が戻った、または消去されたことを確かめましたか。"}
    return _confirm(request, row, "返却・消去の確認", "記録する", form=form, **texts)


def _moved_on(request: HttpRequest, row: Disclosure, *states: str) -> HttpResponse | None:
    """Another tab or another desk was faster: said on the page that shows how it stands now."""
    if row.status in states:
        return None
    messages.warning(request, f"この提供は「{row.get_status_display()}」になっています。何も変更していません。")
    return redirect("disclosures:disclosure", row.pk)


def _confirm(request: HttpRequest, row: Disclosure, heading: str, label: str, **context: Any) -> HttpResponse:
    facts = pages.facts(row)[:6]
    back = reverse("disclosures:disclosure", args=[row.pk])
    given = {"heading": heading, "facts": facts, "action": request.path, "confirm_label": label, "back_url": back}
    status = 422 if getattr(context.get("form"), "errors", None) else 200
    return render(request, "layout/confirm.html", {**given, **context}, status=status)


@require_safe
@never_cache
@needs("disclosure.ask")
def file(request: HttpRequest, pk: UUID, encoding: str) -> HttpResponse:
    """The frozen content as CSV. Whoever became hidden since is left out, and said so in the name of the file."""
    row = queries.disclosure(pk)
    done = queries.hand_over(row)
    if done is None or encoding not in ("utf-8", "shift_jis"):
        raise NotFound("このファイルはありません。")
    rows, hidden = queries.file_rows(done, request.user)  # type: ignore[arg-type]
    pages.log(request, "export", pages.subject(row), len(rows), f"提供のファイル {encoding}")
    make = papers.utf8 if encoding == "utf-8" else papers.shift_jis
    answer = HttpResponse(make(done.columns, rows), content_type=f"text/csv; charset={encoding}")
    name = f"台帳情報の提供_{row}_{encoding}" + (f"_ほか{hidden}名秘匿" if hidden else "")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name + '.csv')}"
    return answer


@require_safe
@never_cache
@needs("disclosure.ask")
def printed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same as a list on A4."""
    row = queries.disclosure(pk)
    done = queries.hand_over(row)
    if done is None:
        raise NotFound("この引渡しはありません。")
    rows, hidden = queries.file_rows(done, request.user)  # type: ignore[arg-type]
    pages.log(request, "export", pages.subject(row), len(rows), "提供の一覧 印刷")
    context = {
        "row": row,
        "done": done,
        "rows": rows,
        "hidden": hidden,
        "period": pages.period(row),
        "as_of": done.at,
        "printed_at": now(),
        "disaster": row.disaster,
        "landscape": True,
        "back_url": reverse("disclosures:disclosure", args=[pk]),
    }
    return render(request, "disclosures/print.html", context)
