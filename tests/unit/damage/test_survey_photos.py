"""Photographs of a survey: no photo, 80 megapixels, HEIC, with time and place, too far away."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from backend.core.errors import Conflict, Refused
from backend.damage.surveys import photos, queries, services
from backend.journal import files


def picture(size=(64, 48), kind="JPEG", gps=None, taken=""):
    exif = Image.Exif()
    if gps:
        exif[0x8825] = {1: "N", 2: gps[0], 3: "E", 4: gps[1]}
    if taken:
        exif[0x8769] = {0x9003: taken}
    out = BytesIO()
    Image.new("RGB", size, "grey").save(out, kind, exif=exif)
    return out.getvalue()


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def clerk(staff):
    return staff("tax")


@pytest.fixture
def row(event, clerk, house, sheet):
    one = house(latitude=38.0, longitude=143.5)
    return services.record(by=clerk, disaster=event, house=one.pk, sheet=sheet())


NEAR = ((38.0, 0.0, 1.0), (143.0, 30.0, 0.0))
FAR = ((38.0, 0.0, 3.0), (143.0, 30.0, 0.0))


def test_original_and_stripped_copy(row, clerk):
    data = picture((3000, 2000), gps=NEAR, taken="2026:11:20 10:15:00")
    photo = photos.add(by=clerk, survey=row.pk, data=data, about="南面")
    assert files.content(photo.sha256) == data
    copy = files.content(photo.reduced)
    with Image.open(BytesIO(copy)) as small:
        assert max(small.size) == photos.SIDE
        assert not dict(small.getexif())
    assert b"Exif" not in copy
    assert photo.taken_at.isoformat() == "2026-11-20T10:15:00+09:00"
    assert photo.distance == 31
    with pytest.raises(Conflict, match="同じ写真"):
        photos.add(by=clerk, survey=row.pk, data=data)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_eighty_megapixels_are_taken_and_more_is_said(row, clerk):
    photo = photos.add(by=clerk, survey=row.pk, data=picture((10_000, 8_000)))
    assert photo.taken_at is photo.latitude is photo.distance is None
    with pytest.raises(Refused, match="画素が多すぎます（10000×9500）"):
        photos.add(by=clerk, survey=row.pk, data=picture((10_000, 9_500)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"%PDF-1.7 no picture", "JPEG か PNG"),
        (b"\x00\x00\x00\x18ftypheic0000", "HEIC"),
        (picture()[:-40], "壊れています"),
        (b"\xff\xd8" + b"0" * photos.LARGEST, "20MBまで"),
    ],
)
def test_what_is_no_photograph_says_why(row, clerk, data, why):
    with pytest.raises(Refused, match=why):
        photos.add(by=clerk, survey=row.pk, data=data)


def test_who_decides_sees_where_it_was_taken(row, clerk, staff, sign_in, event):
    near = photos.add(by=clerk, survey=row.pk, data=picture(gps=NEAR))
    far = photos.add(by=clerk, survey=row.pk, data=picture(gps=FAR))
    assert (near.distance, far.distance) == (31, 93)
    url = reverse("damage_houses:house", args=[row.house_id])
    decides, reads = sign_in(clerk), sign_in(staff("welfare"))
    shown = decides.get(url).content.decode()
    assert shown.count("家屋から50mより遠い") == 1
    assert "家屋から31m" in shown
    other = reads.get(url).content.decode()
    assert "50mより遠い" not in other
    assert "家屋から" not in other
    original = reverse("damage_houses:photo_original", args=[far.pk])
    assert decides.get(original).content == files.content(far.sha256)
    assert reads.get(original).status_code == 403
    assert reads.get(reverse("damage_houses:photo", args=[far.pk])).content == files.content(far.reduced)
    assert queries.house_view(row.house_id, event, clerk).photos == [near, far]


def test_several_at_once_keeps_the_good_ones_and_names_the_others(row, clerk, sign_in):
    desk = sign_in(clerk)
    sent = [SimpleUploadedFile("a.jpg", picture()), SimpleUploadedFile("b.heic", b"\x00\x00\x00\x18ftypheic0000")]
    url = reverse("damage_houses:add_photos", args=[row.house_id])
    answer = desk.post(url, {"survey": str(row.pk), "pictures": sent, "about": ""})
    said = answer.content.decode()
    assert answer.status_code == 422
    assert "写真を1枚入れました" in said
    assert "b.heic：HEIC の写真は使えません" in said
    assert row.photos.count() == 1
    assert desk.post(url, {"survey": str(row.pk)}).status_code == 422


def test_the_residents_own_photographs_are_enough(event, clerk, staff, house, sheet):
    from datetime import date

    from backend.damage.judgements import services as judging

    said = sheet(method="photo_self", consent_on=date(2026, 11, 19))
    row = services.record(by=clerk, disaster=event, house=house().pk, sheet=said)
    photos.add(by=clerk, survey=row.pk, data=picture())
    assert judging.make(by=clerk, survey=row.pk).damage_class == "below"
