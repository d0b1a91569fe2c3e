"""The rooms side by side: what each says of a household, put together for one page."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.urls import reverse

from backend.accounts.models import Staff
from backend.core.clock import TOKYO
from backend.core.dates import parse_date
from backend.damage import queries as damage
from backend.documents import queries as documents
from backend.ledger import queries as ledger
from backend.ledger.facts import KINDS
from backend.ledger.queries import HouseholdView, MemberView
from backend.shelters import queries as shelters

ROOMS = (shelters, damage)
SEX = {"1": "男", "2": "女"}


def timeline(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """All that happened to a household, newest first: every room's entries on one line."""
    rows = list(ledger.timeline(household_id, staff))
    for room in ROOMS:
        rows += room.timeline(household_id, staff)
    for row in rows:
        if "at" not in row:  # a day of the register, known to the day only
            row["at"] = _day(row["on"])
    return sorted(rows, key=lambda row: row["at"], reverse=True)


def _day(text: str) -> datetime:
    day = parse_date(text).first_day or date(1900, 1, 1)
    return datetime.combine(day, time.min, tzinfo=TOKYO)


def doors(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """The doors to the other rooms that this person may open."""
    return [door for room in ROOMS if (door := room.door(household_id, staff))]


def member(view: MemberView) -> dict[str, Any]:
    """A member in the words of the component that shows them."""
    person = view.person
    last = ""
    if person.changed_by:
        last = f"{person.changed_by} {person.changed_on}"
    marks = [{"text": f"通称 {person.alias}", "kind": "neutral"}] if person.alias else []
    return {
        "name": person.name,
        "kana": person.kana,
        "relationship": person.relationship,
        "sex": SEX.get(person.sex, "不明"),
        "birth": parse_date(person.birth) if person.birth else "",
        "age": view.age,
        "last_change": last,
        "dead": bool(view.died),
        "protected": view.protected,
        "marks": marks,
    }


def facts(view: HouseholdView) -> list[dict[str, Any]]:
    """What stands at the top of the household page."""
    home = view.household
    address = " ".join(part for part in (home.address, home.building) if part)
    mailing = view.facts.get("mailing_address")
    telephone = view.facts.get("telephone")
    head = view.head.name if view.head else ("（秘匿）" if view.hidden else "世帯主の記載なし")
    rows: list[dict[str, Any]] = [
        {"label": "り災番号", "value": home.disaster_number, "kind": "code"},
        {"label": "世帯主", "value": head, "kind": "name", "kana": view.head.kana if view.head else ""},
        {"label": "住所", "value": address or "記載なし", "note": f"〒{home.postal_code}" if home.postal_code else ""},
        {
            "label": "送付先",
            "value": mailing.value["text"] if mailing and mailing.value.get("text") else "住所と同じ",
        },
        {"label": "電話", "value": telephone.value["text"] if telephone else "未記入"},
        {"label": "区分", "value": home.get_kind_display()},
    ]
    if home.household_no:
        rows.append({"label": "世帯番号", "value": home.household_no, "kind": "code"})
    return rows


def links(view: HouseholdView, staff: Staff) -> list[dict[str, Any]]:
    """For people who were entered by word of mouth: the household of the register that they are linked to."""
    hidden = ledger.hidden_person_ids(staff, [into.pk for into in view.links.values()])
    return [
        {
            "text": f"{into.name}（自動の照合です。証明書の交付には本人確認が要ります）",
            "url": reverse("desk:household", args=[into.household_id]),
        }
        for into in view.links.values()
        if into.pk not in hidden and into.household_id
    ]


def by_hand(view: HouseholdView) -> list[dict[str, Any]]:
    """The facts that may be entered on the page, with what they say now."""
    result = []
    for kind in KINDS.values():
        if kind.by_hand:
            now = view.facts.get(kind.name)
            result.append({"kind": kind.name, "label": kind.label, "text": now.value.get("text", "") if now else ""})
    return result


def household_of_scan(text: str) -> UUID | None:
    """The household whose certificate's QR was scanned (an address with /verify/), if there is one."""
    if "/verify/" not in text:
        return None
    token = text.split("/verify/")[1].split("#")[0].split("?")[0].strip().strip("/")
    return documents.household_of_token(token)
