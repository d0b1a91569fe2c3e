"""To whom a paper is handed: to whoever applied for it, and to nobody else.

A certificate is given on application (災害対策基本法 第90条の2). The paper of somebody under protection shows everybody of
the household, so it goes to that person alone; every other paper leaves them out.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from backend.accounts.models import Staff
from backend.core.errors import NotFound, Refused
from backend.damage.applications import queries as applications
from backend.damage.applications.visible import identity
from backend.damage.models import Application
from backend.documents.models import IssueCopy
from backend.ledger import queries as ledger
from backend.ledger.households import queries as households
from backend.ledger.models import Person

from . import people

Receiver = IssueCopy.Receiver
RECEIVERS = {
    "resident": Receiver.MEMBER,
    "owner": Receiver.OWNER,
    "agent": Receiver.AGENT,
    "heir": Receiver.HEIR,
    "corporation": Receiver.CORPORATE,
}


class Unapplied(Refused):
    """Nobody has applied for this paper."""

    code = "unapplied"


class Unready(Refused):
    """Of the application something has to be seen to before the paper can be handed over. `application`: which."""

    code = "unready"

    def __init__(self, message: str, application: UUID) -> None:
        super().__init__(message)
        self.application = application


@dataclass(frozen=True)
class Handed:
    """An application and to whom its paper goes. `own`: it is the paper of somebody under protection."""

    application: Application
    own: bool

    @property
    def receiver(self) -> str:
        return RECEIVERS[self.application.applicant]

    @property
    def said(self) -> str:
        """`助川 花子（代理人、長女）`"""
        row = self.application
        about = "、".join(part for part in (row.get_applicant_display(), row.relation) if part)
        return f"{row.name}（{about}）"


def applied(by: Staff, household: UUID, house: UUID, what: str) -> list[Application]:
    """The living applications of a household for a house, as far as this person may know of them; the last one first."""
    asked = applications.living().filter(household=household, houses__house=house, houses__what=what)
    seen = applications.visible(by).values("pk")
    return list(asked.filter(pk__in=seen).order_by("-received_at", "-pk").distinct())


def handed(by: Staff, rows: list[Application], chosen: UUID | None) -> Handed | None:
    """The application that is meant, or the last one, with whom it is of; None where there is none."""
    row = next((one for one in rows if chosen in (None, one.pk)), None)
    if row is None:
        if chosen is not None:
            raise NotFound("この申請は、訂正されたか取り下げられています。画面を開き直してください。")
        return None
    return Handed(row, _is_own(by, row))


def require_ready(found: Handed) -> None:
    """Refuses where the application doesn't allow to hand the paper over yet."""
    row = found.application
    if row.applicant == "agent" and not row.mandate_seen:
        raise Unready("代理人の申請ですが、委任状をまだ確かめていません。確かめて、申請を訂正してください。", row.pk)


NOT_HERE = "この世帯には、この画面からは交付できません。住民記録班に確認してください。"
NOT_KNOWN = "申請で秘匿を希望していますが、台帳にまだ登録されていません。世帯の画面で登録してから交付してください。"
WHO = "秘匿の対象の方ご本人の申請かどうかが分かりません。申請者の生年月日を確かめて、申請を訂正してください。"


def _is_own(by: Staff, row: Application) -> bool:
    """Whether somebody under protection applied; refused where that can't be decided here, or where it is another member."""
    everybody = members(by, row.household_id) if row.household_id else []
    protected = people.protected_ids(everybody)
    applicant = identity(row.name, row.kana, row.birth)
    alike = {one.pk for one in everybody if identity(one.name, one.kana, one.birth).may_be(applicant)}
    if not row.secret and not alike & protected:
        return False
    if not ledger.sees_protected(by):
        raise Refused(NOT_HERE)
    if row.household_id and not protected:
        raise Unready(NOT_KNOWN, row.pk)
    if not alike <= protected:
        raise Unready(WHO, row.pk)
    return True


def members(by: Staff, household: UUID) -> list[Person]:
    """Everybody of a household as it was when the disaster struck."""
    at = households.DISASTER
    found = households.compositions([household], at=at, staff=by, everybody=True)[household]
    return [member.person for member in found]
