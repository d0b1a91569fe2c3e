"""避難行動要支援者: taken over from the municipality's list, asked after in the order of need, until everybody was reached."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from backend.core.clock import TOKYO, frozen, now
from backend.core.errors import NotFound, Refused
from backend.journal.services import record
from backend.ledger.models import Protection, SameAs
from backend.shelters import merging
from backend.shelters import queries as shelters
from backend.shelters import services as shelter_services
from backend.shelters.help_first import packing, queries, rules, views
from backend.shelters.help_first.services import answer, import_list
from backend.shelters.models import HelpFile, HelpPerson

LIST = """氏名,フリガナ,生年月日,住所,電話番号,事由,地区,見守り担当,在宅酸素,個人番号
山田 太郎,ヤマダ タロウ,S45.1.2,大浜市西町1,0999-00-0001,人工呼吸器を使用,西町,民生 一子,,123
北原 ハル,キタハラ ハル,昭和25年1月2日,大浜市港町2,,要介護3,港町,民生 二郎,,
港 三郎,,1940-05-05,大浜市港町3,,心臓の病気,港町,民生 二郎,○,
,,,大浜市西町9,,,,,,
川口 花子,,1950-13-01,大浜市西町8,,,,,,
"""
COLUMNS = {"避難支援等実施者": "見守り担当"}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(LIST, encoding="cp932")
    return path


@pytest.fixture
def taken(db, path):
    return import_list(by=None, path=path, columns=COLUMNS)


def names(staff=None):
    return [row.person.name for row in queries.people(staff)]


def one(name):
    return HelpPerson.objects.get(name=name)


def test_the_list_is_taken_over_with_our_names_for_its_columns(taken):
    assert (taken["rows"], taken["accepted"], taken["dropped"]) == (5, 3, ["個人番号"])
    assert [(r["line"], r["reason"]) for r in taken["reasons"]] == [
        (5, "氏名がありません"),
        (6, "生年月日が読めません（1950-13-01）"),
    ]
    row = one("山田 太郎")
    assert (row.birth, row.supporter, row.device_list) == ("1970-01-02", "民生 一子", ["ventilator"])
    assert one("港 三郎").device_list == ["oxygen"]


def test_the_same_file_again_changes_nothing_and_a_new_one_takes_its_place(taken, path):
    assert import_list(by=None, path=path, columns=COLUMNS)["unchanged"] == 3
    path.write_text("氏名,住所\n新井 四郎,大浜市西町5\n", encoding="utf-8")
    import_list(by=None, path=path)
    assert names() == ["新井 四郎"]
    assert HelpFile.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "columns"), [("氏名\n山田\n", {}), ("氏名,住所\n", {}), ("氏名,住所\n山田,西町\n", {"血液型": "型"})]
)
def test_a_file_that_cannot_be_the_list_changes_nothing(db, tmp_path, text, columns):
    path = tmp_path / "x.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Refused):
        import_list(by=None, path=path, columns=columns)
    assert not HelpFile.objects.exists()


def test_the_command_tells_what_it_did(db, path, capsys):
    with pytest.raises(SystemExit) as end:
        call_command("import_help_list", str(path), "--column", "避難支援等実施者=見守り担当", "--json")
    assert end.value.code == 1
    assert json.loads(capsys.readouterr().out)["accepted"] == 3


def test_those_on_devices_are_asked_first_and_those_reached_go_down(taken, disaster):
    disaster(occurred_at=now() - timedelta(hours=30))
    assert names() == ["山田 太郎", "港 三郎", "北原 ハル"]
    answer(by=None, person=one("山田 太郎").pk, status="hospital", place="市立病院")
    answer(by=None, person=one("港 三郎").pk, how="visit", result="absent")
    assert names() == ["港 三郎", "北原 ハル", "山田 太郎"]
    asked = {row.person.name: row for row in queries.people(None)}
    assert (asked["山田 太郎"].reached, asked["山田 太郎"].word) == (True, "病院")
    assert (asked["港 三郎"].reached, asked["港 三郎"].tried) == (False, "訪問：出ない・不在")


@pytest.mark.parametrize("last", ["unknown", "home", "missing", "relatives", "reached", "absent"])
def test_numbers_and_rows_say_the_same_of_whoever_was_heard_of(taken, disaster, shelter, last):
    """Of several words of one kind the newest counts, and one that tells nothing takes nothing back from another kind."""
    disaster(occurred_at=now() - timedelta(hours=30))
    row, opening = one("港 三郎"), shelter()
    stay = {"opening": str(opening), "person": {"evacuee": str(row.evacuee)}}
    record(kind="stay.arrived", payload=stay, occurred_at=now(), by=None)
    answer(by=None, person=one("北原 ハル").pk, status="relatives")
    if last in {"unknown", "home"}:
        record(kind="stay.left", payload=stay | {"destination": last}, occurred_at=now(), by=None)
    elif last in {"missing", "relatives"}:
        answer(by=None, person=one("北原 ハル").pk, status=last)
    else:
        answer(by=None, person=one("山田 太郎").pk, how="visit", result="reached")
        answer(by=None, person=one("山田 太郎").pk, how="visit", result=last)
    rows = {row.person.name: row.reached for row in queries.people(None)}
    lines = {HelpPerson.objects.get(pk=line.key).name: line.reached for line in queries.outline(None)}
    assert lines == rows
    assert rows["港 三郎"] == (last != "unknown")
    assert rows["北原 ハル"] == (last != "missing")
    assert rows["山田 太郎"] == (last == "reached")


def test_a_long_list_is_read_page_by_page(taken, disaster, clerk, sign_in, monkeypatch):
    monkeypatch.setattr(views, "PAGE", 1)
    disaster(occurred_at=now() - timedelta(hours=3))
    answer(by=None, person=one("山田 太郎").pk, status="home")
    pages = [sign_in(clerk).get(reverse("shelters:help"), {"page": n}).content.decode() for n in (1, 2, 3)]
    for page, name in zip(pages, ["三郎", "ハル", "太郎"], strict=True):
        assert [text for text in ("三郎", "ハル", "太郎") if text in page] == [name]
        assert "担当 民生 二郎（まだ 2／2人）" in page
        assert "担当 民生 一子（まだ 0／1人）" in page


@pytest.mark.parametrize(("hours", "mark"), [(3, 0), (24, 24), (47, 24), (48, 48), (99, 48)])
def test_the_marks_of_24_and_48_hours(hours, mark):
    assert rules.lateness(now() - timedelta(hours=hours), now()) == mark


def test_who_came_to_a_shelter_is_reached_by_that(db, path, family, shelter):
    text = LIST.replace("大浜市西町1", "大浜市西町１番地")
    path.write_text(text, encoding="utf-8")
    import_list(by=None, path=path, columns=COLUMNS)
    person = family.members.get(position=1)
    assert one("山田 太郎").atena_no == person.atena_no  # the only one of that name and birth date
    shelter_services.check_in_household(by=None, opening=shelter(), household=family.pk, persons=[person.pk])
    asked = {row.person.name: row.word for row in queries.people(None)}
    assert asked["山田 太郎"] == "西町小学校"


@pytest.mark.parametrize(("status", "left"), [("hospital", True), ("safe", False)])
def test_who_is_told_to_be_elsewhere_leaves_the_shelter_by_that(status, left, taken, shelter, clerk, sign_in):
    row, opening = one("港 三郎"), shelter()
    stay = {"opening": str(opening), "person": {"evacuee": str(row.evacuee)}}
    record(kind="stay.arrived", payload=stay, occurred_at=now() - timedelta(hours=1), by=None)
    form = {"how": "telephone", "result": "told", "status": status, "place": "市立病院"}
    page = sign_in(clerk).post(reverse("shelters:help_person", args=[row.pk]), form, follow=True).content.decode()
    assert "港 三郎さんについて記録しました。" in page
    assert ("避難所の名簿にいたので、退所も記録しました。" in page) == left
    assert shelters.head_count(opening).people == (0 if left else 1)


def test_an_answer_that_no_page_offers_is_refused(taken):
    row = one("港 三郎")
    for said in ({}, {"status": "moon"}, {"how": "smoke", "result": "told"}, {"how": "visit"}):
        with pytest.raises(Refused):
            answer(by=None, person=row.pk, **said)
    assert {r.person.name: r.reached for r in queries.people(None)}["港 三郎"] is False


def test_the_pages_by_district_and_responsible_person(taken, disaster, clerk, sign_in):
    disaster(occurred_at=now() - timedelta(hours=50))
    client = sign_in(clerk)
    page = client.get(reverse("shelters:help")).content.decode()
    assert "48時間を過ぎて" in page
    assert "担当 民生 二郎（まだ 2／2人）" in page
    asked = {"supporter": queries_key("民生 二郎")}
    paper = client.get(reverse("shelters:help_print"), asked).content.decode()
    assert "三郎" in paper
    assert "太郎" not in paper
    rows = list(
        csv.DictReader(io.StringIO(client.get(reverse("shelters:help_csv"), asked).content.decode("utf-8-sig")))
    )
    assert [(row["氏名"], row["機器・処置"], row["確認"]) for row in rows] == [
        ("港 三郎", "在宅酸素", "まだ"),
        ("北原 ハル", "", "まだ"),
    ]
    form = {"how": "telephone", "result": "reached", "status": "home"}
    done = client.post(reverse("shelters:help_person", args=[one("港 三郎").pk]), form, follow=True).content.decode()
    assert "記録しました" in done
    assert client.get(reverse("shelters:help"), {"district": "nothing"}).status_code == 404


def queries_key(text):
    from backend.shelters.unheard.rules import key_of

    return key_of(text)


def test_the_file_is_taken_on_a_page(db, staff, sign_in):
    client = sign_in(staff("welfare"))
    form = {"file": SimpleUploadedFile("名簿.csv", LIST.encode()), "columns": "避難支援等実施者＝見守り担当"}
    page = client.post(reverse("shelters:help_import"), form).content.decode()
    assert "取り込み 3人" in page
    assert "5行目：氏名がありません" in page
    wrong = client.post(reverse("shelters:help_import"), {"file": SimpleUploadedFile("x.csv", "住所\n西町\n".encode())})
    assert "氏名" in wrong.content.decode()
    assert sign_in(staff("tax")).get(reverse("shelters:help")).status_code == 403


def test_people_under_protection_are_in_no_list_and_in_no_laptop(taken, staff, shelter):
    row = one("北原 ハル")
    Protection.objects.create(evacuee=row.evacuee, source="desk", asked_at=now())
    clerk = staff("shelter")
    assert "北原 ハル" not in names(clerk)
    assert "北原 ハル" in names(staff("shelter", sees_protected=True))
    with pytest.raises(NotFound):
        answer(by=clerk, person=row.pk, status="home")
    carried = list(packing.give(facility=row.pk, area="港町"))
    assert [r["name"] for r in carried] == ["港 三郎"]


def test_whom_the_register_protects_is_in_no_list_though_no_shelter_has_met_them(db, path, staff, family):
    path.write_text(LIST.replace("大浜市西町1", "大浜市西町１番地"), encoding="utf-8")
    import_list(by=None, path=path, columns=COLUMNS)
    assert "山田 太郎" in names(staff("shelter"))
    Protection.objects.create(atena_no=one("山田 太郎").atena_no, source="register", asked_at=now())
    assert "山田 太郎" not in names(staff("shelter"))
    assert "山田" not in json.dumps(list(packing.give(facility=one("港 三郎").pk, area="")), ensure_ascii=False)


def test_a_laptop_takes_the_list_and_records_answers(taken, disaster):
    carried = json.loads(json.dumps(list(packing.give(facility=one("港 三郎").pk, area=""))))
    packing.take(carried)
    assert sorted(names()) == sorted(["山田 太郎", "北原 ハル", "港 三郎"])
    answer(by=None, person=one("港 三郎").pk, how="visit", result="reached")
    assert {row.person.name for row in queries.people(None) if row.reached} == {"港 三郎"}


def test_the_list_of_an_hour_as_known_at_an_hour(taken, disaster, sign_in, staff):
    start = now()
    HelpFile.objects.update(taken_at=start - timedelta(hours=30))
    disaster(occurred_at=start - timedelta(hours=30))
    for name, told, of in (("山田 太郎", 20, 20), ("港 三郎", 2, 10)):
        with frozen(start - timedelta(hours=told)):
            answer(by=None, person=one(name).pk, how="visit", result="reached", occurred_at=start - timedelta(hours=of))
    client = sign_in(staff("shelter"))

    def reached(url="shelters:help", **ago):
        asked = {
            key: (start - timedelta(hours=h)).astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M") for key, h in ago.items()
        }
        return client.get(reverse(url), asked)

    def told(**ago):
        return {row.person.name for row in reached(**ago).context["rows"] if row.reached}

    assert told() == {"山田 太郎", "港 三郎"}
    assert told(as_of=5) == {"山田 太郎", "港 三郎"}
    assert told(as_of=5, known_at=5) == {"山田 太郎"}
    assert told(as_of=15) == {"山田 太郎"}
    assert told(as_of=25) == told(known_at=25) == set()
    assert reached(as_of=25).context["missing"] == 3
    assert reached(known_at=40).context["rows"] == []
    rows = csv.DictReader(io.StringIO(reached("shelters:help_csv", as_of=15).content.decode("utf-8-sig")))
    assert {row["氏名"]: row["確認"] for row in rows}["港 三郎"] == "まだ"
    assert "まだ 2人" in reached("shelters:help_print", as_of=15).content.decode()


# Whom the list names without their 宛名番号, or writes it otherwise, is hidden as the others are ------------------------


def protected(person):
    Protection.objects.create(person=person, atena_no=person.atena_no, source=Protection.Source.REGISTER)


def listed(tmp_path, text):
    path = tmp_path / "l.csv"
    path.write_text(text, encoding="utf-8")
    return import_list(by=None, path=path)


def wide(number):
    return number.translate(str.maketrans("0123456789", "０１２３４５６７８９"))


@pytest.mark.parametrize(
    "text",
    [
        "氏名,住所\n山田　太郎,大浜市西町１番地\n",
        "氏名,住所\n山田 太郎,西町１\n",
        "氏名,生年月日,住所\n山田 太郎,1970-01-02,大浜市西町１番地\n山田 太郎,1970-01-02,大浜市西町１番地\n",
        "氏名,生年月日,住所\n山田 太郎,昭和45年,ほかの町\n",
        "宛名番号,氏名,生年月日,住所\n{},山田 太朗,1971-01-02,大浜市東町1\n",
    ],
)
def test_whoever_may_be_somebody_under_protection_is_hidden(family, tmp_path, staff, text):
    person = family.members.get(position=1)
    protected(person)
    listed(tmp_path, text.format(wide(person.atena_no)))
    row = HelpPerson.objects.first()
    assert names(staff("shelter")) == []
    assert names(staff("shelter", sees_protected=True))
    assert list(packing.give(facility=row.pk, area="")) == []
    with pytest.raises(NotFound):
        answer(by=staff("shelter"), person=row.pk, status="home")


@pytest.mark.parametrize(
    "row", ["山田 太郎,1971-01-02,大浜市西町１番地", "山田 太郎,,大浜市港町9", "山田 次郎,,大浜市西町１番地"]
)
def test_whoever_can_only_be_somebody_else_is_shown(family, tmp_path, staff, row):
    protected(family.members.get(position=1))
    listed(tmp_path, f"氏名,生年月日,住所\n{row}\n")
    assert len(names(staff("shelter"))) == 1


def test_a_list_taken_before_the_register_hides_too_and_finds_its_numbers_when_taken_again(
    tmp_path, staff, disaster, household, db
):
    text = "氏名,生年月日,住所\n山田 太郎,1970-01-02,大浜市西町１番地\n山田 太郎,1970-01-02,大浜市西町１番地\n"
    listed(tmp_path, text)
    person = household(disaster(), [{"name": "山田 太郎"}]).members.get()
    protected(person)
    assert names(staff("shelter")) == []
    assert listed(tmp_path, text)["unchanged"] == 2
    assert set(HelpPerson.objects.values_list("atena_no", flat=True)) == {person.atena_no}
    assert names(staff("shelter")) == []


# Heard of under another id ---------------------------------------------------------------------------------------------


def reached():
    """Name -> whether the rows say so; the numbers say the same."""
    lines = {HelpPerson.objects.get(pk=line.key).name: line.reached for line in queries.outline(None)}
    assert lines == {row.person.name: row.reached for row in queries.people(None)}
    return lines


TARO = "氏名,生年月日,住所\n山田 太郎,1970-01-02,大浜市西町１番地\n"


def test_whoever_was_typed_at_a_shelter_and_linked_to_somebody_of_the_list_is_reached(family, shelter, tmp_path):
    person, opening = family.members.get(position=1), shelter()
    listed(tmp_path, f"宛名番号,氏名,住所\n{person.atena_no},山田 太郎,大浜市西町1\n999,港 三郎,大浜市港町3\n")
    typed, _ = shelter_services.check_in_new(by=None, opening=opening, details={"name": "山田 太朗"})
    link = SameAs.objects.create(record=typed, into=person, ground="氏名")
    assert reached() == {"山田 太郎": True, "港 三郎": False}
    assert queries.asked([str(one("山田 太郎").pk)], known_at=link.since - timedelta(seconds=1))[0].reached is False
    answer(by=None, person=one("山田 太郎").pk, status="hospital")
    assert shelters.head_count(opening).people == 0
    answer(by=None, person=one("山田 太郎").pk, status="missing")
    assert [row.word for row in queries.people(None) if row.reached] == ["西町小学校を退所（病院）"]
    link.until = now()
    link.save()
    assert reached()["山田 太郎"] is False


def test_whoever_was_made_one_with_somebody_in_a_shelter_is_reached(shelter, tmp_path, disaster):
    disaster()
    listed(tmp_path, "氏名,住所\n旅野 一歩,大浜市西町1\n")
    row = HelpPerson.objects.get()
    answer(by=None, person=row.pk, how="telephone", result="absent")
    typed, _ = shelter_services.check_in_new(by=None, opening=shelter(), details={"name": "旅野 一歩"})
    assert reached() == {"旅野 一歩": False}
    merging.merge(by=None, evacuee=row.evacuee, into=typed)
    assert reached() == {"旅野 一歩": True}


@pytest.mark.parametrize("again", [TARO, TARO + "港 三郎,1940-01-01,大浜市港町\n"])
def test_a_number_that_is_found_later_forgets_nothing(tmp_path, disaster, household, shelter, again):
    """Neither what was heard before it was known, nor who came to a shelter by it."""
    event = disaster()
    listed(tmp_path, TARO)
    answer(by=None, person=one("山田 太郎").pk, how="telephone", result="reached")
    home = household(event, [{"name": "山田 太郎"}])
    person, opening = home.members.get(), shelter()
    for text in (again, f"宛名番号,氏名,住所\n{person.atena_no},山田 太郎,大浜市東町\n"):
        listed(tmp_path, text)
        assert HelpPerson.objects.filter(file=queries.newest()).get(name="山田 太郎").atena_no == person.atena_no
        assert reached()["山田 太郎"]
    shelter_services.check_in_household(by=None, opening=opening, household=home.pk, persons=[person.pk])
    assert [row.word for row in queries.people(None)] == ["西町小学校"]
    answer(by=None, person=queries.people(None)[0].person.pk, status="hospital")
    assert shelters.head_count(opening).people == 0
