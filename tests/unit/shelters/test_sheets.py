"""Handwritten lists: photographed at once, typed in later beside the picture, each line tied to its sheet."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from backend.accounts.models import AccessLog
from backend.core.clock import TOKYO, frozen, now
from backend.journal.models import Attachment, Conflict
from backend.journal.services import rebuild, record
from backend.ledger.models import Protection
from backend.shelters import queries as shelters
from backend.shelters.models import Sheet, SheetLine, StayEvent
from backend.shelters.sheets import queries, rules, services


@pytest.fixture
def desk(sign_in, clerk):
    return sign_in(clerk)


@pytest.fixture
def opening(shelter):
    with frozen(now() - timedelta(hours=6)):
        return shelter()


def photograph(color="white"):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "CAMERA"
    Image.new("RGB", (60, 40), color).save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def sheet(opening):
    listed = now() - timedelta(hours=3)
    return services.attach(by=None, opening=opening, data=photograph(), listed_at=listed, title="入口の掲示")


def line(number, name="", **more):
    said = {"number": str(number), "name": name, **more}
    return {f"line{number - 1}-{key}": value for key, value in said.items()}


def write(desk, opening, sheet, *lines):
    form = {}
    for one in lines:
        form |= one
    return desk.post(reverse("shelters:sheet", args=[opening, sheet]), form)


def text(answer):
    return answer.content.decode()


def test_a_photograph_is_taken_without_what_the_camera_wrote(desk, opening):
    when = (now() - timedelta(hours=2)).astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M")
    upload = SimpleUploadedFile("IMG_0001.jpg", photograph(), "image/jpeg")
    form = {"picture": upload, "listed_at": when, "title": "体育館 1枚目"}
    page = desk.post(reverse("shelters:sheets", args=[opening]), form, follow=True)
    [found] = queries.sheets(opening)
    assert (found.sheet.number, found.sheet.title, found.here) == (1, "体育館 1枚目", True)
    assert found.sheet.occurred_at < now() - timedelta(hours=1)
    picture = reverse("shelters:sheet_picture", args=[opening, found.sheet.entry])
    assert picture in text(page)
    answer = desk.get(picture)
    assert answer["Content-Type"] == "image/jpeg"
    assert "no-store" in answer["Cache-Control"]
    assert b"CAMERA" not in answer.content
    assert AccessLog.objects.filter(subject=f"sheet:{found.sheet.entry}", detail="写真").exists()


def test_what_is_no_picture_or_the_same_once_more_is_told(desk, opening, sheet):
    url = reverse("shelters:sheets", args=[opening])
    film = SimpleUploadedFile("list.pdf", b"%PDF-1.7", "application/pdf")
    assert "JPEG か PNG" in text(desk.post(url, {"picture": film}))
    again = desk.post(url, {"picture": SimpleUploadedFile("b.jpg", photograph(), "image/jpeg")})
    assert "シート1として入っています" in text(again)
    desk.post(url, {"picture": SimpleUploadedFile("c.jpg", photograph("black"), "image/jpeg")})
    assert [row.sheet.number for row in queries.sheets(opening)] == [2, 1]


def test_lines_become_check_ins_as_of_the_list_and_are_tied_to_it(desk, opening, sheet, clerk):
    page = write(
        desk,
        opening,
        sheet,
        line(1, "北原 ハル", birth="3 25 1 2"),
        line(2, "北原 ナツ", together="on"),
        line(3, "港 ？郎", result="unreadable"),
    )
    assert page.status_code == 302
    roster = shelters.roster(opening, staff=None)
    assert (roster.count.people, roster.count.households) == (2, 1)
    assert {event.occurred_at for event in StayEvent.objects.all()} == {Sheet.objects.get().occurred_at}
    done = queries.lines(sheet, clerk)
    assert [(one.row.line, one.face.name if one.face else one.row.text, one.by) for one in done] == [
        (1, "北原 ハル", str(clerk)),
        (2, "北原 ナツ", str(clerk)),
        (3, "港 ？郎", str(clerk)),
    ]
    assert (queries.sheets(opening)[0].typed, queries.sheets(opening)[0].unreadable) == (2, 1)
    shown = desk.get(reverse("shelters:sheet", args=[opening, sheet]))
    assert shown.context["forms"][0]["number"].initial == 4


def test_the_household_goes_on_where_typing_goes_on(desk, opening, sheet):
    write(desk, opening, sheet, line(1, "北原 ハル"))
    write(desk, opening, sheet, line(2, "北原 ナツ", together="on"))
    assert shelters.head_count(opening).households == 1


def test_a_wrong_line_keeps_what_was_typed_and_takes_nothing(desk, opening, sheet):
    answer = write(desk, opening, sheet, line(1, "北原 ハル"), line(2, "北原 ナツ", birth="昨日"))
    assert answer.status_code == 422
    assert "北原 ナツ" in text(answer)
    assert not StayEvent.objects.exists()
    assert not SheetLine.objects.exists()


def test_two_who_type_the_same_line_on_one_server_the_second_is_told(desk, opening, sheet):
    write(desk, opening, sheet, line(1, "北原 ハル"))
    answer = write(desk, opening, sheet, line(1, "北原 春"))
    assert answer.status_code == 422
    assert "1行目は、すでに入力されています" in text(answer)
    assert shelters.head_count(opening).people == 1


def test_two_who_type_the_same_line_on_two_devices_are_both_kept_and_shown(opening, sheet, clerk):
    said = {"opening": str(opening), "entry": str(sheet), "line": 1, "result": "unreadable"}
    for read in ("港", "湊"):
        record(kind="sheet.typed", payload={**said, "text": read}, occurred_at=now(), by=None)
    assert [(one.row.text, one.twice) for one in queries.lines(sheet, clerk)] == [("港", True), ("湊", True)]
    assert rules.to_type([1, 4], 4) == [2, 3, 5, 6]


def test_a_line_is_taken_back_and_typed_anew(desk, opening, sheet, clerk):
    write(desk, opening, sheet, line(1, "港", result="unreadable"))
    [done] = queries.lines(sheet, clerk)
    undo = reverse("shelters:sheet_undo", args=[opening, done.row.entry])
    desk.post(undo, {"kind": "sheet.typed", "sheet": str(sheet)})
    assert write(desk, opening, sheet, line(1, "港 次郎")).status_code == 302
    assert [one.face.name for one in queries.lines(sheet, clerk)] == ["港 次郎"]


def test_with_somebody_hidden_on_it_the_picture_is_as_if_it_had_not_come(desk, opening, sheet, staff, sign_in):
    write(desk, opening, sheet, line(1, "北原 ハル"))
    named = SheetLine.objects.get().evacuee
    picture = reverse("shelters:sheet_picture", args=[opening, sheet])
    other = sign_in(staff("welfare"))
    assert other.get(picture).status_code == 200
    Protection.objects.create(evacuee=named, source="desk")
    hidden = other.get(reverse("shelters:sheet", args=[opening, sheet]))
    assert "北原" not in text(hidden)
    refused = other.get(picture)
    Protection.objects.all().delete()
    Attachment.objects.all().delete()
    missing = other.get(picture)
    assert refused.status_code == missing.status_code == 404
    assert "まだ届いていないか、見られる職員が限られています" in text(refused)
    assert "まだ届いていないか、見られる職員が限られています" in text(missing)
    assert sign_in(staff("welfare", sees_protected=True)).get(picture).status_code == 404


def test_only_the_desk_attaches_and_types(opening, sheet, staff, sign_in):
    for name, args in (("sheets", [opening]), ("sheet", [opening, sheet])):
        url = reverse(f"shelters:{name}", args=args)
        assert sign_in(staff("welfare")).get(url).status_code == 200
        assert sign_in(staff("welfare")).post(url, {}).status_code in (403, 422)
        assert sign_in(staff("tax")).get(url).status_code == 403


def test_lines_of_no_sheet_are_a_contradiction_and_all_comes_back_from_the_journal(desk, opening, sheet, clerk):
    write(desk, opening, sheet, line(1, "北原 ハル"))
    nowhere = {"opening": str(opening), "entry": str(opening), "line": 1, "result": "unreadable"}
    record(kind="sheet.typed", payload=nowhere, occurred_at=now(), by=None)
    assert Conflict.objects.get().code == "typed_from_nothing"
    rebuild(["sheet."])
    assert [one.face.name for one in queries.lines(sheet, clerk)] == ["北原 ハル"]
    assert queries.sheets(opening)[0].here
