"""What becomes of those who were chosen, for a preview and for the hand-over itself: set-based, in pieces."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.core.clock import today, tokyo_date
from backend.core.dates import era, parse_date
from backend.core.pieces import pieces
from backend.ledger.households.queries import households_of
from backend.ledger.models import (
    Disclosure,
    DisclosureConsent,
    Fact,
    Household,
    HouseholdLine,
    Person,
    Recipient,
    SameAs,
)
from backend.ledger.queries import confirmed_same_as, is_under_protection, same_as

from . import rules, sources

PIECE = 2000
SEX = {"1": "男", "2": "女"}


@dataclass(frozen=True)
class Line:
    """One person and what becomes of them."""

    person: Person
    outcome: str

    @property
    def label(self) -> str:
        return rules.OUTCOMES[self.outcome]


def lines(disclosure: Disclosure, *, day: date | None = None) -> list[Line]:
    """Everybody chosen, and those of the register in whom they were recognised; by reading of the name.

    Whoever was typed by hand and is somebody of the register by a link that a person confirmed is given as the register
    has them; by a link that nobody confirmed they are not given at all.
    """
    chosen = list(disclosure.people.filter(taken_off_at=None).values_list("person", flat=True))
    joined: dict[UUID, UUID] = {}
    doubtful: set[UUID] = set()
    for piece in pieces(chosen, PIECE):
        confirmed = confirmed_same_as(piece)
        joined |= confirmed
        doubtful |= same_as(piece).keys() - confirmed.keys()
    found: list[Line] = []
    standing = dict.fromkeys([*chosen, *joined.values()])
    for piece in pieces(standing, PIECE):
        found += _lines(piece, disclosure, joined, doubtful, day or today())
    found.sort(key=lambda line: (line.person.kana_family_key or "ン", line.person.kana_given_key, str(line.person.pk)))
    return found


def _lines(
    ids: list[UUID], disclosure: Disclosure, joined: dict[UUID, UUID], doubtful: set[UUID], day: date
) -> list[Line]:
    people = Person.objects.filter(pk__in=ids).select_related("household")
    hidden = set(Person.objects.filter(is_under_protection(), pk__in=ids).values_list("pk", flat=True))
    ground = rules.GROUNDS[disclosure.ground]
    agreed: set[UUID] = set()
    if ground.needs_consent and disclosure.recipient:
        agreed = consenting(people, disclosure.recipient, day)
    return [
        Line(
            person,
            "joined"
            if person.pk in joined and person.pk not in hidden
            else rules.outcome(
                protected=person.pk in hidden,
                link_confirmed=False if person.pk in doubtful else True if person.pk in joined else None,
                needs_consent=ground.needs_consent,
                consents=person.pk in agreed,
            ),
        )
        for person in people
    ]


def consenting(people: Iterable[Person], recipient: Recipient, day: date) -> set[UUID]:
    """Those of whom a consent to this recipient holds on the day: said by them, or by a record confirmed to be them.

    Where the recipient is among those that shelters ask about, the answer given there counts too. The latest word counts.
    """
    persons = list(people)
    owners: dict[UUID, set[UUID]] = defaultdict(set)
    for pk, others in aliases_of(persons).items():
        for other in others:
            owners[other].add(pk)
    words: list[tuple[date, datetime, bool, UUID]] = []
    for row in DisclosureConsent.objects.filter(person__in=list(owners), recipient=recipient, since__lte=day):
        if rules.consent_holds(row.since, row.until, row.withdrawn_on, day):
            words.append((row.since, row.recorded_at, True, row.person_id))
        else:
            ended = row.withdrawn_on or row.until or row.since
            words.append((ended, row.withdrawn_at or row.recorded_at, False, row.person_id))
    if recipient.named_at_shelters:
        known = {person.pk for person in persons}
        others = list(Person.objects.filter(pk__in=owners.keys() - known))
        for pk, answer in sources.said([*persons, *others]).items():
            words.append((tokyo_date(answer.at), answer.at, answer.given, pk))
    latest = {one: given for _, _, given, pk in sorted(words, key=lambda word: word[:2]) for one in owners[pk]}
    return {pk for pk, given in latest.items() if given}


def aliases_of(people: Iterable[Person]) -> dict[UUID, set[UUID]]:
    """Each person with the records that a person confirmed to be the same one."""
    found = {person.pk: {person.pk} for person in people}
    confirmed = SameAs.objects.filter(until=None, confirmed_by__isnull=False, person__isnull=False)
    for typed, into in confirmed.filter(into__in=list(found)).values_list("person", "into"):
        found[into].add(typed)
    for typed, into in confirmed.filter(person__in=list(found)).values_list("person", "into"):
        found[typed].add(into)
    return found


def tally(rows: Iterable[Line]) -> dict[str, int]:
    """How many there are of each outcome, in the order of the rules; those of none are left out."""
    count = Counter(line.outcome for line in rows)
    return {outcome: count[outcome] for outcome in rules.OUTCOMES if count[outcome]}


# What is given ----------------------------------------------------------------------------------------------------


def values_of(people: list[Person], items: list[str]) -> dict[UUID, list[str]]:
    """The values of these people, in the order of the items; numbers and contacts are those of their household today."""
    found: dict[UUID, list[str]] = {}
    for piece in pieces(people, PIECE):
        known = _contacts(piece, items)
        if "disaster_number" in items:
            _numbers(piece, known)
        if "whereabouts" in items:
            for pk, where in sources.whereabouts(piece).items():
                known[pk]["whereabouts"] = where
        for person in piece:
            found[person.pk] = [known[person.pk].get(item, _value(person, item)) for item in items]
    return found


def _value(person: Person, item: str) -> str:
    if item == "sex":
        return SEX.get(person.sex, "")
    if item == "birth":
        return era(parse_date(person.birth)) if person.birth else ""
    return getattr(person, item, None) or ""


def _numbers(people: list[Person], known: dict[UUID, dict[str, str]]) -> None:
    homes = households_of([person.pk for person in people], staff=None)
    numbers = dict(Household.objects.filter(pk__in=set(homes.values())).values_list("pk", "disaster_number"))
    for pk, home in homes.items():
        known[pk]["disaster_number"] = numbers[home]


def _contacts(people: list[Person], items: list[str]) -> dict[UUID, dict[str, str]]:
    """Telephone and mailing address, a person's own before the household's; of a household with a hidden member none.

    What is known of a household may be what the hidden member told.
    """
    known: dict[UUID, dict[str, str]] = {person.pk: {} for person in people}
    wanted = [item for item in ("telephone", "mailing_address") if item in items]
    if not wanted:
        return known
    home_of = households_of(list(known), staff=None)
    homes = set(home_of.values())
    hidden = Person.objects.filter(is_under_protection())
    came = HouseholdLine.objects.filter(into_household__in=homes, person__in=hidden.values("pk"))
    guarded = set(hidden.filter(household__in=homes).values_list("household", flat=True))
    guarded |= set(came.values_list("into_household", flat=True))
    facts = Fact.objects.filter(kind__in=wanted, replaced_by=None).order_by("recorded_at", "id")
    shared: dict[UUID, dict[str, str]] = defaultdict(dict)
    for fact in facts.filter(household__in=homes - guarded):
        shared[fact.household_id][fact.kind] = str(fact.value.get("text", ""))  # type: ignore[index]
    for pk, home in home_of.items():
        known[pk] |= shared[home]
    for fact in facts.filter(person__in=list(known)):
        if text := str(fact.value.get("text", "")):
            known[fact.person_id][fact.kind] = text  # type: ignore[index]
    return known
