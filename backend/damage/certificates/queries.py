"""What is out for whom, as this person may see it; and the room's part of the household page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from backend.accounts.models import Staff
from backend.accounts.permissions import may
from backend.core.clock import now, today, tokyo_date
from backend.core.errors import NotFound, Refused
from backend.damage.applications import queries as applications
from backend.damage.judgements import queries as judgements
from backend.damage.models import Application, ApplicationHouse
from backend.damage.surveys import queries as surveys
from backend.documents import kinds
from backend.documents import queries as documents
from backend.documents.models import Issue
from backend.documents.rules import fiscal_year
from backend.ledger.households import queries as households
from backend.ledger.houses.queries import live_links
from backend.ledger.models import Household, HouseLink

from . import people

KIND = "hisai"
RISAI = "risai"
DECLARED = "todokede"
KINDS = (KIND, RISAI, DECLARED)
MOST_DOORS = 6  # to the houses of one household, on its page


def certificate(issue_id: UUID, staff: Staff) -> Issue:
    """One certificate; `NotFound` too when this person may not know of its household or of the paper."""
    found = documents.issue(issue_id)
    hidden = found.household in households.unseen_households(staff, [found.household])
    if found.kind_id not in KINDS or hidden or (found.restricted and not staff.sees_protected):
        raise NotFound("その証明書はありません。")
    if found.kind_id == DECLARED and not _knows_the_application(found, staff):
        raise NotFound("その証明書はありません。")
    return found


def _knows_the_application(found: Issue, staff: Staff) -> bool:
    """Whether this person may know of the applicant, who may be of no household."""
    row = application_of(found)
    return row is not None and applications.visible(staff).filter(pk=row.pk).exists()


def application_of(found: Issue) -> Application | None:
    """The application that a paper was issued for, as it was then."""
    given = {"risai": "certificates__issue", "todokede": "declared__issue"}.get(found.kind_id)
    return Application.objects.filter(**{given: found.pk}).first() if given else None


def require_printable(found: Issue) -> None:
    """Refuses when the paper shows somebody who has come under protection since it was issued."""
    if not found.restricted and people.names_protected(found.content["persons"]):
        raise Refused(
            "交付した後に秘匿の対象となった方が載っているため、印刷できません。失効させてから、新しく交付してください。"
        )


def shows_protected(found: Issue) -> bool:
    """Whether its content may not be shown on a page any more."""
    return not found.restricted and people.names_protected(found.content["persons"])


def paper(issue_id: UUID, staff: Staff, *, copy: int) -> tuple[Issue, bytes]:
    """The PDF of one printing."""
    found = certificate(issue_id, staff)
    require_printable(found)
    return found, documents.paper(found, copy=copy)


def today_issues(staff: Staff, *, most: int = 100) -> list[Issue]:
    """The issues of today that this person may know of, newest first."""
    rows = list(documents.issues_on(KINDS, today())[:most])
    return visible(rows, staff)


@dataclass(frozen=True)
class Counts:
    """Certificates issued today and in this fiscal year, and how many of the year's are void."""

    today: int
    year: int
    withdrawn: int


def counts() -> Counts:
    year = documents.issues(KINDS).filter(fiscal_year=fiscal_year(tokyo_date(now())))
    return Counts(
        documents.issues_on(KINDS, today()).count(), year.count(), year.filter(status=Issue.Status.WITHDRAWN).count()
    )


def household_issues(household_id: UUID, staff: Staff, kinds: Iterable[str] = KINDS) -> list[Issue]:
    """All certificates of a household that this person may know of, newest first."""
    return visible(list(documents.of_household(household_id, kinds)), staff)


