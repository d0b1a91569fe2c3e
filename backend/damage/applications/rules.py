"""What an application says, and what must be true of it: plain values, no database.

Fields: an application form asks day, applicant, present contact, who came to the counter, cause, place of the dwelling and
damage to other buildings; the head's address and the place that was struck are two fields of the unified certificate
(府政防第737号). On application by the victim: 災害対策基本法 第90条の2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

CHANNELS = {"counter": "窓口", "phone": "電話", "paper": "申請書の入力", "online": "オンライン"}
AT_DESK = ("counter", "phone", "paper")  # what staff type; the others come by themselves
APPLICANTS = {
    "resident": "居住者",
    "owner": "所有者",
    "agent": "代理人",
    "heir": "相続人",
    "corporation": "法人",
}
OF_ANOTHER = ("agent", "heir", "corporation")
NEED_NO_HOME = ("owner", "corporation")  # for a paper about what nobody lived in
DWELLING = "dwelling"
WHAT = {DWELLING: "住家", "building": "住家以外の建物", "land": "土地・その他", "goods": "家財", "car": "自動車など"}
BUILDINGS = (DWELLING, "building")  # what stands in the roll of houses
FILES = {"photo": "被害の写真", "mandate": "委任状", "paper": "申請書・その他の書類"}
PDF = "pdf"
PICTURES = ("jpeg", "png")
FILE_KINDS = {"jpeg": "JPEG", "png": "PNG", PDF: "PDF"}
NO_PHOTO = "PDFは写真ではないので、「被害の写真」にはできず、写真による判定にも使えません。「委任状」か「申請書・その他の書類」を選んでください。"
STATES = {
    "unmatched": "照合待ち",
    "waiting": "判定待ち",
    "decided": "判定済み・調査不要",
    "withdrawn": "取下げ",
}
# step of a row -> what may be done with it, and where that leads. A change is another row, with a step of its own.
TRANSITIONS: dict[str, dict[str, str]] = {
    "unmatched": {
        "match": "matched",
        "match_house": "unmatched",
        "attach": "unmatched",
        "judge_photos": "unmatched",
        "change": "changed",
        "withdraw": "withdrawn",
    },
    "matched": {
        "match_house": "matched",
        "attach": "matched",
        "judge_photos": "matched",
        "change": "changed",
        "withdraw": "withdrawn",
    },
    "changed": {},
    "withdrawn": {},
}
WHY_NOT = {
    "matched": "この申請は、ほかの職員が先に世帯と照合しています。",
    "changed": "この申請は、ほかの職員が先に訂正しています。新しい内容を開いてください。",
    "withdrawn": "この申請は、すでに取り下げられています。",
}


def refusal(step: str, act: str) -> str:
    """Why an act can't be done in this step; empty if it can."""
    return "" if act in TRANSITIONS[step] else WHY_NOT[step]


MOST_COPIES = 20
MOST_HOUSES = 8
NUMBER_MARK = "罹災申請"


@dataclass(frozen=True)
class Place:
    """What was struck, in the applicant's words; `house` where a person has said which of the roll it is."""

    place: str
    what: str = DWELLING
    house: UUID | None = None


@dataclass(frozen=True)
class Said:
    """An application as it was typed."""

    channel: str
    applicant: str
    name: str
    cause: str
    applied_on: date
    places: Sequence[Place]
    kana: str = ""
    birth: str = ""
    address: str = ""
    telephone: str = ""
    relation: str = ""
    mandate_seen: bool = False
    head_name: str = ""
    head_address: str = ""
    identity: str = ""
    copies: int = 1
    purpose: str = ""
    stage: str = "first"
    reason: str = ""
    secret: bool = False
    photo_consent_on: date | None = None
    note: str = ""


def problems(said: Said, *, today: date, occurred: date) -> dict[str, str]:
    """field -> what is wrong and what to do; empty where all is well."""
    wrong: dict[str, str] = {}
    if said.channel not in CHANNELS:
        wrong["channel"] = "受付の方法を選んでください。"
    if said.applicant not in APPLICANTS:
        wrong["applicant"] = "申請者の区分を選んでください。"
    if not said.name.strip():
        wrong["name"] = "申請者の氏名（法人は名称）を入れてください。"
    if said.applicant in OF_ANOTHER and not said.relation.strip():
        wrong["relation"] = (
            "法人の担当者の氏名を入れてください。"
            if said.applicant == "corporation"
            else "被災した方との関係を入れてください。例：長男、成年後見人"
        )
    if said.applicant in ("agent", "heir") and not said.head_name.strip():
        wrong["head_name"] = "代理人・相続人の申請では、被災した世帯主の氏名を入れてください。"
    if said.channel == "counter" and not said.identity:
        wrong["identity"] = "確かめた書類を選んでください。書類を失っている方は「聞き取り」です。"
    if not 1 <= said.copies <= MOST_COPIES:
        wrong["copies"] = f"1から{MOST_COPIES}までの数を入れてください。"
    if said.applied_on > today:
        wrong["applied_on"] = "申請日が今日より後です。日付を確かめてください。"
    elif said.applied_on < occurred:
        wrong["applied_on"] = "申請日が発災の日より前です。日付か、選んでいる災害を確かめてください。"
    consented = said.photo_consent_on if "applied_on" not in wrong else None
    if consented and not occurred <= consented <= today:
        wrong["photo_consent_on"] = "写真による判定に同意した日が、発災の日より前か、今日より後です。"
    if said.stage != "first" and not said.reason.strip():
        wrong["reason"] = "第2次調査・再調査の申請では、理由を入れてください。"
    wrong |= _wrong_places(said.places)
    return wrong


def _wrong_places(places: Sequence[Place]) -> dict[str, str]:
    if not places:
        return {"places": "被災した家屋などの所在地を、一つ以上入れてください。"}
    if len(places) > MOST_HOUSES:
        return {"places": f"一つの申請に書けるのは{MOST_HOUSES}件までです。残りは別の申請にしてください。"}
    if any(not one.place.strip() or one.what not in WHAT for one in places):
        return {"places": "所在地と種類を、行ごとに入れてください。"}
    known = [one.house for one in places if one.house]
    if len(known) != len(set(known)):
        return {"places": "同じ家屋が二度書かれています。一つにしてください。"}
    return {}
