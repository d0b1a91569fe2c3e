"""What the pages of the register share: the disaster, the trail, log lines, facts of a disclosure."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from backend.accounts.services import log_access
from backend.core.dates import era, parse_date
from backend.core.errors import Refused
from backend.core.forms import JapaneseForm
from backend.core.templatetags.tasuki import tokyo
from backend.ledger import queries as ledger
from backend.ledger.models import Disaster, Disclosure

from . import rules

BADGES = {
    "draft": "neutral",
    "asked": "info",
    "approved": "info",
    "refused": "danger",
    "handed": "warning",
    "closed": "success",
    "cancelled": "neutral",
}


def working_disaster(request: HttpRequest) -> Disaster:
    found = ledger.current_disaster(request.session.get("disaster"))
    if found is None:
        raise Refused("災害がまだ開設されていません。住民記録班が「災害」の画面で開設すると、使えるようになります。")
    return found


def crumbs(*more: tuple[str, str]) -> list[dict[str, str]]:
    first = {"label": "台帳情報の提供", "url": reverse("disclosures:index")}
    return [first, *({"label": label, "url": url} for label, url in more)]


def trail(row: Disclosure, last: str) -> list[dict[str, str]]:
    return crumbs((str(row), reverse("disclosures:disclosure", args=[row.pk])), (last, ""))


def log(request: HttpRequest, what: str, subject: str, hits: int, detail: str) -> None:
    log_access(by=request.user, what=what, subject=subject, hits=hits, detail=detail)  # type: ignore[arg-type]


def badge(row: Disclosure) -> dict[str, str]:
    return {"text": row.get_status_display(), "badge": BADGES[row.status]}


def day(value: Any) -> str:
    return era(parse_date(value.isoformat())) if value else ""


def period(row: Disclosure) -> str:
    return f"{day(row.period_from)}から{day(row.period_until)}まで"


def items(row: Disclosure) -> str:
    return "、".join(rules.ITEMS[item].label for item in row.items)


def facts(row: Disclosure) -> list[dict[str, Any]]:
    ground = rules.GROUNDS[row.ground]
    to = row.recipient
    rows: list[dict[str, Any]] = [
        {"label": "提供先", "value": row.to, "note": to.get_kind_display() if to else ""},
        {"label": "申し出た人", "value": row.asker, "note": row.contact},
        {"label": "根拠", "value": ground.label, "note": ground.source},
        {"label": "利用の目的", "value": row.purpose},
        {"label": "渡す項目", "value": items(row)},
        {"label": "利用期間", "value": period(row)},
        {"label": "起案", "value": f"{row.drafted_by}　{tokyo(row.drafted_at)}"},
    ]
    for label, who, at in (
        ("承認の依頼", row.asked_by, row.asked_at),
        ("不承認" if row.status == "refused" else "承認", row.decided_by, row.decided_at),
        ("取りやめ", row.cancelled_by, row.cancelled_at),
        ("返却・消去の確認", row.closed_by, row.closed_at),
    ):
        if who:
            rows.append({"label": label, "value": f"{who}　{tokyo(at)}"})
    if row.decided_reason:
        rows.append({"label": "不承認の理由", "value": row.decided_reason})
    if row.ending:
        rows.append({"label": "終わり方", "value": row.get_ending_display(), "note": row.ending_note})
    return rows


def take_errors(form: JapaneseForm, refusal: Refused) -> None:
    """Put what a service refused at the field it is about."""
    for name, text in refusal.fields.items():
        form.add_error(name if name in form.fields else None, text)
    if refusal.message not in refusal.fields.values():
        form.add_error(None, refusal.message)


def subject(row: Disclosure) -> str:
    return f"disclosure:{row.pk}"


def uuids(texts: list[str]) -> list[UUID]:
    found = []
    for text in texts:
        try:
            found.append(UUID(text))
        except ValueError as error:
            raise Refused("選んだ方を読み取れません。画面を開き直してください。") from error
    return found
