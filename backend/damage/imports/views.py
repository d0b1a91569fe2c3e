"""The page of applications from another system: look first, then take."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from backend.accounts.permissions import needs
from backend.core.errors import Refused
from backend.core.forms import JapaneseForm
from backend.damage.applications.views import crumbs
from backend.damage.surveys.views import disaster_or_refuse, tell

from . import rules, services

COLUMNS = [{"label": "行"}, {"label": "列"}, {"label": "誤り"}, {"label": "この行"}]
SHOWN = 200


class ImportForm(JapaneseForm):
    source = forms.CharField(
        label="取込元", max_length=60, help_text="例：マイナポータル。受付番号は、取込元ごとに一度だけ受け付けます。"
    )
    layout = forms.ChoiceField(
        label="列の対応表",
        help_text="付いているのは見本です。自分のシステムの見出しに合わせた対応表を作り、下で選んでください。",
    )
    mapping = forms.FileField(
        label="自分の対応表（YAML）", required=False, help_text="選ぶと、上の対応表の代わりに使います。"
    )
    file = forms.FileField(label="申請のCSV", error_messages={"empty": "ファイルが空です。"})
    attachments = forms.FileField(label="添付のZIP", required=False)
    check = forms.BooleanField(
        label="確かめるだけで、受け付けない",
        required=False,
        initial=True,
        help_text="誤りがなければ、印を外し、同じファイルを選んでもう一度送ってください。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["layout"].choices = [(name, one.title) for name, one in services.shipped().items()]  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@needs("applications.write")
def index(request: HttpRequest) -> HttpResponse:
    disaster = disaster_or_refuse(request)
    form = ImportForm(request.POST or None, request.FILES or None)
    done = None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            with ExitStack() as stack:
                done = services.take(
                    by=request.user,  # type: ignore[arg-type]
                    disaster=disaster,
                    path=_kept(said["file"], stack),
                    source=said["source"],
                    layout=_layout(said),
                    attachments=_kept(said["attachments"], stack) if said["attachments"] else None,
                    dry=said["check"],
                )
        except Refused as refusal:
            tell(form, refusal)
        else:
            if not said["check"]:
                messages.success(request, f"{done.taken}件を受け付けました。")
    context = {
        "form": form,
        "done": done,
        "checked": bool(done and form.cleaned_data["check"]),
        "columns": COLUMNS,
        "rows": services.listed(done.problems, dry=form.cleaned_data["check"], most=SHOWN) if done else [],
        "more": max(0, len(done.problems) - SHOWN) if done else 0,
        "titles": list(rules.COLUMNS),
        "required": rules.REQUIRED,
        "crumbs": crumbs(("ファイルからの取込", "")),
    }
    return render(request, "damage/imports/index.html", context, status=422 if form.errors else 200)


def _kept(upload: Any, stack: ExitStack) -> Path:
    copy = stack.enter_context(NamedTemporaryFile())  # noqa: SIM115 - the stack closes it
    for chunk in upload.chunks():
        copy.write(chunk)
    copy.flush()
    return Path(copy.name)


def _layout(said: dict[str, Any]) -> rules.Layout:
    if not said["mapping"]:
        return services.shipped()[said["layout"]]
    try:
        return services.parse(said["mapping"].read().decode("utf-8-sig"), said["mapping"].name)
    except UnicodeDecodeError as error:
        raise Refused("対応表をUTF-8で保存してください。", fields={"mapping": "UTF-8で保存してください。"}) from error
