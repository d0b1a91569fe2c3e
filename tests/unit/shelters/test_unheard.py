"""Who is in no list: the register less everybody heard of, and what calls and visits bring."""

import csv
import io
from datetime import datetime, timedelta
from itertools import count
from types import SimpleNamespace

import pytest
from django.urls import reverse

from backend.core.clock import TOKYO, frozen, now
from backend.core.errors import NotFound, Refused
from backend.journal.services import record
from backend.ledger.models import Disaster, Fact, Person, Protection, SameAs
from backend.ledger.opening.services import fill_disaster, open_disaster
from backend.ledger.services import add_household
from backend.shelters import services
from backend.shelters.help_first import queries as help_first
from backend.shelters.help_first.services import import_list
from backend.shelters.models import Contact, Status
from backend.shelters.places.services import take_back
from backend.shelters.telling.rules import STATUSES
from backend.shelters.unheard import queries, rules, then
from backend.shelters.unheard.services import say
from tests.unit.registry.commands import take_full
from tests.unit.registry.files import person as resident
from tests.unit.registry.files import write


@pytest.fixture
def town(disaster, household):
    """Two households in 西町, one in 港町; nobody has been heard of."""
    event = disaster()
    west = household(event, [{"name": "山田 太郎", "kana": "ヤマダ タロウ"}, {"name": "山田 花子", "sex": "2"}])
    other = household(event, [{"name": "川口 次郎"}], address="大浜市西町５番地")
    harbour = household(event, [{"name": "港 三郎", "address": "大浜市港町１丁目２番"}], address="大浜市港町１丁目２番")
    return event, west, other, harbour


def names(event, staff=None, **which):
    return [person.name for person in queries.unheard(event, staff, **which)]


def counted(event, staff=None):
    return {d.name: (d.people, d.unheard) for d in queries.districts(event, staff)[1]}


def one(name):
    return Person.objects.get(name=name)


def test_everybody_is_missing_until_heard_of(town, shelter):
    event, west, *_ = town
    assert counted(event) == {"大浜市港町": (1, 1), "大浜市西町": (3, 3)}
    opening = shelter()
    services.check_in_household(by=None, opening=opening, household=west.pk, persons=[one("山田 太郎").pk])
    assert names(event) == ["港 三郎", "山田 花子", "川口 次郎"]
    assert counted(event)["大浜市西町"] == (3, 2)


def test_what_took_long_to_count_is_used_again_for_a_while_with_its_hour(town, monkeypatch):
    event, *_ = town
    seconds = count(), count(100)
    monkeypatch.setattr(queries, "PATIENCE", 20)
    monkeypatch.setattr(
        queries, "time", SimpleNamespace(monotonic=lambda: next(seconds[0]))
    )  # each look a second later
    with frozen("2026-11-20T09:00:00+09:00") as then:
        assert counted(event)["大浜市港町"] == (1, 1)
    say(by=None, persons=[one("港 三郎").pk], status="relatives")
    at, numbers = queries.districts(event, None)
    assert (at, [d.unheard for d in numbers]) == (then, [1, 3])
    monkeypatch.setattr(queries, "time", SimpleNamespace(monotonic=lambda: next(seconds[1])))
    assert counted(event)["大浜市港町"] == (1, 0)


def test_who_left_without_saying_where_to_is_missing_again(town, shelter):
    event, west, *_ = town
    opening, person = shelter(), one("山田 太郎")
    services.check_in_household(by=None, opening=opening, household=west.pk, persons=[person.pk])
    evacuee = queries.evacuee_of(person)
    services.leave(by=None, opening=opening, evacuees=[evacuee], destination="unknown")
    assert "山田 太郎" in names(event)
    [row] = queries.missed([person])
    assert row.known == "西町小学校を退所（不明）"
    assert row.how_old == "今日"


def test_a_call_tells_where_a_household_is(town, clerk, sign_in):
    event, *_ = town
    person = one("山田 太郎")
    form = {
        "persons": [str(person.pk), str(one("山田 花子").pk)],
        "status": "relatives",
        "place": "輪島市の長女宅",
        "told_by": "本人",
        "how": "telephone",
        "result": "reached",
    }
    page = sign_in(clerk).post(reverse("centre:unheard_person", args=[person.pk]), form, follow=True)
    assert "2名について記録しました" in page.content.decode()
    assert names(event) == ["港 三郎", "川口 次郎"]
    fact = Fact.objects.get(person=person, kind="whereabouts", replaced_by=None)
    assert fact.value == {"text": "親族・知人宅（輪島市の長女宅）", "source": "聞き取り・本人"}
    assert fact.by == clerk


