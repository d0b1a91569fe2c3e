"""A paper that a character holds: it waits in a queue, is settled by a recorded decision, and never prints another one."""

import io

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from pypdf import PdfReader

from backend.accounts.models import AuditRow
from backend.characters import faces
from backend.core.clock import today
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.damage.certificates import services as damage
from backend.documents import queries as documents
from backend.documents.fonts import Held
from backend.documents.held import queries, services
from backend.documents.models import CharacterDecision, HeldCharacter, Issue
from backend.ledger.models import Protection

HOW = {"purpose": "保険金の請求", "id_checked": "licence"}
LOST = "\ue123"


@pytest.fixture
def clerk(staff):
    return staff("tax")


@pytest.fixture
def home(disaster, household):
    return household(disaster(), [{"name": f"{LOST}山 一郎"}, {"name": f"{LOST}山 花子"}, {"name": "髙﨑 三郎"}])


@pytest.fixture
def waits(home, clerk):
    """The queue after somebody tried to issue the certificate of `home`."""
    with pytest.raises(Held):
        damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    return queries.lines(clerk)


def text_of(issue):
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(documents.paper(issue))).pages)


def consent(**fields):
    return {"consent_by": "本人", "consent_on": today(), "ground": "窓口で確認", **fields}


def test_what_holds_a_paper_waits_with_whose_it_is(waits, home):
    first, second = home.members.order_by("position")[:2]
    assert [(line.row.label, line.row.person, line.who["name"], line.codes) for line in waits] == [
        ("世帯主の氏名", first.pk, first.name, "U+E123"),
        ("世帯員1の氏名", first.pk, first.name, "U+E123"),
        ("世帯員2の氏名", second.pk, second.name, "U+E123"),
    ]
    assert not any(line.settled for line in waits)
    assert not Issue.objects.exists()


def test_asking_again_adds_nothing(waits, home, clerk):
    with pytest.raises(Held):
        damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    assert HeldCharacter.objects.count() == len(waits)
    assert AuditRow.objects.filter(act="documents.hold").count() == 1


def test_consent_prints_another_shape_for_this_person_only(waits, home, clerk):
    services.substitute(by=clerk, held_id=waits[0].row.pk, text="辰", **consent())
    with pytest.raises(Held) as held:
        damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    assert list(held.value.fields) == ["世帯員2の氏名"]


def test_what_was_agreed_and_what_is_left_to_a_hand_stands_on_the_paper_and_in_its_log(waits, home, clerk):
    services.substitute(by=clerk, held_id=waits[0].row.pk, text="辰", **consent())
    services.by_hand(by=clerk, held_id=waits[2].row.pk, everywhere=False, ground="書体がない")
    issue = damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    text = text_of(issue)
    assert "辰山 一郎" in text
    assert LOST not in text
    assert "山 花子" in text
    assert "辰山 花子" not in text
    assert issue.content["members"][0]["name"] == f"{LOST}山 一郎"  # kept as registered
    said = documents.settled(issue)
    assert "世帯員1の氏名の U+E123：同意により「辰」と印字" in said
    assert "世帯員2の氏名の U+E123：手書き（枠の中に書いてください）" in said
    assert AuditRow.objects.get(act="documents.issue").detail["by_hand"] == 1
    assert queries.lines(clerk) == []
    assert {line.row.closed_why for line in queries.lines(clerk, closed=True)} == {"issued"}


def test_a_box_is_drawn_where_a_hand_will_write(waits, home, clerk):
    from backend.documents.pdf import fonts

    services.by_hand(by=clerk, held_id=waits[0].row.pk, everywhere=True, ground="書体がない")
    issue = damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    ways = issue.content["characters"]["head.name"]
    assert fonts.runs(issue.content["head"]["name"], ways)[0] == (fonts.BOX, "")


