"""届出証明書: on the applicant's word, for what is no dwelling; of a household, or of somebody who is in none."""

from __future__ import annotations

import io
from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader

from backend.core.errors import Conflict, NotFound, Refused
from backend.damage.applications import services as applying
from backend.damage.applications.rules import Place, Said
from backend.damage.certificates import declared, queries, receivers, services
from backend.damage.models import DeclaredCertificate, SurveyRequest
from backend.documents.models import Issue
from backend.ledger.models import Protection

HOW = {"said": "物置の屋根が飛んだ", "purpose": "保険金の請求", "id_checked": "licence"}
DAY = date(2026, 11, 20)
PLACES = [
    Place("大浜市西町5番地", "building"),
    Place("大浜市山田字上10番", "land"),
    Place("軽自動車 大浜500あ1234", "car"),
]


@pytest.fixture
def home(event, household):
    return household(event, [{"name": "髙﨑 一郎"}, {"name": "髙﨑 花子", "relationship": "妻"}])


@pytest.fixture
def asked(home, house, ask_for):
    """An application for a shed, land and a car."""
    return ask_for(home, places=PLACES, copies=2)


def line(row, what="building"):
    return row.houses.get(what=what).pk


def test_each_thing_has_its_paper_with_number_code_and_no_class(asked, two, home, client, settings):
    settings.DEMO = True
    found = declared.issue_declared(by=two[0], line=line(asked), **HOW)
    assert found.content["head"] == {"name": "髙﨑 一郎", "address": "大浜市西町１番地"}
    assert (found.content["what"], found.content["said"]) == ("住家以外の建物", "物置の屋根が飛んだ")
    assert "damage" not in found.content
    assert found.number_text.endswith("届出第2026-000001号")
    row = DeclaredCertificate.objects.get()
    assert (row.application, row.what, row.copies) == (asked, "building", 2)
    assert row.issue.copies.get().quantity == 2
    assert not SurveyRequest.objects.exists()
    _, data = queries.paper(found.pk, two[0], copy=1)
    text = "".join(PdfReader(io.BytesIO(data)).pages[0].extract_text().split())
    assert "物置の屋根が飛んだ" in text
    assert "届出があったことを証明" in text
    with pytest.raises(Conflict, match=found.number_text):
        declared.issue_declared(by=two[0], line=line(asked), **HOW)
    car = declared.issue_declared(by=two[0], line=line(asked, "car"), **{**HOW, "said": "車が水に浸かった"})
    assert (car.number, car.content["place"]) == (2, "軽自動車 大浜500あ1234")
    with pytest.raises(DatabaseError), transaction.atomic():
        DeclaredCertificate.objects.update(said="直した")


def test_a_change_that_leaves_the_place_as_it_is_gives_no_second_paper(asked, two):
    found = declared.issue_declared(by=two[0], line=line(asked), **HOW)
    said = Said(
        channel="counter", applicant="resident", name="髙﨑 一郎", cause="earthquake", applied_on=DAY, identity="licence",
        places=PLACES[:2], telephone="090",
    )  # fmt: skip
    new = applying.change(by=two[0], application=asked.pk, said=said, why="電話の追加")
    with pytest.raises(Conflict, match="訂正されたか取り下げられ"):
        declared.issue_declared(by=two[0], line=line(asked, "land"), **HOW)
    with pytest.raises(Conflict, match=found.number_text):
        declared.issue_declared(by=two[0], line=line(new), **HOW)
    services.withdraw_hisai(by=two[0], issue_id=found.pk, reason="記載の誤り")
    again = declared.issue_declared(by=two[0], line=line(new), **HOW)
    found.refresh_from_db()
    assert found.replaced_by == again
    assert again.copies.get().reason.startswith("新たな交付")


