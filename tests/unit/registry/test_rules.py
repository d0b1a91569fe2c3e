"""Every sentence about the rebuild, and every case that goes wrong easily. The day is 2011-03-11."""

from __future__ import annotations

from dataclasses import replace

import pytest

from backend.registry import rules
from tests.unit.registry.people import asof, base, codes, nobody, row, town, values


def at(*rows: rules.Row) -> str:
    """Where 高橋 一郎 of 西町1 stood on the day."""
    return asof(base(), *rows).values["address"]


# Base -------------------------------------------------------------------------------------------------------------


def test_without_rows_of_change_the_base_holds():
    person = asof(base())
    assert person.registered
    assert person.values == values()
    assert not person.flags


def test_rows_processed_up_to_the_base_are_in_it_already():
    assert at(row("転居", "02-20", "02-28", at="港町5")) == "西町1"


def test_rows_processed_before_the_base_count_when_they_come_into_force_after_it():
    assert at(row("転居", "03-05", "02-25", at="港町5")) == "港町5"


def test_an_older_move_entered_after_the_base_does_not_undo_the_newer_one_that_the_base_shows():
    moved = row("転居", "02-25", "02-26", at="西町1")
    assert at(moved, row("転居", "02-20", "03-14", at="港町5")) == "西町1"


def test_a_base_after_the_day_leaves_out_who_came_later():
    assert not asof(base(export="03-20", since="2011-03-12")).registered
    assert asof(base(export="03-20", since="2011-03-11")).registered


def test_a_base_after_the_day_flags_everyone():
    assert codes(asof(base(export="03-20"))) == {"base_after"}


def test_an_export_of_the_day_itself_is_a_base_after_the_day():
    assert "base_after" in codes(asof(base(export="03-11")))


@pytest.mark.parametrize("reason", sorted(rules.REMOVALS))
@pytest.mark.parametrize("on", ["03-11", "03-14"])
def test_a_base_after_the_day_gets_back_who_was_removed_since_as_that_row_stood(reason, on):
    person = asof(nobody("03-20"), row(reason, on, "03-15", at="港町5"))
    assert person.registered
    assert person.values["address"] == "港町5"
    assert {"base_after", "removed_before_base"} <= codes(person)


def test_a_base_after_the_day_does_not_get_back_who_was_removed_before_the_day():
    assert not asof(nobody("03-20"), row("転出", "03-10", "03-15")).registered


def test_a_base_after_the_day_does_not_get_back_who_came_and_left_after_the_day():
    came = row("転入", "03-12", "03-12", since="2011-03-12")
    assert not asof(nobody("03-20"), came, row("転出", "03-14", "03-14", since="2011-03-12")).registered


def test_a_base_after_the_day_gets_back_who_left_after_the_day_and_came_again():
    left = row("転出", "03-12", at="西町1")
    again = row("転入", "03-14", at="港町5", since="2011-03-14")
    person = asof(base(export="03-20", at="港町5", since="2011-03-14"), left, again)
    assert person.registered
    assert person.values["address"] == "西町1"


def test_a_base_after_the_day_and_a_death_corrected_to_before_the_day():
    died = row("死亡", "03-12", "03-13")
    assert not asof(nobody("03-20"), died, row("死亡", "03-09", "03-22")).registered


def test_a_base_after_the_day_and_a_removal_that_was_cancelled():
    gone, back = row("転出", "03-10", "03-12"), row("転出取消", "03-10", "03-22", at="西町1")
    assert asof(nobody("03-20"), gone, back).registered


# Order ------------------------------------------------------------------------------------------------------------


def test_rows_are_ordered_by_processing_however_they_come():
    rows = [row("職権修正", "03-01", f"03-{day:02}", at=f"港町{day}") for day in (2, 3, 4)]
    assert at(*rows) == at(*reversed(rows)) == "港町4"


def test_rows_of_one_moment_are_ordered_by_their_running_number_as_a_number():
    first, second = (row("職権修正", "03-05", at=f"港町{n}", sequence=n) for n in ("9", "10"))
    assert at(second, first) == "港町10"


def test_rows_of_one_moment_without_a_number_are_ordered_by_line():
    first, second = (row("職権修正", "03-05", at=f"港町{n}", line=n) for n in (2, 3))
    assert at(second, first) == "港町3"


def test_an_identical_row_is_dropped():
    fix = row("職権修正", "03-05", "03-06", name="髙橋 一郎")
    assert len(rules.in_processing_order([fix, fix, replace(fix, line=9)])) == 1
    assert codes(asof(base(), fix, replace(fix, line=9))) == set()


