"""The journal kinds of this room, as plain values. `person` is a resident by 宛名番号 or anybody by UUID."""

from .daysheet.rules import SCHEMA as DAY_SHEET
from .frontdesk.rules import HANDED
from .frontdesk.rules import RESULTS as VISIT_RESULTS
from .needs.rules import LONGEST, NEEDS
from .rules import CONSENTS, DESTINATIONS, HOW, PERSON
from .sheets.rules import RESULTS as LINE_RESULTS
from .telling.rules import HOW as CONTACT_HOW
from .telling.rules import RESULTS, STATUSES
from .welfare.entries import KINDS as WELFARE

DETAILS = {
    "name": "text:200",
    "kana?": "text:300",
    "birth?": "text:10",
    "sex?": "one:1|2|",
    "address?": "text:300",
    "origin?": "text:60",
    "telephone?": "text:40",
}
# What stood in the fields that a correction changes: by this two that did not know of each other are told.
_WAS = {key if key.endswith("?") else f"{key}?": kind for key, kind in DETAILS.items()}
_APPLY = "backend.shelters.apply"
_CONTRADICTIONS = "backend.shelters.contradictions"
_NEEDS = "backend.shelters.needs.apply"
_DAY = "backend.shelters.daysheet.apply"
_DESK = "backend.shelters.frontdesk.apply"
_SHEETS = "backend.shelters.sheets.apply"
# Where exactly: a room of the school, a place in the car park, and the plate of a car.
_WHERE = {"spot?": "text:60", "plate?": "text:20"}
_CONSENT = {"person": PERSON, "item": "one:" + "|".join(CONSENTS)}


def _kind(name: str, title: str, function: str, schema: dict, check: str = "") -> dict:
    kind = {"name": name, "v": 1, "title": title, "schema": schema}
    kind |= {"apply": f"{_APPLY}.{function}", "void": f"{_APPLY}.void"}
    key = "evacuee" if "evacuee" in schema else "entry" if "entry" in schema else "person"
    kind |= {"topics": f"{_APPLY}.about_{key}"}
    return kind | ({"check": f"{_CONTRADICTIONS}.{check}"} if check else {})


def _over(name: str, title: str, more: dict) -> dict:
    """What was begun at the desk by day is over."""
    schema = {"opening": "uuid", "entry": "uuid", **more, "note?": "text:100"}
    kind = _kind(name, title, "ended", schema)
    return kind | {"apply": f"{_DESK}.ended", "topics": f"{_DESK}.about", "check": f"{_DESK}.check_ended"}