def test_undoing_asks_again_and_leaves_what_is_out(waits, home, clerk):
    found = services.by_hand(by=clerk, held_id=waits[0].row.pk, everywhere=True, ground="書体がない")
    issue = damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    before = documents.paper(issue)
    services.end(by=clerk, decision_id=found.pk, reason="書体が届く")
    assert documents.paper(Issue.objects.get(pk=issue.pk)) == before
    damage.withdraw_hisai(by=clerk, issue_id=issue.pk, reason="作り直し")
    with pytest.raises(Held):
        damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    with pytest.raises(Conflict):
        services.end(by=clerk, decision_id=found.pk, reason="もう一度")


def test_a_map_of_the_register_settles_it_exactly(waits, home, clerk, load):
    services.by_hand(by=clerk, held_id=waits[0].row.pk, everywhere=True, ground="書体がない")
    load("コード,文字\nU+E123,葛\U000e0100\n")
    assert {line.settled for line in queries.lines(clerk)} == {"書体・対応表にある"}
    issue = damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    assert "葛\U000e0100山 一郎" in text_of(issue)  # exact goes before a decision
    printed = documents.paper(issue)
    load("コード,文字\nU+E123,高\n")
    assert documents.paper(issue) == printed  # a later map changes no paper that is out


def test_a_font_that_was_added_is_found_when_asked_again(waits, home, clerk, build_font):
    with pytest.raises(Refused):
        services.check_again(by=clerk, held_id=waits[0].row.pk)
    build_font("Town Gaiji", {0xE123: "gaiji"})
    found = services.check_again(by=clerk, held_id=waits[0].row.pk)
    assert (found.how, found.font, found.scope) == ("font", "Town Gaiji", "all")
    issue = damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    fonts = {
        str(f["/BaseFont"]) for page in PdfReader(io.BytesIO(documents.paper(issue))).pages for f in page_fonts(page)
    }
    assert any("TownGaiji" in name for name in fonts)


def page_fonts(page):
    return [font.get_object() for font in page["/Resources"]["/Font"].values()]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"consent_by": "　"}, "consent_by"),
        ({"text": "辰巳"}, "text"),
        ({"text": "\ue999"}, "text"),
        ({"text": LOST}, "text"),
        ({"text": ""}, "text"),
        ({"ground": " "}, "ground"),
    ],
)
def test_a_decision_without_what_it_needs_is_refused(waits, clerk, fields, wrong):
    with pytest.raises(Refused) as refused:
        services.substitute(by=clerk, held_id=waits[0].row.pk, **{"text": "辰", **consent(), **fields})
    assert wrong in refused.value.fields


def test_two_people_decide_at_once_and_one_is_told(waits, clerk, staff):
    services.by_hand(by=clerk, held_id=waits[0].row.pk, everywhere=True, ground="書体がない")
    with pytest.raises(Conflict):
        services.by_hand(by=staff("tax"), held_id=waits[2].row.pk, everywhere=True, ground="書体がない")


@pytest.mark.parametrize("division", ["register", "welfare", "auditor", "administrator"])
def test_who_issues_decides(waits, staff, division):
    with pytest.raises(Forbidden):
        services.by_hand(by=staff(division), held_id=waits[0].row.pk, everywhere=False, ground="書体がない")