@pytest.mark.parametrize("status", sorted(STATUSES))
def test_only_who_can_be_found_or_is_safe_or_dead_is_heard_of(town, status):
    event, *_ = town
    say(by=None, persons=[one("港 三郎").pk], status=status)
    assert ("港 三郎" in names(event)) == (status in {"missing", "unknown"})


def test_a_car_is_told_with_its_plate(town):
    say(by=None, persons=[one("港 三郎").pk], status="car", place="港の駐車場", plate="12-34")
    fact = Fact.objects.get(person=one("港 三郎"), replaced_by=None)
    assert fact.value["text"] == "車中泊（港の駐車場　車 12-34）"


def test_the_newer_of_a_call_and_a_stay_holds(town, shelter):
    _, west, *_ = town
    person, opening = one("山田 太郎"), shelter()
    services.check_in_household(by=None, opening=opening, household=west.pk, persons=[person.pk])
    say(by=None, persons=[person.pk], status="home", occurred_at=now() - timedelta(hours=9))
    assert Fact.objects.get(person=person, replaced_by=None).value["text"] == "西町小学校"
    with frozen(now() + timedelta(hours=1)):
        say(by=None, persons=[person.pk], status="hospital")
        assert Fact.objects.get(person=person, replaced_by=None).value["text"] == "病院"
        told = Status.objects.get(status="hospital")
        take_back(by=None, entry=told.entry)
    assert Fact.objects.get(person=person, replaced_by=None).value["text"] == "西町小学校"


def test_a_typed_record_linked_to_a_resident_counts_before_it_is_confirmed(town, shelter):
    event, *_ = town
    typed, _ = services.check_in_new(by=None, opening=shelter(), details={"name": "港 三朗"})
    SameAs.objects.create(record=typed, into=one("港 三郎"), ground="氏名")
    assert "港 三郎" not in names(event)


def test_the_list_of_then_of_an_older_disaster_knows_who_was_heard_of_in_it(disaster, household, shelter):
    at = datetime(2026, 5, 1, 5, tzinfo=TOKYO)
    first = disaster("2025", occurred_at=at)
    home = household(first, [{"name": "山田 太郎"}, {"name": "山田 花子"}])
    with frozen(at + timedelta(hours=1)):
        services.check_in_household(by=None, opening=shelter(), household=home.pk, persons=[one("山田 太郎").pk])
    disaster("2026")
    assert names(first) == ["山田 花子"]
    found = then.unheard(first, None, at + timedelta(hours=3), None)
    assert [pk for pk, _ in found.people] == [one("山田 花子").pk]


@pytest.fixture
def early(db):
    """A disaster whose register has not come yet, two hours old."""
    at = datetime(2026, 11, 20, 7, tzinfo=TOKYO)
    with frozen(at + timedelta(hours=2)):
        yield open_disaster(code="2026", name="大浜沖地震", occurred_at=at, by=None).disaster


def fill(tmp_path):
    take_full(write(tmp_path / "a.csv", [resident("1001"), resident("1002", name="潮田 清", birth="1950-02-03")]))
    fill_disaster(code="2026", by=None)
    return Disaster.objects.get()


@pytest.mark.parametrize("said", [{"atena_no": "1001"}, {"birth": "1970-01-02"}])
def test_who_was_in_a_shelter_before_the_register_came_is_heard_of_once(early, shelter, staff, tmp_path, said):
    home = add_household(by=staff("shelter"), disaster=early, people=[{"name": "高橋 一郎", **said}])
    services.check_in_household(by=None, opening=shelter(), household=home.pk, persons=[home.members.get().pk])
    event = fill(tmp_path)
    assert SameAs.objects.get().into.atena_no == "1001"
    assert names(event) == ["潮田 清"]
    assert sum(people for people, _ in counted(event).values()) == 2
    assert [pk for pk, _ in then.unheard(event, None, now(), None).people] == [one("潮田 清").pk]