# Statements -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", sorted(rules.ENTRIES))
def test_an_entry_states_registered_and_all_columns(reason):
    person = asof(nobody(), row(reason, "03-05", at="港町5", name="新田 花"))
    assert person.registered
    assert person.values == values(at="港町5", name="新田 花")


def test_a_move_owns_postal_code_address_and_building():
    moved = asof(base(), row("転居", "03-05", post="0000005", at="港町5", building="101"))
    assert [moved.values[c] for c in rules.PLACE] == ["0000005", "港町5", "101"]
    assert not moved.flags


@pytest.mark.parametrize("reason", ["世帯分離", "世帯合併"])
def test_splitting_and_joining_own_household_and_relationship(reason):
    person = asof(base(), row(reason, "03-05", home="200", role="子"))
    assert (person.values["household_no"], person.values["relationship"]) == ("200", "子")
    assert not person.flags


def test_a_change_of_head_owns_the_relationship():
    person = asof(base(role="妻"), row("世帯主変更", "03-05", role="世帯主"))
    assert person.values["relationship"] == "世帯主"
    assert not person.flags


def test_a_change_of_name_owns_name_reading_and_alias():
    person = asof(base(), row("氏名変更", "03-05", name="新田 一郎", kana="ニッタ イチロウ", alias="ニッタ"))
    assert [person.values[c] for c in ("name", "kana", "alias")] == ["新田 一郎", "ニッタ イチロウ", "ニッタ"]
    assert not person.flags


def test_an_owned_column_is_stated_also_when_it_equals_the_row_before():
    """The second row says that the move was on the 9th already, though nothing in it is new."""
    assert at(row("転居", "03-14", "03-14", at="港町5"), row("転居", "03-09", "03-15", at="港町5")) == "港町5"


@pytest.mark.parametrize("reason", sorted(rules.REMOVALS))
def test_a_removal_states_not_registered_and_nothing_else(reason):
    gone = row(reason, "03-05", "03-06", at="隣の町9")
    assert not asof(base(), gone).registered
    back = asof(base(), row(reason, "03-14", "03-06", at="隣の町9"))
    assert back.registered
    assert back.values["address"] == "西町1"


@pytest.mark.parametrize("reason", sorted(rules.CANCELLATIONS))
@pytest.mark.parametrize("on", ["03-10", "03-08", "03-14"])
def test_a_cancellation_makes_the_last_removal_void(reason, on):
    assert asof(base(), row("転出", "03-10", "03-01"), row(reason, on, "03-12")).registered


def test_a_planned_move_away_cancelled_before_the_base():
    planned = row("転出", "03-10", "02-20")
    assert asof(base(), planned, row("転出取消", "02-25", "02-25")).registered
    assert asof(base(), planned, row("転出取消", "03-10", "02-25")).registered


def test_only_the_last_removal_is_void():
    rows = [row("転出", "03-05"), row("転入", "03-08"), row("転出", "03-10"), row("転出取消", "03-10", "03-12")]
    assert asof(base(), *rows).registered
    person = asof(base(), rows[0], rows[1], row("転出", "03-10", turn=1), row("転出取消", "03-10", "03-12"))
    assert person.registered


def test_cancelling_the_later_move_away_leaves_the_older_one():
    """Back on the 21st, told of the leaving on the 5th only later; then a planned leaving, cancelled."""
    rows = [
        row("転入", "03-21"),
        row("転出", "03-05", "03-22"),
        row("転出", "03-28", "03-23"),
        row("転出取消", "03-28", "03-24"),
    ]
    assert not asof(base(), *rows).registered


def test_a_removal_whose_day_was_corrected_is_cancelled_as_one():
    rows = [row("転出", "03-08", "03-02"), row("転出", "03-10", "03-03"), row("転出取消", "03-10", "03-12")]
    assert asof(base(), *rows).registered


@pytest.mark.parametrize("reason", sorted(rules.CANCELLATIONS))
def test_a_cancelled_removal_that_the_base_has_already(reason):
    person = asof(nobody(), row("転出", "02-20", "02-25"), row(reason, "02-20", "03-14", at="港町5"))
    assert person.registered
    assert person.values["address"] == "港町5"
    assert "cancelled_removal_in_base" in codes(person)


def test_a_cancelled_removal_of_which_no_row_came():
    person = asof(nobody(), row("職権回復", "02-20", "03-14"))
    assert person.registered
    assert "cancelled_removal_in_base" in codes(person)


