"""What a next revision has to look at again: who got rows since the last one, and whoever's place hangs on theirs.

A person's row as of the day follows from their own rows, from deaths in a household that their rows name, and, if they
were entered late, from the rows of those who stood in it. So nobody can be touched by a late row but those whom a chain
of common 世帯番号 ties to it. Everybody else stays as they were in the last revision.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet

from .models import AsOfRevision, ChangeRow, Comparison, FullRow, RegisterFile


@dataclass
class Latecomers:
    """`persons`: who have rows of change and stand anew. `exported`: rows put into the export since, by a correction,
    of people without rows of change. `rowless`: all of whose rows hold no more; those of them in the export are in
    `exported` too. `households`: every 世帯番号 that a row of any of them names. `files`: the new ones.
    """

    persons: set[str] = field(default_factory=set)
    exported: set[str] = field(default_factory=set)
    rowless: set[str] = field(default_factory=set)
    households: set[str] = field(default_factory=set)
    files: set[int] = field(default_factory=set)


def rows_of(files: Iterable[int]) -> QuerySet[ChangeRow]:
    """The rows of change that these files brought, or corrected into another one."""
    keys = list(files)
    rows = ChangeRow.objects.filter(Q(corrected_by=None, file__in=keys) | Q(corrected_by__in=keys))
    return without_ended(rows, Comparison.objects.filter(ended_by__in=keys))


def without_ended(rows: QuerySet[ChangeRow], ended: QuerySet[Comparison]) -> QuerySet[ChangeRow]:
    """The rows but those of comparisons that hold no more."""
    keys = list(ended.values_list("pk", flat=True))
    return rows.exclude(comparison__in=keys) if keys else rows


def since(last: AsOfRevision | None, revision: AsOfRevision) -> Latecomers | None:
    """Whom `revision` has to look at after `last`; None where only everybody will do.

    So it is for the first one, after another export became the base, for another day or an earlier moment, and by an
    export made after the day, where people without any row are looked at too.
    """
    if last is None or last.files is None or revision.base_after or last.base_after:
        return None
    if (last.base_id, last.day) != (revision.base_id, revision.day) or not set(last.files) <= set(revision.files):
        return None
    new = set(revision.files) - set(last.files)
    found = Latecomers(files=new)
    if not new:
        return found
    seeds = set(rows_of(new).order_by().values_list("atena_no", flat=True).distinct())
    ended = ChangeRow.objects.filter(comparison__ended_by__in=new, file__in=last.files)
    told = set(ended.values_list("atena_no", "household_no"))  # what they named counts as touched
    seeds |= {number for number, _ in told}
    if RegisterFile.objects.filter(pk__in=new, corrects=revision.base).exists():
        put_in = FullRow.objects.filter(file=revision.base, corrected_by__in=new)
        found.exported = set(put_in.values_list("atena_no", flat=True))
    _follow(found, seeds | found.exported, told, revision)
    return found


def _follow(found: Latecomers, seeds: set[str], told: set[tuple[str, str | None]], revision: AsOfRevision) -> None:
    """From the seeds along common households, as far as it goes."""
    changed = rows_of(revision.files)
    exported = FullRow.objects.filter(file=revision.base)
    pairs = set(changed.order_by().values_list("atena_no", "household_no").distinct())
    with_rows = {person for person, _ in pairs}
    pairs |= set(exported.filter(atena_no__in=changed.values("atena_no")).values_list("atena_no", "household_no"))
    pairs |= told
    found.rowless = {number for number, _ in told} - with_rows
    alone = list((found.exported | found.rowless) - with_rows)
    pairs |= set(exported.filter(atena_no__in=alone).values_list("atena_no", "household_no"))
    homes: dict[str, set[str]] = {}
    people: dict[str, set[str]] = {}
    for person, household in pairs:
        if household:
            homes.setdefault(person, set()).add(household)
            people.setdefault(household, set()).add(person)
    reached, waiting = set(seeds), list(seeds)
    while waiting:
        for household in homes.get(waiting.pop(), ()):
            if household not in found.households:
                found.households.add(household)
                fresh = people[household] - reached
                reached |= fresh
                waiting.extend(fresh)
    found.persons = reached & with_rows
    found.exported -= with_rows
    in_export = exported.filter(atena_no__in=list(found.rowless)).values_list("atena_no", flat=True)
    found.exported |= set(in_export)
