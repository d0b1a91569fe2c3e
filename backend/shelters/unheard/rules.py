"""Who counts as heard of, what a call or a visit brings, and what it says of where somebody is.

Sources: 災害対策基本法 第86条の15 (safety of people), 内閣府 被災者台帳の作成等に関する実務指針 (平成29年3月): where somebody is, is an item
of the ledger. The words for places follow the destinations of the shelters.
"""

from __future__ import annotations

import hashlib
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

HOW = {"telephone": "電話", "visit": "訪問", "letter": "手紙・置き手紙", "neighbour": "近所の方", "other": "その他"}
RESULTS = {
    "reached": "本人・家族に会えた／話せた",
    "told": "ほかの人から聞いた",
    "absent": "出ない・不在",
    "no_number": "番号が使われていない・住んでいない",
    "refused": "答えたくない",
}


def told(status: str, place: str, told_by: str, plate: str = "") -> dict[str, object]:
    """What was told, as the value of the ledger's fact of somebody's whereabouts."""
    where = "　".join(part for part in (place, f"車 {plate}" if plate else "") if part)
    text = STATUSES[status] + (f"（{where}）" if where else "")
    value: dict[str, object] = {"text": text, "source": f"聞き取り・{told_by}" if told_by else "聞き取り"}
    return value | ({"lost": True} if status in LOST else {})


def age_of(known_on: date | None, today: date) -> str:
    """How old a piece of knowledge is."""
    if known_on is None:
        return "日付不明"
    days = (today - known_on).days
    return "今日" if days <= 0 else "きのう" if days == 1 else f"{days}日前"


def key_of(text: str) -> str:
    """A word that may stand in an address in place of a district or a name."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
