"""What pages ask of houses and their links. Whoever a person may not see is in no answer, and their house says nobody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from backend.core.check_digits import CheckDigitError, parse_disaster_number
from backend.core.errors import NotFound, Refused
from backend.ledger import queries as ledger
from backend.ledger.households import queries as households
from backend.ledger.households.hidden import Hidden, hidden_households
from backend.ledger.models import (
    Disaster,
    House,
    Household,
    HouseholdLine,
    HouseLink,
    HouseRecord,
    HouseTable,
    Outline,
    Person,
)

from . import rules
from .keys import place_key

UNKNOWN_HOUSE = "この家屋はありません。"
LISTED = 50
LIVES = HouseLink.Role.LIVES


def live_links(staff: Any, hidden: Hidden | None = None) -> QuerySet[HouseLink]:
    """Links that hold now, to households that this person may see."""
    hidden = hidden or hidden_households(staff)
    links = HouseLink.objects.filter(until=None)
    return links.exclude(household__in=hidden.whole) if hidden.whole else links


@dataclass
class LinkView:
    """A link with its household, as a page shows them."""

    link: HouseLink
    household: Household
    name: str
    kana: str
    members: int
    reasons: list[str]
    others: int = 0  # houses that this household is linked to besides

    @property
    def decided(self) -> bool:
        return self.link.confirmed_by_id is not None


@dataclass
class HouseView:
    """A house with what is known of it. The owner is left out where it would show somebody who is hidden."""

    house: House
    record: HouseRecord
    owner: str
    present_owner: str
    owner_home: Household | None
    links: list[LinkView] = field(default_factory=list)
    earlier: list[HouseRecord] = field(default_factory=list)
    rejected: list[LinkView] = field(default_factory=list)

    @property
    def where(self) -> str:
        return self.record.address or self.record.lot


def house_page(house_id: UUID, disaster: Disaster | None, staff: Any) -> HouseView:
    """A house with the households of one disaster that live in it or own it. Raises `NotFound`."""
    house = House.objects.filter(pk=house_id).first()
    records = list(HouseRecord.objects.filter(house=house_id).order_by("-since", "-id")) if house else []
    live = next((record for record in records if record.until is None), None)
    if house is None or live is None:
        raise NotFound(UNKNOWN_HOUSE)
    hidden = hidden_households(staff)
    of_house = HouseLink.objects.filter(house=house, household__disaster=disaster)
    links = of_house.filter(until=None).exclude(household__in=hidden.whole)
    rejected = _last_rejected(of_house.exclude(household__in=hidden.whole))
    covered = _covers_somebody(house, live, hidden, staff)
    owner_home = None if covered or not live.owner_no else _home_of(live.owner_no, disaster, hidden)
    return HouseView(
        house,
        live,
        "" if covered else live.owner_name,
        "" if covered else live.present_owner,
        owner_home,
        link_views(links.order_by("role", "-confirmed_at", "since", "id"), staff),
        [] if covered else [record for record in records if record is not live],
        link_views(rejected, staff),
    )


def _covers_somebody(house: House, record: HouseRecord, hidden: Hidden, staff: Any) -> bool:
    """Whether the names on this house's record could be those of somebody whom this person may not see."""
    if ledger.sees_protected(staff):
        return False
    numbers = HouseRecord.objects.filter(house=house).exclude(owner_no="").values_list("owner_no", flat=True)
    if set(numbers) & ledger.protected_atena_numbers():
        return True
    return HouseLink.objects.filter(house=house, household__in=hidden.part).exists()


def _home_of(atena_no: str, disaster: Disaster | None, hidden: Hidden) -> Household | None:
    owner = Person.objects.filter(disaster=disaster, atena_no=atena_no).select_related("household").first()
    home = owner.household if owner else None
    return home if home and home.pk not in hidden.whole else None


