"""Attachments of applications, and applying once more for a house that has been judged."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from backend.core.clock import today
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.damage.applications import attaching, services
from backend.damage.applications.rules import Place, Said
from backend.damage.judgements import services as judging
from backend.damage.models import Application, SurveyRequest
from backend.damage.surveys import services as surveying
from backend.journal import files
from backend.ledger.models import Protection


def text(answer):
    return answer.content.decode()


def picture(colour="grey"):
    exif = Image.Exif()
    exif[0x8769] = {0x9003: "2026:11:20 10:15:00"}
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def world(disaster, household, house, staff):
    event, clerk = disaster(), staff("tax")
    home = household(event, [{"name": "表山 一郎"}])
    one = house()
    places = [Place("大浜市西町5番地", house=one.pk), Place("大浜市西町6番地")]
    said = Said(
        channel="phone", applicant="resident", name="表山 一郎", cause="earthquake", applied_on=today(), places=places,
        birth="1970-01-02", telephone="090",
    )  # fmt: skip
    row = services.record(by=clerk, disaster=event, said=said, household=home.pk)
    return SimpleNamespace(event=event, clerk=clerk, home=home, house=one, said=said, row=row)


def test_a_picture_is_kept_as_it_came_with_a_stripped_copy(world, staff):
    data = picture()
    made = attaching.add(by=world.clerk, application=world.row.pk, data=data, what="photo", about="南面")
    assert files.content(made.sha256) == data
    assert b"Exif" not in files.content(made.reduced)
    assert made.taken_at.isoformat() == "2026-11-20T10:15:00+09:00"
    with pytest.raises(Conflict, match="同じファイル"):
        attaching.add(by=world.clerk, application=world.row.pk, data=data, what="photo")
    for wrong, why in ((b"no picture", "JPEG"), (picture("red")[:200], "途中で切れ")):
        with pytest.raises(Refused, match=why):
            attaching.add(by=world.clerk, application=world.row.pk, data=wrong, what="photo")
    with pytest.raises(Forbidden):
        attaching.add(by=staff("welfare"), application=world.row.pk, data=picture("red"), what="photo")
    with pytest.raises(NotFound):
        attaching.picture(made.pk, staff("welfare"), original=True)
    assert attaching.picture(made.pk, staff("welfare"))[0] == made


def test_attachments_go_along_with_a_change_and_are_taken_off(world):
    made = attaching.add(by=world.clerk, application=world.row.pk, data=picture(), what="mandate")
    new = services.change(by=world.clerk, application=world.row.pk, said=world.said, why="確かめた")
    assert list(attaching.of_application(new)) == [made]
    with pytest.raises(Conflict, match="先に訂正"):
        attaching.add(by=world.clerk, application=world.row.pk, data=picture("red"), what="photo")
    attaching.take_off(by=world.clerk, file=made.pk)
    with pytest.raises(Conflict):
        attaching.take_off(by=world.clerk, file=made.pk)
    assert not attaching.of_application(new).exists()
    with pytest.raises(NotFound):
        attaching.picture(made.pk, world.clerk)
    assert attaching.add(by=world.clerk, application=new.pk, data=picture(), what="mandate")


def test_of_somebody_under_protection_there_is_no_picture(world, staff):
    made = attaching.add(by=world.clerk, application=world.row.pk, data=picture(), what="photo")
    Protection.objects.create(person=world.home.members.get(), source="desk")
    with pytest.raises(NotFound):
        attaching.picture(made.pk, staff("tax"))
    assert attaching.picture(made.pk, staff("tax", sees_protected=True))


def test_several_on_the_page_of_which_one_is_none(world, sign_in):
    desk = sign_in(world.clerk)
    upload = [SimpleUploadedFile("a.jpg", picture()), SimpleUploadedFile("b.txt", b"text")]
    url = reverse("applications:add_files", args=[world.row.pk])
    answer = desk.post(url, {"what": "photo", "pictures": upload, "about": "南面"})
    assert answer.status_code == 422
    assert "b.txt：" in text(answer)
    made = attaching.of_application(world.row).get()
    page = text(desk.get(reverse("applications:page", args=[world.row.pk])))
    assert reverse("applications:file", args=[made.pk]) in page
    shown = desk.get(reverse("applications:file", args=[made.pk]))
    assert shown["Content-Type"] == "image/jpeg"
    assert "no-store" in shown["Cache-Control"]
    assert desk.get(reverse("applications:file_original", args=[made.pk])).content == picture()
    desk.post(reverse("applications:take_off_file", args=[made.pk]))
    assert desk.get(reverse("applications:file", args=[made.pk])).status_code == 404


def test_for_a_judged_house_another_survey_is_applied_for(world, staff, sign_in, sheet, as_shown):
    desk = sign_in(world.clerk)
    survey = surveying.record(by=world.clerk, disaster=world.event, house=world.house.pk, sheet=sheet())
    made = judging.make(by=world.clerk, survey=survey.pk)
    judging.confirm(by=staff("tax"), judgement=made.pk)
    url = reverse("applications:again", args=[world.row.houses.get(position=1).pk])
    assert url in text(desk.get(reverse("applications:page", args=[world.row.pk])))
    assert url in text(desk.get(reverse("damage_houses:house", args=[world.house.pk])))
    form = desk.get(url)
    assert form.context["form"]["stage"].value() == "second"
    wrong = desk.post(url, as_shown(form, identity="licence"))
    assert "理由を入れてください" in text(wrong)
    assert desk.post(url, as_shown(form, identity="licence", reason="内部も壊れている")).status_code == 302
    new = Application.objects.get(stage="second")
    assert (new.household, new.name, new.telephone) == (world.home, "表山 一郎", "090")
    assert new.houses.get().house == world.house
    assert SurveyRequest.objects.get(until=None).reason == "内部も壊れている"
    assert desk.get(reverse("applications:again", args=[uuid4()])).status_code == 404