def test_a_death_that_the_base_has_already_corrected_to_the_day():
    person = asof(nobody(), row("死亡", "02-27", "02-28"), row("死亡", "03-11", "03-14"))
    assert person.registered
    assert "cancelled_removal_in_base" in codes(person)


def test_other_columns_are_stated_where_they_differ_from_the_row_before():
    first = row("転居", "03-05", at="港町5", name="髙橋 一郎")
    then = row("転居", "03-14", at="東町2", name="髙橋 一郎")
    person = asof(base(), first, then)
    assert person.values["name"] == "髙橋 一郎"
    assert ("differs_under_other_reason", "転居") in person.flags


def test_what_a_row_only_repeats_is_not_stated():
    """The 14th's row shows the address of the 12th, and says nothing about it."""
    assert (
        at(row("転居", "03-12", at="港町5"), row("職権修正", "03-09", "03-14", at="港町5", name="髙橋 一郎")) == "西町1"
    )


def test_a_removal_is_passed_over_when_rows_are_compared():
    rows = [row("転居", "03-12", at="港町5"), row("転出", "03-20", "03-13", at="隣の町9")]
    assert at(*rows, row("職権修正", "03-09", "03-14", at="港町5", name="髙橋 一郎")) == "西町1"


def test_a_difference_under_a_correction_is_not_flagged():
    assert not codes(asof(base(), row("職権修正", "03-09", "03-10", birth="1950-04-02")))


def test_a_correction_that_changes_nothing_is_flagged():
    assert codes(asof(base(), row("職権修正", "03-09", "03-10"))) == {"correction_without_change"}


def test_a_column_that_the_file_does_not_have_states_nothing():
    person = asof(base(building="101"), row("転居", "03-05", at="港町5", building=None))
    assert person.values["building"] == "101"


def test_an_empty_cell_states_empty():
    assert asof(base(building="101"), row("転居", "03-05", at="港町5", building="")).values["building"] == ""


# Value as of the day ----------------------------------------------------------------------------------------------


def test_the_worked_case():
    person = asof(
        base(),
        row("転居", "03-12", at="港町5"),
        row("職権修正", "03-09", "03-14", at="港町5", name="髙橋 一郎"),
    )
    assert (person.values["name"], person.values["address"]) == ("髙橋 一郎", "西町1")


def test_statements_of_one_day_count_in_the_order_of_processing():
    assert at(row("転居", "03-05", "03-06", at="港町5"), row("転居", "03-05", "03-07", at="東町2")) == "東町2"


def test_the_day_of_a_move_is_corrected_by_an_equal_row():
    assert at(row("転居", "03-10", "03-10", at="港町5"), row("転居", "03-12", "03-14", at="港町5")) == "西町1"
    assert at(row("転居", "03-12", "03-12", at="港町5"), row("転居", "03-10", "03-14", at="港町5")) == "港町5"


def test_a_move_in_the_base_corrected_to_a_day_after_is_flagged():
    person = asof(
        base(at="港町5"), row("転居", "02-20", "02-21", at="港町5"), row("転居", "03-12", "03-14", at="港町5")
    )
    assert "equal_to_before" in codes(person)


def test_a_day_after_that_was_itself_corrected_is_no_move_to_look_at():
    person = asof(base(), row("転居", "03-12", "03-12", at="港町5"), row("転居", "03-10", "03-14", at="港町5"))
    assert codes(person) == {"late"}


def test_two_moves_that_share_a_column_are_two_moves():
    person = asof(
        base(post="1", building=""),
        row("転居", "03-09", post="2", at="港町5", building="101"),
        row("転居", "03-14", post="2", at="東町2", building="101"),
    )
    assert [person.values[c] for c in rules.PLACE] == ["2", "港町5", "101"]


def test_two_entries_with_a_removal_between_are_two_entries():
    rows = [row("転入", "03-05", at="港町5"), row("転出", "03-13"), row("転入", "03-15", at="港町5")]
    person = asof(nobody(), *rows)
    assert person.registered
    assert person.values == values(at="港町5")


def test_the_day_of_an_entry_is_corrected_by_an_equal_row():
    assert not asof(nobody(), row("転入", "03-10"), row("転入", "03-12", "03-14")).registered
    assert asof(nobody(), row("転入", "03-12"), row("転入", "03-10", "03-14")).registered


