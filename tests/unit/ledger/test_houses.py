"""Houses out of the roll, linked to households; confirmed, rejected, taken back; hidden where somebody is."""

from __future__ import annotations

import pytest

from backend.accounts.models import AuditRow
from backend.core import clock
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.ledger.households import queries as households
from backend.ledger.households.services import decide
from backend.ledger.houses import queries, services
from backend.ledger.models import AddressPair, House, Household, HouseLink, HouseRecord, HouseTable, Protection
from tests.unit.registry.commands import tasuki
from tests.unit.registry.files import write
from tests.unit.registry.roll_files import HOUSE_COLUMNS, house

pytestmark = pytest.mark.django_db

TAKAHASHI = [{"name": "高橋　一郎", "kana": "タカハシ　イチロウ", "atena_no": "0001001"}, {"name": "高橋　花子"}]
SATO = [{"name": "佐藤　次郎", "atena_no": "0002001"}]


@pytest.fixture
def town(disaster, household):
    """A disaster with two households in 西町, and `roll(rows…)` that takes a house roll."""
    event = disaster()
    one = household(event, TAKAHASHI, address="大浜市西町12番地の3")
    two = household(event, SATO, address="大浜市西町20番地")
    return event, one, two


@pytest.fixture
def roll(tmp_path):
    def take(*rows, year="2026"):
        code, said = tasuki(
            "import_house_roll",
            write(tmp_path / f"{len(list(tmp_path.iterdir()))}.csv", rows, HOUSE_COLUMNS),
            "--year",
            year,
        )
        assert code == 0, said
        return said

    return take


def lives(household, **more):
    return HouseLink.objects.filter(household=household, role="lives", until=None, **more)


def test_a_roll_becomes_houses_that_are_linked_with_reasons(town, roll):
    _, one, two = town
    roll(house(), house("H002", 所在地="西町20", 所有者宛名番号="999", 所有者氏名="遠山　隆"))
    assert House.objects.count() == 2
    link = lives(one).get()
    assert (link.confidence, link.reasons, link.by_rule) == ("certain", ["address", "owner", "only_house"], True)
    assert lives(two).get().confidence == "likely"
    assert link.house.records.get().lot == "大浜市西町12番地3"


def test_houses_taken_before_the_disaster_is_opened_are_linked_when_the_people_come(roll, tmp_path):
    from tests.unit.registry.commands import take_full
    from tests.unit.registry.files import person

    roll(house())
    take_full(write(tmp_path / "all.csv", [person("0001001", address="大浜市西町12番地3")]))
    code, _ = tasuki("open_disaster", "2026", "--name", "大浜沖地震", "--occurred-at", "2026-11-18T05:46:00+09:00")
    assert code == 0
    assert HouseLink.objects.get(until=None).confidence == "certain"


def test_two_disasters_share_a_house(town, roll, disaster, household):
    _, one, _ = town
    flood = disaster("2027")
    again = household(flood, [{**TAKAHASHI[0], "atena_no": "0001001"}], address="大浜市西町12番地3")
    roll(house())
    assert lives(one).get().house == lives(again).get().house


def test_a_later_roll_follows_and_the_earlier_record_stays(town, roll):
    roll(house(), year="2025")
    roll(house(所有者氏名="高橋　次郎", 所有者宛名番号="777"), year="2026")
    records = HouseRecord.objects.order_by("id")
    assert [(r.year, r.owner_name, r.until is None) for r in records] == [
        (2025, "高橋　一郎", False),
        (2026, "高橋　次郎", True),
    ]
    assert House.objects.count() == 1


def test_the_same_roll_again_makes_no_new_links_or_records(town, roll):
    roll(house())
    before = list(HouseLink.objects.values_list("pk", "until"))
    roll(house(), house("H009", 所在地="東町1"))
    assert set(before) <= set(HouseLink.objects.values_list("pk", "until"))
    assert HouseRecord.objects.count() == 2


