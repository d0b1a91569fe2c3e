"""Houses of the demo town on the third day: applied for, surveyed, judged by one, confirmed by another, certified.

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
from backend.damage.models import Application, RisaiCertificate, SurveyRequest, Team
from backend.damage.surveys import photos, rules, services, teams
from backend.damage.surveys.services import Sheet
from backend.ledger.houses.queries import live_links
from backend.ledger.models import Disaster, HouseLink, HouseRecord

from . import demo_applications as applications

APPLIED, UNASKED = 40, 4  # houses that a household applied for, and that the office had surveyed by itself
SURVEYED, JUDGED, CONFIRMED, ISSUED = 22, 16, 11, 7
SHAKEN = ((52, "total"), (43, "large"), (31, "medium"), (24, "half"), (13, "quasi"), (4, "below"), (7, "below"))
WET = ((190, True), (120, True), (60, True), (5, False), (30, False))
TEAMS = (
    ("第1班", "磯部 進", ["浜田 透", "沖 みゆき（小浜市から応援）"], "090-0000-0001"),
    ("第2班", "税務 証一", ["入江 健"], "090-0000-0002"),
)


def fill(disaster: Disaster, now: datetime) -> str:
    """Build applications, surveys and papers up to `now`; what there is, in words. Done before: nothing."""
    if not SurveyRequest.objects.filter(disaster=disaster).exists():
        with transaction.atomic():
            _fill(disaster, now)
    applied = Application.objects.filter(disaster=disaster).count()
    asked = SurveyRequest.objects.filter(disaster=disaster).count()
    papers = RisaiCertificate.objects.filter(judgement__disaster=disaster).count()
    return f"申請 {applied:,}件、調査の依頼 {asked:,}件、罹災証明書 {papers:,}通"


def _fill(disaster: Disaster, now: datetime) -> None:
    by, other = Staff.objects.get(username="tax"), Staff.objects.get(username="tax2")
    found = _homes(disaster, by)
    links, unasked = found[:-UNASKED], found[-UNASKED:]

    def at(hours: float, act: Callable[[], object]) -> None:
        # What needs the ledger from when it was opened on the third morning; earlier in the day all is done at once.
        with clock.frozen(min(disaster.occurred_at + timedelta(hours=hours), now)):
            act()

    applications.take(at, disaster, by, links)
    at(49.52, lambda: _ask(disaster, by, unasked))
    at(49.55, lambda: _teams(disaster, by, links))
    at(49.6, lambda: applications.withdraw(by, links[-1]))
    at(50, lambda: _survey(disaster, by, links[:SURVEYED]))
    at(50.1, lambda: _called(by))
    at(50.2, lambda: _judge(by, other, links[:JUDGED]))
    at(50.3, lambda: applications.issue(by, links[:ISSUED]))
    for n in (1, 2, 3):
        at(50.7 + n / 20, lambda n=n: applications.ask_again(disaster, by, links[n]))  # type: ignore[misc]
    at(51, lambda: _again(disaster, by, other, links))
    at(51.2, lambda: applications.issue(by, links[1:2]))


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
    most = (APPLIED + UNASKED) // 4
    return [town[n] for n in range(most) for town in largest if n < len(town)]


def _ask(disaster: Disaster, by: Staff, links: Sequence[HouseLink]) -> None:
    """Houses that the office wants to see though nobody has applied yet."""
    for link in links:
        services.ask(by=by, disaster=disaster, house=link.house_id, reason="職権による調査", source="damage:demo")


def _survey(disaster: Disaster, by: Staff, links: Sequence[HouseLink]) -> None:
    """After the shaking by parts, with the sheet; near the sea by the depth of the water."""
    paper = _paper()
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
        if row.method in rules.BY_SHEET:
            photos.add(by=by, survey=row.pk, data=paper, sheet=True)
        if n < 3:
            photos.add(by=by, survey=row.pk, data=_photo(link, far=n == 2), about="南面")


def _judge(by: Staff, other: Staff, links: Sequence[HouseLink]) -> None:
    for n, link in enumerate(links):
        survey = link.house.surveys.get()
        made = judging.make(by=by, survey=survey.pk)
        if n < CONFIRMED:
            judging.confirm(by=other, judgement=made.pk)


def _again(disaster: Disaster, by: Staff, other: Staff, links: Sequence[HouseLink]) -> None:
    """The second survey of one house found more than the first, and another one less; a third one waits for its own."""
    for link, ratio, found in ((links[2], 42, "large"), (links[1], 36, "medium")):
        sheet = Sheet(today(), "第1班", "second", "earthquake", "interior", structure="wood", ratio=ratio, found=found)
        row = services.record(by=by, disaster=disaster, house=link.house_id, sheet=sheet)
        photos.add(by=by, survey=row.pk, data=_paper(), sheet=True)
        judging.confirm(by=other, judgement=judging.make(by=by, survey=row.pk, reason="内部の床と壁の被害").pk)


def _teams(disaster: Disaster, by: Staff, links: Sequence[HouseLink]) -> None:
    """Half of the houses to be surveyed each, and some more that they won't come to today."""
    asked = {row.house_id: row for row in SurveyRequest.objects.filter(disaster=disaster, until=None)}
    rows = [asked[link.house_id] for link in links[: SURVEYED + 12]]
    for n, (name, lead, members, telephone) in enumerate(TEAMS):
        mine = rows[n::2]
        made = teams.make_team(
            by=by,
            disaster=disaster,
            day=today(),
            name=name,
            lead=lead,
            members=members,
            district=mine[0].district if mine else "",
            telephone=telephone,
        )
        teams.plan(by=by, team=made.pk, requests=[row.pk for row in mine])


def _called(by: Staff) -> None:
    """What the teams bring back: a slip left at each house that they saw, and nobody at home at the next one."""
    for team in Team.objects.filter(day=today()):
        for visit in team.visits.filter(request__until__isnull=False).order_by("place"):
            teams.close(by=by, visit=visit.pk, result="surveyed")
        for visit in team.visits.filter(request__until=None).order_by("place")[:1]:
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


def _paper() -> bytes:
    """A drawn sheet, as somebody would photograph it."""
    picture = Image.new("L", (420, 594), 250)
    pen = ImageDraw.Draw(picture)
    for row in range(12):
        pen.rectangle((30, 60 + row * 40, 390, 100 + row * 40), outline=90)
        pen.line((150, 60 + row * 40, 150, 100 + row * 40), fill=90)
        pen.line((170, 84 + row * 40, 200 + row * 37 % 160, 76 + row * 40), fill=30, width=3)
    out = BytesIO()
    picture.save(out, "JPEG", quality=60)
    return out.getvalue()


def _parts(degrees: float) -> tuple[float, float, float]:
    minutes = (degrees % 1) * 60
    return float(int(degrees)), float(int(minutes)), round((minutes % 1) * 60, 3)
