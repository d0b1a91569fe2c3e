"""Who is where, as of any time, as known at any time; set-based, and never naming anybody whom the asker may not see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from backend.accounts.models import Staff
from backend.core.clock import now
from backend.facilities import queries as facilities
from backend.facilities.queries import Shelter, known, latest
from backend.ledger.matching.queries import LinkState
from backend.ledger.matching.queries import states as link_states
from backend.ledger.models import Person
from backend.ledger.queries import own_typed, sees_protected

from . import rules
from .models import Consent, Status, StayEvent
from .people import Face, evacuee_of, faces, hidden, merged_away, protected
from .telling.rules import ELSEWHERE


@dataclass(frozen=True)
class RosterRow:
    """One person in a shelter: since when, by which entry, what they consented to."""

    face: Face
    since: datetime
    received_at: datetime
    how: str
    entry: UUID
    moved_from: UUID | None
    consents: frozenset[str]
    protected: bool = False
    link: LinkState | None = None  # of people who were typed by hand: how far they are matched to the register

    @property
    def how_label(self) -> str:
        return rules.HOW[self.how]


@dataclass(frozen=True)
class HeadCount:
    """People by the roster. `people` are those inside; `outside` registered, but sleep in a car, a tent or at home."""

    people: int = 0
    outside: int = 0
    households: int = 0


@dataclass(frozen=True)
class Roster:
    """Everybody in a shelter whom the asker may see; `hidden` more are there, without a name."""

    opening: UUID
    as_of: datetime
    known_at: datetime | None
    rows: list[RosterRow]
    hidden: int
    count: HeadCount


@dataclass(frozen=True)
class ShelterCount:
    """A shelter with its people by roster, beside the head count that was reported (in `shelter`)."""

    shelter: Shelter
    count: HeadCount


@dataclass(frozen=True)
class Place:
    """Where somebody is, or was last: `present` says which. `destination` is where they said they would go."""

    evacuee: UUID
    opening: UUID
    name: str
    since: datetime
    present: bool
    destination: str = ""


@dataclass(frozen=True)
class StayLine:
    """One event in somebody's history; `voided_at` when it was taken back or corrected by a later one."""

    event: StayEvent
    place: str
    from_place: str = ""
    by: str = ""
    title: str = field(default="")


def staying(
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    *,
    evacuees: Iterable[UUID] | None = None,
    opening: UUID | None = None,
) -> QuerySet[StayEvent]:
    """The event that put each present person where they are: the latest arrival, without a later departure from there.

    `evacuees` and `opening` narrow it, to these people and to who is in that shelter.
    """
    as_of = as_of or now()
    events = StayEvent.objects.all() if evacuees is None else StayEvent.objects.filter(evacuee__in=list(evacuees))
    # What ends a stay: a later arrival anywhere, or a later departure from there. Asked so, the database looks at every
    # event once, where to number the events of each person would sort them all.
    later = Q(occurred_at__gt=OuterRef("occurred_at")) | Q(
        occurred_at=OuterRef("occurred_at"), entry__gt=OuterRef("entry")
    )
    ends = ~Q(kind="left") | Q(opening=OuterRef("opening"))
    ended = known(StayEvent.objects.filter(evacuee=OuterRef("evacuee")), as_of, known_at).filter(later, ends)
    present = known(events, as_of, known_at).exclude(kind="left").exclude(Exists(ended))
    if opening is not None:
        present = present.filter(opening=opening)
    # Whoever was found to be one with another is there as that other.
    if away := merged_away(known_at=known_at):
        present = present.exclude(evacuee__in=[pk for pk, at in taken_over(away, known_at).items() if at <= as_of])
    return present


def taken_over(away: Mapping[UUID, UUID], known_at: datetime | None = None) -> dict[UUID, datetime]:
    """Evacuee merged into another (`away`) -> since when that other is anywhere: before that they stood for themselves."""
    others = set(away.values())
    places = (StayEvent.objects.all(), Status.objects.filter(status__in=ELSEWHERE))
    begun: dict[UUID, datetime] = {}
    for rows in places:
        firsts = (
            known(rows.filter(evacuee__in=others), END, known_at).values("evacuee").annotate(first=Min("occurred_at"))
        )
        for other, first in firsts.values_list("evacuee", "first"):
            begun[other] = min(first, begun.get(other, first))
    return {pk: begun[other] for pk, other in away.items() if other in begun}


def places_of(evacuees: Iterable[UUID], as_of: datetime | None = None) -> dict[UUID, UUID]:
    """The opening in which each of these people is; those who are in none are missing."""
    return dict(staying(as_of, evacuees=evacuees).values_list("evacuee", "opening"))


def party_of(evacuee: UUID) -> UUID:
    """With whom somebody came; whoever came alone is a party of their own, which others may join."""
    stays = StayEvent.objects.filter(evacuee=evacuee, voided_at=None).exclude(kind="left")
    return stays.order_by("-occurred_at", "-entry").values_list("party", flat=True).first() or evacuee


