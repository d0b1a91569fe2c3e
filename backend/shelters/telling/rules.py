"""What a call or a visit brings, and what it says of where somebody is.

Sources: 災害対策基本法 第86条の15 (safety of people), 内閣府 被災者台帳の作成等に関する実務指針 (平成29年3月): where somebody is, is an item
of the ledger. The words for places follow the destinations of the shelters.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# Where somebody is, as they or others told it. `LOST`: told, but nobody can say where they are: they are still looked for.
STATUSES = {
    "home": "在宅",
    "car": "車中泊",
    "tent": "テント",
    "relatives": "親族・知人宅",
    "shelter": "避難所（どこかは不明）",
    "welfare": "福祉避難所（どこかは不明）",
    "intermediate": "1.5次避難所",
    "hotel": "ホテル・旅館（2次避難）",
    "out_of_town": "市外",
    "hospital": "病院",
    "care_home": "福祉施設",
    "temporary_housing": "仮設住宅",
    "public_housing": "公営住宅",
    "safe": "無事（場所は聞いていない）",
    "dead": "亡くなった",
    "missing": "行方不明",
    "unknown": "分からない",
}
LOST = {"missing", "unknown"}
# Where whoever is told to be there is in no shelter any more: an open stay is ended by it.
ELSEWHERE = {
    "welfare", "intermediate", "hotel", "out_of_town", "home", "car", "tent", "relatives", "hospital", "care_home",
    "temporary_housing", "public_housing", "dead",
}  # fmt: skip

HOW = {"telephone": "電話", "visit": "訪問", "letter": "手紙・置き手紙", "neighbour": "近所の方", "other": "その他"}
RESULTS = {
    "reached": "本人・家族に会えた／話せた",
    "told": "ほかの人から聞いた",
    "absent": "出ない・不在",
    "no_number": "番号が使われていない・住んでいない",
    "refused": "答えたくない",
}


@dataclass(frozen=True)
class Told:
    """What was asked and answered of somebody: `how` and `result` of the call or visit with `note` and who asks next, and
    the `status` (where they are) with the place, the car's number plate, and who said so. One of the two is enough."""

    how: str = ""
    result: str = ""
    note: str = ""
    next_by: str = ""
    next_on: date | None = None
    status: str = ""
    place: str = ""
    plate: str = ""
    told_by: str = ""

    @property
    def contact(self) -> dict[str, str]:
        """The payload of `contact.made`, but for the person; empty when nobody was called or visited."""
        next_on = self.next_on.isoformat() if self.next_on else ""
        return _said(self.how, how=self.how, result=self.result, **_cut(self, note=300, next_by=60), next_on=next_on)

    @property
    def whereabouts(self) -> dict[str, str]:
        """The payload of `person.status`, but for the person; empty when nothing was told of where they are."""
        return _said(self.status, status=self.status, **_cut(self, place=200, plate=20, told_by=60))

    @property
    def departure(self) -> dict[str, str]:
        """Of a departure from a shelter where they are still registered: where to; empty when it does not follow."""
        if self.status not in ELSEWHERE:
            return {}
        cut = _cut(self, place=60, plate=20)
        return _said(self.status, destination=destination_of(self.status), spot=cut["place"], plate=cut["plate"])


def _cut(told: Told, **lengths: int) -> dict[str, str]:
    return {name: getattr(told, name).strip()[:most] for name, most in lengths.items()}


def _said(if_: str, **values: str) -> dict[str, str]:
    return {key: text for key, text in values.items() if text} if if_ else {}


def destination_of(status: str) -> str:
    """The destination of a departure that a telephone call tells of."""
    return "unknown" if status == "dead" else status


def whereabouts(status: str, place: str, told_by: str, plate: str = "") -> dict[str, object]:
    """What was told, as the value of the ledger's fact of somebody's whereabouts."""
    where = "　".join(part for part in (place, f"車 {plate}" if plate else "") if part)
    text = STATUSES[status] + (f"（{where}）" if where else "")
    value: dict[str, object] = {"text": text, "source": f"聞き取り・{told_by}" if told_by else "聞き取り"}
    return value | ({"lost": True} if status in LOST else {})
