"""Taking an acceptance back, as long as nothing hangs on it."""

from __future__ import annotations

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import Conflict
from backend.ledger import words
from backend.ledger.facts import FROM_REGISTER
from backend.ledger.matching import services as matching
from backend.ledger.models import Disaster, Fact, Household, Person, RevisionAcceptance, SameAs
from backend.ledger.opening import moving

from . import beside, state


@transaction.atomic
def undo(*, by: Staff, acceptance: RevisionAcceptance) -> RevisionAcceptance:
    """Take an acceptance back: the ledger says again what it said before. Who had entered is ended.

    Raises `Conflict` where something hangs on it by now (a paper, a fact, a stay, a later change), and says what.
    """
    require(by, "disaster.open")
    disaster = Disaster.objects.select_for_update().get(pk=acceptance.line.report.disaster_id)
    row = RevisionAcceptance.objects.select_for_update().get(pk=acceptance.pk)
    if row.undone_at is not None:
        raise Conflict("この受入は、すでに取り消されています。")
    people = {str(p.pk): p for p in Person.objects.select_for_update().filter(pk__in=list(row.after["persons"]))}
    homes = {str(h.pk): h for h in Household.objects.select_for_update().filter(pk__in=list(row.after["households"]))}
    if state.of(people.values()) != row.after["persons"] or state.of(homes.values()) != row.after["households"]:
        raise Conflict("受け入れた後に台帳が変わっているため、取り消せません。")
    hanging = beside.since(row.at, homes=set(homes), people=set(people), but={*row.after["facts"], *row.after["links"]})
    if hanging:
        raise Conflict(f"受け入れた後に記録されたもの（{'、'.join(hanging)}）があるため、取り消せません。")
    moment = now()
    before = words.words_of(people.values())
    concerned = matching.concerned(people_ids := [person.pk for person in people.values()])
    SameAs.objects.filter(pk__in=row.after["links"], until=None).update(until=moment)
    given_back = {columns["atena_no"] for columns in row.before["persons"].values()} - {None}
    for pk, person in people.items():
        if pk in row.before["persons"]:
            state.put_back(person, row.before["persons"][pk])
        else:
            person.ended_at, person.ended_why = moment, "改訂の受入の取消"
            person.atena_no = None if person.atena_no in given_back else person.atena_no
    for pk, home in homes.items():
        if pk in row.before["households"]:
            state.put_back(home, row.before["households"][pk])
        else:
            home.ended_at = moment
    entered = [person for pk, person in people.items() if pk not in row.before["persons"]]
    state.save(entered, [])
    state.save([person for person in people.values() if person not in entered], homes.values())
    words.count(disaster, before, words.words_of(people.values()))
    _follow_facts(by, row)
    row.undone_at, row.undone_by = moment, by
    row.save(update_fields=["undone_at", "undone_by"])
    report = row.line.report
    if disaster.register_revision == report.revision:
        disaster.register_revision = report.compared
        disaster.save(update_fields=["register_revision"])
    matching.match_again(disaster=disaster, ids=concerned | matching.concerned(people_ids))
    moving.note_among(disaster, people.values(), by=by)
    audit(by=by, act="ledger.undo_revision", subject=f"disaster:{disaster.pk}", line=str(row.line_id))
    return row


def _follow_facts(by: Staff, row: RevisionAcceptance) -> None:
    """Each fact that the acceptance put down is followed by what held before it."""
    for fact in Fact.objects.filter(pk__in=row.after["facts"], replaced_by=None).select_related("replaces"):
        value = fact.replaces.value if fact.replaces else {"status": "unknown"}
        Fact.objects.create(
            disaster_id=fact.disaster_id,
            person_id=fact.person_id,
            kind=fact.kind,
            value=value,
            effective_on=fact.replaces.effective_on if fact.replaces else None,
            by=by,
            source_room="ledger",
            source_id=FROM_REGISTER,
            replaces=fact,
        )