def test_a_correction_makes_void_what_was_processed_before_it_and_is_in_force_on_or_after_its_day():
    wrong = row("転居", "03-09", at="東町2")
    assert at(wrong, row("職権修正", "03-09", "03-14", at="港町5")) == "港町5"
    assert at(wrong, row("職権修正", "03-05", "03-14", at="港町5")) == "港町5"
    assert at(wrong, row("職権修正", "03-12", "03-14", at="港町5")) == "東町2"


def test_a_correction_does_not_void_what_was_processed_after_it():
    assert at(row("職権修正", "03-05", at="港町5"), row("転居", "03-09", "03-14", at="東町2")) == "東町2"


def test_a_correction_voids_its_own_column_only():
    person = asof(
        base(), row("転居", "03-09", at="東町2", post="2"), row("職権修正", "03-01", "03-14", at="港町5", post="2")
    )
    assert (person.values["address"], person.values["postal_code"]) == ("港町5", "2")


def test_a_correction_voids_a_move_that_was_planned_before_the_base():
    planned = row("転居", "03-05", "02-25", at="港町5")
    assert at(planned) == "港町5"
    assert at(planned, row("職権修正", "03-01", "03-14", at="西町1")) == "西町1"


def test_re_entry_with_the_older_move_away_processed_afterwards_is_in():
    person = asof(base(), row("転入", "03-10", "03-11", at="港町5"), row("転出", "02-20", "03-14"))
    assert person.registered
    assert person.values["address"] == "港町5"
    assert "late" in codes(person)


def test_re_entry_before_the_base_with_the_older_move_away_processed_after_it_is_in():
    entered, left = row("転入", "02-25", "02-26", since="2011-02-25"), row("転出", "02-20", "03-14")
    assert asof(base(since="2011-02-25"), entered, left).registered
    assert asof(base(since="2011-02-25"), left).registered  # the row of entry never came


def test_in_force_before_one_that_was_processed_earlier_is_flagged_late():
    assert "late" in codes(asof(base(), row("転居", "03-09", at="東町2"), row("転居", "03-05", "03-14", at="港町5")))
    assert "late" not in codes(asof(base(), row("転居", "03-05", "03-14", at="港町5")))


def test_a_death_of_before_corrected_to_the_day_stays():
    person = asof(base(), row("死亡", "03-08", "03-09"), row("死亡", "03-11", "03-14"))
    assert person.registered
    assert {"died_on_day", "late"} & codes(person) >= {"died_on_day"}


# On the day -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", sorted(rules.REMOVALS))
def test_nobody_leaves_on_the_day(reason):
    person = asof(base(), row(reason, "03-11", "03-14"))
    assert person.registered
    assert codes(person) & {"died_on_day", "left_on_day"}


@pytest.mark.parametrize("reason", sorted(rules.REMOVALS))
def test_who_left_the_day_before_is_out(reason):
    assert not asof(base(), row(reason, "03-10", "03-14")).registered


@pytest.mark.parametrize("on", ["2011-03-00", "2011-00-00", "0000-00-00"])
def test_a_death_whose_unknown_day_may_be_the_day_takes_nobody_out(on):
    person = asof(base(), row("死亡", on, "03-30"))
    assert person.registered
    assert "death_day_unknown" in codes(person)
    assert (person.removed_by, person.removed_on) == (
        "死亡",
        on.replace("0000-00-00", ""),
    )  # and no more is said than known


def test_a_death_in_a_month_before_takes_them_out():
    assert not asof(base(), row("死亡", "2011-02-00", "03-14")).registered


@pytest.mark.parametrize("reason", sorted(rules.ENTRIES))
def test_who_arrives_on_the_day_is_in(reason):
    person = asof(nobody(), row(reason, "03-11", "03-14"))
    assert person.registered
    assert "arrived_on_day" in codes(person)


def test_born_and_died_on_the_day_is_in():
    assert asof(nobody(), row("出生", "03-11", "03-14"), row("死亡", "03-11", "03-14", turn=1)).registered


@pytest.mark.parametrize("reason", ["世帯主変更", "世帯分離"])
def test_a_change_of_head_on_the_day_is_not_applied_where_somebody_died_that_day(reason):
    dead = asof(base(), row("死亡", "03-11", "03-14"), number="1")
    wife = asof(base(role="妻"), row(reason, "03-11", "03-14", role="世帯主"), number="2")
    town(dead, wife)
    assert (dead.values["relationship"], wife.values["relationship"]) == ("世帯主", "妻")
    assert "household_change_on_day" in codes(wife)