def test_who_is_on_the_list_of_those_who_need_help_has_their_number_once_the_register_came(early, shelter, tmp_path):
    listed = tmp_path / "list.csv"
    listed.write_text("氏名,生年月日,住所\n潮田 清,1950-02-03,大浜市西町\n", encoding="utf-8")
    import_list(by=None, path=listed)
    fill(tmp_path)
    found = one("潮田 清")
    services.check_in_household(by=None, opening=shelter(), household=found.household.pk, persons=[found.pk])
    assert [row.reached for row in help_first.people(None)] == [True]


def test_who_was_lost_before_the_register_came_is_still_looked_for(early, staff, tmp_path):
    home = add_household(by=staff("shelter"), disaster=early, people=[{"name": "高橋 一郎", "birth": "1970-01-02"}])
    say(by=None, persons=[home.members.get().pk], status="missing")
    event = fill(tmp_path)
    assert sorted(names(event)) == ["潮田 清", "高橋 一郎"]
    assert len(then.unheard(event, None, now(), None).people) == 2


def test_a_number_read_at_a_shelter_before_the_register_came_says_where_its_person_is(early, shelter, tmp_path):
    arrival = {"opening": str(shelter()), "person": {"atena_no": "1001"}}
    record(kind="stay.arrived", payload=arrival, occurred_at=now(), by=None)
    event = fill(tmp_path)
    assert names(event) == ["潮田 清"]
    assert Fact.objects.get(person__atena_no="1001").value["text"] == "西町小学校"


def test_who_could_not_be_reached_stays_with_who_asks_next(town, clerk, sign_in):
    event, *_ = town
    say(by=clerk, persons=[one("港 三郎").pk], how="visit", result="absent", next_by="西町の民生委員")
    assert names(event, next_by="西町の民生委員") == ["港 三郎"]
    client = sign_in(clerk)
    page = client.get(reverse("centre:unheard")).content.decode()
    assert "西町の民生委員" in page
    listed = client.get(reverse("centre:unheard_list"), {"asker": rules.key_of("西町の民生委員")}).content.decode()
    assert "訪問：出ない・不在" in listed


def test_lists_on_screen_paper_and_as_file_are_logged(town, clerk, sign_in):
    from backend.accounts.models import AccessLog

    client, district = sign_in(clerk), {"district": rules.key_of(one("港 三郎").town_key)}
    for name in ("unheard_list", "unheard_print"):
        page = client.get(reverse(f"centre:{name}"), district).content.decode()
        assert "三郎" in page
        assert "川口" not in page
    rows = list(
        csv.DictReader(io.StringIO(client.get(reverse("centre:unheard_csv"), district).content.decode("utf-8-sig")))
    )
    assert [row["氏名"] for row in rows] == ["港 三郎"]
    assert AccessLog.objects.filter(detail="unheard").count() == 3


def test_people_under_protection_are_in_no_list_and_no_number(town, staff, sign_in):
    event, *_ = town
    person = one("港 三郎")
    Protection.objects.create(person=person, source="desk", asked_at=now())
    clerk, named = staff("shelter"), staff("shelter", sees_protected=True)
    assert "港 三郎" not in names(event, clerk)
    assert "大浜市港町" not in counted(event, clerk)
    assert counted(event, named)["大浜市港町"] == (1, 1)
    assert sign_in(clerk).get(reverse("centre:unheard_person", args=[person.pk])).status_code == 404
    with pytest.raises(NotFound):
        say(by=clerk, persons=[person.pk], status="home")


def test_the_whole_list_is_asked_district_by_district(town, clerk, sign_in):
    event, *_ = town
    _, found = queries.districts(event, clerk)
    assert queries.towns_of(found, 0, 1) == ([found[0].town], 0)
    assert queries.towns_of(found, 1, 4) == ([found[1].town], 1)
    page = sign_in(clerk).get(reverse("centre:unheard_list")).content.decode()
    assert all(part in page for part in ("三郎", "太郎", "花子", "次郎"))


def test_nothing_said_is_refused(town, clerk):
    with pytest.raises(Refused, match="連絡のしかた"):
        say(by=clerk, persons=[one("港 三郎").pk])
    assert not Contact.objects.exists()