# In the order in which a batch of them is applied: people, then where they are, then what corrects that.
KINDS = [
    _kind("evacuee.registered", "避難者の登録", "registered", {"evacuee": "uuid", **DETAILS}),
    _kind(
        "evacuee.corrected",
        "避難者の訂正",
        "corrected",
        {"person": PERSON, **DETAILS, "was?": _WAS},
        "check_corrected",
    ),
    _kind(
        "evacuee.merged",
        "二つの記録を一つに",
        "merged",
        {"person": PERSON, "into": PERSON, "carried?": "uuid"},
        "check_merged",
    ),
    _kind("evacuee.unmerged", "一つにした記録を分ける", "unmerged", {"entry": "uuid"}, "check_unmerged") | {"void": ""},
    _kind("evacuee.told_apart", "別の方であることの確認", "told_apart", {"person": PERSON, "other": PERSON}),
    _kind(
        "stay.arrived",
        "避難所に到着",
        "arrived",
        {"opening": "uuid", "person": PERSON, "how?": "one:" + "|".join(HOW), "party?": "uuid", **_WHERE},
        "check_arrived",
    ),
    _kind(
        "stay.moved",
        "避難所を移動",
        "moved",
        {"from": "uuid", "to": "uuid", "person": PERSON, "how?": "one:" + "|".join(HOW), "party?": "uuid", **_WHERE},
        "check_moved",
    ),
    _kind(
        "stay.left",
        "避難所を退所",
        "left",
        {
            "opening": "uuid",
            "person": PERSON,
            "destination": "one:" + "|".join(DESTINATIONS),
            "note?": "text:200",
            **_WHERE,
        },
        "check_left",
    ),
    _kind(
        "stay.corrected",
        "入退所の訂正",
        "stay_corrected",
        {"entry": "uuid", "occurred_at": "time", "destination?": "one:" + "|".join(DESTINATIONS)},
        "check_stay_corrected",
    )
    | {"told_by": "shelter"},
    _kind("consent.stated", "同意の確認", "consent_stated", {**_CONSENT, "given": "bool"}),
    _kind("consent.withdrawn", "同意の取りやめ", "consent_withdrawn", _CONSENT),
    _kind(
        "need.stated",
        "配慮すること",
        "stated",
        {"person": PERSON, "need": "one:" + "|".join(NEEDS), "text?": f"text:{LONGEST}"},
    )
    | {"apply": f"{_NEEDS}.stated"},
    _kind("need.met", "配慮することの解決", "met", {"entry": "uuid", "note?": "text:200"})
    | {"apply": f"{_NEEDS}.met", "check": f"{_NEEDS}.check_met"},
    _kind(
        "contact.made",
        "連絡・訪問",
        "contact_made",
        {
            "person": PERSON,
            "how": "one:" + "|".join(CONTACT_HOW),
            "result": "one:" + "|".join(RESULTS),
            "note?": "text:300",
            "next_by?": "text:60",
            "next_on?": "text:10",
        },
    ),
    _kind(
        "person.status",
        "居場所の聞き取り",
        "person_status",
        {
            "person": PERSON,
            "status": "one:" + "|".join(STATUSES),
            "place?": "text:200",
            "plate?": "text:20",
            "told_by?": "text:60",
        },
    ),
    # Once asked for, only a named supervisor lifts it: no entry takes it back.
    _kind("protection.asked", "秘匿の希望", "protection_asked", {"person": PERSON}) | {"void": ""},
    # Written by headquarters alone, when such a supervisor has lifted it; nobody takes that back, they ask once more.
    _kind("protection.lifted", "秘匿の解除", "protection_lifted", {"person": PERSON, "entry?": "uuid"})
    | {"void": "", "topics": f"{_APPLY}.about_person_and_entry", "told_by": "headquarters"},
    _kind("note.added", "覚え書き", "note_added", {"opening?": "uuid", "person?": PERSON, "text": "text:1000"}),
    _kind("daysheet.reported", "避難所日報", "reported", {"opening": "uuid", "day": "text:10", "answers": DAY_SHEET})
    | {"apply": f"{_DAY}.reported", "topics": f"{_DAY}.about"},
    _kind(
        "away.began",
        "外泊",
        "went_away",
        {"opening": "uuid", "person": PERSON, "until?": "text:10", "place?": "text:100", "phone?": "text:40"},
    )
    | {"apply": f"{_DESK}.went_away"},
    _kind(
        "visitor.came",
        "来訪者",
        "came",
        {
            "opening": "uuid",
            "name": "text:100",
            "asks_for?": "text:200",
            "phone?": "text:40",
            "result": "one:" + "|".join(VISIT_RESULTS),
        },
    )
    | {"apply": f"{_DESK}.came"},
    _kind(
        "parcel.arrived",
        "荷物の預かり",
        "arrived",
        {"opening": "uuid", "addressee": "text:100", "what?": "text:100", "sender?": "text:100", "place?": "text:60"},
    )
    | {"apply": f"{_DESK}.arrived"},
    _over("away.ended", "外泊からの戻り", {}),
    _over("visitor.left", "来訪者の退出", {}),
    _over("parcel.handed_over", "荷物の引渡し", {"result": "one:" + "|".join(HANDED)}),
    _kind(
        "sheet.attached",
        "紙の名簿の写真",
        "attached",
        {
            "opening": "uuid",
            "number": "count",
            "sha256": "text:64",
            "size": "count",
            "kind": "one:jpeg|png",
            "title?": "text:100",
        },
    )
    | {"apply": f"{_SHEETS}.attached", "topics": f"{_SHEETS}.about", "files": f"{_SHEETS}.files"},
    _kind(
        "sheet.typed",
        "紙の名簿の入力",
        "typed",
        {
            "opening": "uuid",
            "entry": "uuid",
            "line": "count",
            "result": "one:" + "|".join(LINE_RESULTS),
            "person?": PERSON,
            "text?": "text:300",
        },
    )
    | {"apply": f"{_SHEETS}.typed", "topics": f"{_SHEETS}.about_line", "check": f"{_SHEETS}.check_typed"},
    *WELFARE,
]
