"""Whom the box at the door finds, as plain values: households of the ledger, of the excerpt on a laptop, and people whom
shelters know already. Nobody is in it whom the asker may not see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from backend.accounts.models import Staff
from backend.core.kana import looks_like_kana, search_kana
from backend.core.names import search_key
from backend.ledger import lookup
from backend.ledger import queries as ledger
from backend.ledger.households import queries as households
from backend.ledger.models import Disaster, Person, SameAs, TypedRecord
from backend.shelters import rules
from backend.shelters.cards import queries as cards
from backend.shelters.cards import rules as card_rules
from backend.shelters.disasters import disasters_of
from backend.shelters.models import Evacuee, StayEvent
from backend.shelters.people import by_evacuee, faces, hidden, merged_away
from backend.shelters.queries import opening_names, places_of

MOST_TYPED = 20  # people typed by hand who are shown; whoever needs more types more
RECENT = 8


@dataclass(frozen=True)
class Member:
    """Somebody who may be ticked. `field`, `value`: how the form names them. `place`: where they are now, if in a shelter."""

    field: str
    value: str
    name: str
    kana: str = ""
    birth: str = ""
    sex: str = ""
    relationship: str = ""
    evacuee: UUID | None = None
    place: str = ""
    here: bool = False

    @property
    def sex_label(self) -> str:
        return rules.SEXES.get(self.sex, "")


@dataclass(frozen=True)
class Family:
    """Those who are shown together and checked in together; `household` of the ledger, where there is one. `unseen`: how
    many more belong to them whom the asker may not see."""

    address: str
    members: list[Member]
    household: UUID | None = None
    unseen: int = 0


@dataclass(frozen=True)
class Found:
    families: list[Family] = field(default_factory=list)
    problem: str = ""
    more: bool = False
    # The whole numbers that a mistyped one may have been.
    did_you_mean: list[str] = field(default_factory=list)

    @property
    def people(self) -> int:
        return sum(len(family.members) for family in self.families)


def has_register(opening: UUID) -> bool:
    """Whether residents can be found at all: in the ledger, or in the laptop's excerpt once that is open."""
    return lookup.is_here() or _disaster(opening) is not None


def find(text: str, opening: UUID, staff: Staff) -> Found:
    """Everybody for whom all that was typed is true, with their households."""
    try:
        card = card_rules.read(text)
    except card_rules.Misread as misread:
        return Found(problem=str(misread))
    if card and (families := _of_card(card, opening, staff)):
        return Found(families)
    disaster = _disaster(opening)
    found = _in_ledger(text, disaster, opening, staff) if disaster else _in_excerpt(text, opening, staff)
    typed = _typed_here(text, opening, staff)
    if not typed:
        return found
    return Found([*found.families, *typed], "", found.more, found.did_you_mean)


def _disaster(opening: UUID) -> Disaster | None:
    """The ledger in which the people of this shelter are; None on a laptop."""
    meant = disasters_of([opening])[opening]
    return Disaster.objects.filter(pk=meant).first() if meant else ledger.current_disaster()


def _of_card(card: str, opening: UUID, staff: Staff) -> list[Family]:
    """The person of a card, with whom they came. Two people with one number are both shown, each with theirs."""
    families = []
    for evacuee in cards.evacuees_of(card):
        if hidden([evacuee], staff):
            continue
        found = known(cards.together_with(evacuee), opening, staff)
        if found:
            families.append(Family(found[0][0], [member for _, member in found]))
    return families


# Residents in the ledger ------------------------------------------------------------------------------------------------


def _in_ledger(text: str, disaster: Disaster, opening: UUID, staff: Staff) -> Found:
    hits = ledger.search(ledger.Asked(text=text), disaster=disaster, staff=staff)
    homes = households.households_of([person.pk for person in hits.people], staff=staff)
    order = list(dict.fromkeys(home for person in hits.people if (home := homes.get(person.pk))))
    members = households.compositions(order, staff=staff)
    unseen = _unseen_members(order, staff)
    alone = [person for person in hits.people if person.pk not in homes]
    everybody = [*alone, *(member.person for found in members.values() for member in found)]
    seats = _seats(everybody, opening, staff)
    families = [
        Family(
            members[home][0].person.address,
            [_of_ledger(member.person, member.relationship, seats) for member in members[home]],
            home,
            unseen[home],
        )
        for home in order
        if members[home]
    ]
    families += [Family(person.address, [_of_ledger(person, "", seats)]) for person in alone]
    meant = [home.disaster_number for home in hits.did_you_mean]
    return Found(families, "" if families else hits.problem, hits.more, meant)


def _unseen_members(homes: list[UUID], staff: Staff) -> Counter[UUID]:
    """household -> how many of its members of the register the asker may not see, as its own page says (ほか○名（秘匿）)."""
    rows = Person.objects.filter(household__in=homes, ended_at=None)
    home_of: dict[UUID, UUID] = dict(rows.values_list("pk", "household_id"))
    return Counter(home_of[pk] for pk in households.unseen_people(staff, home_of))