def test_without_a_ledger_the_page_says_so(db, clerk, sign_in):
    assert "台帳に人がいません" in sign_in(clerk).get(reverse("centre:unheard")).content.decode()


def address(when):
    return when.astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M")


def listed(client, url, **asked):
    answer = client.get(reverse(url), asked)
    assert answer.status_code == 200
    return answer


def test_the_list_of_an_hour_as_known_at_an_hour(town, shelter, clerk, sign_in):
    """山田 太郎 came at two hours ago and it was known at once; where 港 三郎 is was told an hour ago, of four hours ago."""
    _, west, *_ = town
    client, start = sign_in(clerk), now()
    opening = shelter(occurred_at=start - timedelta(hours=6))
    with frozen(start - timedelta(hours=2)):
        services.check_in_household(by=None, opening=opening, household=west.pk, persons=[one("山田 太郎").pk])
    with frozen(start - timedelta(hours=1)):
        told = {"status": "relatives", "occurred_at": start - timedelta(hours=4)}
        say(by=clerk, persons=[one("港 三郎").pk], how="telephone", result="reached", next_by="鈴木", **told)
    hours = [address(start - timedelta(hours=h)) for h in range(7)]

    def missing(**asked):
        page = listed(client, "centre:unheard_list", **asked)
        return [row.person.name for row in page.context["rows"]]

    both, neither = ["山田 花子", "川口 次郎"], ["港 三郎", "山田 太郎", "山田 花子", "川口 次郎"]
    assert sorted(missing()) == sorted(both) == sorted(missing(as_of=hours[0]))
    assert sorted(missing(as_of=hours[3])) == sorted([*both, "山田 太郎"])
    assert sorted(missing(as_of=hours[5])) == sorted(neither)
    assert sorted(missing(as_of=hours[0], known_at=address(start - timedelta(minutes=90)))) == sorted(
        [*both, "港 三郎"]
    )
    assert sorted(missing(known_at=hours[3])) == sorted(neither)
    page = listed(client, "centre:unheard", as_of=hours[5])
    assert {row["cells"][0]["text"]: row["cells"][1:3] for row in page.context["rows"]} == {
        "大浜市西町": [3, 3],
        "大浜市港町": [1, 1],
    }
    key = next(row["cells"][0]["url"] for row in page.context["rows"] if row["cells"][0]["text"] == "大浜市港町")
    assert "港 三郎" in client.get(key).content.decode()
    text = listed(client, "centre:unheard_csv", as_of=hours[3]).content.decode("utf-8-sig")
    assert sorted(row["氏名"] for row in csv.DictReader(io.StringIO(text))) == sorted([*both, "山田 太郎"])
    paper = listed(client, "centre:unheard_print", as_of=hours[3]).context["rows"]
    assert sorted(row.person.name for row in paper) == sorted([*both, "山田 太郎"])
    asker = rules.key_of("鈴木")
    assert missing(asker=asker, as_of=hours[5]) == []


def test_who_left_without_a_word_is_in_the_list_of_then_with_what_was_known(town, shelter, clerk, sign_in):
    event, west, *_ = town
    start = now()
    opening, person = shelter(occurred_at=start - timedelta(hours=6)), one("山田 太郎")
    ids = {"opening": opening, "evacuees": [queries.evacuee_of(person)]}
    at = start - timedelta(hours=5)
    services.check_in_household(by=None, opening=opening, household=west.pk, persons=[person.pk], occurred_at=at)
    services.leave(by=None, destination="unknown", occurred_at=start - timedelta(hours=3), **ids)
    services.check_in_household(by=None, opening=opening, household=west.pk, persons=[person.pk])
    page = listed(sign_in(clerk), "centre:unheard_list", as_of=address(start - timedelta(hours=2)))
    [row] = [row for row in page.context["rows"] if row.person == person]
    assert row.known == "西町小学校を退所（不明）"
    assert "山田 太郎" not in names(event)


def test_the_list_of_then_shows_nobody_hidden(town, clerk, sign_in):
    person = one("港 三郎")
    Protection.objects.create(person=person, source="desk")
    page = listed(sign_in(clerk), "centre:unheard_list", as_of=address(now()))
    assert page.context["count"] == 3
    assert "港 三郎" not in page.content.decode()
