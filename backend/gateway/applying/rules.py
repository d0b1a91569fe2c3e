"""What a resident may apply with from outside, how often, and in which words the state is told. Plain values only.

The codes are those of inside (damage.applications.rules, damage.surveys.rules); a test holds them together.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass

APPLICANTS = {
    "resident": "住んでいた本人か家族",
    "owner": "所有者（住んでいない）",
    "agent": "代理人（頼まれた人）",
    "heir": "相続人",
    "corporation": "会社・団体",
}
FOR_ANOTHER = ("agent", "heir", "corporation")
CAUSES = {
    "earthquake": "地震",
    "flood": "水害（浸水・土砂）",
    "wind": "風害（台風・竜巻）",
    "other": "その他（雪など）",
}
WHAT = {
    "dwelling": "住まい",
    "building": "ほかの建物（倉庫・店など）",
    "land": "土地・その他",
    "goods": "家財（家具・家電など）",
    "car": "自動車など",
}
PICTURES = {"photo": "被害の写真", "mandate": "委任状"}
PLACES = 3
MOST_COPIES = 20
MOST_PICTURES = 10
LARGEST = 20 * 1024 * 1024  # bytes of a picture
LARGEST_TOGETHER = 60 * 1024 * 1024  # bytes of all pictures that come at once
MOST_HELD = 20 * 1024**3  # bytes of all that waits to be fetched
KEPT_HOURS = 24  # of a picture whose form was not finished

# How often, in which seconds. A shelter's Wi-Fi is one address for hundreds of people.
HOUR, DAY = 3600, 24 * 3600


@dataclass(frozen=True)
class Limit:
    name: str
    most: int
    seconds: int


TRIES = Limit("try", 300, HOUR)  # of an address: forms sent, whole or not
SENT = Limit("sent", 100, HOUR)  # of an address: applications
SENT_BY_TELEPHONE = Limit("telephone", 10, DAY)
ASKED = Limit("ask", 300, HOUR)  # of an address: states asked for
WRONG = Limit("wrong", 10, DAY)  # of a receipt number: asked for with another birth date

STATES = {
    "sent": ("届いています", "申請は届いています。受付の処理を待っています。"),
    "checking": ("確認中", "届いた内容を職員が確かめています。電話でうかがうことがあります。"),
    "received": ("受付済み", "申請を受け付けました。調査の順番を待っています。"),
    "planned": ("調査予定", "調査の訪問を予定しています。日時は職員から連絡します。"),
    "surveyed": ("調査済み", "調査が終わりました。被害の程度を判定しています。"),
    "decided": ("判定済み", "判定が終わりました。罹災証明書の受け取り方は、窓口または電話でご確認ください。"),
    "withdrawn": ("取下げ", "この申請は取り下げられています。心あたりがないときは、電話でお知らせください。"),
}
CARRIED = tuple(state for state in STATES if state != "sent")  # what inside tells

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NUMBER = re.compile(rf"[{_ALPHABET}]{{12}}")
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})


def receipt_number(seed: bytes) -> str:
    """Twelve characters, sixty bits: nobody guesses one."""
    bits = int.from_bytes(seed[:8], "big") >> 4
    return "".join(_ALPHABET[bits >> shift & 31] for shift in range(55, -1, -5))


def shown_number(number: str) -> str:
    return "-".join(number[at : at + 4] for at in range(0, 12, 4))


def read_number(typed: str) -> str | None:
    """A receipt number in any width, case and grouping; None for what can't be one."""
    text = re.sub(r"[\s‐‑–—―−ー-]", "", unicodedata.normalize("NFKC", typed)).upper().translate(_MISREAD)
    return text if _NUMBER.fullmatch(text) else None


def read_telephone(typed: str) -> str | None:
    """Digits of a telephone number of Japan or, with its plus, of elsewhere; None for what can't be one."""
    text = re.sub(r"[\s()‐‑–—―−ー.-]", "", unicodedata.normalize("NFKC", typed))
    return text if re.fullmatch(r"0[0-9]{8,10}|\+[0-9]{8,15}", text) else None


def network(address: str) -> str:
    """What counts as one address: of IPv6 the network of a connection, because a telephone changes the rest by itself."""
    try:
        found = ipaddress.ip_address(address.strip())
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
