"""Which papers whoever need not have lived in the house can get: an owner from elsewhere, a corporation.

The 罹災証明書 is of what a household lived in (住家); the 被災証明書 goes to households, the 届出証明書 to whoever declared damage.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from backend.accounts.permissions import may

from . import rules
from .queries import ApplicationView

TOLD = {
    "owner": (
        "罹災証明書は、発災日に住んでいた世帯の住家の証明です。住んでいない所有者には、住んでいたと確認された世帯がある家屋に限って交付できます。",
        "だれも住んでいなかった家屋なら、被災証明書を交付できます。土地・物置・家財・自動車などの被害には、届出証明書を交付できます。",
    ),
    "corporation": (
        "罹災証明書は、発災日に住んでいた世帯に交付します。法人は世帯ではないので、罹災証明書と被災証明書は交付できません。社宅などに住んでいた世帯の分の申請なら、その世帯と照合してください。",
        "法人の建物（事務所・倉庫・貸家など）、土地、自動車などの被害には、届出証明書を交付できます。",
    ),
}


@dataclass(frozen=True)
class Papers:
    """What to say, and where each paper is to be had: (label, address)."""

    title: str
    texts: tuple[str, ...]
    ways: list[tuple[str, str]]


def papers_for(view: ApplicationView, staff: Any) -> Papers | None:
    """None where the applicant speaks for who lived there, or the application counts no more."""
    row = view.row
    if row.applicant not in TOLD or view.later is not None or row.withdrawn_at is not None:
        return None
    writes, issues = may(staff, "applications.write"), may(staff, "certificates.issue")
    ways: list[tuple[str, str]] = []
    if row.applicant == "owner" and view.household is None and writes:
        label = "所有者の世帯と照合する（台帳になければ登録する）"
        ways.append((label, reverse("applications:match_household", args=[row.pk])))
    if row.applicant == "owner" and view.household is not None and issues:
        ways.append(("所有者の世帯に被災証明書を交付する", reverse("damage:issue", args=[view.household.pk])))
    others = [one.row for one in view.lines if one.row.what != rules.DWELLING]
    if issues:
        ways += [
            (f"届出の証明書を交付する（{one.place}）", reverse("damage:declared", args=[one.pk])) for one in others
        ]
    if row.applicant == "corporation" and len(others) < len(view.lines) and writes:
        label = "法人の建物なら、種類を「住家以外の建物」に訂正する"
        ways.append((label, reverse("applications:change", args=[row.pk])))
    return Papers(f"この申請者（{row.get_applicant_display()}）が受け取れる証明書", TOLD[row.applicant], ways)