def roster(
    opening: UUID,
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    *,
    staff: Staff | None,
    only: Iterable[UUID] | None = None,
) -> Roster:
    """The people of a shelter (`only`: of these evacuees), by kana. `staff=None` sees nobody under protection."""
    at = as_of or now()
    present = list(staying(at, known_at, evacuees=only, opening=opening))
    ids = [event.evacuee for event in present]
    guarded = protected(ids)
    if not sees_protected(staff):
        guarded -= own_typed(staff)
    unseen = set() if sees_protected(staff) else guarded
    people = faces([pk for pk in ids if pk not in unseen], known_at)
    consents = consents_of(people, at, known_at)
    links = link_states([pk for pk, face in people.items() if not face.atena_no], staff, checked=True)
    rows = [
        RosterRow(
            people[event.evacuee],
            event.occurred_at,
            event.received_at,
            event.how,
            event.entry,
            event.from_opening,
            frozenset(item for item, given in consents.get(event.evacuee, {}).items() if given),
            event.evacuee in guarded,
            links.get(event.evacuee),
        )
        for event in present
        if event.evacuee not in unseen
    ]
    rows.sort(key=lambda row: (row.face.kana or "ン", row.face.name, row.since))
    return Roster(opening, at, known_at, rows, len(unseen), head_count(opening, at, known_at))


def head_count(opening: UUID, as_of: datetime | None = None, known_at: datetime | None = None) -> HeadCount:
    """People by the roster, those under protection included."""
    return _counts(as_of, known_at, opening=opening).get(opening, HeadCount())


def counts_by_shelter(
    as_of: datetime | None = None, known_at: datetime | None = None, *, closed: bool = False
) -> list[ShelterCount]:
    """Every open shelter (`closed`: the closed ones too) with its people by roster and the reported head count."""
    at = as_of or now()
    counts = _counts(at, known_at)
    shelters = facilities.openings(at, known_at)
    return [ShelterCount(s, counts.get(s.opening, HeadCount())) for s in shelters if s.is_open or closed]


def _counts(as_of: datetime | None, known_at: datetime | None, opening: UUID | None = None) -> dict[UUID, HeadCount]:
    inside = Q(how="inside")
    rows = (
        staying(as_of, known_at, opening=opening)
        .values("opening")
        .annotate(
            people=Count("entry", filter=inside),
            outside=Count("entry", filter=~inside),
            households=Count(Coalesce(F("party"), F("evacuee")), filter=inside, distinct=True),
        )
    )
    return {row["opening"]: HeadCount(row["people"], row["outside"], row["households"]) for row in rows}


def consents_of(
    evacuees: Iterable[UUID], as_of: datetime | None = None, known_at: datetime | None = None
) -> dict[UUID, dict[str, bool]]:
    """What each of these people said, by item; an item that was never asked is missing, which means no."""
    rows = latest(
        known(Consent.objects.filter(evacuee__in=list(evacuees)), as_of, known_at), "evacuee", "item"
    ).values_list("evacuee", "item", "given")
    found: dict[UUID, dict[str, bool]] = {}
    for evacuee, item, given in rows:
        found.setdefault(evacuee, {})[item] = given
    return found


def where_is(
    who: Person | UUID, as_of: datetime | None = None, known_at: datetime | None = None, *, staff: Staff | None
) -> Place | None:
    """Where a person (of the ledger, or an evacuee's id) is or was last; None when no shelter knows, or for the hidden."""
    pk = evacuee_of(who) if isinstance(who, Person) else who
    return where_are([pk], as_of, known_at, staff=staff).get(pk)


def where_are(
    evacuees: Iterable[UUID],
    as_of: datetime | None = None,
    known_at: datetime | None = None,
    *,
    staff: Staff | None,
) -> dict[UUID, Place]:
    """The same for many, in a fixed number of queries."""
    wanted = list(evacuees)
    unseen = hidden(wanted, staff)
    wanted = [pk for pk in wanted if pk not in unseen]
    present = {e.evacuee: e for e in staying(as_of, known_at, evacuees=wanted)}
    last = {
        e.evacuee: e for e in latest(known(StayEvent.objects.filter(evacuee__in=wanted), as_of, known_at), "evacuee")
    }
    last |= present
    names = opening_names({e.opening for e in last.values()})
    return {
        pk: Place(pk, e.opening, names.get(e.opening, ""), e.occurred_at, pk in present, e.destination)
        for pk, e in last.items()
    }


def opening_times(openings: Iterable[UUID]) -> dict[UUID, datetime]:
    """When openings began."""
    return {s.opening: s.opened_at for s in facilities.openings(END, only=openings)}


def opening_names(openings: Iterable[UUID]) -> dict[UUID, str]:
    """What openings are called, whenever they were."""
    return {s.opening: s.name for s in facilities.openings(END, only=openings)}


END = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