def timeline(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """What happened with certificates of this household: dicts of at, title, text, by, url."""
    if not may(staff, "certificates.read"):
        return []
    entries = []
    for found in household_issues(household_id, staff):
        url = reverse("damage:document", args=[found.id])
        for line in found.copies.select_related("by"):
            many = f"（{line.quantity}通）" if line.quantity > 1 else ""
            verb = f"を交付{many}" if line.number == 1 else f"を再交付（{line.which}通目）"
            text = f"{found.number_text}　{line.reason}"
            entries.append(
                {"at": line.at, "title": found.kind.title + verb, "text": text, "by": str(line.by), "url": url}
            )
        if found.withdrawn_at:
            text = f"{found.number_text}　{found.withdrawn_reason}"
            title = f"{found.kind.title}を失効"
            entries.append(
                {"at": found.withdrawn_at, "title": title, "text": text, "by": str(found.withdrawn_by), "url": url}
            )
    return sorted(entries, key=lambda entry: entry["at"], reverse=True)


@dataclass(frozen=True)
class HouseOfHome:
    """A house that a household lives in or owns, with its class where one holds, and the paper that is out."""

    house: UUID
    where: str
    role: str
    damage: str
    paper: Issue | None


def houses_of(home: Household, staff: Any) -> list[HouseOfHome]:
    """The houses of a household, those it lives in first; by links that this person may see, confirmed or not."""
    links: dict[UUID, HouseLink] = {}
    for link in live_links(staff).filter(household=home).order_by("role", "since", "pk"):
        links.setdefault(link.house_id, link)
    at, judged = surveys.places(links), judgements.present(links, home.disaster)
    out = {one.subject: one for one in household_issues(home.pk, staff, [RISAI]) if one.is_out}
    return [
        HouseOfHome(
            house,
            at[house],
            link.get_role_display() + ("" if link.confirmed_by_id else "（未確認）"),
            surveys.class_label(judged[house].damage_class, judged[house].survey) if house in judged else "",
            out.get(house),
        )
        for house, link in links.items()
        if house in at
    ]


def doors(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """The doors from the household page: label, url, count of valid certificates, note. None without the right."""
    if not may(staff, "certificates.read"):
        return []
    found = household_issues(household_id, staff)
    return [
        _door(
            "罹災証明書", reverse("damage:risai", args=[household_id]), [one for one in found if one.kind_id == RISAI]
        ),
        *_house_doors(household_id, staff),
        _door(
            "被災証明書", reverse("damage:issue", args=[household_id]), [one for one in found if one.kind_id == KIND]
        ),
        *_declared_door(household_id, staff, [one for one in found if one.kind_id == DECLARED]),
    ]


def _house_doors(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """Where a household has several houses, a way to the paper of each that was judged, so that none has to be chosen first.

    A single one needs none: its door leads there. Of whoever has very many the rest is on the page of houses.
    """
    links = live_links(staff).filter(household=household_id)
    if not may(staff, "certificates.issue") or links.values("house").distinct().count() < 2:
        return []
    home = Household.objects.select_related("disaster").get(pk=household_id)
    judged = [one for one in houses_of(home, staff) if one.damage]
    return [
        _door(
            f"罹災証明書　{one.where}",
            reverse("damage:risai_house", args=[household_id, one.house]),
            [one.paper] if one.paper else [],
            one.damage,
        )
        for one in judged[:MOST_DOORS]
    ]


def _declared_door(household_id: UUID, staff: Staff, found: list[Issue]) -> list[dict[str, Any]]:
    """Only where something was applied for that is no dwelling."""
    asked = applications.living().filter(household=household_id, pk__in=applications.visible(staff).values("pk"))
    others = ApplicationHouse.objects.filter(application__in=asked).exclude(what="dwelling")
    if not found and not others.exists():
        return []
    return [_door(kinds.kind(DECLARED).title, reverse("damage:declared_of", args=[household_id]), found)]


def _door(label: str, url: str, found: list[Issue], about: str = "") -> dict[str, Any]:
    valid = [one for one in found if one.is_valid]
    if back := [one for one in found if one.is_out and not one.is_valid]:
        note = f"後の判定あり（要返納）　{back[0].number_text}"
    else:
        note = f"交付済み　{valid[0].number_text}" if valid else "交付していません"
    note = "　".join(part for part in (about, note) if part)
    return {"label": label, "url": url, "count": len(valid), "note": note}


def visible(rows: list[Issue], staff: Staff) -> list[Issue]:
    """Those of these papers that this person may know of."""
    hidden = households.unseen_households(staff, {row.household for row in rows})
    return [row for row in rows if row.household not in hidden and (staff.sees_protected or not row.restricted)]