def _last_rejected(links: QuerySet[HouseLink]) -> list[HouseLink]:
    """Links whose last word is that they are wrong."""
    last: dict[tuple, HouseLink] = {}
    for link in links.order_by("since", "id"):
        last[(link.household_id, link.role)] = link
    return [link for link in last.values() if link.ended == HouseLink.Ended.REJECTED]


def link_views(links: Iterable[HouseLink], staff: Any) -> list[LinkView]:
    """Links with household, head, number of people (of the disaster, as it counts) and reasons in words."""
    links = list(links)
    homes = Household.objects.in_bulk([link.household_id for link in links])
    members = _members(homes, staff)
    heads = {home: those[0].person for home, those in (members | _last_known(homes, members, staff)).items() if those}
    others = dict(
        HouseLink.objects.filter(household__in=homes, until=None, role=LIVES)
        .order_by()
        .values_list("household")
        .annotate(n=Count("pk"))
    )
    return [
        LinkView(
            link,
            homes[link.household_id],
            heads[link.household_id].name if link.household_id in heads else "（秘匿）",
            heads[link.household_id].kana if link.household_id in heads else "",
            len(members[link.household_id]),
            [rules.REASONS.get(code, code) for code in link.reasons],
            max(others.get(link.household_id, 0) - 1, 0),
        )
        for link in links
    ]


def _members(homes: Iterable[UUID], staff: Any) -> dict[UUID, list[households.Member]]:
    """Who a household was when the disaster struck; of one that was made later, who it is today. The head comes first."""
    found = households.compositions(homes, at=households.DISASTER, staff=staff)
    if empty := [home for home, those in found.items() if not those]:
        found |= households.compositions(empty, staff=staff)
    return found


def _last_known(
    homes: Iterable[UUID], members: dict[UUID, list[households.Member]], staff: Any
) -> dict[UUID, list[households.Member]]:
    """Of households in which nobody is any more: who was, so that they have a name."""
    empty = [home for home in homes if not members[home]]
    found: dict[UUID, list[households.Member]] = {}
    if not empty:
        return found
    came = HouseholdLine.objects.filter(into_household__in=empty, moves=True).select_related("person")
    for line in households.seen(came.order_by("-is_head", "position", "pk"), staff):
        one = households.Member(line.person, line.is_head, line.relationship, line.position, line.since)
        found.setdefault(line.into_household_id, []).append(one)
    registered = ledger.visible_persons(staff).filter(household__in=empty).order_by("-is_head", "position", "id")
    of_register: dict[UUID, list[households.Member]] = {}
    for person in registered:
        one = households.Member(person, person.is_head, person.relationship, person.position)
        of_register.setdefault(person.household_id, []).append(one)  # type: ignore[arg-type]
    return found | of_register


# The queue -----------------------------------------------------------------------------------------------------------


def open_links(disaster: Disaster, staff: Any, confidence: str, hidden: Hidden | None = None) -> QuerySet[HouseLink]:
    """Links of this confidence that nobody has decided yet."""
    links = live_links(staff, hidden).filter(household__disaster=disaster, role=LIVES, confirmed_by=None)
    return links.filter(confidence=confidence)


def queue(disaster: Disaster, staff: Any, confidence: str, *, after: UUID | None = None) -> tuple[UUID | None, int]:
    """The next house with links to decide (in the order of the lots, behind `after`), and how many houses wait."""
    links = open_links(disaster, staff, confidence)
    waiting = links.order_by().values("house").distinct().count()
    live = HouseRecord.objects.filter(house=OuterRef("house"), until=None).values("lot_key")
    ordered = links.annotate(lot_key=Subquery(live)).order_by("lot_key", "house")
    if after is not None:
        record = HouseRecord.objects.filter(house=after, until=None).first()
        if record:
            behind = Q(lot_key__gt=record.lot_key) | Q(lot_key=record.lot_key, house__gt=after)
            following = ordered.filter(behind).values_list("house", flat=True).first()
            if following:
                return following, waiting
    return ordered.values_list("house", flat=True).first(), waiting