def test_a_change_of_head_on_the_day_is_applied_elsewhere_and_one_of_before_everywhere():
    dead = asof(base(), row("死亡", "03-11", "03-14"), number="1")
    other = asof(base(home="200", role="妻"), row("世帯主変更", "03-11", role="世帯主", home="200"), number="2")
    before = asof(base(role="妻"), row("世帯主変更", "03-10", role="世帯主"), number="3")
    town(dead, other, before)
    assert other.values["relationship"] == before.values["relationship"] == "世帯主"


def test_who_leaves_the_household_of_the_dead_on_the_day_stays_in_it():
    dead = asof(base(), row("死亡", "03-11", "03-14"), number="1")
    child = asof(base(role="子"), row("世帯分離", "03-11", home="200", role="世帯主"), number="2")
    town(dead, child)
    assert (child.values["household_no"], child.values["relationship"]) == ("100", "子")


# Entered late -----------------------------------------------------------------------------------------------------


def born(number: str = "9", **said) -> rules.Standing:
    """A child born on 03-05, entered on 03-20 as the register stood then."""
    return asof(nobody(), row("出生", "03-05", "03-20", role="子", birth="2011-03-05", **said), number=number)


def test_a_late_birth_stands_where_the_family_stood_before_it_moved():
    parent = asof(base(), row("転居", "03-15", at="港町5", post="5"))
    child = born(at="港町5", post="5")
    town(parent, child)
    assert (child.values["address"], child.values["postal_code"]) == ("西町1", "0000001")
    assert child.values["household_no"] == "100"
    assert "entered_late" in codes(child)


def test_a_late_birth_stands_in_the_household_that_the_family_left():
    parents = [
        asof(base(role=role), row("世帯合併", "03-15", home="300", role="子"), number=role) for role in ("世帯主", "妻")
    ]
    child = born(home="300")
    town(*parents, child)
    assert child.values["household_no"] == "100"
    assert "entered_late" in codes(child)


def test_a_late_birth_after_the_family_changed_household_and_address():
    changed = [row("転居", "03-14", at="港町5"), row("世帯合併", "03-15", at="港町5", home="300", role="子")]
    parent = asof(base(), *changed)
    child = born(home="300", at="港町5")
    town(parent, child)
    assert (child.values["household_no"], child.values["address"]) == ("100", "西町1")


def test_a_late_birth_whose_family_stood_in_several_households_is_left_undecided():
    mother = asof(base(), row("世帯合併", "03-15", home="300", role="子"), number="1")
    father = asof(base(home="200"), row("世帯合併", "03-15", home="300", role="子"), number="2")
    child = born(home="300")
    town(mother, father, child)
    assert child.registered
    assert child.values["household_no"] == ""
    assert "household_undecided" in codes(child)


def test_twins_are_no_family_to_each_other():
    parent = asof(base(), row("転居", "03-15", at="港町5"))
    twins = [born("8", at="港町5"), born("9", at="港町5")]
    town(parent, *twins)
    assert [twin.values["address"] for twin in twins] == ["西町1", "西町1"]


def test_a_whole_family_entered_late_stands_where_its_rows_say():
    family = [asof(nobody(), row("転入", "03-10", "03-20", at="港町5"), number=n) for n in "12"]
    town(*family)
    assert [person.values["address"] for person in family] == ["港町5", "港町5"]
    assert not any(codes(person) & {"entered_late", "household_undecided"} for person in family)


def test_a_late_birth_into_a_family_that_never_moved():
    child = born()
    town(child, unchanged=(values(),))
    assert child.values["household_no"] == "100"
    assert "entered_late" not in codes(child)


def test_an_entry_processed_by_the_day_is_not_late():
    parent = asof(base(), row("転居", "03-15", at="港町5"))
    child = asof(nobody(), row("出生", "03-05", "03-11", at="東町2"), number="9")
    town(parent, child)
    assert child.values["address"] == "東町2"


def test_who_left_the_household_after_the_day_is_not_among_the_others_in_it():
    mother = asof(base(), row("転居", "03-15", at="港町5"), number="1")
    uncle = asof(base(role="兄"), row("世帯分離", "03-14", home="400", role="世帯主"), number="2")
    child = born(at="港町5")
    town(mother, uncle, child)
    assert child.values["address"] == "西町1"


def test_who_died_after_the_day_is_not_among_the_others_in_the_household():
    mother = asof(base(), row("転居", "03-15", at="港町5"), number="1")
    grandmother = asof(base(role="母"), row("死亡", "03-13", "03-14"), number="2")
    child = born(at="港町5")
    town(mother, grandmother, child)
    assert child.values["address"] == "西町1"
