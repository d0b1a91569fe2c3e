"""The journal kinds of this room, as plain values."""

from .rules import STATES, URGENCY

_APPLY = "backend.supplies.apply"
PERSON = {"atena_no?": "text:15", "evacuee?": "uuid"}


def _kind(name: str, title: str, function: str, schema: dict, topics: str) -> dict:
    kind = {"name": name, "v": 1, "title": title, "schema": schema, "apply": f"{_APPLY}.{function}"}
    return kind | {"void": f"{_APPLY}.void", "topics": f"{_APPLY}.{topics}"}


KINDS = [
    _kind(
        "supply.requested",
        "物資の要望",
        "requested",
        {
            "opening": "uuid",
            "what": "text:100",
            "quantity": "count",
            "unit?": "text:20",
            "until?": "text:10",
            "urgency": "one:" + "|".join(URGENCY),
            "note?": "text:200",
        },
        "about",
    ),
    _kind(
        "supply.answered",
        "物資の要望への回答",
        "answered",
        {"opening": "uuid", "entry": "uuid", "state": "one:" + "|".join(STATES), "note?": "text:200"},
        "about",
    )
    | {"check": f"{_APPLY}.check_answered"},
    _kind(
        "supply.received",
        "物資の受取",
        "received",
        {
            "opening": "uuid",
            "entry?": "uuid",
            "what": "text:100",
            "quantity": "count",
            "unit?": "text:20",
            "brought_by?": "text:100",
        },
        "about",
    )
    | {"check": f"{_APPLY}.check_received"},
    _kind(
        "supply.handed_out",
        "物資の配布",
        "handed_out",
        {
            "opening": "uuid",
            "person?": PERSON,
            "given_to?": "text:100",
            "what": "text:100",
            "quantity": "count",
            "unit?": "text:20",
        },
        "about",
    ),
]
