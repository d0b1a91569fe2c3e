"""Houses of the demo town on the third day: asked for, the sheets of the day before typed, judged by one, confirmed by another.

Each act is what somebody of the tax division would do at that hour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.conf import settings
from django.db import transaction
from PIL import Image, ImageDraw

from backend.accounts.models import Staff
from backend.core import clock
from backend.core.clock import TOKYO, today
from backend.damage.judgements import services as judging
from backend.damage.models import SurveyRequest
from backend.damage.surveys import photos, rules, services, teams
from backend.damage.surveys.services import Sheet
from backend.ledger.houses import services as linking
from backend.ledger.houses.queries import live_links
from backend.ledger.models import Disaster, HouseLink, HouseRecord

ASKED, SURVEYED, JUDGED, CONFIRMED = 40, 22, 16, 11
SHAKEN = ((52, "total"), (43, "large"), (31, "medium"), (24, "half"), (13, "quasi"), (4, "below"), (7, "below"))
WET = ((190, True), (120, True), (60, True), (5, False), (30, False))
TEAMS = (
    ("第1班", "磯部 進", ["浜田 透", "沖 みゆき（小浜市から応援）"], "090-0000-0001"),
    ("第2班", "税務 証一", ["入江 健"], "090-0000-0002"),
)


def fill(disaster: Disaster, now: datetime) -> int:
    """Build the surveys up to `now`; how many requests there are. Done before: nothing."""
    if SurveyRequest.objects.filter(disaster=disaster).exists():
        return SurveyRequest.objects.filter(disaster=disaster).count()
    by, other = Staff.objects.get(username="tax"), Staff.objects.get(username="tax2")
    links = _homes(disaster, by)
    occurred = disaster.occurred_at

    def at(hours: float, act: Callable[[], object]) -> None:
        # From when the ledger was opened on the third morning; earlier in the day all of it is done at once.
        with clock.frozen(min(occurred + timedelta(hours=hours), now)):
            act()

    with transaction.atomic():
        at(49.3, lambda: _ask(disaster, by, links))
        at(49.4, lambda: _teams(disaster, by))
        at(50, lambda: _survey(disaster, by, links[:SURVEYED]))
        at(50.5, lambda: _judge(by, other, links[:JUDGED]))
        at(51, lambda: _again(disaster, by, other, links))
    return SurveyRequest.objects.filter(disaster=disaster).count()


def _homes(disaster: Disaster, by: Staff) -> list[HouseLink]:
    """Links of low wooden houses in which one household lives for certain, in the towns that have the most of them."""
    rows = live_links(by).filter(household__disaster=disaster, role="lives", confidence="certain", confirmed_by=None)
    links = {link.house_id: link for link in rows.order_by("-house")}
    records = HouseRecord.objects.filter(house__in=links, until=None, structure__contains="木造", floors__in=["1", "2"])
    towns: dict[str, list[HouseLink]] = {}
    for record in records.order_by("house"):
        town = rules.district(record.lot, settings.MUNICIPALITY)
        towns.setdefault(town, []).append(links[record.house_id])
    largest = sorted(towns.values(), key=len, reverse=True)[:4]
    most = ASKED // 4
    return [town[n] for n in range(most) for town in largest if n < len(town)]


def _ask(disaster: Disaster, by: Staff, links: Sequence[HouseLink]) -> None:
    for link in links:
        services.ask(by=by, disaster=disaster, house=link.house_id, reason="本人の申請", source="damage:demo")
    for link in links[:SURVEYED]:
        linking.confirm(by=by, link=link)


def _survey(disaster: Disaster, by: Staff, links: Sequence[HouseLink]) -> None:
    """After the shaking by parts, near the sea by the depth of the water."""
    for n, link in enumerate(links):
        said: dict[str, Any] = {
            "surveyed_on": today(),
            "surveyors": TEAMS[n % 2][0],
            "stage": "first",
            "structure": "wood",
        }
        if n % 4 == 3:
            depth, force = WET[n // 4 % len(WET)]
            said |= {"cause": "flood", "method": "flood_depth", "detached": True, "floors": 2, "external_force": force}
            said |= {"water": "above_floor", "depth": Decimal(depth)}
        else:
            ratio, found = SHAKEN[n % len(SHAKEN)]
            said |= {"cause": "earthquake", "method": "exterior", "ratio": ratio, "found": found}
        row = services.record(
            by=by, disaster=disaster, house=link.house_id, sheet=Sheet(**said, sheet_no=f"A-{n + 1:03}")
        )
        if n < 3:
            photos.add(by=by, survey=row.pk, data=_photo(link, far=n == 2), about="南面")


def _judge(by: Staff, other: Staff, links: Sequence[HouseLink]) -> None:
    for n, link in enumerate(links):
        survey = link.house.surveys.get()
        made = judging.make(by=by, survey=survey.pk)
        if n < CONFIRMED:
            judging.confirm(by=other, judgement=made.pk)


def _again(disaster: Disaster, by: Staff, other: Staff, links: Sequence[HouseLink]) -> None:
    """The second survey of one house found more than the first, and another one less."""
    for link, ratio, found in ((links[2], 42, "large"), (links[1], 36, "medium")):
        services.ask(by=by, disaster=disaster, house=link.house_id, stage="second", reason="本人の申請（内部の被害）")
        sheet = Sheet(today(), "第1班", "second", "earthquake", "interior", structure="wood", ratio=ratio, found=found)
        row = services.record(by=by, disaster=disaster, house=link.house_id, sheet=sheet)
        judging.confirm(by=other, judgement=judging.make(by=by, survey=row.pk, reason="内部の床と壁の被害").pk)


def _teams(disaster: Disaster, by: Staff) -> None:
    waiting = list(
        SurveyRequest.objects.filter(disaster=disaster, until=None).exclude(visits__result="").order_by("pk")
    )
    for n, (name, lead, members, telephone) in enumerate(TEAMS):
        rows = waiting[SURVEYED + n * 6 : SURVEYED + n * 6 + 6]
        made = teams.make_team(
            by=by,
            disaster=disaster,
            day=today(),
            name=name,
            lead=lead,
            members=members,
            district=rows[0].district if rows else "",
            telephone=telephone,
        )
        teams.plan(by=by, team=made.pk, requests=[row.pk for row in rows])
        for visit in made.visits.order_by("place")[:1]:
            tomorrow = today() + timedelta(days=1)
            teams.close(by=by, visit=visit.pk, result="absent", appointment_on=tomorrow, note="夕方は在宅とのこと")


def _photo(link: HouseLink, *, far: bool) -> bytes:
    """A drawn house with the time and place that a telephone would write beside it."""
    picture = Image.new("RGB", (1200, 900), "#cfe3f2")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 640, 1200, 900), fill="#8a7f6a")
    pen.polygon(((250, 400), (620, 210), (980, 400)), fill="#5c4a3d")
    pen.rectangle((300, 400, 930, 700), fill="#efe6d5", outline="#5c4a3d", width=6)
    pen.line(((420, 400), (470, 520), (440, 600), (500, 700)), fill="#3a2a20", width=8)
    record = HouseRecord.objects.filter(house=link.house_id, until=None, latitude__isnull=False).first()
    exif = Image.Exif()
    exif[0x8769] = {0x9003: clock.now().astimezone(TOKYO).strftime("%Y:%m:%d %H:%M:%S")}
    if record and record.latitude is not None and record.longitude is not None:
        north = record.latitude + (0.003 if far else 0.0001)
        exif[0x8825] = {1: "N", 2: _parts(north), 3: "E", 4: _parts(record.longitude)}
    out = BytesIO()
    picture.save(out, "JPEG", quality=70, exif=exif)
    return out.getvalue()


def _parts(degrees: float) -> tuple[float, float, float]:
    minutes = (degrees % 1) * 60
    return float(int(degrees)), float(int(minutes)), round((minutes % 1) * 60, 3)
