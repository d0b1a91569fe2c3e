"""Attachments of applications, and applying once more for a house that has been judged."""

from __future__ import annotations

from io import BytesIO
from types import SimpleNamespace
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image

from backend.accounts.models import AccessLog
from backend.core.clock import today
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.damage.applications import attaching, services
from backend.damage.applications.rules import Place, Said
from backend.damage.judgements import services as judging
from backend.damage.models import Application, Survey, SurveyRequest
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


# PDFs ----------------------------------------------------------------------------------------------------------------


def pdf(more=b"", end=b"startxref\n9\n%%EOF\n", head=b"%PDF-1.7\n"):
    return head + b"1 0 obj\n<< /Type /Catalog >>\nendobj\n" + more + b"trailer\n<< /Root 1 0 R >>\n" + end


def add(world, data, **said):
    return attaching.add(by=world.clerk, application=world.row.pk, **{"data": data, "what": "mandate", **said})


def test_a_pdf_is_kept_as_it_came_and_only_given_as_a_file(world, sign_in, staff):
    desk, data = sign_in(world.clerk), pdf()
    upload = SimpleUploadedFile("委任状 <b>.pdf", data, "image/jpeg")
    url = reverse("applications:add_files", args=[world.row.pk])
    done = desk.post(url, {"what": "mandate", "pictures": upload, "about": "長女への委任"}, follow=True)
    assert "1件を添付しました" in text(done)
    made = attaching.of_application(world.row).get()
    assert (made.kind, made.reduced, files.content(made.sha256)) == ("pdf", "", data)
    link = reverse("applications:document", args=[made.pk])
    assert f'<a href="{link}">長女への委任（PDF、' in text(done)
    assert "写真による判定には使えません" in text(done)
    assert f'src="{link}"' not in text(done)
    for path in (reverse("applications:file", args=[made.pk]), reverse("applications:file_original", args=[made.pk])):
        assert f'"{path}"' not in text(done)
        assert desk.get(path).status_code == 404
    seen = AccessLog.objects.count()
    answer = sign_in(staff("welfare")).get(link)  # whoever sees the pictures
    assert AccessLog.objects.count() == seen + 1
    assert (answer.content, answer["Content-Type"]) == (data, "application/pdf")
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert quote("委任状_2026-1.pdf") in answer["Content-Disposition"]
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    Protection.objects.create(person=world.home.members.get(), source="desk")
    assert sign_in(staff("tax")).get(link).status_code == 404
    assert sign_in(staff("shelter")).get(link).status_code == 403


def test_a_picture_is_no_document_and_what_is_taken_off_is_gone(world, sign_in):
    desk = sign_in(world.clerk)
    shot, paper = add(world, picture(), what="photo"), add(world, pdf(), what="paper")
    assert desk.get(reverse("applications:document", args=[shot.pk])).status_code == 404
    with pytest.raises(Conflict, match="同じファイル"):
        add(world, pdf())
    desk.post(reverse("applications:take_off_file", args=[paper.pk]))
    assert desk.get(reverse("applications:document", args=[paper.pk])).status_code == 404
    assert add(world, pdf())


@pytest.mark.parametrize(
    ("data", "said", "why"),
    [
        (b"MZ no paper", {"name": "委任状.pdf"}, "中身はPDFではありません"),
        (picture(), {"name": "委任状.PDF"}, "中身はPDFではありません"),
        (pdf(head=b"%PDF-x"), {"name": "a.pdf"}, "中身はPDFではありません"),
        (pdf(), {"name": "委任状.jpg"}, "名前が「.jpg」で終わっています"),
        (pdf(), {"name": "家.pdf.exe"}, "名前が「.exe」で終わっています"),
        (pdf(end=b""), {}, "途中で切れ"),
        (pdf(end=b"startxref\n9999999\n%%EOF\n"), {}, "途中で切れ"),
        (pdf() + b"PK\x03\x04", {}, "途中で切れ"),
        (pdf(b"2 0 obj\n<< >>\nendobj\n<< /Encrypt 2 0 R >>\n"), {}, "パスワード"),
        (pdf(b"<< /Encrypt<</V 4>> >>\n"), {}, "パスワード"),
        (pdf(), {"what": "photo"}, "写真による判定にも使えません"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_pdf_that_is_none_locked_or_called_something_else_is_refused_with_the_reason(world, data, said, why):
    with pytest.raises(Refused, match=why):
        add(world, data, **said)
    assert not attaching.of_application(world.row).exists()


def test_a_pdf_may_be_as_large_as_a_photograph(world, monkeypatch):
    data = pdf()
    monkeypatch.setattr(attaching.photos, "LARGEST", len(data))
    assert add(world, data).size == len(data)
    with pytest.raises(Refused, match="PDFが大きすぎます（0MBまで）"):
        add(world, data + b"\n")


def test_a_pdf_with_more_versions_in_it_and_any_other_name_is_taken(world):
    later = b"startxref\n0\n%%EOF\n2 0 obj\n(/Encrypted words)\nendobj\n"
    for name, data in (("委任状 ver1.2", pdf()), ("スキャン.PDF", pdf(later)), ("", pdf(end=b"startxref 9 %%EOF\0\0"))):
        assert add(world, data, name=name).kind == "pdf"


def test_the_database_takes_no_pdf_for_a_photograph(world):
    shot, paper = add(world, picture(), what="photo"), add(world, pdf())
    for row, change in (
        (paper, {"what": "photo"}),
        (paper, {"reduced": "0" * 64}),
        (paper, {"latitude": 35.0, "longitude": 136.0}),
        (paper, {"kind": "exe"}),
        (shot, {"kind": "pdf"}),
        (shot, {"reduced": ""}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**change)


def test_a_pdf_is_no_photograph_to_judge_by(world, sign_in):
    paper, desk = add(world, pdf(), what="paper"), sign_in(world.clerk)
    url = reverse("applications:photos", args=[world.row.houses.get(position=1).pk])
    page = desk.get(url)
    assert "PDFは家屋の写真ではないので、写真による判定には使えません" in text(page)
    assert str(paper.pk) not in text(page)
    said = {field.html_name: field.value() or "" for field in page.context["form"]} | {"files": [str(paper.pk)]}
    assert desk.post(url, said | {"consent_on": "R8.11.20"}).status_code == 422
    assert not Survey.objects.exists()
