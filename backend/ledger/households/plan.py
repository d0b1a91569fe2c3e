"""What a decision would do, worked out before anybody confirms it: read only, the same for preview and act."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from backend.core.clock import today, tokyo_date
from backend.core.dates import era
from backend.core.errors import Refused
from backend.ledger.models import Household, HouseholdLine, Person, SameAs
from backend.ledger.protected import is_under_protection, sees_protected
from backend.ledger.queries import deaths

from . import queries, rules

STAY, GO = "stay", "go"


@dataclass
class Line:
    """One person of a household that results: where they were, and what they become."""

    member: queries.Member
    origin: Household
    moves: bool
    dead: bool = False
    relationship: str = ""

    @property
    def person(self) -> Person:
        return self.member.person


@dataclass
class Result:
    """A household as it would be. `key`: STAY (the household that was decided about) or GO (where people go)."""

    key: str
    household: Household | None  # None: a new one, with the next number
    lines: list[Line]
    head: UUID | None = None
    asks_head: bool = False  # its head is said in this decision

    @property
    def heads(self) -> list[tuple[UUID, str]]:
        return [(line.person.pk, line.person.name) for line in self.lines if not line.dead]


@dataclass
class Plan:
    kind: rules.Kind
    household: Household
    other: Household | None
    day: date
    results: list[Result]
    seen: str
    notes: list[str] = field(default_factory=list)

    def result(self, key: str) -> Result | None:
        return next((result for result in self.results if result.key == key), None)


def make(
    *,
    staff: Any,
    household: Household,
    kind: str,
    people: list[UUID],
    other: Household | None = None,
    day: date | None = None,
    heads: Mapping[str, UUID] | None = None,
    kin: Mapping[UUID, str] | None = None,
) -> Plan:
    """What would become of the households. `people` is empty where all of them go. Raises `Refused`, saying why not.

    `heads`: result -> its head; `kin`: person -> relationship to the head; what is not said is suggested.
    """
    about = rules.KINDS.get(kind)
    if about is None:
        raise Refused("種別を選んでください。", fields={"kind": "選んでください。"})
    disaster_day = tokyo_date(household.disaster.occurred_at)
    day = disaster_day if about.as_of_disaster or day is None else day
    _require(rules.why_not_day(about, day, disaster_day=disaster_day, today=today()), "effective_on")
    other = _other(about, household, other)
    at = queries.DISASTER if about.as_of_disaster else day
    homes = [household, *([other] if other else [])]
    found = queries.compositions([home.pk for home in homes], at=at, staff=staff)
    dead = set(deaths([member.person.pk for members in found.values() for member in members]))
    here = found[household.pk]
    chosen = _chosen(about, here, people, dead)
    _require(rules.why_not(about, [_plain(m, dead) for m in chosen], [_plain(m, dead) for m in here]), "people")
    going = [Line(member, household, moves=True, dead=member.person.pk in dead) for member in chosen]
    if about.name == "actual_join" and other:
        going += [Line(m, other, moves=True, dead=m.person.pk in dead) for m in found[other.pk]]
    _require_free(about, going, day, staff, homes)
    left = [Line(m, household, moves=False, dead=m.person.pk in dead) for m in here if m not in chosen]
    results = _results(about, household, other, left, going, found, dead)
    for result in results:
        _say_heads(result, day, dict(heads or {}), dict(kin or {}))
    seen = rules.fingerprint(
        [kind, day, *(f"{pk}:{m.person.pk}:{m.is_head}:{m.relationship}" for pk in found for m in found[pk])]
    )
    return Plan(about, household, other, day, results, seen, _notes(results))


def _require(why_not: str, field_name: str) -> None:
    if why_not:
        raise Refused(why_not, fields={field_name: why_not})


def _other(kind: rules.Kind, household: Household, other: Household | None) -> Household | None:
    if not kind.other:
        return None
    if other is None:
        _require("相手の世帯のり災番号を入れてください。", "other")
    elif other.pk == household.pk:
        _require("同じ世帯のり災番号です。相手の世帯の番号を入れてください。", "other")
    elif other.disaster_id != household.disaster_id:
        _require("ほかの災害の世帯には移せません。この災害のり災番号を入れてください。", "other")
    elif queries.is_undone(other):
        _require("相手の世帯は、認定・異動が取り消された世帯です。", "other")
    return other


def _chosen(kind: rules.Kind, here: list[queries.Member], people: list[UUID], dead: set[UUID]) -> list[queries.Member]:
    if not kind.moves:
        return []
    if kind.everybody and not people:
        return [m for m in here if kind.as_of_disaster or m.person.pk not in dead]
    chosen = [m for m in here if m.person.pk in set(people)]
    if len(chosen) != len(set(people)):
        _require("選んだ方の中に、その日にこの世帯にいない方がいます。世帯画面で確かめてください。", "people")
    return chosen


def _plain(member: queries.Member, dead: set[UUID]) -> rules.Member:
    person = member.person
    return rules.Member(person.pk, member.is_head, member.relationship, person.birth, person.pk in dead)


def _require_free(kind: rules.Kind, going: list[Line], day: date, staff: Any, homes: list[Household]) -> None:
    """Nobody who moves has moved later already, or is somebody typed who is one with a person of the register."""
    people = [line.person.pk for line in going]
    if kind.everybody and not sees_protected(staff):
        hidden = Person.objects.filter(household__in=homes).filter(is_under_protection())
        if hidden.exists():
            _require(
                "秘匿の方がいる世帯の全員に関わる決定は、支援措置対象者を見られる職員が行います。監督者に依頼してください。",
                "kind",
            )
    later = queries.live_lines().filter(moves=True, person__in=people)
    later = later.filter(as_of_disaster=False) if kind.as_of_disaster else later.filter(since__gt=day)
    row = queries.seen(later.select_related("person", "decision").order_by("since")[:1], staff)
    if row:
        label = row[0].decision.get_kind_display()
        _require(
            f"{row[0].person.name}さんには、後の「{label}」（{era(row[0].since)}）があります。"
            "先にそれを取り消してから決めてください。",
            "people",
        )
    if SameAs.objects.filter(person__in=people, until=None).exists():
        _require("住民記録の方と結び付けられた方がいます。住民記録の世帯の画面で決めてください。", "people")


def _results(
    kind: rules.Kind,
    household: Household,
    other: Household | None,
    left: list[Line],
    going: list[Line],
    found: dict[UUID, list[queries.Member]],
    dead: set[UUID],
) -> list[Result]:
    results = []
    lost_head = any(line.member.is_head for line in going)
    if left:
        asks = not kind.moves or (lost_head and any(not line.dead for line in left))
        results.append(Result(STAY, household, left, asks_head=asks))
    if going:
        into = None if kind.founds else other
        there = [] if kind.founds or other is None else found[other.pk]
        kept = [Line(m, other, moves=False, dead=m.person.pk in dead) for m in there]  # type: ignore[arg-type]
        has_head = any(line.member.is_head and not line.dead for line in kept)
        results.append(Result(GO, into, [*kept, *going], asks_head=not has_head))
    return results


def _say_heads(result: Result, day: date, heads: dict[str, UUID], kin: dict[UUID, str]) -> None:
    members = [
        rules.Member(
            line.person.pk,
            # Those who join another household bring no head with them.
            line.member.is_head and (result.asks_head or not line.moves),
            line.member.relationship,
            line.person.birth,
            line.dead,
        )
        for line in result.lines
    ]
    current = next((m.key for m in members if m.is_head), None)
    if result.asks_head:
        result.head = heads.get(result.key) or rules.suggested_head(members, day=day)
        if result.head not in {m.key for m in members if not m.dead}:
            _require("世帯主は、その世帯の方（亡くなった方を除く）から選んでください。", f"head_{result.key}")
        said = rules.relationships(members, result.head)
    else:
        result.head = current
        said = {line.person.pk: "" if line.moves else line.member.relationship for line in result.lines}
    for line in result.lines:
        pk = line.person.pk
        line.relationship = rules.HEAD if pk == result.head else kin.get(pk, said[pk]).strip()[:40]
        if pk != result.head and line.relationship == rules.HEAD:
            line.relationship = ""


def _notes(results: list[Result]) -> list[str]:
    notes = []
    for result in results:
        if all(line.dead for line in result.lines):
            notes.append("残るのは亡くなった方だけです。")
    return notes


def later_lines(lines: list[HouseholdLine]) -> list[HouseholdLine]:
    """Lines of other decisions that stand on these: who moved on since, and who came into what was made here."""
    decision = lines[0].decision_id
    people = [line.person_id for line in lines if line.moves]
    made = [home.pk for home in queries.founded(decision)]
    later = queries.live_lines().filter(pk__gt=max(line.pk for line in lines)).exclude(decision=decision)
    on_people = later.filter(person__in=people, moves=True)
    on_homes = later.filter(into_household__in=made)
    return list((on_people | on_homes).select_related("decision").order_by("pk"))
