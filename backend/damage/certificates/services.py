"""被災証明書: issue in one step, hand over a copy, withdraw."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.core.clock import now, tokyo_date
from backend.core.dates import era
from backend.core.errors import Conflict, Refused
from backend.documents import queries as documents
from backend.documents import services as papers
from backend.documents.held import services as held
from backend.documents.models import Issue, IssueCopy
from backend.documents.settling import Whose
from backend.ledger import queries as ledger
from backend.ledger.households import queries as households
from backend.ledger.models import Disaster, Household, Person
from backend.ledger.written import source_of

from . import people, queries, receivers
from .people import Printable

KIND = queries.KIND
FORM = "hisai/1"


class Unconfirmed(Refused):
    """Whether the paper may be issued hangs on a link that nobody has confirmed. `records`: of whom."""

    code = "unconfirmed"

    def __init__(self, message: str, records: list[UUID]) -> None:
        super().__init__(message)
        self.records = records


class Unmatched(Refused):
    """The paper was issued on their own word, and they are not matched to the register yet. `records`: who."""

    code = "unmatched"

    def __init__(self, message: str, records: list[UUID]) -> None:
        super().__init__(message)
        self.records = records


class AsResident(Refused):
    """The paper is that of another household. `household`: the one of the register."""

    code = "as_resident"

    def __init__(self, message: str, household: UUID) -> None:
        super().__init__(message)
        self.household = household


def issue_hisai(*, by: Staff, household_id: UUID, **how: Any) -> Issue:
    """Issue the certificate of a household; see `_issue_hisai`. A character that holds it goes to the queue."""
    with held.noting(by=by):
        return _issue_hisai(by=by, household_id=household_id, **how)


@transaction.atomic
def _issue_hisai(
    *,
    by: Staff,
    household_id: UUID,
    purpose: str,
    id_checked: str,
    receiver: str = IssueCopy.Receiver.MEMBER,
    place: str = "",
    reason: str = "新規交付",
    restricted: bool = False,
) -> Issue:
    """Issue the certificate of a household: number, frozen content, first line of its log.

    `place` is where they were struck, if not at home; `restricted` the paper for a protected person themself.
    `Conflict` if a valid one is out (hand over a copy of that), `Held` if a name can't be printed exactly.
    """
    require(by, "certificates.issue")
    what = people.printable(household_id, by, restricted=restricted)
    require_choices(receiver, id_checked)
    if not purpose.strip():
        raise Refused("使用目的を入力してください。", fields={"purpose": "入力してください。"})
    words = certificate(what, purpose=purpose.strip(), place=place.strip())
    standing = documents.valid_issue(KIND, what.household.disaster_id, household_id, restricted=restricted)
    if standing:
        raise Conflict(
            f"この世帯には有効な証明書（{standing.number_text}）がすでに交付されています。再交付してください。"
        )
    require_none_as_typed(what, restricted=restricted)
    require_none_before(by, what, restricted)
    return papers.issue(
        by=by,
        kind=KIND,
        form=FORM,
        disaster=what.household.disaster_id,
        household=household_id,
        body=words,
        as_of=now(),
        reason=reason,
        receiver=receiver,
        id_checked=id_checked,
        restricted=restricted,
        whose=whose(what, words),
        mark=mark_of(what.household.disaster),
    )


def mark_of(disaster: Disaster) -> str:
    """What stands across a paper that proves nothing."""
    return "訓練" if disaster.drill else ("見本" if settings.DEMO else "")


def require_none_as_typed(
    what: Printable, *, kind: str = KIND, subject: UUID | None = None, restricted: bool = False
) -> None:
    """The same people may have got one already, as the household they were entered as before the register came."""
    links = people.typed_as(what.members)
    early = {
        link: found
        for link in links
        if (
            found := documents.valid_issue(
                kind, what.household.disaster_id, link.person.household_id, subject=subject, restricted=restricted
            )
        )
    }
    if confirmed := [issue for link, issue in early.items() if link.confirmed_by_id]:
        raise Conflict(
            f"この世帯の方には、住民記録との照合の前に証明書（{confirmed[0].number_text}）が交付されています。"
            "その証明書を失効させてから交付してください。"
        )
    if early:
        raise Unconfirmed(
            "この世帯の方と自動で結び付いた方に、証明書がすでに交付されています。同じ方かどうかを確認してから交付してください。",
            [link.person_id for link in early if link.person_id],
        )


def require_none_before(
    by: Staff, what: Printable, restricted: bool, *, kind: str = KIND, subject: UUID | None = None
) -> None:
    """The same people may have got one already, as the household they were taken for before it was decided otherwise."""
    here = {str(member.pk) for member in what.members}
    kin = households.related([what.household.pk]) - {what.household.pk}
    unseen = households.unseen_households(by, kin)
    for home in kin:
        earlier = documents.valid_issue(kind, what.household.disaster_id, home, subject=subject, restricted=restricted)
        if earlier and here & set(earlier.content["persons"]):
            number = "" if home in unseen else f"（{earlier.number_text}）"
            raise Conflict(
                f"この世帯の方には、世帯の認定の前に証明書{number}が交付されています。"
                "その証明書を失効させてから交付してください。"
            )


def certificate(what: Printable, *, purpose: str, place: str) -> dict[str, Any]:
    """What will be printed, in words. Refuses with the reason when no certificate can be made of this household."""
    require_own_household(what)
    return body(what, purpose=purpose, place=place)


def require_own_household(what: Printable) -> None:
    """Refuses where the paper is another household's, or hangs on a link that nobody has confirmed."""
    if what.elsewhere:
        raise Refused("この世帯には、この画面からは交付できません。住民記録班に確認してください。")
    if homes := people.residents(what.members):
        raise AsResident(
            "この世帯の方は、住民記録の方と同じ方と確認されています。住民記録の世帯から交付してください。", homes[0]
        )
    if doubtful := people.unconfirmed(what.members):
        raise Unconfirmed(
            "この世帯の方は、住民記録の方と自動で結び付いています。同じ方かどうかを確認してから交付してください。",
            doubtful,
        )


