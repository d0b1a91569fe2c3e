"""What the register of disclosures answers. Whoever a person may not see is in no list and in no count of theirs."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from backend.accounts.models import Staff
from backend.accounts.permissions import may
from backend.core.clock import today
from backend.core.errors import NotFound, Refused
from backend.core.pieces import pieces
from backend.ledger.households.queries import ever_in
from backend.ledger.models import (
    Disaster,
    Disclosure,
    DisclosureConsent,
    HandOver,
    HandOverLine,
    Household,
    Person,
    Recipient,
)
from backend.ledger.queries import (
    hidden_person_ids,
    household_page,
    is_under_protection,
    sees_protected,
    visible_persons,
)
from backend.ledger.queries import members as members_today

from . import resolving, rules, sources

MOST_NUMBERS = 5000


def disclosures(disaster: Disaster, status: str = "") -> QuerySet[Disclosure]:
    rows = Disclosure.objects.filter(disaster=disaster).select_related("recipient", "drafted_by", "asked_by")
    return rows.filter(status=status) if status else rows


def disclosure(pk: UUID) -> Disclosure:
    related = ("disaster", "recipient", "drafted_by", "asked_by", "decided_by", "closed_by", "cancelled_by")
    found = Disclosure.objects.select_related(*related).filter(pk=pk).first()
    if found is None:
        raise NotFound("この提供の記録はありません。")
    return found


def hand_over(row: Disclosure) -> HandOver | None:
    return HandOver.objects.select_related("by").filter(disclosure=row).first()


def recipients(*, ended: bool = False) -> QuerySet[Recipient]:
    rows = Recipient.objects.all()
    return rows if ended else rows.filter(ended_at=None)


def recipient(pk: UUID) -> Recipient:
    found = Recipient.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound("この提供先はありません。")
    return found


# Who is in it --------------------------------------------------------------------------------------------------------


@dataclass
class People:
    """Those of a disclosure whom the asker may see. `left_out`: how many by reason, in words; `protected`: how many are
    left out as protected, None for whoever may not know that there are any."""

    lines: list[Any] = field(default_factory=list)
    tally: dict[str, int] = field(default_factory=dict)
    protected: int | None = None

    @property
    def given(self) -> int:
        return self.tally.get(rules.GIVEN, 0)

    @property
    def left_out(self) -> list[tuple[str, int]]:
        return [
            (rules.OUTCOMES[code], count)
            for code, count in self.tally.items()
            if code not in (rules.GIVEN, "protected")
        ]


def people_of(row: Disclosure, staff: Staff) -> People:
    """As it would be handed over now, or as it was."""
    done = hand_over(row)
    lines: list[Any]
    if done is None:
        lines = resolving.lines(row)
    else:
        lines = list(HandOverLine.objects.filter(hand_over=done).select_related("person__household"))
    unseen: set[UUID] = set()
    for piece in pieces((line.person.pk for line in lines), resolving.PIECE):
        unseen |= hidden_person_ids(staff, piece)
    shown = [line for line in lines if line.person.pk not in unseen and (sees_protected(staff) or not _guarded(line))]
    protected = sum(_guarded(line) for line in lines) if sees_protected(staff) else None
    return People(shown, resolving.tally(shown), protected)


def _guarded(line: Any) -> bool:
    return bool(line.outcome == "protected")


def file_rows(done: HandOver, staff: Staff) -> tuple[list[list[str]], int]:
    """The rows that were given, without those whom the asker may not see by now; and how many these are."""
    lines = list(HandOverLine.objects.filter(hand_over=done, outcome=rules.GIVEN))
    unseen: set[UUID] = set()
    for piece in pieces((line.person_id for line in lines), resolving.PIECE):
        unseen |= hidden_person_ids(staff, piece)
    shown = [line.values for line in lines if line.person_id not in unseen]
    return shown, len(lines) - len(shown)


# Ways of choosing ----------------------------------------------------------------------------------------------------


def by_numbers(disaster: Disaster, text: str, staff: Staff) -> tuple[list[UUID], list[str]]:
    """The people of a list of 宛名番号, and the numbers to which nobody belongs whom the asker may see.

    Somebody who is hidden stands in both: they are put down to be left out, and the answer is that of an unknown number.
    """
    typed = list(dict.fromkeys(unicodedata.normalize("NFKC", text).replace(",", " ").replace("、", " ").split()))
    if len(typed) > MOST_NUMBERS:
        raise Refused(f"一度に入れられるのは{MOST_NUMBERS:,}件までです。分けて入れてください。")
    found: dict[str, UUID] = {}
    visible: set[str] = set()
    for piece in pieces(typed, resolving.PIECE):
        people = Person.objects.filter(disaster=disaster, atena_no__in=piece)
        found |= {number or "": pk for number, pk in people.values_list("atena_no", "pk")}
        seen = visible_persons(staff).filter(disaster=disaster, atena_no__in=piece)
        visible |= {number or "" for number in seen.values_list("atena_no", flat=True)}
    return list(found.values()), [number for number in typed if number not in visible]


def by_household(disaster: Disaster, number: str, staff: Staff) -> tuple[list[UUID], int]:
    """All members of today of the household of a り災番号, and how many of them the asker sees.

    Whoever is hidden in it is put down too, to be left out.
    """
    text = unicodedata.normalize("NFKC", number).strip().upper()
    home = Household.objects.filter(disaster=disaster, disaster_number=text).first()
    if home is None:
        raise NotFound("このり災番号の世帯はありません。番号を確かめてください。")
    household_page(home.pk, staff)  # a household that the asker may not see is none
    shown = [person.pk for person in members_today(home, staff)]
    hidden = ever_in(home).filter(is_under_protection()).values_list("pk", flat=True)
    return list(dict.fromkeys([*shown, *hidden])), len(shown)


def consented(disaster: Disaster, row: Recipient) -> list[UUID]:
    """Everybody of the disaster whose consent to this recipient holds today."""
    said = DisclosureConsent.objects.filter(recipient=row, person__disaster=disaster, withdrawn_at=None)
    candidates = set(said.values_list("person", flat=True))
    if row.named_at_shelters:
        candidates |= set(sources.agreed(disaster))
    found: list[UUID] = []
    for piece in pieces(candidates, resolving.PIECE):
        found += resolving.consenting(Person.objects.filter(pk__in=piece), row, today())
    return found


# Who received my data ------------------------------------------------------------------------------------------------


@dataclass
class Received:
    """One person: what was given of them, and to whom they consent."""

    person: Person
    rows: list[HandOverLine]
    consents: list[DisclosureConsent]


def records_of(people: Iterable[Person]) -> dict[UUID, set[UUID]]:
    """Each person with every record of them: confirmed to be the same, or of the same 宛名番号 in another disaster."""
    persons = list(people)
    found = resolving.aliases_of(persons)
    numbers: dict[str, set[UUID]] = {}
    known = Person.objects.filter(pk__in=set().union(*found.values())).exclude(atena_no=None)
    for pk, number in known.values_list("pk", "atena_no"):
        for one, records in found.items():
            if pk in records:
                numbers.setdefault(number or "", set()).add(one)
    for pk, number in Person.objects.filter(atena_no__in=list(numbers)).values_list("pk", "atena_no"):
        for one in numbers[number or ""]:
            found[one].add(pk)
    return found


def received(people: Iterable[Person]) -> list[Received]:
    """Of these people, the hand-overs with their data (newest first) and their consents. Ask who may be seen before."""
    persons = list(people)
    records = records_of(persons)
    everybody = set().union(*records.values()) if records else set()
    lines = HandOverLine.objects.filter(person__in=everybody, outcome=rules.GIVEN).order_by("-hand_over__at")
    related = ("hand_over__disclosure__recipient", "hand_over__disclosure__disaster", "hand_over__by")
    rows = list(lines.select_related(*related))
    said = DisclosureConsent.objects.filter(person__in=everybody).select_related("recipient", "recorded_by")
    consents = list(said.order_by("-since", "-recorded_at"))
    return [
        Received(
            person,
            [line for line in rows if line.person_id in records[person.pk]],
            [consent for consent in consents if consent.person_id in records[person.pk]],
        )
        for person in persons
    ]


def of_household(household_id: UUID, staff: Staff) -> tuple[Household, list[Received]]:
    """The same of every member whom this person may see; a household that they may not see is none."""
    view = household_page(household_id, staff)
    people = {member.person.pk: member.person for member in [*view.members, *(view.today or [])]}
    return view.household, received(people.values())


def consent_of(pk: UUID, household_id: UUID, staff: Staff) -> DisclosureConsent:
    """A consent of a member of this household whom this person may see."""
    _, members = of_household(household_id, staff)
    found = next((consent for one in members for consent in one.consents if consent.pk == pk), None)
    if found is None:
        raise NotFound("この同意の記録はありません。")
    return found


def _shown(household_id: UUID, staff: Staff) -> list[Person]:
    """Who is in a household, by the register or today, as far as this person may see."""
    home = Household.objects.get(pk=household_id)
    registered = visible_persons(staff).filter(household=home)
    return list({person.pk: person for person in [*registered, *members_today(home, staff)]}.values())


def door(household_id: UUID, staff: Staff) -> dict[str, Any] | None:
    """The way from a household to "who received my data"."""
    if not may(staff, "disclosure.read"):
        return None
    records = records_of(_shown(household_id, staff))
    everybody = set().union(*records.values()) if records else set()
    lines = HandOverLine.objects.filter(person__in=everybody, outcome=rules.GIVEN)
    return {
        "label": "提供の記録と同意",
        "url": reverse("disclosures:received", args=[household_id]),
        "count": lines.values("hand_over").distinct().count(),
        "unit": "件",
        "note": "だれに、何を提供したか",
    }


def timeline(household_id: UUID, staff: Staff) -> list[dict[str, Any]]:
    """Hand-overs of the data of members whom this person may see; one line a hand-over."""
    if not may(staff, "disclosure.read"):
        return []
    shown = [person.pk for person in _shown(household_id, staff)]
    lines = HandOverLine.objects.filter(person__in=shown, outcome=rules.GIVEN)
    rows: dict[UUID, dict[str, Any]] = {}
    for line in lines.select_related("hand_over__disclosure__recipient", "hand_over__by", "person"):
        done = line.hand_over
        row = rows.setdefault(
            done.pk,
            {
                "at": done.at,
                "title": "台帳情報の提供",
                "text": f"{done.disclosure.to}へ",
                "by": str(done.by),
                "names": [],
            },
        )
        row["names"].append(line.person.name)
    for row in rows.values():
        row["text"] += f"　{'、'.join(row.pop('names'))}"
    return list(rows.values())
