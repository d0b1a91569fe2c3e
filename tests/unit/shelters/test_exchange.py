"""Exchange with others: what goes out with consent only, what comes in looked at first, matched, and confirmed before it counts."""

import csv
import io
import json
from contextlib import suppress
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from backend.core.clock import frozen, now
from backend.core.errors import Conflict, Forbidden, Refused
from backend.ledger import words
from backend.ledger.matching import services as matching
from backend.ledger.matching.records import rebuild
from backend.ledger.models import Fact, Person, Protection, SameAs, TypedRecord
from backend.shelters import services as shelters
from backend.shelters import wishes
from backend.shelters.exchange import layouts, queries, services
from backend.shelters.models import ExchangeFile, ExchangeGiven, ExchangePerson
from backend.shelters.people import evacuee_of
from backend.shelters.places import queries as places
from backend.shelters.places.services import say_where
from backend.shelters.queries import places_of

REPORT = """氏名,氏名カナ,生年月日,性別,避難前の住所,避難先の区分,避難先の住所・施設名,連絡先電話番号,識別番号,個人番号
山田 太郎,ヤマダ タロウ,1970-01-02,男,大浜市西町１番地,避難所,輪島市立体育館,090-0000-0001,W-1,123
,,,,,,,,W-2,
旅野 一歩,,1980-13-40,,大浜市西町,,,,W-3,
隣町 花子,,1980-01-01,女,石川県輪島市河井町1,,,,W-4,
山田 太郎,,1970-01-02,男,大浜市西町１番地,,,,W-1,
"""


@pytest.fixture(autouse=True)
def here(settings):
    settings.MUNICIPALITY, settings.MUNICIPALITY_CODE = "大浜市", "999997"


@pytest.fixture
def family(disaster, household):
    """A family in a ledger that has its register, so that who is reported is matched to it."""
    people = [{"name": "山田 太郎", "kana": "ヤマダ タロウ"}, {"name": "山田 花子", "sex": "2", "birth": "1972-03-04"}]
    made = household(disaster("2026", register_revision=1, filled_at=now()), people)
    words.rebuild(made.disaster)
    return made


@pytest.fixture
def guests(family, shelter):
    """One resident and three from elsewhere in a shelter; all but 黙野 agreed that other bodies be told."""
    opening = shelter()
    resident = Person.objects.get(name="山田 太郎")
    shelters.check_in_household(by=None, opening=opening, household=family.pk, persons=[resident.pk])
    ids = {"山田 太郎": evacuee_of(resident)}
    for name, origin, address in (
        ("旅野 一歩", "輪島市", "輪島市河井町1"),
        ("黙野 静", "輪島市", ""),
        ("遠野 二郎", "", "石川県珠洲市飯田町2"),
    ):
        said = {"name": name, "origin": origin, "address": address, "birth": "1980-02-03", "sex": "1"}
        said |= {"telephone": "090-0000-0004"} if name == "旅野 一歩" else {}
        ids[name], _ = shelters.check_in_new(by=None, opening=opening, details=said)
    for name in ("山田 太郎", "旅野 一歩", "遠野 二郎"):
        wishes.state_consent(by=None, evacuee=ids[name], item="other_bodies", given=True)
    return ids


@pytest.fixture
def report(tmp_path):
    path = tmp_path / "report.csv"
    path.write_text(REPORT, encoding="utf-8")
    return path


@pytest.fixture
def boss(staff):
    return staff("welfare", is_supervisor=True)


@pytest.fixture
def protect():
    """Hide somebody of the ledger."""

    def hide(person):
        return Protection.objects.create(person=person, atena_no=person.atena_no, source="desk", asked_at=now())

    return hide