def body(what: Printable, *, purpose: str, place: str) -> dict[str, Any]:
    """The words of the paper, where no link stands in its way; refuses where the household itself does (`require_somebody`)."""
    head = require_somebody(what)
    household = what.household
    return {
        "household_number": household.disaster_number,
        "disaster": household.disaster.name,
        "occurred": era(tokyo_date(household.disaster.occurred_at)),
        "head": {"name": head.name, "address": what.address or "（住所の記載なし）"},
        "place": place or household.address or "（記載なし）",
        "purpose": purpose,
        "members": [
            {"name": m.name, "relationship": m.relationship, "birth": people.birth_in_words(m.birth)}
            for m in what.members
        ],
        "persons": [str(m.id) for m in what.members],
    }


def require_somebody(what: Printable) -> Person:
    """The head as the paper names them; refuses where the household itself stands in the way."""
    household = what.household
    # Before the register is there, a household is taken at its word, with the document that its member shows at the counter.
    if household.kind == Household.Kind.UNKNOWN and ledger.register_is_there(household.disaster):
        raise Refused("身元が未確認の世帯には交付できません。本人確認のうえ、台帳の世帯と結び付けてください。")
    if what.instead:
        raise Refused(
            "証明書は、発災日現在の世帯に交付します。この世帯の方の発災日現在の世帯は、り災番号 "
            f"{'、'.join(what.instead)} です。その世帯から交付してください。"
        )
    if not what.members:
        raise Refused("証明書に記載できる世帯員がいません。世帯の画面で世帯員を確かめてください。")
    if what.head is None:
        raise Refused(
            "世帯主を証明書に記載できないため、この画面では交付できません。世帯主の登録と秘匿の有無を、担当の監督者に確かめてください。"
        )
    return what.head


def whose(what: Printable, words: dict[str, Any]) -> dict[str, Whose]:
    """Whose name or address each text of the paper is."""
    home = Whose(household=what.household.id, source=source_of(what.household.household_no))
    found = {"head.address": home}
    if words["place"] == what.household.address:
        found["place"] = home
    people_of = {f"members.{place}": member for place, member in enumerate(what.members)}
    if what.head:
        people_of["head"] = what.head
    for path, person in people_of.items():
        found[f"{path}.name"] = Whose(household=what.household.id, person=person.id, source=source_of(person.atena_no))
    return found


def require_matched(found: Issue) -> None:
    """Refuses to hand over one more of what was issued on somebody's own word before the register was there, until all on
    it are matched to the register. What they declared themselves rests on no register."""
    home = Household.objects.select_related("disaster").filter(pk=found.household, kind=Household.Kind.UNKNOWN).first()
    if home is None or found.kind_id == queries.DECLARED or not ledger.register_is_there(home.disaster):
        return
    persons = Person.objects.filter(pk__in=found.content["persons"]).order_by("position", "pk")
    if doubtful := people.unconfirmed(persons):
        raise Unconfirmed(
            "この証明書に載っている方は、住民記録の方と自動で結び付いています。同じ方かどうかを確認してから再交付してください。",
            doubtful,
        )
    matched = ledger.confirmed_same_as(person.pk for person in persons)
    if waiting := [person.pk for person in persons if person.pk not in matched]:
        raise Unmatched(
            "この証明書は、住民記録が台帳に入る前に、申し出だけで交付したものです。載っている方の本人確認をして、"
            "名寄せで住民記録の方と結び付けてから再交付してください。住民記録にいない方が載っているときは、失効させてください。",
            waiting,
        )


@transaction.atomic
def copy_hisai(*, by: Staff, issue_id: UUID, reason: str, id_checked: str, receiver: str = "") -> IssueCopy:
    """Hand over one more of the same paper, of any kind; one that was applied for, to whoever applied, whatever `receiver`
    says. Refused when somebody on it has come under protection since, or is still to be matched (`require_matched`)."""
    require(by, "certificates.issue")
    found = queries.certificate(issue_id, by)
    applied = queries.application_of(found)
    receiver = receivers.RECEIVERS[applied.applicant] if applied else receiver
    require_choices(receiver, id_checked)
    queries.require_printable(found)
    require_matched(found)
    return papers.issue_copy(by=by, issue_id=issue_id, reason=reason, receiver=receiver, id_checked=id_checked)


@transaction.atomic
def withdraw_hisai(*, by: Staff, issue_id: UUID, reason: str) -> Issue:
    """Declare a certificate of either kind void; a new one may be issued then."""
    require(by, "certificates.issue")
    queries.certificate(issue_id, by)
    return papers.withdraw(by=by, issue_id=issue_id, reason=reason)


def require_choices(receiver: str, id_checked: str) -> None:
    fields = {}
    if receiver not in IssueCopy.Receiver.values:
        fields["receiver"] = "選んでください。"
    if id_checked not in IssueCopy.IdChecked.values or id_checked == IssueCopy.IdChecked.POSTED:
        fields["id_checked"] = "選んでください。"
    if fields:
        raise Refused("受け取る人と本人確認の方法を選んでください。", fields=fields)
