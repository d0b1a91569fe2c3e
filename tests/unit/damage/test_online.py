"""An application from outside to inside and its state back outside; once only, and nothing of it lost."""

from __future__ import annotations

import json
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from PIL import Image

from backend.core.clock import now
from backend.core.errors import Conflict, Forbidden, Refused
from backend.damage.applications import attaching, queries, services
from backend.damage.judgements import services as judging
from backend.damage.models import Application, OnlineDesk, OnlineReceipt, SurveyRequest
from backend.damage.online import queries as coming
from backend.damage.online import services as online
from backend.damage.surveys import services as surveying
from backend.damage.surveys import teams
from backend.gateway.applying import packages
from backend.gateway.applying import services as outside
from backend.gateway.models import ApplicationDesk, SealedForm
from backend.gateway.sealing import seal
from backend.gateway.services import refresh
from backend.journal import files
from backend.ledger.models import Protection

TYPED = {
    "applicant": "resident", "name": "表山 一郎", "birth": "19700102", "telephone": "090-1234-5678", "address": "西小学校",
    "head_address": "大浜市西町5番地", "cause": "earthquake", "what_1": "dwelling", "what_2": "dwelling", "what_3": "dwelling",
    "damage": "屋根瓦が\n落ちた", "copies": "2", "purpose": "保険金の請求", "form": "f" * 32,
}  # fmt: skip


def picture(colour="grey"):
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (34.0, 30.0, 0.0), 3: "E", 4: (136.0, 30.0, 0.0)}
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def world(disaster, household, house, staff):
    event, clerk = disaster(), staff("tax")
    home = household(event, [{"name": "表山 一郎"}])
    one = house("大浜市西町5番地", home, by=clerk)
    online.open_desk(by=clerk, disaster=event)
    refresh()
    return SimpleNamespace(event=event, clerk=clerk, home=home, house=one)


@pytest.fixture
def send(world):
    """`send(name="…")`: what a resident sends; the answer."""

    def sent(*pictures, **typed):
        files = [SimpleUploadedFile(f"{n}.jpg", data) for n, data in enumerate(pictures)]
        said = TYPED | {"disaster": str(world.event.pk)} | typed | ({"photos": files} if files else {})
        answer = Client().post("/apply/", said)
        assert answer.status_code == 200, answer.context["form"].errors
        return answer

    return sent


@pytest.fixture
def carry(tmp_path):
    """The file of what waits outside, as it is carried in."""

    def carried():
        outside.export_forms(path=tmp_path / "forms.jsonl")
        return tmp_path / "forms.jsonl"

    return carried


def state(answer, birth="S45.1.2"):
    page = Client().post("/apply/state/", {"number": answer.context["number"], "birth": birth})
    return page.context["found"].word if page.context["found"] else ""


def test_from_a_telephone_to_the_counter_and_the_state_back(world, send, carry, staff, sheet):
    answer = send(picture(), picture("red"))
    assert state(answer) == "届いています"
    assert online.take_file(path=carry(), by=world.clerk) == {"taken": 1, "before": 0, "trouble": 0}
    row = Application.objects.get()
    assert (row.channel, row.name, row.birth, row.copies) == ("online", "表山 一郎", "1970-01-02", 2)
    assert (row.telephone, row.address, row.purpose) == ("090-1234-5678", "西小学校", "保険金の請求")
    assert row.note == "被害の様子：屋根瓦が 落ちた"
    assert row.household is None
    assert [(line.place, line.what) for line in row.houses.all()] == [("大浜市西町5番地", "dwelling")]
    kept = list(attaching.of_application(row))
    assert [files.content(one.sha256) for one in kept] == [picture(), picture("red")]
    assert (kept[0].latitude, kept[0].longitude) == (34.5, 136.5)
    assert b"Exif" not in files.content(kept[0].reduced)
    refresh()
    assert state(answer) == "受付済み"
    assert not SealedForm.objects.exists()

    services.match_household(by=world.clerk, application=row.pk, household=world.home.pk)
    services.match_house(by=world.clerk, line=row.houses.get().pk, house=world.house.pk)
    team = teams.make_team(
        by=world.clerk, disaster=world.event, day=now().date(), name="第1班", lead="山田", members=["川田"]
    )
    teams.plan(by=world.clerk, team=team.pk, requests=[SurveyRequest.objects.get().pk])
    refresh()
    assert state(answer) == "調査予定"
    found = surveying.record(by=world.clerk, disaster=world.event, house=world.house.pk, sheet=sheet())
    refresh()
    assert state(answer) == "調査済み"
    made = judging.make(by=world.clerk, survey=found.pk)
    judging.confirm(by=staff("tax"), judgement=made.pk)
    refresh()
    assert state(answer) == "判定済み"
    assert state(answer, "S45.1.3") == ""
    services.withdraw(by=world.clerk, application=row.pk, reason="本人の希望")
    refresh()
    assert state(answer) == "取下げ"


def test_the_consent_to_be_judged_by_photographs_comes_in_with_its_day(world, send, carry):
    send()
    send(photo_consent="on", name="別の人", birth="19800102")
    online.take_file(path=carry())
    plain, agreed = (Application.objects.get(name=name) for name in ("表山 一郎", "別の人"))
    assert (plain.photo_consent_on, agreed.photo_consent_on) == (None, agreed.applied_on)