def table(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def layout(name="home"):
    return layouts.shipped()[name]


def received(path, **more):
    file = services.receive(by=None, path=path, layout=layout(), partner="輪島市", **more)
    return services.take(by=None, file=file.pk)


# Out ---------------------------------------------------------------------------------------------------------------------


def test_only_those_who_agreed_go_out_in_the_columns_of_the_other(guests):
    done = services.export(by=None, layout=layout("prefecture"), partner="石川県")
    rows = table(done.content)
    assert [row["氏名"] for row in rows] == ["山田 太郎", "旅野 一歩", "遠野 二郎"]
    assert done.refused == 1
    first = rows[0]
    assert (first["生年月日"], first["性別"], first["避難先区分"], first["避難先名称"], first["市町村コード"]) == (
        "1970/01/02",
        "男",
        "指定避難所",
        "西町小学校",
        "999997",
    )
    assert ExchangeGiven.objects.filter(file=done.file).count() == 3
    wishes.state_consent(by=None, evacuee=guests["旅野 一歩"], item="other_bodies", given=False)
    again = services.export(by=None, layout=layout("prefecture"), partner="石川県", columns=["氏名", "避難先名称"])
    assert [list(row) for row in table(again.content)] == [["氏名", "避難先名称"]] * 2


def test_people_under_protection_never_go_out_whoever_asks(guests, staff):
    Protection.objects.create(evacuee=guests["旅野 一歩"], source="desk", asked_at=now())
    person = Person.objects.get(name="山田 太郎")
    Protection.objects.create(person=person, atena_no=person.atena_no, source="desk", asked_at=now())
    boss = staff("shelter", is_supervisor=True, sees_protected=True)
    done = services.export(by=boss, layout=layout("prefecture"), partner="石川県")
    assert [row["氏名"] for row in table(done.content)] == ["遠野 二郎"]
    assert [home for home, *_ in queries.homes()] == ["石川県珠洲市", "輪島市"]
    assert queries.homes()[1] == ("輪島市", 0, 1)


def test_one_file_for_each_home_municipality(guests, tmp_path, capsys):
    assert queries.homes() == [("石川県珠洲市", 1, 0), ("輪島市", 1, 1)]
    call_command("export_exchange", "--homes", "-o", str(tmp_path / "out"), "--json")
    said = json.loads(capsys.readouterr().out)
    assert (said["rows"], said["refused"], len(said["files"])) == (2, 1, 2)
    [row] = table((tmp_path / "out" / "避難者の報告_輪島市.csv").read_bytes())
    assert (row["氏名"], row["避難前の住所"], row["報告した市町村"]) == ("旅野 一歩", "輪島市河井町1", "大浜市")
    assert row["連絡先電話番号"] == "090-0000-0004"


def test_what_went_out_stands_in_the_time_line_of_the_household(guests, family, staff, sign_in):
    services.export(by=None, layout=layout("prefecture"), partner="石川県")
    page = sign_in(staff("shelter")).get(reverse("desk:household", args=[family.pk])).content.decode()
    assert "石川県（避難者の情報）" in page


def test_who_may_give_is_a_supervisor_and_somebody_must_have_agreed(db, staff, boss):
    with pytest.raises(Forbidden):
        services.export(by=staff("welfare"), layout=layout(), partner="石川県")
    with pytest.raises(Refused, match="同意した方がいません"):
        services.export(by=boss, layout=layout(), partner="石川県")
    with pytest.raises(Refused, match="相手"):
        services.export(by=boss, layout=layout(), partner=" ")


# In ----------------------------------------------------------------------------------------------------------------------


def test_a_file_is_looked_at_before_anything_follows_from_it(family, report):
    file = services.receive(by=None, path=report, layout=layout(), partner="輪島市")
    assert (file.rows, file.taken_at) == (1, None)
    assert [(r["line"], r["reason"]) for r in file.set_aside] == [
        (3, "氏名がありません"),
        (4, "生年月日が読めません（1980-13-40）"),
        (5, "本市の住所ではありません"),
        (6, "2行目と同じ方です"),
        (1, "個人番号の列は取り込んでいません（個人番号）"),
    ]
    assert not TypedRecord.objects.exists()
    services.discard(by=None, file=file.pk)
    assert not ExchangePerson.objects.exists()
    with pytest.raises(Conflict):
        services.discard(by=None, file=file.pk)


def test_who_is_reported_is_matched_and_counts_only_when_confirmed(family, report, staff):
    at = now() - timedelta(hours=2)
    received(report, as_of=at)
    record = ExchangePerson.objects.get().record
    link = SameAs.objects.get(record=record)
    assert (link.into.name, link.confirmed_by) == ("山田 太郎", None)
    [told] = queries.told(None)
    assert not told.waits
    assert services.put_down(by=None) == (0, 0)
    assert not Fact.objects.exists()  # an automatic link is for reading
    clerk = staff("shelter")
    matching.decide(by=clerk, record=record, verdict="same", into=link.into_id)
    assert services.put_down(by=clerk) == (1, 0)
    fact = Fact.objects.get(person=link.into, replaced_by=None)
    assert fact.value == {"text": "市外（輪島市立体育館）", "source": "聞き取り・輪島市の報告"}
    assert services.put_down(by=clerk) == (0, 0)


def test_the_same_file_twice_is_harmless_and_a_newer_one_takes_its_place(family, report, tmp_path):
    first = received(report, as_of=now() - timedelta(days=2))
    assert received(report).pk == first.pk
    assert (ExchangeFile.objects.count(), TypedRecord.objects.count()) == (1, 1)
    newer = tmp_path / "newer.csv"
    newer.write_text(REPORT.replace("輪島市立体育館", "輪島病院").replace("避難所,輪島病院", "病院,輪島病院"))
    received(newer, as_of=now() - timedelta(days=1))
    older = tmp_path / "older.csv"
    older.write_text(REPORT.replace("輪島市立体育館", "古い公民館"))
    received(older, as_of=now() - timedelta(days=3))
    [told] = queries.told(None)
    assert (told.row.place, told.row.kind, told.gone) == ("輪島病院", "hospital", False)
    assert TypedRecord.objects.count() == 1
    gone = tmp_path / "gone.csv"
    gone.write_text("氏名,識別番号\n別野 人,W-9\n")
    received(gone)
    assert {t.row.name: t.gone for t in queries.told(None)} == {"山田 太郎": True, "別野 人": False}


def test_our_own_report_can_be_read_by_the_town_it_goes_to(guests, tmp_path, settings):
    done = services.export(by=None, layout=layout(), partner="輪島市", home="輪島市")
    path = tmp_path / "x.csv"
    path.write_bytes(done.content)
    settings.MUNICIPALITY = "輪島市"
    file = services.receive(by=None, path=path, layout=layout(), partner="大浜市")
    [row] = file.people.all()
    assert (row.name, row.birth, row.sex, row.address, row.place, row.telephone) == (
        "旅野 一歩",
        "1980-02-03",
        "1",
        "輪島市河井町1",
        "西町小学校",
        "090-0000-0004",
    )


def test_a_newer_word_of_ours_holds_over_an_older_report(family, report, staff):
    received(report, as_of=now() - timedelta(days=1))
    person, clerk = Person.objects.get(name="山田 太郎"), staff("shelter")
    say_where(by=None, persons=[person.pk], status="home")
    matching.decide(by=clerk, record=ExchangePerson.objects.get().record, verdict="same", into=person.pk)
    services.put_down(by=clerk)
    assert Fact.objects.get(person=person, replaced_by=None).value["text"] == "在宅"


def test_whoever_is_reported_to_be_elsewhere_leaves_our_shelter_unless_they_came_since(
    family, report, staff, shelter, sign_in
):
    person, clerk = Person.objects.get(name="山田 太郎"), staff("shelter")
    with frozen(now() - timedelta(days=2)):
        opening = shelter()
        shelters.check_in_household(by=None, opening=opening, household=family.pk, persons=[person.pk])
    received(report, as_of=now() - timedelta(days=1))
    matching.decide(by=clerk, record=ExchangePerson.objects.get().record, verdict="same", into=person.pk)
    done = sign_in(clerk).post(reverse("centre:exchange_put_down"), follow=True).content.decode()
    assert "うち1名は避難所の名簿にいたので、退所も記録しました" in done
    assert places_of([evacuee_of(person)]) == {}
    assert places.current([evacuee_of(person)])[evacuee_of(person)].kind == "out_of_town"
    shelters.check_in_household(by=None, opening=opening, household=family.pk, persons=[person.pk])
    ExchangePerson.objects.update(told=None)
    assert services.put_down(by=clerk) == (1, 0)
    assert places_of([evacuee_of(person)]) == {evacuee_of(person): opening}


def test_what_was_reported_is_given_again_to_the_matching(family, report):
    received(report)
    TypedRecord.objects.all().delete()
    rebuild()
    assert TypedRecord.objects.get().name == "山田 太郎"


def test_the_command_takes_a_file_and_looks_at_one(family, report, capsys):
    for more, accepted in ((["--preview"], 0), ([], 1), ([], 0)):
        with suppress(SystemExit):
            call_command("import_exchange", str(report), "--partner", "輪島市", "--json", *more)
        assert json.loads(capsys.readouterr().out)["accepted"] == accepted
    assert ExchangeFile.objects.count() == 1


# Pages -------------------------------------------------------------------------------------------------------------------


def test_the_pages_from_a_file_to_where_somebody_is(family, report, staff, sign_in):
    clerk = staff("shelter")
    client = sign_in(clerk)
    form = {"file": SimpleUploadedFile("輪島.csv", REPORT.encode()), "partner": "輪島市", "layout": "home"}
    looked = client.post(reverse("centre:exchange_receive"), form, follow=True)
    assert "まだ取り込んでいません" in looked.content.decode()
    assert "輪島市立体育館" in looked.content.decode()
    url = looked.redirect_chain[-1][0]
    assert "1人を取り込みました" in client.post(url, follow=True).content.decode()
    record = ExchangePerson.objects.get().record
    assert client.get(reverse("matching:case", args=[record])).status_code == 200
    matching.decide(by=clerk, record=record, verdict="same", into=Person.objects.get(name="山田 太郎").pk)
    people = client.get(reverse("centre:exchange_people")).content.decode()
    assert "確かめた方の居場所を記録する" in people
    done = client.post(reverse("centre:exchange_put_down"), follow=True).content.decode()
    assert "1名の居場所を記録しました" in done
    assert "輪島市" in client.get(reverse("centre:exchange")).content.decode()
    own = SimpleUploadedFile("own.yaml", "columns: {名前: name}".encode())
    other = SimpleUploadedFile("x.csv", "名前\n別野 人\n".encode())
    taken = client.post(
        reverse("centre:exchange_receive"), {"file": other, "partner": "石川県", "own": own}, follow=True
    )
    assert "別野" in taken.content.decode()
    assert client.get(reverse("centre:exchange_export")).status_code == 403


def test_the_pages_that_give(guests, boss, sign_in):
    client = sign_in(boss)
    page = client.get(reverse("centre:exchange_export")).content.decode()
    assert "未確認" in page
    form = {"layout": "prefecture", "partner": "石川県", "columns": ["氏名"], "encoding": "utf-8"}
    answer = client.post(reverse("centre:exchange_export"), form)
    assert [row["氏名"] for row in table(answer.content)] == ["山田 太郎", "旅野 一歩", "遠野 二郎"]
    assert "石川県" in unquote(answer["Content-Disposition"])
    assert "輪島市" in client.get(reverse("centre:exchange_homes")).content.decode()
    report = client.post(reverse("centre:exchange_homes"), {"home": "輪島市"})
    assert [row["氏名"] for row in table(report.content)] == ["旅野 一歩"]
    wrong = client.post(reverse("centre:exchange_homes"), {"home": "どこか市"})
    assert wrong.status_code == 422


def test_whoever_may_be_somebody_protected_is_not_shown_before_it_is_decided(family, report, staff):
    person = Person.objects.get(name="山田 太郎")
    Protection.objects.create(person=person, atena_no=person.atena_no, source="desk", asked_at=now())
    received(report)
    assert queries.told(staff("shelter")) == []
    assert len(queries.told(staff("register", sees_protected=True))) == 1


ALIKE = """氏名,氏名カナ,生年月日,避難先の住所・施設名,識別番号
山田 太郎,,1970-01-02,輪島市立体育館,W-1
ヤマダ タロウ,,,穴水公民館,W-2
山田 太郎,,1951-05-05,珠洲公民館,W-3
"""


def test_whoever_may_be_somebody_protected_is_not_shown_before_the_file_is_taken(
    family, tmp_path, staff, sign_in, protect
):
    path = tmp_path / "x.csv"
    path.write_text(ALIKE)
    protect(Person.objects.get(name="山田 太郎"))
    file = services.receive(by=None, path=path, layout=layout(), partner="輪島市")
    clerk, named = staff("shelter"), staff("register", sees_protected=True)
    assert [t.row.line for t in queries.told(clerk, file=file.pk)] == [4]  # born on another day: another person
    assert len(queries.told(named, file=file.pk)) == 3
    page = sign_in(clerk).get(reverse("centre:exchange_file", args=[file.pk])).content.decode()
    assert "輪島市立体育館" not in page
    assert "珠洲公民館" in page


def test_whoever_asks_for_protection_after_a_file_was_taken_is_not_shown_either(family, tmp_path, staff, protect):
    path = tmp_path / "x.csv"
    path.write_text("氏名,避難先の住所・施設名\n山田 太郎,輪島市立体育館\n")
    received(path)
    clerk, named = staff("shelter"), staff("register", sees_protected=True, is_supervisor=True)
    person = Person.objects.get(name="山田 太郎")
    assert len(queries.told(clerk)) == 1
    protect(person)
    assert queries.told(clerk) == []
    # Somebody who may see both has compared them: it is another person of that name.
    matching.decide(by=named, record=ExchangePerson.objects.get().record, verdict="other", into=person.pk)
    assert len(queries.told(clerk)) == 1


def test_whoever_is_from_elsewhere_and_asked_not_to_be_told_of_is_not_shown(guests, tmp_path, staff):
    path = tmp_path / "x.csv"
    path.write_text("氏名,避難先の住所・施設名\n旅野 一歩,輪島市立体育館\n")
    received(path)
    assert len(queries.told(staff("shelter"))) == 1
    wishes.ask_protection(by=None, evacuee=guests["旅野 一歩"])
    assert queries.told(staff("shelter")) == []


def test_whoever_is_linked_to_somebody_protected_is_not_shown(family, report, staff, sign_in):
    received(report)
    person = Person.objects.get(name="山田 太郎")
    Protection.objects.create(person=person, atena_no=person.atena_no, source="desk", asked_at=now())
    clerk = staff("shelter")
    assert queries.told(clerk) == []
    assert "太郎" not in sign_in(clerk).get(reverse("centre:exchange_people")).content.decode()
    matching.decide(
        by=staff("register", sees_protected=True, is_supervisor=True),
        record=ExchangePerson.objects.get().record,
        verdict="same",
        into=person.pk,
    )
    assert services.put_down(by=clerk) == (0, 0)