def test_the_database_holds_consent_and_that_nothing_is_rewritten(waits, clerk):
    found = services.substitute(by=clerk, held_id=waits[0].row.pk, text="辰", **consent())
    for change in ({"text": "高"}, {"scope": "all", "subject": None}, {"consent_by": ""}):
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            CharacterDecision.objects.filter(pk=found.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        CharacterDecision.objects.filter(pk=found.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        HeldCharacter.objects.filter(pk=waits[0].row.pk).update(label="世帯員9の氏名")


def test_who_is_hidden_is_in_no_queue(waits, home, clerk, staff):
    first = home.members.order_by("position").first()
    Protection.objects.create(person=first, source="desk")
    assert [line.row.label for line in queries.lines(clerk)] == ["世帯員2の氏名"]
    with pytest.raises(NotFound):
        services.by_hand(by=clerk, held_id=waits[0].row.pk, everywhere=True, ground="書体がない")
    assert len(queries.lines(staff("tax", sees_protected=True))) == 3


def test_a_decision_about_a_hidden_person_is_in_no_list(waits, home, clerk):
    found = services.substitute(by=clerk, held_id=waits[0].row.pk, text="辰", **consent())
    Protection.objects.create(person=home.members.order_by("position").first(), source="desk")
    assert queries.decisions(clerk) == []
    with pytest.raises(NotFound):
        services.end(by=clerk, decision_id=found.pk, reason="取消")


def test_a_paper_that_is_not_wanted_leaves_the_queue_and_may_come_back(waits, home, clerk):
    services.drop(by=clerk, held_id=waits[0].row.pk)
    assert queries.lines(clerk) == []
    with pytest.raises(Held):
        damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    assert len(queries.lines(clerk)) == 3


def test_an_address_is_settled_for_its_household(disaster, household, clerk):
    home = household(disaster(), [{"name": "髙﨑 一郎"}], address=f"大浜市{LOST}町1")
    with pytest.raises(Held):
        damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    line = queries.lines(clerk)[0]
    assert (line.row.person, line.who["name"], line.who["number"]) == (None, "", home.disaster_number)
    services.by_hand(by=clerk, held_id=line.row.pk, everywhere=False, ground="書体がない")
    assert damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)


def test_what_a_clerk_typed_waits_in_no_queue(disaster, household, clerk):
    home = household(disaster(), [{"name": "髙﨑 一郎"}])
    with pytest.raises(Held):
        damage.issue_hisai(by=clerk, household_id=home.pk, **HOW | {"purpose": "〓のため"})
    assert not HeldCharacter.objects.exists()


def test_an_old_chain_that_lost_its_font_does_not_print_a_paper_that_is_out(waits, home, clerk, build_font):
    path = build_font("Town Gaiji", {0xE123: "gaiji"})
    faces.look_again()
    issue = damage.issue_hisai(by=clerk, household_id=home.pk, **HOW)
    path.unlink()
    faces.look_again()
    with pytest.raises(Held):
        documents.paper(issue)


def test_the_way_through_the_pages(home, clerk, sign_in):
    client = sign_in(clerk)
    issue_page = f"/desk/certificates/households/{home.pk}/"
    answer = client.post(issue_page, {**HOW, "receiver": "member", "place": "大浜市西町１番地"})
    assert answer.status_code == 422
    assert "/desk/documents/held/" in answer.content.decode()
    page = client.get("/desk/documents/held/").content.decode()
    assert "U+E123" in page
    assert "決定待ち" in page
    for line in queries.lines(clerk):
        url = f"/desk/documents/held/{line.row.pk}/"
        settled = queries.held(line.row.pk, clerk).settled
        assert ("手書きにする" in client.get(url).content.decode()) is not bool(settled)
        if not settled:
            bad = client.post(f"{url}substitute/", {"text": "辰巳", "consent_by": "", "consent_on": "x", "ground": ""})
            assert bad.status_code == 422
            good = {"text": "辰", "consent_by": "本人", "consent_on": "R8.11.1", "ground": "窓口で確認"}
            client.post(f"{url}substitute/", good, follow=True)
    assert "交付できる" in client.get("/desk/documents/held/").content.decode()
    answer = client.post(issue_page, {**HOW, "receiver": "member", "place": "大浜市西町１番地"}, follow=True)
    assert "同意により「辰」と印字" in answer.content.decode()
    page = client.get("/desk/documents/decisions/").content.decode()
    assert "取り消す" in page
    found = CharacterDecision.objects.first()
    end = f"/desk/documents/decisions/{found.pk}/end/"
    assert client.get(end).status_code == 200
    client.post(end, {"reason": "本人の申出"})
    assert CharacterDecision.objects.get(pk=found.pk).ended_reason == "本人の申出"