def test_what_the_rules_see_differently_later_follows_and_the_earlier_link_ends(town, roll):
    _, one, _ = town
    roll(house(所有者宛名番号="777", 所有者氏名="遠山　隆"))
    assert lives(one).get().confidence == "likely"
    roll(house())
    assert lives(one).get().confidence == "certain"
    assert HouseLink.objects.filter(household=one, ended="superseded").count() == 1


def test_a_person_confirms_and_the_rules_leave_it_alone(town, roll, staff):
    _, one, _ = town
    roll(house(所有者宛名番号="777"))
    link = services.confirm(by=staff("tax"), link=lives(one).get())
    roll(house())
    assert lives(one).get() == link
    assert AuditRow.objects.filter(act="ledger.confirm_house").count() == 1
    services.confirm(by=staff("tax"), link=link)  # a second click
    assert AuditRow.objects.filter(act="ledger.confirm_house").count() == 1


def test_what_was_rejected_does_not_come_back_until_it_is_undone(town, roll, staff):
    event, one, _ = town
    by = staff("tax")
    roll(house())
    wrong = services.reject(by=by, link=lives(one).get())
    services.link_houses(disaster=event, by=by)
    assert not lives(one).exists()
    assert [v.link for v in queries.house_page(wrong.house_id, event, by).rejected] == [wrong]
    services.undo(by=by, link=wrong)
    assert lives(one).get().confirmed_by is None
    wrong.refresh_from_db()
    assert wrong.ended == "rejected"
    with pytest.raises(Conflict):
        services.undo(by=by, link=wrong)


def test_confirming_one_of_several_houses_ends_the_other_guesses_and_undoing_brings_them_back(town, roll, staff):
    event, one, _ = town
    by = staff("tax")
    nobody = {"所有者宛名番号": "", "所有者氏名": ""}
    roll(house(**nobody), house("H002", **nobody))
    first, second = lives(one).order_by("house__property_no")
    assert {first.confidence, second.confidence} == {"unsure"}
    services.confirm(by=by, link=first)
    services.link_houses(disaster=event, by=by)
    assert list(lives(one)) == [first]
    services.undo(by=by, link=first)
    assert lives(one, confidence="unsure", confirmed_by=None).count() == 2


def test_a_decision_that_somebody_else_was_faster_with_is_said(town, roll, staff):
    _, one, _ = town
    roll(house())
    link = lives(one).get()
    services.reject(by=staff("tax"), link=link)
    with pytest.raises(Conflict):
        services.confirm(by=staff("tax"), link=link)


def test_a_house_in_no_roll_is_added_and_linked_by_hand(town, staff):
    event, one, _ = town
    by = staff("tax")
    made = services.add_house(by=by, values={"lot": "大浜市西町12番地4", "kind": "居宅"})
    link = services.link_by_hand(by=by, house=made, household=one)
    services.link_houses(disaster=event, by=by)
    assert lives(one).get() == link
    assert (link.confirmed_by, link.by_rule) == (by, False)
    assert services.undo(by=by, link=link) is None
    assert not lives(one).exists()
    with pytest.raises(Refused):
        services.add_house(by=by, values={"lot": " ", "address": ""})


def test_only_the_tax_division_decides(town, roll, staff):
    _, one, _ = town
    roll(house())
    for division in ("welfare", "housing", "auditor", "register"):
        with pytest.raises(Forbidden):
            services.confirm(by=staff(division), link=lives(one).get())


def test_the_towns_table_links_street_addresses(town, roll, household, staff):
    event, *_ = town
    by_street = household(event, [{"name": "田中　三郎", "atena_no": "0003001"}], address="大浜市本町一丁目2番3号")
    table = HouseTable.objects.create(kind="addresses", name="a.csv", fingerprint="f" * 64)
    AddressPair.objects.create(
        table=table, address="大浜市本町一丁目2番3号", lot="大浜市本町一丁目101番",
        address_key="本町1-2-3", lot_key="本町1-101",
    )  # fmt: skip
    roll(house("H003", 所在地="汐見県大浜市本町１丁目１０１番地", 所有者宛名番号="0003001"))
    assert lives(by_street).get().reasons == ["address_by_table", "owner", "only_house"]


