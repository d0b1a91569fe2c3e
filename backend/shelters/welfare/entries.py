"""The journal kinds about welfare shelters, as plain values."""

from ..rules import PERSON
from .rules import ANSWERS

_APPLY = "backend.shelters.welfare.apply"
_OF = {"request": "uuid", "person": PERSON}


def _kind(name: str, title: str, function: str, schema: dict, check: bool = False) -> dict:
    kind = {"name": name, "v": 1, "title": title, "schema": schema, "apply": f"{_APPLY}.{function}"}
    kind |= {"void": "backend.shelters.apply.void", "topics": f"{_APPLY}.topics"}
    return kind | ({"check": f"{_APPLY}.check_turn"} if check else {})


KINDS = [
    _kind(
        "welfare.places",
        "福祉避難所の受入人数",
        "places_told",
        {"facility": "uuid", "places": "count", "told_by?": "text:60", "note?": "text:200"},
    ),
    _kind(
        "welfare.asked",
        "福祉避難所の依頼",
        "asked",
        {
            **_OF,
            "needs": "text:500",
            "devices?": "text:60",
            "companions?": "count",
            "opening?": "uuid",
            "contact?": "text:100",
        },
    ),
    _kind(
        "welfare.answered",
        "福祉避難所の答え",
        "answered",
        {
            **_OF,
            "facility": "uuid",
            "answer": "one:" + "|".join(ANSWERS),
            "reason?": "text:200",
            "told_by?": "text:60",
            "over?": "bool",
        },
        check=True,
    ),
    _kind(
        "welfare.transported",
        "福祉避難所への移送の手配",
        "transported",
        {**_OF, "carrier": "text:100", "leaves_at?": "time", "note?": "text:200"},
        check=True,
    ),
    _kind("welfare.cancelled", "福祉避難所の依頼の取りやめ", "cancelled", {**_OF, "reason?": "text:200"}, check=True),
]