def test_what_cannot_be_certified_is_refused_with_the_reason(two, home, house, ask_for):
    dwelling = ask_for(home, house("", home, by=two[0]))
    with pytest.raises(Refused, match="罹災証明書"):
        declared.issue_declared(by=two[0], line=dwelling.houses.get().pk, **HOW)
    agent = {"applicant": "agent", "name": "助川 花子", "relation": "長女", "head_name": "髙﨑 一郎"}
    row = ask_for(home, places=PLACES[:1], **agent)
    with pytest.raises(receivers.Unready, match="委任状"):
        declared.issue_declared(by=two[0], line=line(row), **HOW)
    applying.withdraw(by=two[0], application=row.pk, reason="出し直し")
    row = ask_for(home, places=PLACES[:1], mandate_seen=True, **agent)
    for wrong in ({"said": " "}, {"purpose": ""}, {"copies": 0}, {"id_checked": "face"}):
        with pytest.raises(Refused):
            declared.issue_declared(by=two[0], line=line(row), **{**HOW, **wrong})
    with pytest.raises(NotFound):
        declared.issue_declared(by=two[0], line=uuid4(), **HOW)
    assert not Issue.objects.exists()
    found = declared.issue_declared(by=two[0], line=line(row), **HOW)
    assert (found.content["head"]["name"], found.copies.get().receiver) == ("髙﨑 一郎", "agent")
    with pytest.raises(IntegrityError), transaction.atomic():
        DeclaredCertificate(
            issue=found, application=row, what="dwelling", place="x", said="x", purpose="x", copies=1
        ).save(force_insert=True)


def test_an_applicant_of_no_household_gets_theirs(event, house, two, sign_in):
    said = Said(
        channel="counter", applicant="corporation", name="大浜農事組合法人", relation="組合長 山田", cause="earthquake",
        applied_on=DAY, identity="licence", address="小山市東2番地", places=PLACES[1:2],
    )  # fmt: skip
    row = applying.record(by=two[0], disaster=event, said=said)
    client = sign_in(two[0])
    page = client.get(reverse("applications:page", args=[row.pk])).content.decode()
    at = reverse("damage:declared", args=[line(row, "land")])
    assert at in page
    assert "大浜農事組合法人（法人、組合長 山田）" in client.get(at).content.decode()
    answer = client.post(at, {**HOW, "copies": "1"}, follow=True)
    found = Issue.objects.get()
    shown = answer.content.decode()
    assert found.number_text in shown
    assert "世帯の画面へ" not in shown
    assert found.content["head"] == {"name": "大浜農事組合法人", "address": "小山市東2番地"}
    assert client.get(reverse("damage:pdf", args=[found.pk, 1])).content.startswith(b"%PDF")
    assert found.number_text in client.get(reverse("applications:page", args=[row.pk])).content.decode()
    assert client.get(reverse("damage:declared_of", args=[row.pk])).status_code == 302


def test_from_the_household_to_the_paper(asked, two, home, sign_in):
    client = sign_in(two[0])
    first = reverse("damage:declared_of", args=[home.pk])
    assert first in client.get(f"/desk/households/{home.pk}/").content.decode()
    at = reverse("damage:declared", args=[line(asked, "land")])
    assert at in client.get(first).content.decode()
    assert client.post(at, {**HOW, "said": "", "copies": "1"}).status_code == 422
    client.post(at, {**HOW, "copies": "1"})
    found = Issue.objects.get()
    assert found.number_text in client.get(first).content.decode()
    assert "有効な証明書がすでに交付されています" in client.get(at).content.decode()
    assert client.post(at, {**HOW, "copies": "1"}).status_code == 409


def test_somebody_under_protection_gets_theirs_and_nobody_else_knows(two, home, house, ask_for, staff, sign_in):
    chief = staff("tax", sees_protected=True)
    Protection.objects.create(person=home.members.get(name="髙﨑 花子"), source="desk")
    row = ask_for(home, places=PLACES[2:], name="髙﨑 花子", by=chief)
    with pytest.raises(NotFound):
        declared.issue_declared(by=two[0], line=line(row, "car"), **HOW)
    found = declared.issue_declared(by=chief, line=line(row, "car"), **HOW)
    assert found.restricted
    assert found not in queries.household_issues(home.pk, two[0])
    assert sign_in(two[0]).get(reverse("damage:document", args=[found.pk])).status_code == 404
    assert sign_in(two[0]).get(reverse("damage:declared", args=[line(row, "car")])).status_code == 404
    assert sign_in(two[0]).get(reverse("damage:declared_of", args=[home.pk])).status_code == 200
    page = sign_in(two[0]).get(f"/desk/households/{home.pk}/").content.decode()
    assert reverse("damage:declared_of", args=[home.pk]) not in page
    assert sign_in(chief).get(reverse("damage:document", args=[found.pk])).status_code == 200