def link(link_id: UUID, staff: Any) -> HouseLink:
    """One link, if this person may see its household; raises `NotFound`."""
    found = HouseLink.objects.select_related("household__disaster", "house").filter(pk=link_id).first()
    if found is None or found.household_id in hidden_households(staff).whole:
        raise NotFound("このつながりはありません。")
    return found


def counts(disaster: Disaster | None) -> dict[str, int]:
    """How far linking is. Nobody's name, and the hidden counted in."""
    houses = House.objects.count()
    if disaster is None:
        return {"houses": houses}
    links = HouseLink.objects.filter(household__disaster=disaster, until=None, role=LIVES)
    by = dict(links.filter(confirmed_by=None).order_by().values_list("confidence").annotate(n=Count("pk")))
    linked = links.order_by().values("household").distinct().count()
    homes = disaster.households.filter(kind=Household.Kind.RESIDENT).count()
    return {
        "houses": houses,
        "confirmed": links.exclude(confirmed_by=None).count(),
        "certain": by.get("certain", 0),
        "likely": by.get("likely", 0),
        "unsure": by.get("unsure", 0),
        "without_house": max(homes - linked, 0),
    }


# Finding -------------------------------------------------------------------------------------------------------------


def find(text: str) -> tuple[list[HouseRecord], bool]:
    """Houses at an address (住居表示 or 地番), or of a 物件番号; at most `LISTED`, and whether there are more."""
    text = text.strip()
    if not text:
        return [], False
    records = HouseRecord.objects.filter(until=None).select_related("house")
    by_number = list(records.filter(house__property_no=text))
    if by_number:
        return by_number, False
    key = place_key(text)
    if key:
        end = f"{key}."  # behind the hyphen of a branch in the order of codes
        fits = Q(lot_key=key) | Q(address_key=key)
        fits |= Q(lot_key__gte=f"{key}-", lot_key__lt=end) | Q(address_key__gte=f"{key}-", address_key__lt=end)
    else:
        town = place_key(f"{text}1")[:-1]
        if not town:
            return [], False
        beyond = town[:-1] + chr(ord(town[-1]) + 1)
        fits = Q(lot_key__gte=town, lot_key__lt=beyond) | Q(address_key__gte=town, address_key__lt=beyond)
    found = list(records.filter(fits).order_by("lot_key", "house_id")[: LISTED + 1])
    return found[:LISTED], len(found) > LISTED


def houses_of(household_id: UUID, staff: Any) -> list[dict[str, Any]]:
    """The houses of a household for its page: {link, record, reasons}; residence before ownership."""
    links = list(live_links(staff).filter(household=household_id).order_by("role", "-confirmed_at", "since", "id"))
    records = {r.house_id: r for r in HouseRecord.objects.filter(house__in=[one.house_id for one in links], until=None)}
    return [
        {
            "link": one,
            "record": records[one.house_id],
            "reasons": [rules.REASONS.get(code, code) for code in one.reasons],
        }
        for one in links
        if one.house_id in records
    ]


def tables() -> QuerySet[HouseTable]:
    return HouseTable.objects.select_related("received_by").order_by(F("until").desc(nulls_first=True), "-received_at")


def outline_counts() -> dict[str, int]:
    outlines = Outline.objects.filter(table__until=None)
    return {"outlines": outlines.count(), "matched": outlines.exclude(house=None).count()}


def household_by_number(disaster: Disaster, text: str, staff: Any) -> ledger.HouseholdView:
    """The household of a り災番号, if this person may see it. Raises `Refused` or `NotFound`."""
    try:
        number = parse_disaster_number(text.strip()).text
    except ValueError as error:
        said = str(error) if isinstance(error, CheckDigitError) else "り災番号を、検査数字まで入れてください。"
        raise Refused(said) from error
    home = disaster.households.filter(disaster_number=number).first()
    if home is None:
        raise NotFound(ledger.UNKNOWN_HOUSEHOLD)
    return ledger.household_page(home.pk, staff)
