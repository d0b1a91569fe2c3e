"""Pages: the list by district and responsible person, on the screen, on paper and as CSV; one person; taking the file."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from backend.accounts.permissions import may, needs
from backend.accounts.services import log_access
from backend.core.clock import TOKYO, now
from backend.core.downloads import csv_answer
from backend.core.errors import NotFound, Refused
from backend.core.forms import AsOfForm, kept, times
from backend.core.spreadsheets import harmless

from ..pages import attempt, crumbs, posted
from ..telling.forms import ToldForm
from ..telling.pages import confirm
from ..unheard.rules import key_of
from ..welfare.queries import marks
from . import queries, rules, services
from .forms import UploadForm
from .reading import columns_left_out

PAGE = 100
NOBODY = "（書かれていません）"


class Shown:
    """The list for the district or the responsible person in the address."""

    def __init__(self, request: HttpRequest, what: str) -> None:
        self.form, self.as_of, self.known_at = times(request)
        self.is_past = bool(self.as_of or self.known_at)
        self.at = self.as_of or now()
        everybody = queries.outline(request.user, self.as_of, self.known_at)  # type: ignore[arg-type]
        self.everybody, self.lines, self.title, self.query = everybody, everybody, "", ""
        asked = {name: request.GET[name] for name in AsOfForm.base_fields if self.is_past and request.GET.get(name)}
        for name in ("district", "supporter"):
            if key := request.GET.get(name):
                names = {getattr(line, name) for line in self.lines}
                meant = {text for text in names if key_of(text or NOBODY) == key}
                self.lines = [line for line in self.lines if getattr(line, name) in meant]
                if not self.lines:
                    raise NotFound("この一覧はもうありません。名簿の画面から選び直してください。")
                self.title = getattr(self.lines[0], name) or NOBODY
                self.query = urlencode({name: key} | asked)
        self.times = urlencode(asked)
        self.query = self.query or self.times
        log_access(by=request.user, what=what, subject="help_list", hits=len(self.lines))  # type: ignore[arg-type]

    @property
    def missing(self) -> int:
        return sum(not line.reached for line in self.lines)

    @cached_property
    def rows(self) -> list[queries.Asked]:
        """Everybody of it, with all that is known."""
        return queries.asked([line.key for line in self.lines], self.as_of, self.known_at)


@needs("shelters.read")
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    shown = Shown(request, "list")
    at, begun = shown.at, queries.since()
    late = rules.lateness(begun, at)
    depending = [line for line in shown.lines if line.depends and not line.reached]
    listed = Paginator(shown.lines, PAGE).get_page(request.GET.get("page"))
    missing = shown.missing
    context = {
        "at": at,
        "form": shown.form,
        "is_past": shown.is_past,
        "known_at": shown.known_at,
        "keep": kept(request),
        "times": shown.times,
        "file": queries.newest(shown.known_at),
        "title": shown.title,
        "query": shown.query,
        "page": listed,
        "rows": queries.asked([line.key for line in listed.object_list], shown.as_of, shown.known_at),
        "base": f"?{shown.query}&" if shown.query else "?",
        "late": late,
        "missing": missing,
        "cards": [
            {"label": "名簿の方", "value": len(shown.lines), "unit": "人"},
            {"label": "確かめられた方", "value": len(shown.lines) - missing, "unit": "人", "kind": "success"},
            {
                "label": "まだ確かめられない方",
                "value": missing,
                "unit": "人",
                "kind": "warning" if missing else "",
            },
            {
                "label": "うち呼吸器・酸素・透析など",
                "value": len(depending),
                "unit": "人",
                "kind": "danger" if depending else "",
            },
        ],
        "districts": [] if shown.title else _groups(shown, "district"),
        "supporters": [] if shown.title else _groups(shown, "supporter"),
        "can_import": may(request.user, "help.write"),
        "import_url": reverse("shelters:help_import"),
        "plans": sum(line.planned for line in shown.lines),
        "can_write": may(request.user, services.RIGHT),
        "crumbs": crumbs(
            ("要支援者の安否", reverse("shelters:help") if shown.title else ""),
            *([(shown.title, "")] if shown.title else []),
        ),
    }
    return render(request, "shelters/help_first/page.html", context)


def _groups(shown: Shown, name: str) -> list[dict[str, Any]]:
    groups: dict[str, list[queries.Line]] = defaultdict(list)
    for line in shown.everybody:
        groups[getattr(line, name) or NOBODY].append(line)
    found = [
        {"name": text, "key": key_of(text), "people": len(lines), "missing": sum(not line.reached for line in lines)}
        for text, lines in groups.items()
    ]
    return sorted(found, key=lambda group: (-group["missing"], group["name"]))


@needs("shelters.read")
@require_GET
def paper(request: HttpRequest) -> HttpResponse:
    shown = Shown(request, "export")
    context = {
        "title": shown.title,
        "rows": shown.rows,
        "missing": shown.missing,
        "as_of": shown.at,
        "known_at": shown.known_at,
        "printed_at": now(),
        "landscape": True,
        "back_url": f"{reverse('shelters:help')}?{shown.query}",
    }
    return render(request, "shelters/help_first/print.html", context)


@needs("shelters.read")
@require_GET
def csv(request: HttpRequest) -> HttpResponse:
    shown = Shown(request, "export")
    stamp = shown.at.astimezone(TOKYO)
    return csv_answer(request, _lines(shown.rows, stamp), f"避難行動要支援者_{stamp:%Y%m%d-%H%M}.csv")


def _lines(rows: list[queries.Asked], at: datetime) -> Iterator[list[str]]:
    yield [
        *rules.LABELS.values(),
        "機器・処置",
        "電池が持つ時刻",
        "計画の更新日",
        "計画の支援者",
        "確認",
        "分かったこと",
        "分かった日時",
        "最後の連絡",
        "次に聞く人",
        "時点",
    ]
    stamp = at.isoformat(timespec="minutes")
    for row in rows:
        said = [getattr(row.person, key) for key in rules.LABELS]
        at = row.word_at.astimezone(TOKYO).isoformat(timespec="minutes") if row.word_at else ""
        until = row.battery_until
        plan = [
            until.astimezone(TOKYO).isoformat(timespec="minutes") if until else "",
            row.plan.updated_on if row.plan else "",
            "、".join(_supporter(one) for one in row.plan.supporters) if row.plan else "",
        ]
        found = ["、".join(row.devices), *plan, "済" if row.reached else "まだ", row.word, at, row.tried]
        yield [harmless(cell) for cell in [*said, *found, row.contact.next_by if row.contact else "", stamp]]


def _supporter(one: dict[str, str]) -> str:
    return " ".join(one[key] for key in ("role", "name", "relation", "phone") if one.get(key))


@needs("contacts.write")
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, person: UUID) -> HttpResponse:
    found = next(iter(queries.people(request.user, only=person)), None)  # type: ignore[arg-type]
    if found is None:
        raise NotFound("この方は名簿に見つかりません。")
    log_access(by=request.user, what="person", subject=f"evacuee:{found.person.evacuee}")  # type: ignore[arg-type]
    form = ToldForm(posted(request))
    back = request.POST.get("back") or request.GET.urlencode()
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: services.answer(by=request.user, person=person, **form.cleaned_data))  # type: ignore[arg-type]
        if done:
            confirm(request, done, found.person.name)
            return redirect(f"{reverse('shelters:help')}?{back}")
    row = found.person
    labels = [
        "address",
        "telephone",
        "reason",
        "district",
        "supporter",
        "supporter_phone",
        "plan_place",
        "plan",
        "note",
    ]
    facts = [{"label": "氏名", "value": row.name, "kind": "name", "kana": row.kana}]
    plan = found.plan
    facts += [{"label": "機器・処置", "value": "、".join(found.devices)}] if found.devices else []
    facts += [{"label": rules.LABELS[key], "value": getattr(row, key)} for key in labels if getattr(row, key)]
    facts += [{"label": "電池が持つ時刻", "value": found.battery_until}] if found.battery_until else []
    facts += [{"label": "分かったこと", "value": found.word or "まだありません"}]
    context = {
        "form": form,
        "facts": facts,
        "welfare": marks([row.evacuee], request.user).get(row.evacuee),  # type: ignore[arg-type]
        "evacuee": row.evacuee,
        "plan": plan,
        "person": row,
        "can_write": may(request.user, services.RIGHT),
        "back": back,
        "crumbs": crumbs(("要支援者の安否", reverse("shelters:help")), (row.name, "")),
    }
    return render(request, "shelters/help_first/person.html", context, status=422 if form.errors else 200)


@needs("help.write")
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(posted(request), request.FILES or None)
    context = {
        "form": form,
        "result": taken_over(request, form, services.import_list),
        "headings": rules.headings(rules.COLUMNS),
        "devices": [label for label, _ in rules.DEVICES.values()],
        "crumbs": crumbs(("要支援者の安否", reverse("shelters:help")), ("名簿の取込", "")),
    }
    return render(request, "shelters/help_first/upload.html", context, status=422 if form.errors else 200)


def taken_over(request: HttpRequest, form: UploadForm, take: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Give the file that was sent to a service; what it came to, empty where there is none or it is refused (then the form
    says why)."""
    if request.method != "POST" or not form.is_valid():
        return {}
    sent, columns = form.cleaned_data["file"], form.cleaned_data["columns"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sent.csv"
        with path.open("wb") as out:
            out.writelines(sent.chunks())
        try:
            result = take(by=request.user, path=path, name=sent.name, columns=columns)
            return result | {"columns_left_out": columns_left_out(result)}
        except Refused as refusal:
            form.add_error("file", refusal.message.removeprefix(f"{path.name}："))
            return {}
