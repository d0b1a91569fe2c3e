"""届出証明書: that somebody declared damage, on their word alone: to a building nobody lives in, to land, goods or a car.

No law asks for it; municipalities give it beside the 罹災証明書, under names of their own. Nothing is surveyed, and no class
stands on it. It is issued for one line of an application, to whoever applied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.core.clock import now, tokyo_date
from backend.core.dates import era
from backend.core.errors import Conflict, NotFound, Refused
from backend.damage.applications import queries as applications
from backend.damage.applications.rules import DWELLING
from backend.damage.applications.visible import identity
from backend.damage.models import Application, ApplicationHouse, DeclaredCertificate
from backend.documents import queries as documents
from backend.documents import services as papers
from backend.documents.held import services as held
from backend.documents.models import Issue, IssueCopy
from backend.documents.settling import Whose
from backend.ledger.houses.keys import place_key
from backend.ledger.models import Person
from backend.ledger.written import source_of

from . import receivers, services

KIND = "todokede"
FORM = "todokede/1"
MOST_COPIES = 20
FIRST, ANEW = "新規交付", "新たな交付（前の証明書の失効による）"
UNKNOWN = "この申請の行はありません。申請の画面を開き直してください。"


@dataclass(frozen=True)
class Declaration:
    """A line of an application, who declares it and where they live, and to whom its paper goes."""

    line: ApplicationHouse
    handed: receivers.Handed
    name: str
    address: str
    person: Person | None

    @property
    def application(self) -> Application:
        return self.handed.application

    @property
    def household(self) -> UUID:
        """The household that was matched; where nobody was, the first row of the application stands for the applicant."""
        return self.application.household_id or first_row(self.application)

    @property
    def subject(self) -> UUID:
        """What the paper is about: the same through all changes of the application that leave this place as it is."""
        row, place = self.application, place_key(self.line.place) or "".join(self.line.place.split())
        return uuid5(NAMESPACE_URL, f"tasuki:declared:{row.fiscal_year}-{row.number}:{self.line.what}:{place}")


def first_row(row: Application) -> UUID:
    rows = Application.objects.filter(fiscal_year=row.fiscal_year, number=row.number, version=1)
    return rows.values_list("pk", flat=True).get()


def declaration(by: Staff, line: UUID) -> Declaration:
    """What would be certified; refuses with the reason where nothing can be."""
    found = ApplicationHouse.objects.select_related("application__disaster", "application__household").filter(pk=line)
    one = found.first()
    if one is None or not applications.visible(by).filter(pk=one.application_id).exists():
        raise NotFound(UNKNOWN)
    row = one.application
    if not applications.living().filter(pk=row.pk).exists():
        raise Conflict("この申請は、訂正されたか取り下げられています。新しい内容を開いてください。")
    if one.what == DWELLING:
        raise Refused("住家は、調査と判定の後に罹災証明書を交付します。届出証明書の対象ではありません。")
    handed = receivers.handed(by, [row], row.pk)
    if handed is None:
        raise NotFound(UNKNOWN)
    receivers.require_ready(handed)
    return Declaration(one, handed, *_declarer(by, row))


def _declarer(by: Staff, row: Application) -> tuple[str, str, Person | None]:
    """Name and address as they are printed: as registered where the applicant is a member of the household, else as told.

    An agent or heir applies for the head of the household, whose damage it is.
    """
    name, words = (row.head_name, row.head_address) if row.applicant in ("agent", "heir") else (row.name, row.address)
    name, home = name.strip() or row.name.strip(), row.household
    if home is None or row.applicant == "corporation":
        return name, words.strip() or "（住所の届出なし）", None
    birth = row.birth if name == row.name.strip() else ""
    told = identity(name, row.kana if birth else "", birth)
    alike = [
        one
        for one in receivers.members(by, home.pk)
        if identity(one.name, one.kana, one.birth if birth else "").may_be(told)
    ]
    if len(alike) != 1:
        return name, words.strip() or home.address or "（住所の届出なし）", None
    address = "　".join(part for part in (home.address, home.building) if part)
    return alike[0].name, address or words.strip() or "（住所の届出なし）", alike[0]


def issue_declared(*, by: Staff, line: UUID, **how: Any) -> Issue:
    """Issue the 届出証明書 of one line; see `_issue_declared`. A character that holds it goes to the queue."""
    with held.noting(by=by):
        return _issue_declared(by=by, line=line, **how)


@transaction.atomic
def _issue_declared(
    *, by: Staff, line: UUID, said: str, purpose: str, id_checked: str, copies: int | None = None
) -> Issue:
    """Number, frozen content, first line of its log, and the application it was given for. `said`: what is damaged and how,
    in the applicant's words."""
    require(by, "certificates.issue")
    services.require_choices(IssueCopy.Receiver.MEMBER, id_checked)
    empty = {name: "入力してください。" for name, text in (("said", said), ("purpose", purpose)) if not text.strip()}
    if empty:
        raise Refused("届出の内容と使用目的を入力してください。", fields=empty)
    if copies is not None and not 1 <= copies <= MOST_COPIES:
        raise Refused(
            f"交付する通数は、1通から{MOST_COPIES}通までで入れてください。", fields={"copies": "直してください。"}
        )
    list(Application.objects.select_for_update().filter(houses=line).values_list("pk"))
    found = declaration(by, line)
    row = found.application
    restricted = found.handed.own
    of = {"subject": found.subject, "restricted": restricted}
    standing = documents.valid_issue(KIND, row.disaster_id, found.household, **of)
    if standing:
        raise Conflict(
            f"この届出には、有効な証明書（{standing.number_text}）がすでに交付されています。再交付してください。"
        )
    words = body(found, said=said.strip(), purpose=purpose.strip())
    earlier = Issue.objects.filter(kind=KIND, household=found.household, **of)
    issued = papers.issue(
        by=by,
        kind=KIND,
        form=FORM,
        disaster=row.disaster_id,
        household=found.household,
        body=words,
        as_of=now(),
        reason=ANEW if earlier.exists() else FIRST,
        receiver=found.handed.receiver,
        id_checked=id_checked,
        copies=copies or row.copies,
        whose=_whose(found),
        mark=services.mark_of(row.disaster),
        **of,
    )
    DeclaredCertificate.objects.create(
        issue=issued,
        application=row,
        what=found.line.what,
        place=found.line.place,
        said=said.strip()[:300],
        purpose=purpose.strip()[:60],
        copies=copies or row.copies,
    )
    return issued


