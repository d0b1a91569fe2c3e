"""The seal on the paper: approved by another, frozen with the paper, or the place is left empty."""

import base64
import io
from random import Random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image, ImageDraw
from pypdf import PdfReader

from backend.accounts.models import AuditRow
from backend.core.errors import Conflict, Forbidden, Refused
from backend.documents import press, queries
from backend.documents.models import SealImage
from backend.documents.seals import services

from .conftest import body


def png(colour="red", size=(200, 200)):
    out = io.BytesIO()
    Image.new("RGBA", size, colour).save(out, "PNG")
    return out.getvalue()


def stamp(side, *, scanned=False):
    """A square seal of three columns of strokes in one ink: drawn on nothing, or scanned with the grain of its paper."""
    lot, fine = Random(7), side * 2
    mask = Image.new("L", (fine, fine))
    draw = ImageDraw.Draw(mask)
    line = fine // 40
    draw.rounded_rectangle((line, line, fine - line, fine - line), radius=fine // 12, outline=255, width=line * 2)
    for column in range(3):
        for row in range(3):
            left, top = (fine * (2 + 9 * at) // 30 for at in (column, row))
            for _ in range(7):
                x, y = left + lot.randrange(fine // 5), top + lot.randrange(fine // 5)
                draw.arc((x, y, x + fine // 9, y + fine // 9), lot.randrange(360), lot.randrange(360), 255, line)
                draw.line((x, y, x + fine // 11, y), 255, line)
    mask = mask.resize((side, side), Image.Resampling.LANCZOS)
    if scanned:
        paper = Image.effect_noise((side, side), 6).point(lambda shade: min(255, shade + 118))
        picture = Image.merge("RGB", (paper, paper, paper))
        picture.paste((190, 40, 35), mask=mask)
    else:
        picture = Image.new("RGBA", (side, side), (200, 30, 30, 0))
        picture.putalpha(mask)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def pictures(found):
    return len(PdfReader(io.BytesIO(queries.paper(found))).pages[0].images)


@pytest.fixture
def sealed(staff):
    asked = services.ask(by=staff("administrator"), data=png(), note="市長印")
    return services.approve(by=staff("tax", is_supervisor=True), pk=asked.pk)


def test_an_approved_seal_is_printed_and_a_paper_keeps_its_own(issue, sealed, staff):
    before = issue()
    assert before.content["seal"] == sealed.sha256
    with_seal = pictures(before)
    services.end(by=staff("tax", is_supervisor=True), pk=sealed.pk, reason="改印")
    after = issue()
    assert "seal" not in after.content
    assert pictures(after) == with_seal - 1
    assert pictures(before) == with_seal
    assert set(AuditRow.objects.filter(subject__startswith="seal:").values_list("act", flat=True)) == {
        "documents.seal_ask",
        "documents.seal_approve",
        "documents.seal_end",
    }


def test_what_is_only_asked_for_is_not_printed(issue, staff):
    services.ask(by=staff("tax"), data=png(), note="市長印")
    assert "seal" not in issue().content


def test_nobody_approves_their_own(staff):
    chief = staff("tax", is_supervisor=True)
    asked = services.ask(by=chief, data=png(), note="市長印")
    with pytest.raises(Refused, match="申請した人"):
        services.approve(by=chief, pk=asked.pk)
    with pytest.raises(Forbidden):
        services.approve(by=staff("tax"), pk=asked.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        SealImage.objects.filter(pk=asked.pk).update(approved_by=chief, approved_at=asked.asked_at)


def test_a_new_one_takes_the_place_of_the_one_before(sealed, staff):
    newer = services.ask(by=staff("tax"), data=png("blue"), note="新しい市長印")
    chief = staff("tax", is_supervisor=True)
    services.approve(by=chief, pk=newer.pk)
    assert services.in_use() == newer.sha256
    with pytest.raises(Conflict):
        services.approve(by=chief, pk=newer.pk)


@pytest.mark.parametrize(
    "data", [b"no picture", png(size=(1600, 10)), png() + b"0" * 500_000, png()[:60]], ids=["no", "wide", "big", "cut"]
)
def test_what_is_no_seal_is_refused(staff, data):
    with pytest.raises(Refused):
        services.ask(by=staff("tax"), data=data, note="市長印")


def test_from_the_page_to_the_paper(staff, sign_in):
    page = reverse("documents:seals")
    client = sign_in(staff("tax"))
    upload = {"image": SimpleUploadedFile("seal.png", png()), "note": "市長印"}
    assert "申請しました" in client.post(page, upload, follow=True).content.decode()
    found = SealImage.objects.get()
    assert client.get(reverse("documents:seal_picture", args=[found.pk])).content.startswith(b"\x89PNG")
    assert client.post(reverse("documents:seal_approve", args=[found.pk])).status_code == 403
    chief = sign_in(staff("tax", is_supervisor=True))
    assert "承認して印字する" in chief.get(page).content.decode()
    assert (
        "承認しました" in chief.post(reverse("documents:seal_approve", args=[found.pk]), follow=True).content.decode()
    )
    wrong = {"image": SimpleUploadedFile("seal.png", b"text"), "note": "市長印"}
    assert "読めません" in client.post(page, wrong).content.decode()
    assert sign_in(staff("welfare")).get(page).status_code == 403


@pytest.mark.parametrize(
    "picture", [stamp(400), stamp(1200), stamp(500, scanned=True)], ids=["usual", "fine", "scanned"]
)
def test_a_certificate_with_the_seal_stays_below_sixty_kilobytes(issue, staff, tmp_path, picture):
    asked = services.ask(by=staff("administrator"), data=picture, note="市長印")
    services.approve(by=staff("tax", is_supervisor=True), pk=asked.pk)
    content = issue(body=body("髙﨑 一郎", "髙﨑 花子", "髙﨑 次郎", "髙﨑 三郎")).content
    seals = {key: base64.b64encode(image).decode() for key, image in services.pictures([content]).items()}
    assert list(seals) == [asked.sha256]
    job = {
        "target": str(tmp_path / "split"), "at": "2026-11-25T09:00:00+09:00", "post": "", "split": True, "title": "",
        "papers": [{"content": content}], "names": ["one.pdf"], "seals": seals,
    }  # fmt: skip
    press.work(job)
    one = tmp_path / "split" / "one.pdf"
    assert len(PdfReader(one).pages[0].images) >= 2, "the code and the seal"
    assert one.stat().st_size <= 60_000


def test_a_picture_is_kept_as_fine_as_it_is_printed_and_no_finer(staff):
    kept = services.ask(by=staff("tax"), data=stamp(1200), note="市長印")
    with Image.open(io.BytesIO(bytes(kept.image))) as image:
        assert 283 <= image.width == image.height <= 567  # 24 mm at 600 dots an inch, or 300 at least
        assert {colour[:3] for _, colour in image.getcolors(567 * 567)} == {(200, 30, 30)}
        wide = image.resize((1200, 1200))
    with Image.open(io.BytesIO(stamp(1200))) as before:
        apart = [
            abs(a - b) for a, b in zip(wide.getchannel("A").tobytes(), before.getchannel("A").tobytes(), strict=True)
        ]
    assert sum(apart) / len(apart) < 8, "the same strokes in the same places"
    small = services.ask(by=staff("tax"), data=stamp(200), note="市長印")
    with Image.open(io.BytesIO(bytes(small.image))) as image, Image.open(io.BytesIO(stamp(200))) as before:
        assert image.tobytes() == before.tobytes(), "what is small and light stays as it was handed in"
