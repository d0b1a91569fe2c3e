"""What is out, for the rooms that asked for it and for the outside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform

from backend.core.clock import TOKYO, end_of_day, now, tokyo_date
from backend.core.dates import era
from backend.core.errors import NotFound, Refused

from . import pdf, settling
from .models import DocumentKind, Issue
from .rules import fingerprint, number_pattern, number_text
from .seals import services as seals
from .tokens import token_hash

PRINTED_TITLE = KeyTextTransform("title", "content")  # as it was when the paper was issued


def issues(kinds: Iterable[str]) -> QuerySet[Issue]:
    """Issues of these kinds, newest first, with the number of copies handed over as `printed`."""
    return (
        Issue.objects.filter(kind__in=list(kinds))
        .select_related("kind", "issued_by")
        .annotate(printed=Sum("copies__quantity"))
    )


def issues_on(kinds: Iterable[str], day: date) -> QuerySet[Issue]:
    """Issues of one day in Asia/Tokyo, newest first."""
    first = datetime(day.year, day.month, day.day, tzinfo=TOKYO)
    return issues(kinds).filter(issued_at__gte=first, issued_at__lte=end_of_day(day))


def issue(issue_id: UUID) -> Issue:
    """One issue with everything a page shows of it; `NotFound` if there is none."""
    rows = Issue.objects.select_related("kind", "issued_by", "withdrawn_by", "replaced_by").prefetch_related(
        "copies__by"
    )
    found = rows.filter(pk=issue_id).first()
    if found is None:
        raise NotFound("その証明書はありません。")
    return found


def paper(found: Issue, *, copy: int = 1) -> bytes:
    """The PDF of one printing, from the frozen content; refuses when the content is not what was issued."""
    line = found.copies.filter(number=copy).first()
    if line is None:
        raise NotFound("その交付の記録はありません。")
    if fingerprint(found.content) != found.content_sha256:
        raise Refused("保存されている内容が交付時と一致しません。印刷せず、システム管理者に連絡してください。")
    return pdf.render(
        found.content,
        at=line.at,
        copy=line.number,
        copied_on=era(tokyo_date(line.at)),
        void=not found.is_valid,
        seals=seals.pictures([found.content]),
    )


def settled(found: Issue) -> list[str]:
    """What on this paper is not printed as it is registered: by hand, or another shape with consent."""
    ways = found.content.get("characters", {})
    return settling.in_words(found.content, {path: pdf.label(found.content["form"], path) for path in ways})


def written_since(*, people: Any, ids: Any, households: list[UUID], since: datetime) -> Iterator[dict[str, Any]]:
    """Papers of these households since a moment that are still valid, for a link that is taken apart."""
    rows = Issue.objects.filter(household__in=households, issued_at__gte=since, withdrawn_at=None)
    for found in rows.select_related("kind").order_by("issued_at"):
        title = f"{found.kind.title} {found.number_text} の交付"
        yield {"source_id": str(found.pk), "title": title, "written_at": found.issued_at}


def certificate_status() -> Iterator[dict[str, Any]]:
    """What the outside may know of every paper: a hash of its token, its name and number as printed, its day, and whether
    it is valid."""
    rows = Issue.objects.order_by("issued_at", "id").values_list(
        "token", PRINTED_TITLE, "kind__title", "number_text", "issued_at", "status", "superseded_at"
    )
    for token, title, kind, number, issued_at, status, superseded in rows.iterator(chunk_size=5000):
        yield {
            "token_hash": token_hash(token),
            "kind": title or kind,
            "number": number,
            "issued_on": tokyo_date(issued_at).isoformat(),
            "status": "superseded" if superseded and status == Issue.Status.VALID else status,
        }


def kinds_as_printed() -> Iterator[dict[str, str]]:
    """What a proof's short words mean on paper: the names that each kind has been printed with, from which day to which,
    and how its numbers are written, as far as they are written as they would be today."""
    for kind in DocumentKind.objects.order_by("key"):
        shape = number_pattern(settings.MUNICIPALITY, kind.mark, kind.number_format)
        days: dict[tuple[str, str], tuple[str, str]] = {}
        rows = kind.issues.order_by("issued_at").values_list(
            PRINTED_TITLE, "fiscal_year", "number", "number_text", "issued_at"
        )
        for title, year, number, text, issued_at in rows.iterator(chunk_size=5000):
            same = number_text(settings.MUNICIPALITY, kind.mark, year, number, kind.number_format) == text
            what, day = (title or kind.title, shape if same else ""), tokyo_date(issued_at).isoformat()
            days[what] = (days.get(what, (day, day))[0], day)
        today = tokyo_date(now()).isoformat()
        days[kind.title, shape] = (days.get((kind.title, shape), (today, ""))[0], "")  # goes on
        for (title, pattern), (since, until) in days.items():
            yield {"kind": kind.key, "title": title, "number": pattern, "since": since, "until": until}


def household_of_token(token: str) -> UUID | None:
    """The household that a scanned certificate was issued to, whether it still is valid or not."""
    return Issue.objects.filter(token=token).values_list("household", flat=True).first()


def issue_of_token(token: str) -> UUID | None:
    """The paper whose code was scanned."""
    return Issue.objects.filter(token=token).values_list("pk", flat=True).first()


def of_household(household: UUID, kinds: Iterable[str]) -> QuerySet[Issue]:
    """Everything of these kinds that was issued to a household, newest first."""
    return issues(kinds).filter(household=household).select_related("withdrawn_by", "replaced_by")


def beside(households: set[UUID], persons: set[UUID]) -> list[dict[str, Any]]:
    """What was issued to these households, for whoever is about to change their entry in the ledger."""
    return [
        {
            "household": row.household,
            "person": None,
            "at": row.issued_at,
            "title": row.kind.title,
            "text": f"{row.number_text}　{row.state_label}",
        }
        for row in Issue.objects.filter(household__in=households).select_related("kind").order_by("issued_at")
    ]


def valid_issue(
    kind: str, disaster: UUID, household: UUID, *, subject: UUID | None = None, restricted: bool = False
) -> Issue | None:
    """The one that is out and not void, if there is one; of a `subject` where there may be several."""
    return Issue.objects.filter(
        kind=kind,
        disaster=disaster,
        household=household,
        subject=subject,
        restricted=restricted,
        status=Issue.Status.VALID,
    ).first()
