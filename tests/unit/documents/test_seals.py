"""The seal on the paper: approved by another, frozen with the paper, or the place is left empty."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader

from backend.accounts.models import AuditRow
from backend.core.errors import Conflict, Forbidden, Refused
from backend.documents import queries
from backend.documents.models import SealImage
from backend.documents.seals import services


def png(colour="red", size=(200, 200)):
    out = io.BytesIO()
    Image.new("RGBA", size, colour).save(out, "PNG")
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
