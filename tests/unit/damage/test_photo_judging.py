"""写真による自己判定 from the application: its consent, its photographs, how far from the house they were taken."""

from __future__ import annotations

from datetime import date, datetime
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.urls import reverse
from PIL import Image

from backend.core.clock import TOKYO
from backend.core.errors import Conflict, NotFound, Refused
from backend.damage.applications import attaching, photo_judging, services
from backend.damage.applications.rules import Place, Said
from backend.damage.judgements import services as judging
from backend.damage.models import Survey, SurveyPhoto, SurveyRequest
from backend.journal import files

NEAR = ((38.0, 0.0, 1.0), (143.0, 30.0, 0.0))
FAR = ((38.0, 0.0, 3.0), (143.0, 30.0, 0.0))
AGREED = date(2026, 11, 21)


def text(answer):
    return answer.content.decode()


def picture(place=None, colour="grey"):
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2026:11:20 10:15:00"}
    if place:
        exif[0x8825] = {1: "N", 2: place[0], 3: "E", 4: place[1]}
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def world(disaster, household, house, staff):
    event, clerk = disaster(), staff("tax")
    home = household(event, [{"name": "表山 一郎"}])
    one = house("大浜市西町5番地", home, by=clerk, latitude=38.0, longitude=143.5)
    said = Said(
        channel="phone", applicant="resident", name="表山 一郎", cause="earthquake", applied_on=AGREED,
        places=[Place("大浜市西町5番地", house=one.pk)], photo_consent_on=AGREED,
    )  # fmt: skip
    row = services.record(by=clerk, disaster=event, said=said, household=home.pk)
    near, far = (
        attaching.add(by=clerk, application=row.pk, data=picture(place, colour), what="photo", about=about)
        for place, colour, about in ((NEAR, "grey", "南面"), (FAR, "red", "北面"))
    )
    line = row.houses.get()
    return SimpleNamespace(event=event, clerk=clerk, home=home, house=one, row=row, line=line, near=near, far=far)


def test_from_the_application_to_a_judgement_that_another_confirms(world, staff, sign_in):
    desk, other = sign_in(world.clerk), sign_in(staff("tax"))
    page = text(desk.get(reverse("applications:page", args=[world.row.pk])))
    url = reverse("applications:photos", args=[world.line.pk])
    assert url in page
    assert "同意あり（令和8年11月21日）" in page
    assert ("家屋から31m" in page, "家屋から93m" in page, page.count("家屋から50mより遠い")) == (True, True, 1)
    shown = desk.get(url)
    form = shown.context["form"]
    assert (form["consent_on"].value(), form["cause"].value()) == ("R8.11.21", "earthquake")
    assert form["files"].value() == [str(world.near.pk)]  # what was taken elsewhere is for a person to choose
    assert text(shown).count("家屋から50mより遠い") == 1
    said = {field.html_name: field.value() or "" for field in form} | {"files": [str(world.near.pk), str(world.far.pk)]}
    assert desk.post(url, {**said, "files": []}).status_code == 422
    assert not Survey.objects.exists()
    done = desk.post(url, said)
    assert done.url == reverse("damage_houses:house", args=[world.house.pk])
    survey = Survey.objects.get()
    assert (survey.method, survey.damage_class, survey.answers["consent_on"]) == ("photo_self", "below", "2026-11-21")
    assert SurveyRequest.objects.get().ended == "answered"
    assert [photo.distance for photo in survey.photos.order_by("distance")] == [31, 93]
    photo = survey.photos.get(distance=31)
    assert files.content(photo.sha256) == picture(NEAR)
    assert photo.taken_at == datetime(2026, 11, 20, 10, 15, tzinfo=TOKYO)
    assert b"Exif" not in files.content(photo.reduced)
    page = text(desk.get(reverse("applications:page", args=[world.row.pk])))
    assert page.count("写真による判定に使用") == 2
    made = judging.make(by=world.clerk, survey=survey.pk)
    assert "50mより遠い1棟" in text(other.get(reverse("judgements:index")))
    key = {"method": "photo_self", "class": "below", "edition": survey.edition}
    assert "50mより遠い1枚" in text(other.get(reverse("judgements:batch"), key))
    assert judging.confirm(by=staff("tax"), judgement=made.pk).state == "holds"


def test_pictures_that_come_later_go_to_the_same_judgement_once(world, sign_in):
    desk, url = sign_in(world.clerk), reverse("applications:photos", args=[world.line.pk])
    said = {field.html_name: field.value() or "" for field in desk.get(url).context["form"]}
    desk.post(url, said)
    again = desk.get(url)
    assert "入力済み" in text(again)
    assert "この判定に使用済み" in text(again)
    sheet = SimpleNamespace()
    with pytest.raises(Conflict, match="先に入力"):
        photo_judging.declare(by=world.clerk, line=world.line.pk, files=[world.far.pk], sheet=sheet)
    desk.post(url, {"files": [str(world.far.pk)]})
    assert SurveyPhoto.objects.count() == 2
    with pytest.raises(Refused, match="写真を選んで"):
        photo_judging.declare(by=world.clerk, line=world.line.pk, files=[world.far.pk])
    assert Survey.objects.count() == 1


def test_without_consent_it_is_asked_for_and_who_may_not_decide_sees_no_place(world, staff, sign_in):
    said = Said(
        channel="phone", applicant="resident", name="表山 一郎", cause="earthquake", applied_on=AGREED,
        places=[Place("大浜市西町5番地", house=world.house.pk)],
    )  # fmt: skip
    new = services.change(by=world.clerk, application=world.row.pk, said=said, why="同意を取り消した")
    line = new.houses.get()
    url, desk = reverse("applications:photos", args=[line.pk]), sign_in(world.clerk)
    shown = desk.get(url)
    assert "同意の記録がありません" in text(shown)
    typed = {field.html_name: field.value() or "" for field in shown.context["form"]}
    assert desk.post(url, typed).status_code == 422
    assert not Survey.objects.exists()
    reads = sign_in(staff("welfare"))
    page = text(reads.get(reverse("applications:page", args=[new.pk])))
    assert ("家屋から" in page, url in page, reads.get(url).status_code) == (False, False, 403)


def test_a_place_without_a_house_and_a_withdrawn_application_are_refused(world):
    services.withdraw(by=world.clerk, application=world.row.pk, reason="本人の希望")
    with pytest.raises(Conflict, match="取り下げ"):
        photo_judging.declare(by=world.clerk, line=world.line.pk, files=[world.near.pk])
    with pytest.raises(NotFound):
        photo_judging.declare(by=world.clerk, line=world.row.pk, files=[])
