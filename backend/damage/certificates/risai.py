"""罹災証明書: issued to a household for one of its houses, on the judgement that holds in that very moment.

Law: 災害対策基本法 第90条の2. The fields are in `risai_form`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.core.clock import now, tokyo_date
from backend.core.errors import Conflict, NotFound, Refused
from backend.damage import classes
from backend.damage.models import Application, Judgement, RisaiCertificate
from backend.damage.surveys import queries as surveys
from backend.documents import queries as documents
from backend.documents import services as papers
from backend.documents.held import services as held
from backend.documents.models import Issue, IssueCopy
from backend.ledger.houses.keys import place_key
from backend.ledger.houses.queries import live_links
from backend.ledger.models import House, Household, HouseLink, HouseRecord

from . import people, receivers, risai_form, services
from .people import Printable

KIND = "risai"
MOST_COPIES = 20
MOST_PURPOSE = 60
FIRST, ANEW = "新規交付", "新たな交付（後の判定、または前の証明書の失効による）"


class NotDwelling(Refused):
    """The house is none that somebody lived in: another paper may be had."""

    code = "not_dwelling"


class Unlinked(Refused):
    """Nobody has confirmed that the household lived in the house or owns it."""

    code = "unlinked"


class Undecided(Refused):
    """The house has no confirmed judgement."""

    code = "undecided"


@dataclass(frozen=True)
class Case:
    """What a certificate is made of: household, house, the judgement that holds, and the application for it."""

    what: Printable
    record: HouseRecord
    link: HouseLink
    judgement: Judgement
    application: Application
    receiver: str = IssueCopy.Receiver.POST
    restricted: bool = False

    @property
    def where(self) -> str:
        return self.record.address or self.record.lot

    @property
    def damage(self) -> str:
        return surveys.class_label(self.judgement.damage_class, self.judgement.survey)


def issue_risai(*, by: Staff, household_id: UUID, house_id: UUID, **how: Any) -> Issue:
    """Issue the 罹災証明書 of a household for a house; see `_issue_risai`. A character that holds it goes to the queue."""
    with held.noting(by=by):
        return _issue_risai(by=by, household_id=household_id, house_id=house_id, **how)


@transaction.atomic
def _issue_risai(
    *,
    by: Staff,
    household_id: UUID,
    house_id: UUID,
    purpose: str,
    id_checked: str,
    copies: int | None = None,
    judgement: UUID | None = None,
    application: UUID | None = None,
    about_house: str = "",
    about_others: str = "",
) -> Issue:
    """Number, frozen content, first line of its log, and the judgement it rests on. It is handed to whoever applied, in as
    many copies as they asked for, unless told otherwise.

    `judgement` and `application` are those that were on the screen: `Conflict` when another judgement holds by now. Both
    are locked, so that nothing is confirmed, changed or withdrawn in between. A paper whose judgement was superseded becomes void by this one.
    """
    require(by, "certificates.issue")
    services.require_choices(IssueCopy.Receiver.MEMBER, id_checked)
    if not purpose.strip():
        raise Refused("使用目的を入力してください。", fields={"purpose": "入力してください。"})
    if copies is not None and not 1 <= copies <= MOST_COPIES:
        said = f"1通から{MOST_COPIES}通までで入れてください。"
        raise Refused(f"交付する通数は、{said}", fields={"copies": said})
    rows = Application.objects.select_for_update().filter(household=household_id)
    list(rows.order_by("pk").values_list("pk"))  # before the house, as whoever issues many does
    House.objects.select_for_update().filter(pk=house_id).first()
    found = case(by, household_id, house_id, application=application)
    restricted = found.restricted
    if judgement is not None and found.judgement.pk != judgement:
        raise Conflict(
            f"画面を開いた後に、この家屋の判定が「{found.damage}」に替わりました。内容を確かめて、もう一度交付してください。"
        )
    reason = _make_room(by, found, restricted)
    words = body(found, about_house=about_house, about_others=about_others, purpose=purpose.strip())
    event = found.what.household.disaster
    issued = papers.issue(
        by=by,
        kind=KIND,
        form=risai_form.FORM,
        disaster=event.pk,
        household=household_id,
        subject=house_id,
        body=words,
        as_of=now(),
        reason=reason,
        receiver=found.receiver,
        id_checked=id_checked,
        copies=copies or found.application.copies,
        restricted=restricted,
        whose=services.whose(found.what, words),
        mark=services.mark_of(event),
    )
    note(issued, found, purpose=purpose.strip(), copies=copies or found.application.copies)
    return issued


def note(issued: Issue, found: Case, *, purpose: str, copies: int) -> RisaiCertificate:
    """What the paper rests on, beside it."""
    return RisaiCertificate.objects.create(
        issue=issued,
        household=found.what.household,
        house_id=found.record.house_id,
        judgement=found.judgement,
        application=found.application,
        role=found.link.role,
        purpose=purpose,
        copies=copies,
    )


def _make_room(by: Staff, found: Case, restricted: bool) -> str:
    """Refuse where a valid one is out; void the one that is superseded. Why the new one is issued."""
    home, house = found.what.household, found.record.house_id
    services.require_none_as_typed(found.what, kind=KIND, subject=house, restricted=restricted)
    services.require_none_before(by, found.what, restricted, kind=KIND, subject=house)
    standing = documents.valid_issue(KIND, home.disaster_id, home.pk, subject=house, restricted=restricted)
    if standing and standing.is_valid:
        raise Conflict(
            f"この世帯とこの家屋には、有効な罹災証明書（{standing.number_text}）がすでに交付されています。再交付してください。"
        )
    if standing:
        papers.withdraw(by=by, issue_id=standing.pk, reason="後の判定による新たな交付のため、返納・失効")
    earlier = Issue.objects.filter(kind=KIND, household=home.pk, subject=house, restricted=restricted)
    return ANEW if earlier.exists() else FIRST


# What it is made of -----------------------------------------------------------------------------------------------


def case(by: Staff, household_id: UUID, house_id: UUID, *, application: UUID | None = None) -> Case:
    """Household, house, judgement and application of a certificate; refuses with the reason where none can be issued."""
    what = people.printable(household_id, by)
    handed = receivers.handed(by, receivers.applied(by, household_id, house_id, "dwelling"), application)
    restricted = handed is not None and handed.own
    if restricted:
        what = people.printable(household_id, by, restricted=True)
    services.require_own_household(what)
    services.require_somebody(what)
    record = HouseRecord.objects.filter(house=house_id, until=None).first()
    if record is None:
        raise NotFound("この家屋はありません。世帯の画面から選び直してください。")
    link = link_of(by, household_id, house_id)
    require_dwelling(by, what.household, record, link)
    if handed is None:
        raise receivers.Unapplied(
            "この家屋の罹災証明書の申請がありません。申請を受け付けてから、申請した方に交付してください。"
        )
    receivers.require_ready(handed)
    held_now = holding(what.household.disaster_id, house_id)
    return Case(what, record, link, held_now, handed.application, handed.receiver, restricted)


def link_of(by: Staff, household_id: UUID, house_id: UUID) -> HouseLink:
    """The confirmed link of the household to the house: that they lived there goes before that they own it."""
    links = live_links(by).filter(household=household_id, house=house_id).exclude(confirmed_by=None)
    link = links.order_by("role").first()  # lives, owns
    if link is None:
        raise Unlinked(
            "この世帯がこの家屋に住んでいた（または所有している）ことが、まだ確認されていません。"
            "家屋の画面でつながりを確認してから交付してください。"
        )
    return link


def require_dwelling(by: Staff, home: Household, record: HouseRecord, link: HouseLink) -> None:
    """住家 is what somebody lived in on the day: of an owner's house, that somebody lived there must be confirmed."""
    instead = "罹災証明書は交付できません。被災証明書は交付できます。"
    if record.annex:
        raise NotDwelling(f"この家屋は附属家（住家ではない建物）のため、{instead}")
    if link.role == HouseLink.Role.LIVES:
        return
    living = live_links(by).filter(house=record.house_id, household__disaster=home.disaster_id, role="lives")
    if not living.exclude(confirmed_by=None).exists():
        raise NotDwelling(f"この家屋には、発災日に住んでいたと確認された世帯がないため（住家ではないため）、{instead}")


