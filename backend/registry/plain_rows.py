"""The quick way through a full export: rows in which nothing needs a second look.

A million rows go through here one by one, so this says in few steps what `Checker.check` says in words; whatever is not
plain is handed back (None), and the checker looks at it and gives the reasons. A test holds the two against each other.
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any, Protocol

from backend.core.kana import to_wide
from backend.core.names import is_odd

from . import layout

(
    ATENA,
    HOUSEHOLD,
    NAME,
    KANA,
    ALIAS,
    BIRTH,
    SEX,
    RELATION,
    POSTAL,
    ADDRESS,
    BUILDING,
    SINCE,
    NATION,
    PROTECTED,
    UNTIL,
) = range(15)
Plain = tuple[list[Any], int, dict[str, str] | None, str, str]
PlainRow = tuple[int, list[str], Plain]  # line, record as received, what it says
_LIMIT = layout.MAX_LENGTH


class Checks(Protocol):
    """What is asked of the checker: where the columns stand, and what it says of a date or an address."""

    width: int
    position: dict[str, int]
    names: list[str]
    towns: frozenset[str] | None

    def unknown_positions(self) -> list[int]: ...

    def date(self, text: str) -> str | None: ...

    def day(self, text: str) -> str | None: ...

    def in_known_town(self, address: str) -> bool: ...


class PlainRows:
    """Called with a record, gives (values in the order of PERSON_COLUMNS, flags, extra, 異動年月日, 異動事由) or None."""

    def __init__(self, checker: Checks) -> None:
        self.checker = checker
        self.width = checker.width
        at = checker.position
        # A column that the file doesn't have is read from behind the record's end, where there is None.
        self.pick = itemgetter(*(at.get(column, self.width) for column in layout.PERSON_COLUMNS))
        self.remark = (at.get("effective"), at.get("reason"))
        self.unknown = checker.unknown_positions()
        self.dates: dict[str | None, str | None] = {None: None, "": ""}
        self.relations: dict[str | None, str | None] = {None: None}
        self.sexes, self.nations, self.protections = (
            {None: None, **layout.CODES[column]} for column in ("sex", "nationality", "protection")
        )

    def __call__(self, record: list[str]) -> Plain | None:
        if len(record) != self.width:
            return None
        values = list(self.pick([*record, None]))
        number, household, name = values[ATENA], values[HOUSEHOLD], values[NAME]
        if not (number.isdecimal() and number.isascii() and household.isdecimal() and household.isascii()):
            return None
        kana, alias, building = values[KANA], values[ALIAS], values[BUILDING]
        address, postal = values[ADDRESS], values[POSTAL]
        if (
            len(number) > 15
            or len(household) > 15
            or not name.strip()
            or len(name) > _LIMIT["name"]
            or len(address) > _LIMIT["address"]
            or (kana and len(kana) > _LIMIT["kana"])
            or (alias and len(alias) > _LIMIT["alias"])
            or (building and len(building) > _LIMIT["building"])
            or (postal and len(postal) > _LIMIT["postal_code"])
        ):
            return None
        try:
            values[SEX] = self.sexes[values[SEX]]
            values[NATION] = self.nations[values[NATION]]
            values[PROTECTED] = self.protections[values[PROTECTED]]
            values[RELATION] = self.relations[values[RELATION]]
            values[BIRTH] = self.dates[values[BIRTH]]
            values[SINCE] = self.dates[values[SINCE]]
            values[UNTIL] = self.dates[values[UNTIL]]
        except KeyError:
            # Learnt from the record as it came: some of `values` may have been replaced already.
            return self(record) if self.learn(list(self.pick([*record, None]))) else None
        if kana:
            values[KANA] = to_wide(kana)
        flags = layout.ODD_CHARACTERS if is_odd(name) or is_odd(address) or (alias and is_odd(alias)) else 0
        if not values[SEX] and values[SEX] is not None:
            flags |= layout.NO_SEX
        if not values[BIRTH] and values[BIRTH] is not None:
            flags |= layout.NO_BIRTH
        if not address:
            flags |= layout.NO_ADDRESS
        elif self.checker.towns is not None and not self.checker.in_known_town(address):
            flags |= layout.UNKNOWN_TOWN
        extra = None
        if self.unknown:
            extra = {self.checker.names[i]: record[i] for i in self.unknown if record[i]} or None
        on, why = self.remark
        effective = (self.checker.day(record[on].strip()) or "") if on is not None and record[on] else ""
        return values, flags, extra, effective, record[why].strip()[:20] if why is not None else ""

    def learn(self, raw: list[Any]) -> bool:
        """Look at the dates and relationships of a row that were not met before; False if one can't be taken."""
        for at in (BIRTH, SINCE, UNTIL):
            text = raw[at]
            if text not in self.dates:
                iso = self.checker.date(text)
                if iso is None:
                    return False
                self.dates[text] = iso
                self.dates.setdefault(iso, iso)
        text = raw[RELATION]
        if text not in self.relations:
            if len(text) > _LIMIT["relationship"]:
                return False
            self.relations[text] = layout.RELATIONSHIP_CODES.get(text, text)
            return True
        return raw[SEX] in self.sexes and raw[NATION] in self.nations and raw[PROTECTED] in self.protections