def _seats(people: list[Person], opening: UUID, staff: Staff) -> dict[UUID, tuple[UUID, str, bool]]:
    """person of the ledger -> (evacuee, name of the place, whether it is this one), of those who are in a shelter."""
    by = by_evacuee(people)
    places = {pk: place for pk, place in places_of(by).items() if pk not in hidden(by, staff)}
    names = opening_names(set(places.values()))
    return {by[pk].pk: (pk, names.get(place, ""), place == opening) for pk, place in places.items()}


def _of_ledger(person: Person, relationship: str, seats: dict[UUID, tuple[UUID, str, bool]]) -> Member:
    evacuee, place, here = seats.get(person.pk, (None, "", False))
    said = (person.name, person.kana, person.birth, person.sex)
    return Member("member", str(person.pk), *said, relationship, evacuee, place, here)


# Residents in the excerpt -----------------------------------------------------------------------------------------------


def _in_excerpt(text: str, opening: UUID, staff: Staff) -> Found:
    found = lookup.find(text)
    code = settings.MUNICIPALITY_CODE
    ids = {
        m.atena_no: rules.evacuee_id(code, {"atena_no": m.atena_no})
        for family in found.families
        for m in family.members
    }
    unseen = hidden(ids.values(), staff)
    places = places_of(ids.values())
    names = opening_names(set(places.values()))
    families = []
    for family in found.families:
        members = []
        for row in family.members:
            pk = ids[row.atena_no]
            if pk in unseen:
                continue
            place = places.get(pk)
            said = (row.name, row.kana, row.birth, row.sex)
            where = (names.get(place, "") if place else "", place == opening)
            members.append(Member("person", row.atena_no, *said, "", pk if place else None, *where))
        if members:
            address, left = family.members[0].address, len(family.members) - len(members)
            families.append(Family(address, members, unseen=left))
    return Found(families, more=found.more)


# People whom shelters typed themselves ----------------------------------------------------------------------------------


def _typed_here(text: str, opening: UUID, staff: Staff) -> list[Family]:
    """People without a number whom some shelter wrote down. Who is linked to a resident is found as that resident."""
    condition = _typed_as(text)
    if condition is None:
        return []
    linked = SameAs.objects.filter(record__isnull=False, until=None).values("record")
    rows = TypedRecord.objects.filter(condition, room="shelters").exclude(pk__in=linked)
    ids = list(rows.order_by("kana_family_key", "pk").values_list("pk", flat=True)[: MOST_TYPED * 2])
    return [Family(member_address, [member]) for member_address, member in known(ids, opening, staff)][:MOST_TYPED]


def _typed_as(text: str) -> Q | None:
    """What must be true of the keys of a typed record: each word begins the family or the given name, written or read."""
    words = text.split()
    condition = Q()
    for word in words:
        key = search_key(word)
        if not key or key.isdecimal():
            return None
        either = Q(family_key__startswith=key) | Q(given_key__startswith=key)
        if looks_like_kana(word):
            sound = search_kana(word)
            either |= Q(kana_family_key__startswith=sound) | Q(kana_given_key__startswith=sound)
        condition &= either
    return condition if words else None


def known(ids: Iterable[UUID], opening: UUID, staff: Staff) -> list[tuple[str, Member]]:
    """(address, member) of evacuees, without whom the asker may not see and whoever is one with another."""
    wanted = list(dict.fromkeys(ids))
    away = merged_away(wanted)
    wanted = [pk for pk in dict.fromkeys(away.get(pk, pk) for pk in wanted)]
    met = set(Evacuee.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    unseen = hidden(wanted, staff)
    shown = [pk for pk in wanted if pk in met and pk not in unseen]
    people, places = faces(shown), places_of(shown)
    names = opening_names(set(places.values()))
    found = []
    for pk in shown:
        face, place = people[pk], places.get(pk)
        said: Any = (face.name, face.kana, face.birth, face.sex, face.relationship)
        where = (names.get(place, "") if place else "", place == opening)
        found.append((face.address or face.origin, Member("evacuee", str(pk), *said, pk, *where)))
    return found


# What was written last ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recent:
    """An arrival that was written here a moment ago, with the way to take it back."""

    event: StayEvent
    face: Any


def recent(opening: UUID, staff: Staff) -> list[Recent]:
    """The last arrivals that were written in this shelter, whoever wrote them: so that nobody is asked twice."""
    rows = StayEvent.objects.filter(opening=opening, kind__in=["arrived", "moved"], voided_at=None)
    events = list(rows.order_by("-received_no")[: RECENT * 2])
    unseen = hidden([event.evacuee for event in events], staff)
    people = faces([event.evacuee for event in events if event.evacuee not in unseen])
    return [Recent(event, people[event.evacuee]) for event in events if event.evacuee in people][:RECENT]
