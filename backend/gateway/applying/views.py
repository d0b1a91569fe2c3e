"""罹災証明書の申請 from a telephone, and how far it is. No session, no cookie: what was typed comes back in the page itself."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from backend.core.errors import Refused
from backend.core.pictures import NoPicture
from backend.gateway.models import ApplicationDesk
from backend.gateway.pages import private

from . import queries, rules, services
from .forms import ApplyForm, StateForm
from .services import Held

BY_PHONE = "お急ぎのときは、窓口か電話で申請できます。"
WRONG = "この受付番号と生年月日の申請は見つかりません。両方を確かめて、もう一度入れてください。"


def client(request: HttpRequest) -> str:
    """Where a request came from: by the proxies in front of us that are known to write it down, else the other end."""
    said = [part for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    if settings.PROXIES and len(said) >= settings.PROXIES:
        return rules.network(said[-settings.PROXIES])
    return rules.network(request.META.get("REMOTE_ADDR", ""))


def _until(moment: Any) -> str:
    return f"{localtime(moment):%-H時%-M分}"


# No token against forged requests: nobody is signed in here, so there is nothing to borrow; the token needs a cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def apply(request: HttpRequest) -> HttpResponse:
    desks = queries.desks()
    if not desks:
        return private(render(request, "gateway/apply/closed.html", status=200 if request.method != "POST" else 409))
    if request.method != "POST":
        return _page(request, ApplyForm(desks=desks, initial={"form": uuid4().hex}), [])
    held, lost = queries.still_held(request.POST.getlist("held"))
    form = ApplyForm(request.POST, request.FILES, desks=desks)
    form.is_valid()
    for name in lost:
        form.add_error("photos", f"{name}：預かる時間（{rules.KEPT_HOURS}時間）を過ぎました。もう一度選んでください。")
    try:
        _not_too_often(request, form)
        held, fingerprints = _take_pictures(request, form, held)
        if not form.errors:
            desk = form.desks[form.cleaned_data["disaster"]]
            return _send(request, form, desk, held, fingerprints)
    except services.TooOften as refusal:
        form.add_error(None, refusal.message)
        return _page(request, form, held, status=429)
    except Refused as refusal:
        form.add_error(None, refusal.message)
    return _page(request, form, held, status=422)


def _page(request: HttpRequest, form: ApplyForm, held: list[Held], status: int = 200) -> HttpResponse:
    context = {"form": form, "held": held, "kinds": rules.PICTURES}
    return private(render(request, "gateway/apply/form.html", context, status=status))


def _not_too_often(request: HttpRequest, form: ApplyForm) -> None:
    """Counts this try. What was typed stays in the page, so it can be sent later."""
    address = client(request)
    until = services.use(rules.TRIES, address) or services.used_up(rules.SENT, address)
    if until:
        raise services.TooOften(
            f"この回線からの申請が多いため、{_until(until)}まで受け付けを止めています。この画面はそのままで、その後に「送る」を押してください。{BY_PHONE}"
        )
    telephone = rules.read_telephone(form.cleaned_data.get("telephone", "")) or ""
    if telephone and services.used_up(rules.SENT_BY_TELEPHONE, telephone):
        most = rules.SENT_BY_TELEPHONE.most
        raise services.TooOften(
            f"この電話番号では、今日はもう{most}件の申請を受け取りました。続きは明日送るか、窓口か電話で申請してください。"
        )


def _take_pictures(request: HttpRequest, form: ApplyForm, held: list[Held]) -> tuple[list[Held], list[str]]:
    """Each picture is sealed as soon as it came, so that none has to be chosen again when something else is wrong."""
    held, prints = list(held), [one.id for one in held]
    desk = form.desks.get(form.cleaned_data.get("disaster", "")) or next(iter(form.desks.values()))
    room = rules.LARGEST_TOGETHER
    for field, what in (("photos", "photo"), ("mandate", "mandate")):
        for upload in request.FILES.getlist(field):
            if len(held) >= rules.MOST_PICTURES:
                form.add_error(
                    field, f"{upload.name}：写真は{rules.MOST_PICTURES}枚までです。この写真は入れていません。"
                )
                continue
            room -= upload.size or 0
            if room < 0:
                most = rules.LARGEST_TOGETHER // 1024 // 1024
                form.add_error(field, f"{upload.name}：一度に送れるのは{most}MBまでです。この写真は入れていません。")
                continue
            data = upload.read()
            try:
                held.append(services.hold_picture(desk=desk, data=data, what=what, name=upload.name))
            except NoPicture as wrong:
                form.add_error(field, f"{upload.name}：{wrong}")
            else:
                prints.append(hashlib.sha256(data).hexdigest())
    return held, prints


def _send(
    request: HttpRequest, form: ApplyForm, desk: ApplicationDesk, held: list[Held], fingerprints: list[str]
) -> HttpResponse:
    said = form.said()
    receipt = services.submit(
        desk=desk, said=said, pictures=held, form=form.cleaned_data["form"], fingerprints=fingerprints
    )
    if not receipt.again:
        services.use(rules.SENT, client(request))
        services.use(rules.SENT_BY_TELEPHONE, rules.read_telephone(said["telephone"]) or "")
    context = {
        "receipt": receipt,
        "number": rules.shown_number(receipt.number),
        "desk": desk,
        "said": said,
        "applicant": rules.APPLICANTS[said["applicant"]],
        "places": [f"{one['place']}（{rules.WHAT[one['what']]}）" for one in said["places"]],
        "pictures": len(held),
    }
    return private(render(request, "gateway/apply/done.html", context))


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def state(request: HttpRequest) -> HttpResponse:
    """How far it is, for who has the number and knows the birth date. It says the same whichever of both is wrong."""
    form = StateForm(request.POST if request.method == "POST" else None)
    found, status = None, 200
    if request.method == "POST":
        status = 422
        blocked = services.use(rules.ASKED, client(request))
        if blocked:
            form.add_error(None, f"この回線からの確認が多いため、{_until(blocked)}まで待ってください。{BY_PHONE}")
            status = 429
        elif form.is_valid():
            number = form.cleaned_data["number"]
            blocked = services.used_up(rules.WRONG, number)
            if blocked:
                form.add_error(
                    None,
                    "この受付番号は、まちがった生年月日が続いたため、今日は確かめられません。明日もう一度ためすか、電話でおたずねください。",
                )
                status = 429
            else:
                found = queries.state(number, form.cleaned_data["birth"])
                if found is None:
                    services.use(rules.WRONG, number)
                    form.add_error(None, WRONG)
                else:
                    status = 200
    context = {"form": form, "found": found, "number": rules.shown_number(form.cleaned_data["number"]) if found else ""}
    return private(render(request, "gateway/apply/state.html", context, status=status))