def test_nobody_hidden_is_in_a_house_a_queue_or_a_name(town, roll, staff):
    event, one, _ = town
    roll(house(現況所有者="高橋　花子", 所有者宛名番号=""), house("H002", 所有者宛名番号="0001001", 所在地="東町5"))
    link = lives(one).get()
    for person in one.members.all():
        Protection.objects.create(person=person, source="desk")
    clerk, named = staff("tax"), staff("tax", sees_protected=True)
    view = queries.house_page(link.house_id, event, clerk)
    assert (view.links, view.owner, view.present_owner, view.owner_home) == ([], "", "", None)
    other = queries.house_page(House.objects.get(property_no="H002").pk, event, clerk)
    assert (other.owner, other.links) == ("", [])
    assert queries.queue(event, clerk, link.confidence) == (None, 0)
    with pytest.raises(NotFound):
        queries.link(link.pk, clerk)
    assert [v.household for v in queries.house_page(link.house_id, event, named).links] == [one]


def test_houses_are_found_by_any_notation_of_their_place(town, roll):
    roll(
        house(),
        house("H002", 所在地="西町12番地30"),
        house("H003", 所在地="本町一丁目5番", 住居表示住所="大浜市本町一丁目2番3号"),
    )
    numbers = lambda text: [record.house.property_no for record in queries.find(text)[0]]  # noqa: E731
    assert numbers("西町１２－３") == ["H001"]
    assert numbers("大浜市西町12") == ["H001", "H002"]
    assert numbers("本町1丁目2-3") == ["H003"]
    assert numbers("本町") == ["H003"]
    assert numbers("H002") == ["H002"]
    assert numbers("北町") == []
    assert numbers("　") == []


def test_a_house_names_and_counts_its_households_as_they_count(disaster, household, staff):
    event, chief = disaster(), staff("welfare", sees_protected=True)
    home = household(event, [{"name": f"高橋 {name}"} for name in ("一郎", "花子", "ウメ", "五郎")])
    aunt = household(event, [{"name": "北山 雪子"}])
    made_house = House.objects.create(property_no="H1")
    HouseRecord.objects.create(house=made_house, lot="大浜市西町1番地", lot_key="1", digest="1")

    def decided(on, *given, kind="actual_split", **values):
        chosen = [person.pk for person in home.members.all() if person.name.split()[1] in given]
        ground = {"ground": "生計が別", "evidence": "聞き取り"}
        found = decide(by=chief, household=on, kind=kind, people=chosen, **ground, **values)
        return (households.founded(found.pk) or [None])[0]

    def said():
        homes = Household.objects.filter(disaster=event)
        for one in homes.exclude(house_links__house=made_house):
            HouseLink.objects.create(house=made_house, household=one, role="lives", confidence="certain")
        links = queries.house_page(made_house.pk, event, staff("tax")).links
        return {link.household: (link.name, link.members) for link in links}

    other = decided(home, "ウメ", "五郎")
    assert said() == {home: ("高橋 一郎", 2), other: (other_head(other, chief), 2), aunt: ("北山 雪子", 1)}
    later = decided(home, "花子", kind="split", day=clock.today())
    assert said()[home] == ("高橋 一郎", 2)
    assert said()[later] == ("高橋 花子", 1)
    decided(other, "ウメ", "五郎", kind="actual_move", other=aunt)
    # Where nobody is any more, it is said whose household it was.
    assert said()[aunt] == ("北山 雪子", 3)
    assert said()[other][1] == 0
    assert said()[other][0] != "（秘匿）"
    Protection.objects.create(person=home.members.get(name="高橋 一郎"), source="desk")
    assert said()[home] == ("高橋 花子", 1)


def other_head(home, staff):
    return households.counted_members(home, staff=staff)[0].person.name
