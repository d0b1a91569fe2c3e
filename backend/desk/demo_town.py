"""The demo town: 大浜市 on the third day of its disaster, built by the very commands that a city would use."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from backend.accounts.models import Staff
from backend.core import clock
from backend.core.clock import TOKYO, tokyo_date
from backend.damage.models import OnlineDesk
from backend.damage.online import services as online
from backend.documents.models import SigningKey
from backend.facilities.models import Facility
from backend.ledger import queries as ledger
from backend.ledger.matching.records import turned
from backend.ledger.models import Disaster, Household
from backend.shelters import services as shelters
from backend.shelters.models import StayEvent
from backend.shelters.people import evacuee_of
from fixtures import town

from . import demo_day, demo_houses

PASSWORD = "tasuki-demo-2026"  # noqa: S105 - printed on every start, for invented people only
DISASTER_NAME = "大浜沖地震"
HOUR = time(5, 46)
MORNING = time(7, 0)  # of the third day: when the register is taken and the ledger opened

# username, division, name, supervisor who sees people under protection
ACCOUNTS = [
    ("register", "register", "住基 係子", True),
    ("shelter", "shelter", "避難 所太", False),
    ("tax", "tax", "税務 証一", False),
    ("tax2", "tax", "税務 認子", False),
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
    """Build the town so that `now` is the third day of its disaster; `say` gets one line for every step that is done.

    Steps that were done before are passed over, so a build that was stopped goes on where it ended.
    """
    folder, disaster_day = _town_for(tokyo_date(now) - timedelta(days=2))
    make_accounts()
    say(f"職員　　　　{len(ACCOUNTS)}人の口座")
    if not SigningKey.objects.exists():
        _command("make_signing_key", reason="見本の町")
    places = _command("import_facilities", folder / "facilities.csv")
    say(f"施設　　　　{places['rows']:,}か所")
    occurred = datetime.combine(disaster_day, HOUR, tzinfo=TOKYO)
    code = f"{disaster_day.year}"
    with clock.frozen(min(now, datetime.combine(tokyo_date(now), MORNING, tzinfo=TOKYO))):
        say(f"住民記録　　{_import_register(folder, today=tokyo_date(now))}")
        say(f"課税台帳　　{_import_rolls(folder)}")
        if not Disaster.objects.filter(code=code).exists():
            _command("open_disaster", code, name=DISASTER_NAME, occurred_at=occurred.isoformat())
    disaster = Disaster.objects.get(code=code)
    say(
        f"被災者台帳　{disaster.households.count():,}世帯 {disaster.persons.count():,}人、要確認 {_flags(disaster):,}件"
    )
    fill_shelters(occurred, now)
    say(f"罹災証明　　{demo_houses.fill(disaster, now)}")
    if not OnlineDesk.objects.filter(disaster=disaster).exists():
        online.open_desk(by=Staff.objects.get(username="tax"), disaster=disaster)
        say("オンライン申請　受付中")
    published = _command("publish", disaster=code, output=None)
    say(f"避難所　　　開設中 {published['shelters']:,}か所、避難者 {published['people'] or 0:,}人")
    say(f"公表　　　　{published['files']:,}ファイル")


def _flags(disaster: Disaster) -> int:
    return disaster.flags.filter(settled_at=None).count()


def _town_for(disaster_day: date) -> tuple[Path, date]:
    """The committed town, moved so that its disaster is on `disaster_day`; a town moved before stays as it is."""
    target = settings.DATA_DIR / "town"
    manifest = target / town.MANIFEST
    if not manifest.exists():
        source = settings.BASE_DIR / "fixtures" / "small_town"
        made = date.fromisoformat(json.loads((source / town.MANIFEST).read_text(encoding="utf-8"))["disaster_day"])
        town.shift(source, target, (disaster_day - made).days)
    return target, date.fromisoformat(json.loads(manifest.read_text(encoding="utf-8"))["disaster_day"])


def towns_file() -> Path:
    """The 町字 of the demo town: what `TASUKI_TOWNS_FILE` is for a city."""
    return settings.DATA_DIR / "town" / "towns.csv"


def _import_register(folder: Path, *, today: date) -> str:
    """The full export, then the changes up to yesterday: what a city has on the morning of the third day."""
    settings.TOWNS_FILE = str(towns_file())
    about = json.loads((folder / town.MANIFEST).read_text(encoding="utf-8"))
    export = next(folder.glob("register-full-????????.csv"))
    changes = sorted(folder.glob("register-change-????????.csv"))
    changes = [path for path in changes if path.stem[-8:] < f"{today:%Y%m%d}"]
    full = _command("import_register", export, kind="full", as_of=about["export_day"])
    daily = _command("import_register", *changes, kind="change")
    waiting = [f"取り置き {full['set_aside'] + daily['set_aside']:,}行", f"保留 {daily['pending']:,}行"]
    return f"全件 {full['rows']:,}行、異動 {len(changes)}日分 {daily['rows']:,}行（{'、'.join(waiting)}）"


def _import_rolls(folder: Path) -> str:
    """町字, house roll, incomes, the 住居表示–地番 table and building outlines, drawn from the town's own register."""
    town.write_rolls(folder)
    _command("import_towns", folder / "towns.csv")
    _command("import_address_table", folder / "address-table.csv")
    houses = _command("import_house_roll", next(folder.glob("house-roll-*.csv")))
    incomes = _command("import_income_roll", next(folder.glob("income-roll-*.csv")))
    outlines = _command("import_outlines", folder / "outlines.geojson")
    return f"家屋 {houses['rows']:,}棟、所得 {incomes['rows']:,}人、建物の外形 {outlines['accepted']:,}"


