"""Which household lives in which house: the rules alone."""

from __future__ import annotations

import pytest

from backend.ledger.houses.rules import (
    HomeAt,
    HouseAt,
    Linking,
    is_apartment,
    is_dwelling,
    numbered_by,
    ring_holds,
    without_municipality,
)

STREET = {"西町1-101": ["西町1-2-3"]}


def house(pk="h1", lot="西町12-3", **said):
    return HouseAt(pk, lot, said.pop("address", ""), **said)


def home(pk="w1", key="西町12-3", **said):
    return HomeAt(pk, key, said.pop("by", "lot"), **said)


def links(houses, homes, streets=None, members=None):
    found = Linking(houses, streets or {}, members or {}).run([homes])
    return {(one.house, one.household, one.role): (one.confidence, set(one.reasons)) for one in found}


def lives(*args, **more):
    return {(h, w): said for (h, w, role), said in links(*args, **more).items() if role == "lives"}


def test_owner_at_the_address_is_certain():
    found = lives([house(owner_no="1")], [home()], members={"1": "w1"})
    assert found == {("h1", "w1"): ("certain", {"address", "owner", "only_house"})}


def test_the_only_house_of_an_owner_living_elsewhere_is_likely_and_owned_by_the_other():
    found = links([house(owner_no="1")], [home()], members={"1": "w9"})
    assert found == {("h1", "w1", "lives"): ("likely", {"address", "only_house"})}
    there = links([house(owner_no="1")], [home("w9", "東町5")], members={"1": "w9"})
    assert there == {("h1", "w9", "owns"): ("certain", {"owner"})}


def test_the_name_of_the_owner_or_of_the_present_owner_is_as_good_as_the_number():
    for said in ({"owner_key": "高橋一郎"}, {"owner_key": "高橋清吉", "present_key": "高橋一郎"}):
        found = lives([house(**said)], [home(head_key="高橋一郎")])
        assert found[("h1", "w1")][0] == "certain"


def test_many_households_live_in_an_apartment_house():
    found = lives([house(apartment=True)], [home("w1", room=True), home("w2", room=True), home("w3")])
    assert {pair: said[0] for pair, said in found.items()} == {
        ("h1", "w1"): "certain",
        ("h1", "w2"): "certain",
        ("h1", "w3"): "likely",
    }


def test_two_houses_on_a_lot_go_to_their_owners():
    houses = [house("h1", owner_no="1"), house("h2", owner_no="2")]
    found = lives(houses, [home("w1"), home("w2")], members={"1": "w1", "2": "w2"})
    assert {pair: said[0] for pair, said in found.items()} == {("h1", "w1"): "certain", ("h2", "w2"): "certain"}


def test_the_house_that_is_left_over_is_likely():
    houses = [house("h1", owner_no="1"), house("h2", owner_no="77")]
    found = lives(houses, [home("w1"), home("w2")], members={"1": "w1"})
    assert found[("h2", "w2")] == ("likely", {"address", "left_over"})


def test_of_several_houses_that_say_nothing_each_is_to_be_looked_at():
    found = lives([house("h1"), house("h2")], [home()])
    assert {said[0] for said in found.values()} == {"unsure"}
    assert len(found) == 2


def test_an_annex_is_no_home_and_a_warehouse_only_where_nothing_else_stands():
    houses = [house("h1", owner_no="1"), house("h2", annex=True, dwelling=False, owner_no="1")]
    assert set(links(houses, [home()], members={"1": "w1"})) == {("h1", "w1", "lives"), ("h2", "w1", "owns")}
    assert lives([house(dwelling=False)], [home()]) == {("h1", "w1"): ("unsure", {"address", "no_dwelling"})}


def test_by_street_and_by_lot_number_the_town_twice():
    lot = house("h1", "西町1-2-3")
    assert lives([lot], [home("w1", "西町1-2-3", by="street")])[("h1", "w1")] == ("unsure", {"lot_only", "only_house"})
    assert lives([lot], [home("w1", "西町1-2-3", by="lot")])[("h1", "w1")][0] == "likely"
    by_street = house("h2", "西町1-99", address="西町1-2-3")
    assert set(lives([lot, by_street], [home("w1", "西町1-2-3", by="street")])) == {("h2", "w1")}


def test_the_towns_table_leads_from_street_to_lot():
    found = lives([house("h1", "西町1-101", owner_no="1")], [home("w1", "西町1-2-3", by="street")], STREET, {"1": "w1"})
    assert found == {("h1", "w1"): ("certain", {"address_by_table", "owner", "only_house"})}


def test_a_lot_of_several_street_numbers_is_less_sure():
    streets = {"西町1-101": ["西町1-2-3", "西町1-2-4"]}
    found = lives(
        [house("h1", "西町1-101", owner_no="1")], [home("w1", "西町1-2-4", by="street")], streets, {"1": "w1"}
    )
    assert found[("h1", "w1")][0] == "likely"
    assert "one_of_several" in found[("h1", "w1")][1]


def test_a_forgotten_branch_is_found_by_the_owner_and_only_by_the_owner():
    found = lives([house("h1", "西町12", owner_no="1")], [home()], members={"1": "w1"})
    assert found == {("h1", "w1"): ("likely", {"owner_near"})}
    assert lives([house("h1", "西町12")], [home()]) == {}
    assert lives([house("h1", "西町120", owner_no="1")], [home()], members={"1": "w1"})[("h1", "w1")][0] == "unsure"
    assert lives([house("h1", "東町12", owner_no="1")], [home()], members={"1": "w1"}) == {}


def test_households_without_an_address_are_not_linked_to_houses_without_one():
    assert links([house(lot="")], [home(key="")]) == {}


@pytest.mark.parametrize(
    ("address", "by"),
    [("本町一丁目2番3号", "street"), ("本町1丁目2番3号101号室", "street"), ("西町12番地の3", "lot"), ("西町1-2-3", "")],
)
def test_how_an_address_is_numbered(address, by):
    assert numbered_by(address) == by


@pytest.mark.parametrize(("kind", "use", "lived"), [("居宅", "専用住宅", True), ("倉庫", "", False), ("", "", True)])
def test_what_people_live_in(kind, use, lived):
    assert is_dwelling(kind, use) is lived


def test_apartment_houses_by_kind_or_use():
    assert is_apartment("", "共同住宅")
    assert is_apartment("アパート", "")
    assert not is_apartment("居宅", "専用住宅")


def test_inside_and_outside_of_a_ring_and_of_its_hole():
    square = [[0, 0], [4, 0], [4, 4], [0, 4], [0, 0]]
    assert ring_holds(square, 2, 2)
    assert not ring_holds(square, 5, 2)
    assert not ring_holds(square, 2, -1)


def test_the_municipality_is_not_part_of_the_town():
    assert without_municipality("汐見県大浜市西町", "大浜市") == "西町"
    assert without_municipality("西町", "大浜市") == "西町"
    assert without_municipality("西町", "") == "西町"