def test_the_state_follows_a_change_of_the_application(world, send, carry):
    answer = send()
    online.take_file(path=carry())
    row = Application.objects.get()
    view = queries.application_page(row.pk, world.clerk)
    said = services.Said(
        channel="online", applicant="resident", name=row.name, cause="earthquake", applied_on=row.applied_on,
        places=[services.Place("大浜市西町6番地")],
    )  # fmt: skip
    new = services.change(by=world.clerk, application=row.pk, said=said, why="聞き取り")
    refresh()
    assert state(answer) == "受付済み"
    assert queries.application_page(new.pk, world.clerk).online == view.online
    assert queries.by_number(world.event, answer.context["number"], world.clerk) == new


def test_the_same_package_twice_is_one_application(world, send, carry):
    send(picture())
    file = carry()
    call_command("take_forms", str(file), json=True)
    assert online.take_file(path=file, by=world.clerk) == {"taken": 0, "before": 1, "trouble": 0}
    OnlineReceipt.objects.all().delete()  # as if the second book had been lost: the application's own number holds
    online.take_file(path=file)
    assert Application.objects.count() == 1
    assert attaching.of_application(Application.objects.get()).count() == 1
    assert Application.objects.get().by == world.clerk


def test_what_cannot_be_taken_is_kept_as_it_came_and_tried_again(world, send, carry, settings):
    answer = send()
    file = carry()
    key = settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    with pytest.raises(SystemExit):
        call_command("take_forms", str(file), json=True)
    row = OnlineReceipt.objects.get()
    assert "SECRET_KEY" in row.trouble
    settings.SECRET_KEY = key
    refresh()
    assert state(answer) == "確認中"
    assert online.take_again(by=world.clerk) == {"taken": 1, "before": 0, "trouble": 0}
    assert not OnlineReceipt.objects.exclude(trouble="").exists()
    refresh()
    assert state(answer) == "受付済み"


def test_altered_sealed_for_others_or_of_another_version_is_trouble_and_not_a_crash(world, send, carry):
    send()
    whole = next(packages.read(carry()))
    desk = OnlineDesk.objects.get()
    bodies = {
        "1" * 64: whole.form,  # about another number
        "2" * 64: packages.SealedBody("0" * 8, whole.form.body),
        "3" * 64: packages.SealedBody(desk.key, seal(desk.public, b'{"v": 2}', "3" * 64)),
        "4" * 64: packages.SealedBody(desk.key, seal(desk.public, b"no json", "4" * 64)),
        "5" * 64: packages.SealedBody(
            desk.key,
            seal(desk.public, json.dumps({"v": 1, "number": "X", "applied_at": "x", "said": {}}).encode(), "5" * 64),
        ),
    }
    for lookup, body in bodies.items():
        assert online.take(package=packages.Package(lookup, now(), body, {})) == "trouble"
    assert OnlineReceipt.objects.exclude(trouble="").count() == len(bodies)
    assert not Application.objects.exists()


def test_a_picture_that_cannot_be_opened_is_told_and_the_application_taken(world, send, carry, sign_in):
    send(picture())
    whole = next(packages.read(carry()))
    torn = {name: packages.SealedBody(one.key, one.body[:-1]) for name, one in whole.pictures.items()}
    assert online.take(package=packages.Package(whole.lookup, whole.received_at, whole.form, torn)) == "taken"
    desk = sign_in(world.clerk)
    page = desk.get(reverse("applications:page", args=[Application.objects.get().pk])).content.decode()
    assert "写真1枚を開けませんでした" in page


def test_whoever_asked_to_be_hidden_is_hidden_also_from_who_took_the_file(world, send, carry, staff):
    send(picture(), secret="on")
    Protection.objects.create(person=world.home.members.get(), source="desk")
    send(form="e" * 32)
    online.take_file(path=carry(), by=world.clerk)
    assert Application.objects.count() == 2
    assert Application.objects.get(secret=True).files.count() == 1
    assert not queries.visible(world.clerk).exists()
    assert queries.visible(staff("tax", sees_protected=True)).count() == 2


def test_open_once_close_once_and_what_was_sent_before_is_still_opened(world, send, carry, staff):
    send()
    with pytest.raises(Conflict):
        online.open_desk(by=world.clerk, disaster=world.event)
    with pytest.raises(Forbidden):
        online.close_desk(by=staff("welfare"), disaster=world.event)
    online.close_desk(by=world.clerk, disaster=world.event)
    with pytest.raises(Conflict):
        online.close_desk(by=world.clerk, disaster=world.event)
    refresh()
    assert not ApplicationDesk.objects.exists()
    assert "受け付けていません" in Client().get("/apply/").content.decode()
    assert online.take_file(path=carry())["taken"] == 1
    again = online.open_desk(by=world.clerk, disaster=world.event)
    assert [row["key"] for row in coming.desks()] == [again.key]


def test_the_page_takes_a_file_and_says_what_is_wrong_with_another(world, send, carry, sign_in, tmp_path):
    desk = sign_in(world.clerk)
    url = reverse("online:take")
    wrong = desk.post(url, {"file": SimpleUploadedFile("a.csv", b"a,b")})
    assert wrong.status_code == 422
    assert "オンライン申請のファイルではない" in wrong.content.decode()
    send()
    file = carry()
    answer = desk.post(url, {"file": SimpleUploadedFile("forms.jsonl", file.read_bytes())}, follow=True)
    assert "1件を受け付けました" in answer.content.decode()
    again = desk.post(url, {"file": SimpleUploadedFile("forms.jsonl", file.read_bytes())}, follow=True)
    assert "前に受け付けた" in again.content.decode()
    assert "受付を始める" in desk.post(reverse("online:close"), follow=True).content.decode()
    with pytest.raises(Refused):
        online.take_file(path=tmp_path / "missing")


def test_in_the_demo_it_is_inside_at_once(world, send, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = send()
    assert Application.objects.count() == 1
    assert state(answer) == "受付済み"
