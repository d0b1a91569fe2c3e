"""What is asked at the desk by day: plain values.

A visitor is never told whether somebody is here: what one may say is the same for everybody (配偶者からの暴力の防止及び被害者の保護
等に関する法律 第23条 on keeping secrets; 災害対策基本法 第86条の15 on answering about safety).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

RESULTS = {
    "called": "本人に取り次いだ",
    "message": "伝言・連絡先を預かった",
    "desk": "本部・窓口を案内した",
    "declined": "断った",
    "work": "用務（業者・支援者など）",
}
# What is said at the door, whoever is asked for, found or not.
ANSWER = (
    "こちらでは、どなたがいるかをお答えできません。連絡先を預かり、お心当たりがあれば本人から連絡してもらいます。"
    "安否のお問い合わせは、市の窓口で受け付けています。"
)
HANDED = {"handed": "本人に渡した", "family": "家族に渡した", "returned": "返送した"}


def overdue(until: str, today: date) -> bool:
    """Whether somebody meant to be back before today: to be asked after. They stay away until somebody says otherwise."""
    return bool(until) and until < today.isoformat()


# Our own bounds of a shift, in hours of the day in Japan; the night belongs to the day on which it began.
MORNING, EVENING = 8, 17


def shift(at: datetime) -> tuple[date, str]:
    """To which day and shift a note belongs. `at` in Japan's time."""
    if at.hour < MORNING:
        return at.date() - timedelta(days=1), "夜中"
    return at.date(), "日中" if at.hour < EVENING else "夕方から夜"
