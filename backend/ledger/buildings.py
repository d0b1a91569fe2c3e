"""Households by the name of their house or flat (方書), for words that no name and no town has.

Nothing is kept for it: no key, no index, no dictionary, so that the opening of a ledger does not pay for it. Whoever asks
does, with one look at the 方書 of all households of the disaster; and only who typed a word that is nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from functools import reduce
from operator import or_
from uuid import UUID

import jaconv
from django.db.models import Q

from backend.core.names import search_key

from .models import Disaster, Household

MOST = 2000  # households; a house that has more is asked for together with something else
SHORTEST = 2  # characters of the name of a house
# How houses with flats are called, or that a number follows: an unknown name of a person says none of it.
_CALLED_SO = re.compile(
    r"[荘館寮棟苑園閣邸]\Z|[0-9]|号|ビル|コーポ|ハイツ|ハイム|マンション|アパート|メゾン|レジデンス|団地|住宅|宿舎|官舎|社宅"
)
_FLAT = re.compile(r"(?<=[^0-9])[\s-]*([0-9]+(?:-[0-9]+)*)(?:号室|号|室)?\Z")


def split_building(text: str) -> tuple[str, str]:
    """The name of the house and the number of the flat: `大浜荘２０３号` → (`大浜荘`, `203`); either may be empty."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _FLAT.search(plain)
    return (plain[: found.start()].rstrip(), found[1]) if found else (plain, "")


def looks_like_house(text: str) -> bool:
    """Whether a word of the one box may be the name of a house; beside an address every word may."""
    plain = unicodedata.normalize("NFKC", text)
    return bool(_CALLED_SO.search(split_building(plain)[0]) or _FLAT.search(plain))


def households_of(text: str, disaster: Disaster) -> list[UUID]:
    """The households in whose 方書 this stands, however it is written in width and kana."""
    name, flat = split_building(text)
    key = search_key(name)
    if len(key) < SHORTEST or key.isdecimal():
        return []
    written = reduce(or_, (Q(building__contains=form) for form in forms(name)))
    rows = Household.objects.filter(written, disaster=disaster).order_by("number").values_list("pk", "building")
    asked = re.compile(rf"(?<![0-9]){re.escape(flat)}(?![0-9])") if flat else None
    found = []
    for pk, building in rows.iterator(chunk_size=MOST):
        if key in search_key(building) and (asked is None or asked.search(unicodedata.normalize("NFKC", building))):
            found.append(pk)
            if len(found) == MOST:
                break
    return found


def forms(name: str) -> list[str]:
    """The ways in which a register may write a name, as the database compares letter by letter."""
    kana = jaconv.hira2kata(name)
    wide = (jaconv.h2z(text, kana=True, ascii=True, digit=True) for text in (name, kana))
    return list(dict.fromkeys([name, kana, *wide, jaconv.z2h(kana, kana=True, ascii=True, digit=True)]))
