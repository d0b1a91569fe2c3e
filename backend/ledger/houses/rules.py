"""Which household lives in which house, and who owns which: from addresses and owners, with confidence and reasons.

Nothing of this proves anything: where somebody dwelt is certified after a person has confirmed it. 住居表示 (by street,
住居表示に関する法律 第2条) and 地番 (by parcel, 不動産登記法 第2条第17号) number the same town twice: 1番2号 and 1番地2 are two places.
Pure functions over plain values.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

CERTAIN, LIKELY, UNSURE = "certain", "likely", "unsure"
LIVES, OWNS = "lives", "owns"
_WEAKER = {CERTAIN: LIKELY, LIKELY: UNSURE, UNSURE: UNSURE}

REASONS = {
    "address": "住所が同じ",
    "address_by_table": "住居表示と地番の対応表で同じ所",
    "lot_only": "地番とだけ一致（住居表示の番号ではない）",
    "one_of_several": "対応表に候補がいくつもある",
    "owner": "世帯員が所有者",
    "owner_name": "所有者と世帯主の氏名が同じ",
    "owner_family": "所有者と氏が同じ",
    "apartment": "共同住宅",
    "room": "方書（部屋番号）がある",
    "no_room": "共同住宅だが方書がない",
    "only_house": "この住所の住家は一つだけ",
    "left_over": "ほかの住家はほかの世帯のもの",
    "several_houses": "この住所に住家がいくつもある",
    "owns_several": "同じ住所に所有する住家がいくつもある",
    "room_in_house": "方書があるが、共同住宅ではない",
    "no_dwelling": "住家ではない建物だけがある",
    "owner_near": "世帯員が所有する、枝番だけ違う家",
    "owner_same_town": "世帯員が所有する、同じ町の家",
    "by_hand": "職員が入れた",
}

# Where Japan lies, in degrees.
LATITUDES, LONGITUDES = (20.0, 46.0), (122.0, 154.0)

_APARTMENT = re.compile("共同|アパート|マンション|寄宿|長屋|集合")
_DWELLING = re.compile("住宅|居宅|住居|共同|アパート|マンション|寄宿|長屋|併用|農家")
_BY_STREET = re.compile(r"号(?:室)?\s*\Z|[0-9０-９]+番[0-9０-９]+号")
_BY_LOT = re.compile(r"番地")


@dataclass(frozen=True, slots=True)
class HouseAt:
    """A house as linking sees it. `lot`, `address`: keys of the place; '' where there is none."""

    id: str
    lot: str
    address: str
    owner_no: str = ""
    owner_key: str = ""  # strict folds of the names of owner and present owner
    present_key: str = ""
    family_key: str = ""
    apartment: bool = False
    dwelling: bool = True
    annex: bool = False


@dataclass(frozen=True, slots=True)
class HomeAt:
    """A household as linking sees it. `by`: how its address numbers places: street, lot, or '' (cannot tell)."""

    id: str
    key: str
    by: str = ""
    room: bool = False
    head_key: str = ""
    family_key: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    house: str
    household: str
    role: str
    confidence: str
    reasons: tuple[str, ...]


def numbered_by(address: str) -> str:
    """Whether an address is written by street (1番2号), by lot (1番地2), or so that one cannot tell (1-2)."""
    if _BY_STREET.search(address):
        return "street"
    return "lot" if _BY_LOT.search(address) else ""


def is_apartment(kind: str, use: str) -> bool:
    return bool(_APARTMENT.search(use) or _APARTMENT.search(kind))


def is_dwelling(kind: str, use: str) -> bool:
    """Whether people live in such a house; of one about which nothing is said, they may."""
    return not (kind or use) or bool(_DWELLING.search(use) or _DWELLING.search(kind))


class Linking:
    """Links the houses of one municipality to the households of one ledger.

    `streets`: key of a lot → the keys of the 住居表示 on it, from the town's table. `members`: 宛名番号 of owners who are
    members of a household → that household.
    """

    def __init__(
        self, houses: Iterable[HouseAt], streets: Mapping[str, Iterable[str]], members: Mapping[str, str]
    ) -> None:
        self.members = members
        self.by_street: dict[str, list[tuple[HouseAt, tuple[str, ...], bool]]] = defaultdict(list)
        self.by_lot: dict[str, list[HouseAt]] = defaultdict(list)
        self.owned: dict[str, list[HouseAt]] = defaultdict(list)  # household → its houses
        for house in houses:
            self._place(house, streets)

    def _place(self, house: HouseAt, streets: Mapping[str, Iterable[str]]) -> None:
        if house.address:
            self.by_street[house.address].append((house, ("address",), False))
        else:
            found = tuple(streets.get(house.lot, ()))
            for key in found:
                several = len(found) > 1
                why = ("address_by_table", "one_of_several") if several else ("address_by_table",)
                self.by_street[key].append((house, why, several))
        if house.lot:
            self.by_lot[house.lot].append(house)
        home = self.members.get(house.owner_no) if house.owner_no else None
        if home is not None:
            self.owned[home].append(house)

    def run(self, groups: Iterable[list[HomeAt]]) -> Iterator[Link]:
        """The links of all households, which come in groups of the same address."""
        for homes in groups:
            lived_in: set[tuple[str, str]] = set()
            linked: set[str] = set()
            for link in self.at_address(homes):
                lived_in.add((link.house, link.household))
                linked.add(link.household)
                yield link
            for home in homes:
                if home.id not in linked:
                    for link in self.elsewhere(home):
                        lived_in.add((link.house, link.household))
                        yield link
                for house in self.owned.get(home.id, ()):
                    if (house.id, home.id) not in lived_in:
                        yield Link(house.id, home.id, OWNS, CERTAIN, ("owner",))

    def at_address(self, homes: list[HomeAt]) -> Iterator[Link]:
        """Households of one address in the houses that stand there."""
        here: list[tuple[HouseAt, tuple[str, ...], bool]] = []
        key, by = homes[0].key, homes[0].by
        if not key:
            return
        if by != "lot":
            here = list(self.by_street.get(key, ()))
        if not here:
            doubtful = by == "street"
            why = ("lot_only",) if doubtful else ("address",)
            here = [(house, why, doubtful) for house in self.by_lot.get(key, ())]
        here = _dwellings(here)
        if not here:
            return
        for home in homes:
            for house, confidence, reasons in self._choose(home, homes, [h for h, _, _ in here]):
                _, why, doubtful = next(entry for entry in here if entry[0] is house)
                strength = _WEAKER[confidence] if doubtful else confidence
                yield Link(house.id, home.id, LIVES, strength, (*why, *reasons))

    def _choose(
        self, home: HomeAt, homes: list[HomeAt], houses: list[HouseAt]
    ) -> Iterator[tuple[HouseAt, str, tuple[str, ...]]]:
        """The house of a household among the dwellings of its address; several if that can't be told."""
        if len(houses) == 1:
            yield houses[0], *self._in_the_only_one(home, houses[0])
            return
        own = [(house, self.ownership(home, house)) for house in houses]
        strong = [(house, why) for house, why in own if why in ("owner", "owner_name")]
        if home.room and (flats := [house for house in houses if house.apartment]):
            if len(flats) == 1:
                yield flats[0], CERTAIN, ("apartment", "room")
            else:
                yield from ((house, UNSURE, ("room", "several_houses")) for house in flats)
            return
        if len(strong) == 1:
            yield strong[0][0], CERTAIN, (strong[0][1],)
            return
        if strong:
            yield from ((house, UNSURE, (why, "owns_several")) for house, why in strong)
            return
        taken = {
            house.id
            for house in houses
            for other in homes
            if other.id != home.id and self.ownership(other, house) in ("owner", "owner_name")
        }
        free = [(house, why) for house, why in own if house.id not in taken]
        if len(free) == 1:
            house, why = free[0]
            yield house, LIKELY, (why, "left_over") if why else ("left_over",)
            return
        for house, why in free or own:
            yield house, UNSURE, (why, "several_houses") if why else ("several_houses",)

    def _in_the_only_one(self, home: HomeAt, house: HouseAt) -> tuple[str, tuple[str, ...]]:
        if not house.dwelling:
            why = self.ownership(home, house)
            return UNSURE, (why, "no_dwelling") if why else ("no_dwelling",)
        if house.apartment:
            return (CERTAIN, ("apartment", "room")) if home.room else (LIKELY, ("apartment", "no_room"))
        why = self.ownership(home, house)
        if why in ("owner", "owner_name"):
            return CERTAIN, (why, "only_house")
        if home.room:
            return UNSURE, ("room_in_house",)
        return LIKELY, (why, "only_house") if why else ("only_house",)

    def ownership(self, home: HomeAt, house: HouseAt) -> str:
        """How a household owns a house: by number, by the name of its head, perhaps by the family's name; '' if not."""
        if house.owner_no and self.members.get(house.owner_no) == home.id:
            return "owner"
        if home.head_key and home.head_key in (house.owner_key, house.present_key):
            return "owner_name"
        return "owner_family" if home.family_key and home.family_key == house.family_key else ""

    def elsewhere(self, home: HomeAt) -> Iterator[Link]:
        """For a household with no house at its address: a house of its own near by, whose number differs a little."""
        town = _town(home.key)
        dwellings = [h for h in self.owned.get(home.id, ()) if h.dwelling and not h.apartment and not h.annex]
        near = [h for h in dwellings if any(_differ_in_branch(home.key, key) for key in (h.address, h.lot))]
        if near:
            strength = LIKELY if len(near) == 1 else UNSURE
            yield from (Link(house.id, home.id, LIVES, strength, ("owner_near",)) for house in near)
            return
        same = [h for h in dwellings if town and town in (_town(h.address), _town(h.lot))]
        yield from (Link(house.id, home.id, LIVES, UNSURE, ("owner_same_town",)) for house in same)


def _dwellings(here: list[tuple[HouseAt, tuple[str, ...], bool]]) -> list[tuple[HouseAt, tuple[str, ...], bool]]:
    """The houses that people live in; if there is none, the ones that are no annex; if there is none, whatever stands."""
    main = [entry for entry in here if not entry[0].annex]
    return [entry for entry in main if entry[0].dwelling] or main or here


def _differ_in_branch(one: str, other: str) -> bool:
    """Whether two places are one number with and without its branch: `西町12` and `西町12-3`."""
    return bool(one and other) and (one.startswith(f"{other}-") or other.startswith(f"{one}-"))


def _town(key: str) -> str:
    found = re.match(r"[^0-9]+", key)
    return found[0] if found else ""


def ring_holds(ring: list[list[float]] | tuple, longitude: float, latitude: float) -> bool:
    """Whether a place lies inside a closed ring of [longitude, latitude] (even–odd rule)."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > latitude) != (y2 > latitude) and longitude < (x2 - x1) * (latitude - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def without_municipality(town_key: str, city_key: str) -> str:
    """The key of a town without the prefecture and the municipality before it: one writes them, another doesn't."""
    at = town_key.find(city_key) if city_key else -1
    return town_key[at + len(city_key) :] if at >= 0 else town_key
