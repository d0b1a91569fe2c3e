"""From a telephone outside to a certificate that a bank checks without a connection."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image
from playwright.sync_api import expect

from backend.core.clock import now, today
from backend.damage.applications import attaching
from backend.damage.judgements import services as judging
from backend.damage.models import Application
from backend.damage.online import services as online
from backend.damage.surveys import services as surveying
from backend.damage.surveys.services import Sheet
from backend.documents import pdf, signing
from backend.documents.models import Issue
from backend.gateway.models import SealedForm
from backend.journal import files
from backend.ledger import words
from backend.ledger.houses.keys import place_key
from backend.ledger.models import House, HouseLink, HouseRecord

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]
LOT = "大浜市西町5番地"
# What a telephone does with a picture of the paper: it reads the code in it.
READ = """async address => {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement("canvas"), drawing = canvas.getContext("2d");
    canvas.width = picture.width;
    canvas.height = picture.height;
    drawing.drawImage(picture, 0, 0);
    const seen = drawing.getImageData(0, 0, canvas.width, canvas.height);
    const code = jsQR(seen.data, canvas.width, canvas.height);
    return code ? code.data : "";
}"""


@pytest.fixture
def world(disaster, household, staff, house):
    """A family in its house, the disaster two days ago, applications taken online, and a key that signs."""
    event, clerk = disaster(occurred_at=now() - timedelta(days=2)), staff("tax")
    home = household(event, [{"name": "髙橋 花子", "kana": "タカハシ ハナコ", "birth": "1970-01-02"}], address=LOT)
    words.rebuild(event)
    one = House.objects.create(property_no="T00001")
    HouseRecord.objects.create(house=one, lot=LOT, lot_key=place_key(LOT), digest="1", structure="木造", year=2026)
    HouseLink.objects.create(
        house=one, household=home, role="lives", confidence="certain", confirmed_by=clerk, confirmed_at=now()
    )
    signing.make_key(by=None, reason="導入")
    online.open_desk(by=clerk, disaster=event)
    return SimpleNamespace(event=event, clerk=clerk, other=staff("tax"), home=home, house=one)


def photograph():
    out = BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright
    exif[0x8769] = {0x9003: "2026:11:20 10:15:00"}
    exif[0x8825] = {1: "N", 2: (38.0, 0.0, 0.0), 3: "E", 4: (143.0, 30.0, 0.0)}
    Image.effect_noise((3000, 2000), 40).convert("RGB").save(out, "JPEG", quality=60, exif=exif)
    return out.getvalue()


def test_from_the_telephone_to_the_verified_code(world, people, tmp_path):
    resident = people(viewport={"width": 320, "height": 640})
    number = applies(resident, photograph())
    row = Application.objects.get()
    assert not SealedForm.objects.exists(), "inside has it, so outside has it no more"
    with Image.open(BytesIO(files.content(attaching.of_application(row).get().sha256))) as sent:
        assert sent.size == (1600, 2400), "made smaller on the telephone"
        assert sent.getexif().get(0x0112) == 1, "turned once only"
    kept = attaching.of_application(row).get()
    assert (kept.latitude, kept.longitude) == (38.0, 143.5), "with the place where it was taken"
    assert kept.taken_at is not None

    clerk = people("tax")
    matches(clerk)
    row.refresh_from_db()
    assert (row.household, row.houses.get().house) == (world.home, world.house)
    sheet = Sheet(
        surveyed_on=today(), surveyors="第1班", stage="first", cause="earthquake", method="exterior", structure="wood",
        ratio=25, found="half", sheet_place="税務課の綴り",
    )  # fmt: skip
    survey = surveying.record(by=world.clerk, disaster=world.event, house=world.house.pk, sheet=sheet)
    judging.confirm(by=world.other, judgement=judging.make(by=world.clerk, survey=survey.pk).pk)

    clerk.opens(reverse("desk:household", args=[world.home.pk]))
    clerk.page.locator(f'a[href="{reverse("damage:risai", args=[world.home.pk])}"]').first.click()
    clerk.sees("半壊")
    clerk.page.get_by_label("本人確認").select_option(index=1)
    clerk.presses("交付する")
    clerk.sees("を交付しました")
    paper = clerk.downloads(lambda: clerk.follows("PDFを保存"))
    asks(resident, number, "判定済み")

    bank, issued = people(), Issue.objects.get()
    code = reads(bank, picture_of(paper, tmp_path))
    address, _, proof = code.partition("#")
    assert address == f"{bank.house}/verify/{issued.token}"
    assert code == pdf.code_of(issued.content), "what stands on the paper is what was frozen"
    assert proof
    verifies_online(bank, code, issued)
    verifies_offline(bank, code, tmp_path)


def applies(resident, photo):
    resident.opens("/apply/")
    page = resident.page
    page.get_by_label("申請する方").select_option("resident")
    for label, text in (
        ("氏名（会社・団体は名称）", "髙橋 花子"),
        ("ふりがな", "たかはし はなこ"),
        ("生年月日", "昭和45年1月2日"),
        ("電話番号", "090-1234-5678"),
        ("いまいる所・連絡先の住所", "西小学校 避難所"),
        ("災害のときに住んでいた住所", LOT),
        ("被害の様子", "屋根瓦が落ちた"),
    ):
        resident.writes(label, text)
    page.get_by_label("被害の原因").select_option("earthquake")
    chosen = page.get_by_label("被害の写真")
    chosen.set_input_files([{"name": "house.jpg", "mimeType": "image/jpeg", "buffer": photo}])
    page.wait_for_function(f"() => document.querySelector('[name=photos]').files[0].size < {len(photo)}")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    resident.presses("送る")
    resident.sees("申請を受け取りました")
    number = page.locator(".verdict__word").inner_text()
    asks(resident, number, "受付済み")
    assert page.context.cookies() == []
    return number


def asks(resident, number, word):
    resident.opens("/apply/state/")
    resident.writes("受付番号", number)
    resident.writes("生年月日", "S45.1.2")
    resident.presses("確かめる")
    expect(resident.page.get_by_role("status")).to_contain_text(word)
    assert "髙橋" not in resident.page.content()


def matches(clerk):
    clerk.goes_to("罹災の申請")
    clerk.page.get_by_role("table").get_by_role("link").first.click()
    clerk.sees("屋根瓦が落ちた")
    clerk.follows("世帯と照合する")
    clerk.presses("この世帯と照合する")
    clerk.follows("家屋と照合する")
    clerk.page.get_by_role("button", name="この家屋と照合する").first.click()
    clerk.sees("第1次調査を待っています")


def picture_of(paper, folder):
    """The one page of the paper as it comes out of a printer."""
    if shutil.which("pdftoppm") is None:
        stop = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        stop("no pdftoppm (poppler-utils): the paper can't be turned into a picture")
    call = ["pdftoppm", "-png", "-r", "300", "-gray", "-singlefile", str(paper), str(folder / "paper")]
    subprocess.run(call, check=True, timeout=60)
    return (folder / "paper.png").read_bytes()


def reads(person, picture):
    """On an empty page of the browser, with the decoder that the camera of the door uses."""
    person.page.add_script_tag(path=finders.find("vendor/jsqr/jsQR.js"))
    return person.page.evaluate(READ, "data:image/png;base64," + base64.b64encode(picture).decode())


def verifies_online(bank, code, issued):
    bank.page.goto(code)
    expect(bank.page.get_by_role("status")).to_contain_text("本物です。有効です。")
    for said in ("罹災証明書", issued.number_text):
        bank.sees(said)
    assert "髙橋" not in bank.page.content(), "who has it is not said there"


def verifies_offline(bank, code, tmp_path):
    bank.opens("/verify/keys/")
    page = bank.page
    coming = bank.downloads(lambda: bank.follows("通信せずに確かめるためのファイルを保存する"))
    kept = shutil.copy(coming, tmp_path / "verifier.html")
    page.context.set_offline(True)
    bank.house = "file:"
    page.goto(kept.as_uri())
    page.fill("#code", code)
    page.fill("#name", "髙橋 花子")
    page.fill("#address", LOT)
    page.click("button")
    expect(page.locator("#answer h2")).to_contain_text("氏名と住所も一致")
    said = dict(
        zip(page.locator("#answer dt").all_inner_texts(), page.locator("#answer dd").all_inner_texts(), strict=True)
    )
    assert said["名称"] == "罹災証明書"
    assert said["被害の程度"] == "半壊"
