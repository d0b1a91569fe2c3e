"""The demo town: 大浜市 on the third day of its disaster, built by the very commands that a city would use."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from backend.accounts.models import Staff
from backend.core import clock
from backend.core.clock import TOKYO, tokyo_date
from backend.facilities.models import Facility
from backend.ledger import queries as ledger
from backend.ledger.models import Disaster, Household
from backend.shelters import services as shelters
from backend.shelters.models import StayEvent
from backend.shelters.people import evacuee_of
from fixtures import town

PASSWORD = "tasuki-demo-2026"  # noqa: S105 - printed on every start, for invented people only
DISASTER_NAME = "大浜沖地震"
HOUR = time(5, 46)

# username, division, name, supervisor who sees people under protection
ACCOUNTS = [
    ("register", "register", "住基 係子", True),
    ("shelter", "shelter", "避難 所太", False),
    ("tax", "tax", "税務 証一", False),
    ("welfare", "welfare", "福祉 見守", True),
    ("housing", "housing", "住宅 仮子", False),
    ("supplies", "supplies", "物資 配太", False),
    ("accounting", "accounting", "会計 支払", False),
    ("publicity", "publicity", "広報 知世", False),
    ("admin", "administrator", "管理 者子", False),
    ("auditor", "auditor", "監査 見一", False),
]

Say = Callable[[str], None]


def is_built() -> bool:
    return Disaster.objects.filter(filled_at__isnull=False).exists()


def build(*, now: datetime, say: Say) -> None:
    """Build the town so that `now` is the third day of its disaster. Steps that were done before are passed over."""
    folder, disaster_day = _town_for(tokyo_date(now) - timedelta(days=2))
    settings.TOWNS_FILE = str(folder / "towns.csv")
    say("職員の口座を作ります")
    make_accounts()
    say("施設を取り込みます")
    call_command("import_facilities", folder / "facilities.csv", verbosity=0)
    say("住民記録（全件と日々の異動）を取り込みます")
    _import_register(folder, today=tokyo_date(now))
    occurred = datetime.combine(disaster_day, HOUR, tzinfo=TOKYO)
    code = f"{disaster_day.year}"
    if not Disaster.objects.filter(code=code).exists():
        say("災害を開設し、被災者台帳を作ります")
        call_command("open_disaster", code, name=DISASTER_NAME, occurred_at=occurred.isoformat(), verbosity=0)
    say("避難所を開き、避難者を受け付けます")
    fill_shelters(occurred, now)
    say("公表用の資料を作ります")
    call_command("publish", disaster=code, output=None, verbosity=0)


def _town_for(disaster_day: date) -> tuple[Path, date]:
    """The committed town, moved so that its disaster is on `disaster_day`; a town moved before stays as it is."""
    target = settings.DATA_DIR / "town"
    manifest = target / town.MANIFEST
    if not manifest.exists():
        source = settings.BASE_DIR / "fixtures" / "small_town"
        made = date.fromisoformat(json.loads((source / town.MANIFEST).read_text(encoding="utf-8"))["disaster_day"])
        town.shift(source, target, (disaster_day - made).days)
    return target, date.fromisoformat(json.loads(manifest.read_text(encoding="utf-8"))["disaster_day"])


def _import_register(folder: Path, *, today: date) -> None:
    """The full export, then the changes up to yesterday: what a city has on the morning of the third day."""
    about = json.loads((folder / town.MANIFEST).read_text(encoding="utf-8"))
    full = next(folder.glob("register-full-????????.csv"))
    _import([full], kind="full", as_of=about["export_day"])
    changes = sorted(folder.glob("register-change-????????.csv"))
    _import([path for path in changes if path.stem[-8:] < f"{today:%Y%m%d}"], kind="change")


def _import(files: list[Path], **options: str) -> None:
    """Rows are set aside in a real register too: exit code 1 is no reason to stop."""
    try:
        call_command("import_register", *map(str, files), verbosity=0, **options)
    except SystemExit as end:
        if end.code != 1:
            raise


def make_accounts() -> None:
    for username, division, name, trusted in ACCOUNTS:
        if not Staff.objects.filter(username=username).exists():
            Staff.objects.create_user(
                username=username,
                password=PASSWORD,
                division=division,
                display_name=name,
                is_supervisor=trusted,
                sees_protected=trusted,
                home=settings.MUNICIPALITY,
            )


@transaction.atomic
def fill_shelters(occurred: datetime, now: datetime) -> None:
    """Five shelters open in the first hours; every eleventh household comes, some leave again, one shelter closes.

    Every act is written at its own hour, as if somebody had sat there: "as known at" has something to show.
    """
    if StayEvent.objects.exists():
        return
    by = Staff.objects.get(username="shelter")
    openings: list[UUID] = []
    acts: list[tuple[datetime, Callable[[], object]]] = []

    def at(hours: float, act: Callable[[], object]) -> None:
        acts.append((occurred + timedelta(hours=hours), act))

    for i, place in enumerate(Facility.objects.order_by("open_data_id", "name")[:5]):
        at(0.7 + 0.4 * i, lambda place=place: openings.append(shelters.open_shelter(by=by, facility=place)))
    homes = Household.objects.filter(kind="resident").order_by("number")[:1100:11]
    for i, home in enumerate(homes):
        at(3 + i * 0.11, lambda i=i, home=home: _arrive(by, openings[i % 4], home))
        if i % 9 == 0:
            at(23 + i * 0.11, lambda i=i, home=home: _go_home(by, openings[i % 4], home))
    visitor = {"name": "旅野 めぐる", "kana": "タビノ メグル", "origin": "小浜市（観光中）"}
    at(4.02, lambda: shelters.check_in_new(by=by, opening=openings[0], details=visitor))
    at(26.01, lambda: shelters.report_head_count(by=by, opening=openings[1], people=64, households=25))
    at(30.02, lambda: shelters.close_shelter(by=by, opening=openings[4]))
    for moment, act in sorted(acts, key=lambda entry: entry[0]):
        if moment <= now:
            with clock.frozen(moment):
                act()


def _arrive(by: Staff, opening: UUID, home: Household) -> None:
    people = [person.pk for person in ledger.members(home, by)]
    if people:  # of a household under protection nobody is shown to this desk
        shelters.check_in_household(by=by, opening=opening, household=home.pk, persons=people)


def _go_home(by: Staff, opening: UUID, home: Household) -> None:
    evacuees = [evacuee_of(person) for person in ledger.members(home, by)]
    if evacuees:
        shelters.leave(by=by, opening=opening, evacuees=evacuees, destination="home")