def body(found: Declaration, *, said: str, purpose: str) -> dict[str, Any]:
    """The words of the paper."""
    row = found.application
    return {
        "household_number": row.household.disaster_number if row.household else "（台帳の世帯なし）",
        "head": {"name": found.name, "address": found.address},
        "disaster": row.disaster.name,
        "occurred": era(tokyo_date(row.disaster.occurred_at)),
        "declared_on": era(row.applied_on),
        "what": found.line.get_what_display(),
        "place": found.line.place,
        "said": said,
        "purpose": purpose,
        "persons": [str(found.person.pk)] if found.person else [],
    }


def _whose(found: Declaration) -> dict[str, Whose]:
    home = found.application.household
    if home is None or found.person is None:
        return {}
    return {
        "head.name": Whose(household=home.pk, person=found.person.pk, source=source_of(found.person.atena_no)),
        "head.address": Whose(household=home.pk, source=source_of(home.household_no)),
    }


def facts(body: dict[str, Any]) -> list[dict[str, object]]:
    """The fields in the order of the form, for a page."""
    fields = (
        ("届出者の氏名", body["head"]["name"]),
        ("届出者の住所", body["head"]["address"]),
        ("り災番号", body["household_number"]),
        ("災害", body["disaster"]),
        ("発災年月日", body["occurred"]),
        ("届出の日", body["declared_on"]),
        ("届出の対象", body["what"]),
        ("被災した場所", body["place"]),
        ("届出の内容", body["said"]),
        ("使用目的", body["purpose"]),
        ("交付日", body.get("issued_on", "")),
    )
    return [{"label": label, "value": text} for label, text in fields if text]


def issues_of(row: Application, staff: Staff) -> dict[UUID, Issue]:
    """The papers of an application's lines that are out, by what they are about."""
    given = DeclaredCertificate.objects.filter(application__fiscal_year=row.fiscal_year, application__number=row.number)
    found = Issue.objects.filter(pk__in=given.values("issue"), status=Issue.Status.VALID)
    if not staff.sees_protected:
        found = found.filter(restricted=False)
    return {one.subject: one for one in found}  # type: ignore[misc]