def _command(command: str, /, *arguments: object, **options: object) -> dict[str, Any]:
    """Run a command as a city would, and give back what it says under `--json`.

    Rows are set aside in a real register too: exit code 1 is no reason to stop.
    """
    said = StringIO()
    try:
        call_command(command, *map(str, arguments), stdout=said, json=True, **options)
    except SystemExit as end:
        if end.code != 1:
            raise CommandError(_why(said.getvalue()), returncode=int(end.code or 70)) from None
    return json.loads(said.getvalue())


def _why(said: str) -> str:
    try:
        return str(json.loads(said)["message"])
    except (ValueError, KeyError):
        return "予期しない誤りで止まりました。もう一度実行すると、続きから作ります。"


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
    for i, details in enumerate(_typed_by_hand(by)):
        at(4.1 + i * 0.1, lambda details=details: shelters.check_in_new(by=by, opening=openings[1], details=details))
    at(26.01, lambda: shelters.report_head_count(by=by, opening=openings[1], people=64, households=25))
    at(30.02, lambda: shelters.close_shelter(by=by, opening=openings[4]))
    demo_day.plan(at, by, openings)
    for moment, act in sorted(acts, key=lambda entry: entry[0]):
        if moment <= now:
            with clock.frozen(moment):
                act()


def _typed_by_hand(by: Staff) -> list[dict[str, str]]:
    """Residents who came without papers and were typed as they said it: one as registered, one with day and month
    swapped, one by the reading alone, one by another family name."""
    homes = Household.objects.filter(kind="resident").order_by("number")[5:200:11]
    people = [person for home in homes for person in ledger.members(home, by)[:1] if turned(person.birth)]
    typed = [{name: getattr(p, name) for name in ("name", "kana", "birth", "sex", "address")} for p in people[:4]]
    if len(typed) < 4:
        return []
    typed[1]["birth"] = turned(typed[1]["birth"])
    typed[2] |= {"name": typed[2]["kana"], "kana": "", "address": ""}
    typed[3] |= {"name": "大浜\u3000" + typed[3]["name"].split()[-1], "kana": ""}
    return typed


def _arrive(by: Staff, opening: UUID, home: Household) -> None:
    people = [person.pk for person in ledger.members(home, by)]
    if people:  # of a household under protection nobody is shown to this desk
        shelters.check_in_household(by=by, opening=opening, household=home.pk, persons=people)


def _go_home(by: Staff, opening: UUID, home: Household) -> None:
    evacuees = [evacuee_of(person) for person in ledger.members(home, by)]
    if evacuees:
        shelters.leave(by=by, opening=opening, evacuees=evacuees, destination="home")
