"""Applications and certificates of the demo town: on the applicant's word on the second day, matched and from the household's
page on the third, a few that nobody can match yet, one withdrawn; papers for houses whose judgement was confirmed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from backend.accounts.models import Staff
from backend.core import clock
from backend.core.clock import today
from backend.damage.applications import services
from backend.damage.applications.rules import Place, Said
from backend.damage.certificates import risai
from backend.damage.models import Application
from backend.documents.fonts import Held
from backend.ledger import queries as ledger
from backend.ledger.houses import services as linking
from backend.ledger.models import Disaster, HouseLink, HouseRecord

At = Callable[[float, Callable[[], object]], None]
ON_WORD = 14  # of those who applied, on the second day, before there was a ledger
CHANNELS = ("counter", "counter", "phone", "counter", "paper")
BESIDES = {
    5: Place("敷地の物置", "building"),
    8: Place("裏のがけ（土砂の流入）", "land"),
    30: Place("車庫", "building"),
}
# Whom nobody has found in the ledger yet.
STRANGERS: tuple[dict[str, Any], ...] = (
    {
        "applicant": "corporation",
        "name": "大浜水産合同会社",
        "relation": "総務 入江",
        "channel": "paper",
        "places": [Place("港町の加工場", "building"), Place("港町の社宅（2階建て）")],
    },
    {
        "applicant": "agent",
        "name": "沖 みゆき",
        "kana": "オキ ミユキ",
        "relation": "長女",
        "mandate_seen": True,
        "head_name": "沖 たけ",
        "places": [Place("磯崎、神社の下の平屋")],
    },
    {"name": "砂山 けんじ", "kana": "スナヤマ ケンジ", "channel": "phone", "places": [Place("西町、橋のたもと")]},
    {"name": "北原 ハル", "secret": True, "places": [Place("桜台二丁目")]},
)


def take(at: At, disaster: Disaster, by: Staff, links: Sequence[HouseLink]) -> None:
    """One application a household of these links; afterwards each of their houses is to be surveyed."""
    on_word: list[tuple[Application, HouseLink]] = []
    for n, link in enumerate(links[:ON_WORD]):
        at(27 + n * 0.35, lambda n=n, link=link: on_word.append((_on_word(disaster, by, n, link), link)))  # type: ignore[misc]
    for n, said in enumerate(STRANGERS):
        at(32 + n * 0.3, lambda said=said: _record(disaster, by, **said))  # type: ignore[misc]
    at(49.3, lambda: [_match(by, row, link) for row, link in on_word])
    for n, link in enumerate(links[ON_WORD:], ON_WORD):
        at(49.3 + n * 0.005, lambda n=n, link=link: _at_household(disaster, by, n, link))  # type: ignore[misc]


def _record(disaster: Disaster, by: Staff, household: Any = None, **said: Any) -> Application:
    channel = said.pop("channel", "counter")
    told: dict[str, Any] = {"applicant": "resident", "cause": "earthquake", "copies": 1, "purpose": "保険金の請求"}
    told |= {"identity": "licence" if channel == "counter" else "", "channel": channel, **said}
    return services.record(
        by=by, disaster=disaster, household=household, said=Said(applied_on=today(), **told), knowingly=True
    )


def _words(by: Staff, link: HouseLink, n: int) -> dict[str, Any]:
    """What the head of the household says at the counter or on the telephone."""
    head = ledger.members(link.household, by)[0]
    said = {name: getattr(head, name) for name in ("name", "kana", "birth")}
    return said | {
        "address": link.household.address,
        "telephone": f"090-0000-{1000 + n}",
        "head_name": head.name,
        "head_address": link.household.address,
        "channel": CHANNELS[n % len(CHANNELS)],
        "copies": 1 + n % 3,
    }


def _where(link: HouseLink) -> str:
    record = HouseRecord.objects.get(house=link.house_id, until=None)
    return record.address or record.lot


def _on_word(disaster: Disaster, by: Staff, n: int, link: HouseLink) -> Application:
    places = [Place(_where(link)), *([BESIDES[n]] if n in BESIDES else [])]
    return _record(disaster, by, **_words(by, link, n), places=places)


def _match(by: Staff, row: Application, link: HouseLink) -> None:
    """The next morning a clerk finds household and house, and confirms that they lived there."""
    linking.confirm(by=by, link=link)
    services.match_household(by=by, application=row.pk, household=link.household_id)
    services.match_house(by=by, line=row.houses.get(position=1).pk, house=link.house_id)


def _at_household(disaster: Disaster, by: Staff, n: int, link: HouseLink) -> Application:
    linking.confirm(by=by, link=link)
    places = [Place(_where(link), house=link.house_id), *([BESIDES[n]] if n in BESIDES else [])]
    return _record(disaster, by, household=link.household_id, **_words(by, link, n), places=places)


def ask_again(disaster: Disaster, by: Staff, link: HouseLink) -> Application:
    """Somebody does not agree with the first survey: the inside is worse than it looks."""
    places = [Place(_where(link), house=link.house_id)]
    said = {**_words(by, link, 0), "channel": "counter", "stage": "second", "reason": "内部の床と壁の被害"}
    return _record(disaster, by, household=link.household_id, **said, places=places)


def withdraw(by: Staff, link: HouseLink) -> None:
    row = Application.objects.get(household=link.household_id, stage="first")
    services.withdraw(by=by, application=row.pk, reason="本人の申し出（被害が軽く、修理したため）")


def issue(by: Staff, links: Sequence[HouseLink]) -> None:
    """Papers at the counter. A name that nothing prints yet is held for a person, as everywhere."""
    for n, link in enumerate(links):
        begun = clock.now()
        with clock.frozen(begun + timedelta(minutes=2 * n)):
            try:
                risai.issue_risai(
                    by=by,
                    household_id=link.household_id,
                    house_id=link.house_id,
                    purpose="保険金の請求",
                    id_checked="licence",
                )
            except Held:
                continue
