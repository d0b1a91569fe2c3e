"""Opening a disaster, filling its ledger, who is hidden, who is joined, and giving the register back."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from backend.core.check_digits import parse_disaster_number
from backend.core.clock import TOKYO, frozen, now
from backend.core.errors import Conflict, NotFound, Refused
from backend.ledger import queries, services
from backend.ledger.models import Disaster, Household, OpeningFlag, Person, Protection, SameAs, SearchWord
from backend.ledger.opening import services as opening
from backend.registry.services import take_file
from tests.unit.registry.commands import take_changes, take_full, tasuki
from tests.unit.registry.files import CHANGE, FULL, change, person, read, write

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 18, 5, 46, tzinfo=TOKYO)
LATER = "2026-11-25T09:00:00+09:00"
FAMILY = [
    person("1001"),
    person("1002", name="高橋 花", relationship="妻", sex="2", birth="1972-03-04"),
    person("900", household_no="502", name="潮田 清", birth="1950-00-00", address="大浜市東町２番地"),
]


@pytest.fixture(autouse=True)
def today():
    with frozen("2026-11-20T09:00:00+09:00"):
        yield


@pytest.fixture
def take(tmp_path):
    """`take(rows)` takes an export of 2026-11-07, `take(changes=rows)` a file of changes."""
    count = iter(range(100))

    def take(full=None, *, changes=None, as_of="2026-11-07"):
        path = tmp_path / f"{next(count)}.csv"
        if full is not None:
            code, said = take_full(write(path, full), as_of)
        else:
            code, said = take_changes(write(path, changes, CHANGE))
        assert code == 0, said
        return said

    return take


def opened(code="2026", **said):
    return opening.open_disaster(**{"code": code, "name": "大浜沖地震", "occurred_at": AT, "by": None, **said})


def command(code="2026", *more):
    return tasuki("open_disaster", code, "--name", "大浜沖地震", "--occurred-at", "2026-11-18T05:46:00+09:00", *more)


def given(tmp_path: Path, code="2026", **said) -> bytes:
    path = tmp_path / "given.csv"
    opening.export_register(code=code, to=path, **said)
    return path.read_bytes()


def entered(staff, disaster, **said) -> Person:
    """Somebody entered by word of mouth."""
    home = services.add_household(by=staff("shelter"), disaster=disaster, people=[said])
    return home.members.get()


# Opening ----------------------------------------------------------------------------------------------------------


def test_every_household_gets_a_number_and_its_members_in_order(take):
    take(FAMILY)
    result = opened()
    assert (result.households, result.persons, result.revision) == (2, 3, 1)
    home = Household.objects.get(household_no="501")
    assert parse_disaster_number(home.disaster_number).n == home.number
    assert [(m.name, m.position, m.is_head) for m in home.members.order_by("position")] == [
        ("高橋 一郎", 1, True),
        ("高橋 花", 2, False),
    ]
    assert (home.kind, home.address, home.postal_code) == ("resident", "大浜市西町１番地", "0000001")


def test_the_bar_moves_with_the_work_and_ends_with_it(take):
    take(FAMILY)
    told = []
    opened(progress=lambda done, total: told.append(done / total))
    assert told == sorted(told)
    assert told[0] < 0.3
    assert len(set(told)) > 2
    assert told[-1] == 1.0


def test_the_head_comes_first_whatever_their_number(take):
    take([person("1", relationship="子", name="高橋 蓮"), person("2")])
    opened()
    assert Person.objects.get(position=1).name == "高橋 一郎"


def test_the_ledger_is_as_of_the_day_and_not_as_of_the_last_file(take):
    take(FAMILY)
    take(
        changes=[
            change(
                "1001", effective="2026-11-19", processed_at="2026-11-19T09:00:00+09:00", address="大浜市港町５番地"
            ),
            change("900", "死亡", effective="2026-11-18", processed_at="2026-11-19T09:00:00+09:00", household_no="502"),
            change("77", "転入", effective="2026-11-18", processed_at="2026-11-19T09:00:00+09:00", household_no="503"),
            change("78", "転入", effective="2026-11-19", processed_at="2026-11-19T09:00:00+09:00", household_no="504"),
        ]
    )
    opened()
    assert set(Person.objects.values_list("atena_no", flat=True)) == {"1001", "1002", "900", "77"}
    assert Person.objects.get(atena_no="1001").address == "大浜市西町１番地"
    dead = Person.objects.get(atena_no="900")
    assert queries.deaths([dead.pk]) == {dead.pk: "2026-11-18"}
    assert set(OpeningFlag.objects.values_list("code", "atena_no")) >= {
        ("died_on_day", "900"),
        ("arrived_on_day", "77"),
    }


@pytest.mark.parametrize(
    ("told", "known"), [("2026-11-00", "2026-11-00"), ("00000000", "?"), ("2026-11-19", "2026-11-19")]
)
def test_a_death_is_a_fact_with_its_day_as_far_as_it_is_known(take, told, known):
    take(FAMILY)
    take(changes=[change("900", "死亡", effective=told, household_no="502")])
    opened()
    assert list(queries.deaths([Person.objects.get(atena_no="900").pk]).values()) == [known]


def test_somebody_of_no_certain_household_has_none(take):
    """A newborn whose parents stood in two households on the day."""
    take([person("1"), person("2", household_no="502", name="潮田 花", sex="2")])
    moved = {"effective": "2026-11-19", "processed_at": "2026-11-19T09:00:00+09:00", "household_no": "600"}
    take(
        changes=[change("1", "世帯合併", **moved), change("2", "世帯合併", **{**moved, "name": "潮田 花", "sex": "2"})]
    )
    born = {"effective": "2026-11-10", "processed_at": "2026-11-20T08:00:00+09:00", "household_no": "600"}
    take(changes=[change("3", "出生", **born, relationship="子")])
    opened()
    child = Person.objects.get(atena_no="3")
    assert child.household is None
    assert OpeningFlag.objects.filter(code="household_undecided", atena_no="3").exists()
    assert Household.objects.count() == 2


def test_search_words_are_counted(take):
    take(FAMILY)
    opened()
    assert SearchWord.objects.filter(field="family").count() == 2


def test_a_disaster_is_opened_once(take):
    take(FAMILY)
    assert command()[0] == 0
    code, said = command()
    assert (code, said["status"]) == (2, "refused")
    assert "2026" in said["message"]
    assert (Disaster.objects.count(), Household.objects.count()) == (1, 2)


@pytest.mark.parametrize("code", ["20A6", "202", "20266", "abcd", "２０２６", "AB12", "", "20 6", "ÀBCD"])
def test_a_code_is_four_digits_or_four_letters(code):
    exit_code, said = command(code)
    assert exit_code == 2
    assert "災害コード" in said["message"]
    assert not Disaster.objects.exists()


@pytest.mark.parametrize("code", ["2026", "QUAK", "0001"])
def test_a_code_of_digits_or_of_letters_is_taken(code):
    assert command(code)[0] == 0


def test_a_time_in_the_future_is_refused():
    with pytest.raises(Refused, match="未来"):
        opened(occurred_at=now() + timedelta(minutes=1))
    with pytest.raises(Refused, match="時差"):
        opened(occurred_at=datetime(2026, 11, 18))  # noqa: DTZ001
    with pytest.raises(Refused, match="災害名"):
        opened(name=" ")
    assert not Disaster.objects.exists()


def test_a_time_that_is_none_is_refused():
    code, said = tasuki("open_disaster", "2026", "--name", "地震", "--occurred-at", "きのう")
    assert code == 2
    assert "日時" in said["message"]


def test_the_day_of_the_disaster_is_the_day_in_japan(take):
    """00:30 in Japan is the day before in UTC."""
    take(FAMILY)
    take(
        changes=[
            change("77", "転入", effective="2026-11-18", processed_at="2026-11-18T09:00:00+09:00", household_no="503")
        ]
    )
    opened(occurred_at=datetime(2026, 11, 18, 0, 30, tzinfo=TOKYO))
    assert Person.objects.filter(atena_no="77").exists()


def test_a_register_that_came_after_the_day_flags_everybody_in_one_line(take):
    take(FAMILY, as_of="2026-11-19")
    opened()
    assert OpeningFlag.objects.filter(code="base_after").count() == 1
    assert Person.objects.count() == 3


def test_households_without_one_head_are_flagged(take):
    take([person("1", relationship="子"), person("2", household_no="502"), person("3", household_no="502")])
    opened()
    flags = OpeningFlag.objects.filter(code__in=["no_head", "two_heads"]).values_list("household_no", "code")
    assert dict(flags) == {"501": "no_head", "502": "two_heads"}


# Without a register, and filling ----------------------------------------------------------------------------------


def test_without_a_register_the_ledger_opens_empty():
    code, said = command()
    assert (code, said["status"], said["households"], said["persons"], said["revision"]) == (0, "done", 0, 0, None)
    assert Disaster.objects.get().filled_at is None


def test_filling_before_there_is_a_register_is_refused():
    command()
    code, said = tasuki("open_disaster", "2026", "--fill")
    assert code == 2
    assert "全件" in said["message"]
    assert Disaster.objects.get().filled_at is None


def test_filling_what_is_not_open_is_refused():
    assert tasuki("open_disaster", "2026", "--fill")[0] == 2


def test_filling_is_done_once(take):
    command()
    take(FAMILY)
    code, said = tasuki("open_disaster", "2026", "--fill")
    assert (code, said["households"], said["persons"], said["revision"]) == (0, 2, 3, 1)
    code, said = tasuki("open_disaster", "2026", "--fill")
    assert code == 2
    assert "すでに" in said["message"]
    assert Person.objects.count() == 3


def test_filling_goes_on_with_the_numbers(take, staff):
    disaster = opened().disaster
    entered(staff, disaster, name="汐見 蓮")
    take(FAMILY)
    opening.fill_disaster(code="2026", by=None)
    assert sorted(Household.objects.values_list("number", flat=True)) == [1, 2, 3]
    disaster.refresh_from_db()
    assert disaster.last_number == 3


def test_people_entered_before_are_joined_by_number(take, staff):
    early = entered(staff, opened().disaster, name="たかはし", atena_no="1001")
    take(FAMILY)
    assert opening.fill_disaster(code="2026", by=None).joined == 1
    link = SameAs.objects.get()
    assert (link.person, link.into.name, link.confirmed_by) == (early, "高橋 一郎", None)
    assert Person.objects.get(atena_no="1001").name == "高橋 一郎"


def test_people_entered_before_are_joined_by_name_and_birth(take, staff):
    early = entered(staff, opened().disaster, name="髙橋　一郎", birth="昭和45年1月2日")
    take(FAMILY)
    opening.fill_disaster(code="2026", by=None)
    assert SameAs.objects.get(person=early).into.atena_no == "1001"


@pytest.mark.parametrize(
    "said",
    [
        {"name": "高橋 一郎"},
        {"name": "高橋 一郎", "birth": "1970-01-03"},
        {"name": "高橋 次郎", "birth": "1970-01-02"},
        {"name": "潮田 清", "birth": "1950-00-00"},
    ],
)
def test_people_are_not_joined_where_it_is_not_clear(take, staff, said):
    entered(staff, opened().disaster, **said)
    take(FAMILY)
    assert opening.fill_disaster(code="2026", by=None).joined == 0


def test_people_are_not_joined_where_two_fit(take, staff):
    entered(staff, opened().disaster, name="高橋 一郎", birth="1970-01-02")
    take([person("1"), person("2", household_no="502")])
    assert opening.fill_disaster(code="2026", by=None).joined == 0


def test_a_number_that_the_register_does_not_have_stays_where_it_was_typed(take, staff):
    early = entered(staff, opened().disaster, name="汐見 蓮", atena_no="5555")
    take(FAMILY)
    opening.fill_disaster(code="2026", by=None)
    early.refresh_from_db()
    assert early.atena_no == "5555"


# Protection -------------------------------------------------------------------------------------------------------


def hidden(staff, number: str) -> bool:
    return not queries.visible_persons(staff("tax")).filter(atena_no=number).exists()


def test_protection_hides_from_the_moment_of_the_import(take, staff):
    take(FAMILY)
    opened()
    assert not hidden(staff, "1002")
    take(changes=[change("1002", "職権修正", name="高橋 花", relationship="妻", sex="2", protection="1")])
    assert hidden(staff, "1002")


def test_protection_of_an_export_is_there_before_any_disaster(take, staff):
    take([*FAMILY[1:], person("1001", protection="1", protection_until="2027-03-31")])
    row = Protection.objects.get()
    assert (row.atena_no, str(row.expires_on)) == ("1001", "2027-03-31")
    opened()
    assert hidden(staff, "1001")


def test_protection_stays_when_a_later_file_no_longer_says_it(take, staff):
    take([person("1001", protection="1")])
    take(changes=[change("1001", "職権修正", protection="")])
    take([person("1001", protection="")], as_of="2026-11-12")
    opened()
    assert hidden(staff, "1001")


def test_protection_that_has_expired_still_hides(take, staff):
    take([person("1001", protection="1", protection_until="2020-01-01")])
    opened()
    assert hidden(staff, "1001")


def test_a_later_expiry_is_taken_over(take):
    take([person("1001", protection="1", protection_until="2026-12-01")])
    take([person("1001", protection="1", protection_until="2027-12-01")], as_of="2026-11-12")
    assert str(Protection.objects.get().expires_on) == "2027-12-01"


def test_protection_that_was_lifted_stays_lifted_until_a_later_file_says_it_again(take, staff):
    take([person("1001", protection="1")])
    supervisor = staff("welfare", is_supervisor=True, sees_protected=True)
    services.lift_protection(by=supervisor, protection=Protection.objects.get(), reason="本人の申出")
    opened()
    assert not hidden(staff, "1001")
    take(changes=[change("1001", "職権修正", protection="1")])
    assert hidden(staff, "1001")


def test_a_corrected_row_protects_as_well(tmp_path):
    _, said = take_full(write(tmp_path / "a.csv", [person("1"), person("x", protection="1")]))
    path = Path(said["files"][0]["set_aside_file"])
    write(path, [{**row, "宛名番号": "2"} for row in read(path)], [*FULL, "行番号", "理由", "元ファイルの指紋"])
    take_full(path, "2026-11-07", "--corrects")
    assert Protection.objects.get().atena_no == "2"


@pytest.mark.parametrize("said", [{"atena_no": "1001"}, {"birth": "1970-01-02"}])
def test_who_is_protected_in_the_register_is_hidden_where_they_were_entered_before_it(take, staff, said):
    early = entered(staff, opened().disaster, name="高橋 一郎", **said)
    take([person("1001", protection="1"), *FAMILY[1:]])
    opening.fill_disaster(code="2026", by=None)
    assert not SameAs.objects.exists()
    visible = queries.visible_persons(staff("tax"))
    assert not visible.filter(pk=early.pk).exists()
    assert not visible.filter(atena_no="1001").exists()


@pytest.mark.parametrize("said", [{"atena_no": "1001"}, {"birth": "1970-01-02"}])
def test_who_asked_to_be_hidden_before_the_register_came_is_hidden_in_it(take, staff, said):
    early = entered(staff, opened().disaster, name="高橋 一郎", **said)
    services.ask_protection(by=staff("shelter"), person=early)
    take(FAMILY)
    opening.fill_disaster(code="2026", by=None)
    assert not SameAs.objects.exists()
    assert hidden(staff, "1001")
    assert not queries.visible_persons(staff("tax")).filter(pk=early.pk).exists()


# Giving it back ---------------------------------------------------------------------------------------------------


def test_the_export_is_in_the_canonical_layout_sorted_by_number(take, tmp_path):
    take(FAMILY)
    opened()
    raw = given(tmp_path)
    assert not raw.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in raw
    rows = read(tmp_path / "given.csv")
    assert list(rows[0]) == list(CHANGE)
    assert [row["宛名番号"] for row in rows] == ["900", "1001", "1002"]
    assert rows[0]["生年月日"] == "1950-00-00"
    assert not any(row[name] for row in rows for name in CHANGE[15:])


def test_the_household_of_the_undecided_is_empty_in_the_export(take, tmp_path):
    test_somebody_of_no_certain_household_has_none(take)
    given(tmp_path)
    assert [row["世帯番号"] for row in read(tmp_path / "given.csv")] == ["501", "502", ""]


def test_an_export_of_no_disaster_or_of_an_empty_one_is_refused(tmp_path):
    with pytest.raises(NotFound):
        given(tmp_path)
    opened()
    with pytest.raises(Refused, match="--fill"):
        given(tmp_path)
    with pytest.raises(NotFound, match="版"):
        given(tmp_path, number=3)


def test_flags_are_written_beside_it(take, tmp_path):
    take(FAMILY)
    take(changes=[change("900", "死亡", effective="2026-11-18", household_no="502")])
    opened()
    path, flags = tmp_path / "a.csv", tmp_path / "flags.csv"
    assert tasuki("export_register", "--disaster", "2026", "-o", path, "--flags", flags)[1]["rows"] == 3
    assert ("died_on_day", "900") in {(row["種別"], row["宛名番号"]) for row in read(flags)}


def test_a_later_file_changes_todays_answer_and_not_yesterdays(take, tmp_path):
    take(FAMILY)
    opened()
    yesterday = now()
    before = given(tmp_path, known_at=yesterday)
    assert before == given(tmp_path)
    with frozen(LATER):
        take(changes=[change("1001", "職権修正", effective="2026-11-09", name="髙橋 一郎", protection="1")])
        assert given(tmp_path, known_at=yesterday) == before
        today = given(tmp_path, known_at=now())
        assert today != before
        assert "髙橋" in today.decode()
        take(changes=[change("1001", "死亡", effective="2026-11-01")])
        take([person("1001", name="高𣘺 一郎")], as_of="2026-11-10")
        assert given(tmp_path, known_at=yesterday) == before


def test_what_was_opened_is_not_moved_by_later_files(take, tmp_path):
    take(FAMILY)
    opened()
    with frozen(LATER):
        take(changes=[change("1001", "職権修正", effective="2026-11-09", name="髙橋 一郎")])
        assert "髙橋" not in given(tmp_path).decode()
        assert Person.objects.get(atena_no="1001").name == "高橋 一郎"


def test_a_set_aside_row_corrected_later_is_known_later(take, tmp_path):
    _, said = take_full(write(tmp_path / "a.csv", [person("1"), person("2", birth="1970-02-30")]))
    opened()
    before = given(tmp_path)
    yesterday = now()
    path = Path(said["files"][0]["set_aside_file"])
    write(
        path, [{**row, "生年月日": "1970-02-28"} for row in read(path)], [*FULL, "行番号", "理由", "元ファイルの指紋"]
    )
    with frozen(LATER):
        assert take_full(path, "2026-11-07", "--corrects")[0] == 0
        assert given(tmp_path, known_at=yesterday) == given(tmp_path) == before
        assert len(read(tmp_path / "given.csv")) == 1
        given(tmp_path, known_at=now())
        assert len(read(tmp_path / "given.csv")) == 2


def test_corrected_rows_give_the_register_that_right_rows_would_have_given(take, tmp_path):
    right = [
        change("1001", effective="2026-11-09", processed_at="2026-11-10T09:00:00+09:00", address="大浜市港町５番地"),
        change("1001", "職権修正", processed_at="2026-11-12T09:00:00+09:00", address="大浜市港町６番地"),
        change("900", "死亡", household_no="502"),
    ]
    wrong = [right[0], {**right[1], "異動年月日": "2026-11-99"}, {**right[2], "宛名番号": "９００"}]
    take(FAMILY)
    _, said = take_changes(write(tmp_path / "wrong.csv", wrong, CHANGE))
    path = Path(said["files"][0]["set_aside_file"])
    mended = [{**row, **{name: right[int(row["行番号"]) - 2].get(name, "") for name in CHANGE}} for row in read(path)]
    write(path, mended, [*CHANGE, "行番号", "理由", "元ファイルの指紋"])
    assert take_changes(path, "--corrects")[0] == 0
    opened()
    rows = {row["宛名番号"]: row["住所"] for row in given_rows(tmp_path)}
    assert rows == {"1001": "大浜市港町６番地", "1002": "大浜市西町１番地"}


def given_rows(folder: Path) -> list[dict[str, str]]:
    given(folder)
    return read(folder / "given.csv")


def test_a_register_given_back_and_taken_again_is_the_same(take, tmp_path):
    """Given back for one disaster, taken as a later export, and given back for the next."""
    take(
        [*FAMILY, person("007", household_no="0042", alias="=1+1", building="一\n二", protection="1", nationality="2")]
    )
    take(changes=[change("1001", "職権修正", effective="2026-11-09", name="髙橋󠄀 一郎")])
    opened()
    first = given(tmp_path)
    again = tmp_path / "again.csv"
    again.write_bytes(first)
    take_file(path=again, kind="full", as_of=datetime(2026, 11, 17).date(), by=None)  # noqa: DTZ001
    opened("NEXT")
    assert given(tmp_path, "NEXT") == first
    assert Person.objects.filter(disaster__code="NEXT").count() == 4


def test_opening_twice_at_once_is_a_conflict():
    opened()
    with pytest.raises(Conflict):
        opened()