def holding(disaster: UUID, house_id: UUID) -> Judgement:
    """The confirmed judgement of the house that counts now."""
    rows = Judgement.objects.filter(disaster=disaster, house=house_id).select_related("survey")
    found = rows.filter(held_from__isnull=False, held_until=None).first()
    if found:
        return found
    if rows.filter(confirmed_at=None, rejected_at=None).exists():
        raise Undecided("この家屋の判定は、確認を待っています。起案した職員とは別の職員が確認すると、交付できます。")
    raise Undecided("この家屋の被害の程度は、まだ判定されていません。調査と判定の後に交付できます。")


def body(found: Case, *, about_house: str, about_others: str, purpose: str) -> dict[str, Any]:
    """The words of the paper; refuses where a field is empty without which it is none."""
    what, event = found.what, found.what.household.disaster
    head = services.require_somebody(what)
    boxes = risai_form.Boxes(**{name: name in settings.RISAI_BOXES for name in ("members", "house", "others")})
    try:
        words = risai_form.body(
            household_number=what.household.disaster_number,
            head_name=head.name,
            head_address=what.address or "（住所の記載なし）",
            struck_on=tokyo_date(event.occurred_at),
            cause=event.name,
            house_place=place(found),
            damage_code=classes.PROOF_CODES[found.damage],
            damage=found.damage,
            members=[(member.name, member.relationship) for member in what.members],
            persons=[str(member.pk) for member in what.members],
            about_house=about_house.strip(),
            about_others=about_others.strip(),
            boxes=boxes,
        )
    except ValueError as error:  # a field without which it is another paper
        raise Refused(str(error)) from error
    return words | {
        "purpose": purpose,
        "house": str(found.record.house_id),
        "judgement": str(found.judgement.pk),
    }


def place(found: Case) -> str:
    """Where the house stands; with the room, where the household is registered in it."""
    home = found.what.household
    key = place_key(home.address)
    here = bool(key) and key in (found.record.address_key, found.record.lot_key)
    room = home.building if here and found.link.role == HouseLink.Role.LIVES else ""
    return "　".join(part for part in (found.where, room) if part)


def water(found: Case) -> str:
    """`床上浸水`, where the survey says so: what stands in the second box."""
    said = found.judgement.survey.answers.get("water")
    return classes.WATER[said] if said in ("below_floor", "above_floor") else ""


# What hangs on a judgement ----------------------------------------------------------------------------------------


def supersede(*, judgement: UUID, by: Staff | None) -> int:
    """Another judgement holds in place of this one: the papers that rest on it are to be given back. The house is locked."""
    rows = RisaiCertificate.objects.filter(judgement=judgement)
    return papers.supersede(by=by, issues=rows.values_list("issue", flat=True))
