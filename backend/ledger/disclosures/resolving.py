"""What becomes of those who were chosen, for a preview and for the hand-over itself: set-based, in pieces."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from backend.core.clock import today, tokyo_date
from backend.core.dates import era, parse_date
from backend.ledger.models import Disclosure, DisclosureConsent, Fact, Person, Recipient, SameAs
from backend.ledger.queries import is_under_protection

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


def pieces(values: Iterable[Any]) -> Iterator[list[Any]]:
    rows = list(values)
    return (rows[start : start + PIECE] for start in range(0, len(rows), PIECE))


def lines(disclosure: Disclosure, *, day: date | None = None) -> list[Line]:
    """Everybody chosen, and those of the register in whom they were recognised; by reading of the name.

    Whoever was typed by hand and is somebody of the register by a link that a person confirmed is given as the register
    has them; by a link that nobody confirmed they are not given at all.
    """
    chosen = list(disclosure.people.filter(taken_off_at=None).values_list("person", flat=True))
    links: dict[UUID, tuple[UUID, bool]] = {}
    for piece in pieces(chosen):
        live = SameAs.objects.filter(person__in=piece, until=None).values_list("person", "into", "confirmed_by")
        links |= {typed: (into, confirmed is not None) for typed, into, confirmed in live}
    joined = {pk: into for pk, (into, confirmed) in links.items() if confirmed}
    found: list[Line] = []
    standing = dict.fromkeys([*chosen, *joined.values()])
    for piece in pieces(standing):
        found += _lines(piece, disclosure, links, joined, day or today())
    found.sort(key=lambda line: (line.person.kana_family_key or "ン", line.person.kana_given_key, str(line.person.pk)))
    return found


def _lines(
    ids: list[UUID], disclosure: Disclosure, links: dict[UUID, tuple[UUID, bool]], joined: dict[UUID, UUID], day: date
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
                link_confirmed=links[person.pk][1] if person.pk in links else None,
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
    """The values of these people, in the order of the items."""
    found: dict[UUID, list[str]] = {}
    for piece in pieces(people):
        facts = _contacts(piece, items)
        where = sources.whereabouts(piece) if "whereabouts" in items else {}
        for person in piece:
            known = {**facts.get(person.household_id, {}), "whereabouts": where.get(person.pk, "")}
            found[person.pk] = [known[item] if item in known else _value(person, item) for item in items]
    return found


def _value(person: Person, item: str) -> str:
    if item == "sex":
        return SEX.get(person.sex, "")
    if item == "birth":
        return era(parse_date(person.birth)) if person.birth else ""
    if item == "disaster_number":
        return person.household.disaster_number if person.household else ""
    return getattr(person, item, None) or ""


def _contacts(people: list[Person], items: list[str]) -> dict[UUID | None, dict[str, str]]:
    """Telephone and mailing address by household; of a household with somebody under protection none.

    What is known of a household may be what a hidden member told.
    """
    wanted = [item for item in ("telephone", "mailing_address") if item in items]
    if not wanted:
        return {}
    homes = {person.household_id for person in people if person.household_id}
    guarded = set(Person.objects.filter(is_under_protection(), household__in=homes).values_list("household", flat=True))
    found: dict[UUID | None, dict[str, str]] = {home: dict.fromkeys(wanted, "") for home in (*homes, None)}
    facts = Fact.objects.filter(household__in=homes - guarded, kind__in=wanted, replaced_by=None)
    for fact in facts.order_by("recorded_at", "id"):
        found[fact.household_id][fact.kind] = str(fact.value.get("text", ""))
    return found
