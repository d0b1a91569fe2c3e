"""From the household to the 罹災証明書 in three clicks, with the house in view."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from io import BytesIO

import pytest
from django.urls import reverse
from PIL import Image

from backend.damage.judgements import queries
from backend.damage.judgements import services as judging
from backend.damage.surveys import photos
from backend.damage.surveys import services as surveys
from backend.documents.models import Issue
from backend.ledger.models import Protection

FORM = {"purpose": "保険金の請求", "copies": "2", "id_checked": "licence"}


@pytest.fixture
def home(event, household):
    return household(event, [{"name": "髙﨑 一郎", "kana": "タカサキ イチロウ"}])


@pytest.fixture
def asked(home, ask_for):
    """`asked(house, judgement)`: what is posted once the household has applied for that house."""

    def make(house, held, **said):
        return {**FORM, "judgement": held.pk, "application": ask_for(home, house, **said).pk}

    return make


@pytest.fixture
def judge(home, two, sheet):
    def make(house, found, ratio, **said):
        row = surveys.record(
            by=two[0], disaster=home.disaster, house=house.pk, sheet=sheet(found=found, ratio=ratio, **said)
        )
        return judging.confirm(by=two[1], judgement=judging.make(by=two[0], survey=row.pk).pk)

    return make


def test_three_clicks_with_the_house_in_view(home, house, two, judge, sign_in, asked):
    one = house("大浜市港町５番地", home, by=two[0], latitude=36.1, longitude=136.6, owner_name="大家 三郎")
    held = judge(one, "half", 25)
    form = asked(
        one, held, applicant="agent", name="助川 花子", relation="長女", head_name="髙﨑 一郎", mandate_seen=True
    )
    client = sign_in(two[0])
    door = client.get(f"/desk/households/{home.pk}/").content.decode()
    first = reverse("damage:risai", args=[home.pk])
    assert first in door
    answer = client.get(first, follow=True)
    page = answer.content.decode()
    at = answer.redirect_chain[-1][0]
    for said in (
        "世帯主住所",
        "令和8年11月18日の大浜沖地震による",
        "半壊",
        "大家 三郎",
        'class="here"',
        "写真は、まだありません",
        "助川 花子（代理人、長女）",
    ):
        assert said in page
    done = client.post(at, form, follow=True)
    found = Issue.objects.get()
    page = done.content.decode()
    assert found.number_text in page
    assert "PDFを開いて2通印刷" in page
    assert "被災住家の所在地" in page
    assert "申請した 助川 花子（代理人、長女） にだけ渡せます" in page
    assert (
        client.post(reverse("damage:copy", args=[found.pk]), {"reason": "紛失", "id_checked": "licence"}).status_code
        == 302
    )
    assert set(found.copies.values_list("receiver", flat=True)) == {"agent"}
    page = client.get(reverse("damage:document", args=[found.pk])).content.decode()
    assert 'data-label="通目">1～2<' in page
    assert 'data-label="通目">3<' in page
    today = client.get(reverse("damage:index")).context["rows"]
    assert [row["cells"][4] for row in today] == [3]
    of_application = client.get(reverse("applications:page", args=[form["application"]])).content.decode()
    assert found.number_text in of_application
    pdf = client.get(reverse("damage:pdf", args=[found.pk, 1]))
    assert pdf.headers["Content-Disposition"] == 'inline; filename="risai-2026-000001-1.pdf"'
    assert "有効な証明書がすでに交付されています" in client.get(at).content.decode()
    assert "交付済み" in client.get(f"/desk/households/{home.pk}/").content.decode()
    day = client.get(reverse("damage:index")).content.decode()
    assert "罹災証明書" in day
    assert "髙﨑" not in day


def picture(shade):
    out = BytesIO()
    Image.new("RGB", (64, 48), (shade, shade, shade)).save(out, "JPEG")
    return out.getvalue()


def test_map_photographs_and_owner_are_seen_before_anything_is_issued(home, house, two, judge, sign_in, asked):
    one = house("大浜市港町５番地", home, by=two[0], latitude=36.1, longitude=136.6, owner_name="大家 三郎")
    beside = house("大浜市港町６番地", latitude=36.1001, longitude=136.6001)
    held = judge(one, "half", 25)
    said = ("南面の屋根", "玄関", "基礎の亀裂", "外壁")
    taken = [
        photos.add(by=two[0], survey=held.survey_id, data=picture(40 + 10 * place), about=about)
        for place, about in enumerate(said)
    ]
    sheet = photos.add(by=two[0], survey=held.survey_id, data=picture(200), about="調査票", sheet=True)
    other = photos.add(by=two[0], survey=judge(beside, "total", 60).survey_id, data=picture(100), about="隣の家")
    asked(one, held)
    client = sign_in(two[0])
    answer = client.get(reverse("damage:risai_house", args=[home.pk, one.pk]))
    page = answer.content.decode()
    assert not Issue.objects.exists()
    at = [reverse("damage_houses:photo", args=[row.pk]) for row in taken]
    for address, about in zip(at[1:], said[1:], strict=True):  # the last three
        assert f'<img src="{address}" alt="{about}"' in page
    for address in (at[0], *(reverse("damage_houses:photo", args=[row.pk]) for row in (sheet, other))):
        assert address not in page
    assert "写真は、まだありません" not in page
    shown = client.get(at[-1])
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/jpeg")
    points = answer.context["picture"].points
    assert [point["here"] for point in points].count(True) == 1
    assert len(points) == 2
    assert page.count('class="here"') == 1
    assert "地図に位置がありません" not in page
    facts = {fact["label"]: fact["value"] for fact in answer.context["house"]}
    assert (facts["所有者"], facts["所在地"]) == ("大家 三郎", "大浜市港町５番地")
    assert "大家 三郎" in page


LINK = re.compile(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', re.DOTALL)


def link(page, label):
    """Where the link leads that says this, or begins with it; a door says more below its label."""
    for address, said in LINK.findall(page):
        words = " ".join(re.sub("<[^>]+>", " ", said).split())
        if words == label or words.startswith(f"{label} "):
            return unescape(address)
    raise AssertionError(f"no link says {label}")


@pytest.mark.parametrize("many", [1, 2, 3])
def test_from_the_household_page_to_the_pdf_of_each_house_in_three_clicks(
    home, house, two, judge, sign_in, ask_for, many
):
    lots = ["大浜市西町5番地", "大浜市港町5番地", "大浜市東町5番地"][:many]
    houses = [house(lot, home, by=two[0]) for lot in lots]
    for one in houses:
        judge(one, "half", 25)
    ask_for(home, *houses)  # at the counter, today
    client = sign_in(two[0])
    for lot in lots:
        page = client.get(f"/desk/households/{home.pk}/").content.decode()
        clicks = ["罹災証明書" if many == 1 else f"罹災証明書 {lot}"]
        answer = client.get(link(page, clicks[0]), follow=True)
        assert lot in answer.content.decode()
        clicks.append("交付する")
        said = {field.html_name: field.value() or "" for field in answer.context["form"]}
        done = client.post(answer.request["PATH_INFO"], said, follow=True)
        clicks.append("PDFを開く")
        paper = client.get(link(done.content.decode(), clicks[-1]))
        assert paper.headers["Content-Type"] == "application/pdf"
        assert Issue.objects.order_by("number").last().content["place"] == lot
        assert len(clicks) <= 3
    assert Issue.objects.count() == many
    page = client.get(f"/desk/households/{home.pk}/").content.decode()
    assert page.count("交付済み") >= many


def test_only_judged_houses_have_a_way_of_their_own_and_only_for_who_issues(home, house, two, judge, sign_in, staff):
    judged, waiting, owned = (house("", home, by=two[0]) for _ in range(3))
    judge(judged, "half", 25)
    at = f"/desk/households/{home.pk}/"
    page = sign_in(two[0]).get(at).content.decode()
    ways = {one: reverse("damage:risai_house", args=[home.pk, one.pk]) for one in (judged, waiting, owned)}
    assert [one for one, way in ways.items() if f'"{way}"' in page] == [judged]
    assert reverse("damage:risai", args=[home.pk]) in page  # to all of them
    assert ways[judged] not in sign_in(staff("welfare")).get(at).content.decode()


def test_a_judgement_that_changed_meanwhile_is_shown_before_anything_is_issued(home, house, two, judge, sign_in, asked):
    one = house("", home, by=two[0])
    seen = judge(one, "half", 25)
    judge(one, "total", 60, stage="second", method="interior", surveyed_on=date(2026, 11, 22))
    client, at = sign_in(two[0]), reverse("damage:risai_house", args=[home.pk, one.pk])
    form = asked(one, seen)
    answer = client.post(at, form)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "判定が「全壊」に替わりました" in page
    assert not Issue.objects.exists()
    assert str(seen.pk) not in page
    wrong = client.post(at, {**form, "copies": "0"})
    assert wrong.status_code == 422


def test_what_is_missing_leads_to_where_it_can_be_had(home, house, two, judge, sign_in):
    client = sign_in(two[0])
    first = reverse("damage:risai", args=[home.pk])
    page = client.get(first).content.decode()
    assert "つながる家屋がありません" in page
    assert reverse("damage:issue", args=[home.pk]) in page
    one = house("", home)
    page = client.get(first, follow=True).content.decode()
    assert "まだ確認されていません" in page
    assert reverse("houses:house", args=[one.pk]) in page
    mine = house("", home, by=two[0])
    page = client.get(reverse("damage:risai_house", args=[home.pk, mine.pk])).content.decode()
    assert "申請がありません" in page
    assert reverse("applications:new_of", args=[home.pk]) in page
    shed = house("", home, by=two[0], annex=True)
    page = client.get(first).content.decode()
    assert "居住（未確認）" in page
    assert reverse("damage:risai_house", args=[home.pk, shed.pk]) in page
    page = client.get(reverse("damage:risai_house", args=[home.pk, shed.pk])).content.decode()
    assert "被災証明書を交付する" in page


def test_a_paper_to_be_given_back_says_so(home, house, two, judge, sign_in, asked):
    one = house("", home, by=two[0])
    held = judge(one, "half", 25)
    client, at = sign_in(two[0]), reverse("damage:risai_house", args=[home.pk, one.pk])
    form = asked(one, held)
    client.post(at, form)
    judge(one, "total", 60, stage="second", method="interior", surveyed_on=date(2026, 11, 22))
    old = Issue.objects.get()
    assert "返納してもらってください" in client.get(at).content.decode()
    page = client.get(reverse("damage:document", args=[old.pk])).content.decode()
    assert "要返納" in page
    assert reverse("damage:copy", args=[old.pk]) not in page
    page = client.get(reverse("damage:risai_returns")).content.decode()
    for said in (old.number_text, home.disaster_number, "半壊", "全壊", at):
        assert said in page
    assert "髙﨑" not in page
    client.post(at, {**form, "judgement": queries.present([one.pk], home.disaster)[one.pk].pk})
    assert old.number_text not in client.get(reverse("damage:risai_returns")).content.decode()


def test_nobody_is_called_back_by_a_list_that_would_show_them(home, house, two, judge, sign_in, staff, asked):
    one = house("", home, by=two[0])
    held = judge(one, "half", 25)
    sign_in(two[0]).post(reverse("damage:risai_house", args=[home.pk, one.pk]), asked(one, held))
    judge(one, "half", 25, stage="second", method="interior", surveyed_on=date(2026, 11, 22))
    Protection.objects.create(person=home.members.get(), source="desk")
    at, number = reverse("damage:risai_returns"), Issue.objects.get().number_text
    assert number not in sign_in(staff("tax")).get(at).content.decode()
    page = sign_in(staff("tax", sees_protected=True)).get(at).content.decode()
    assert number in page
    assert "半壊（同じ）" in page


def test_looking_on_is_not_issuing(home, house, staff, sign_in):
    one = house("", home)
    for division in ("welfare", "auditor", "supplies"):
        client = sign_in(staff(division))
        assert client.get(reverse("damage:risai", args=[home.pk])).status_code == 403
        assert client.get(reverse("damage:risai_house", args=[home.pk, one.pk])).status_code == 403


def test_a_protected_head_gets_their_own_from_those_who_may_see_them(home, house, two, judge, sign_in, staff, asked):
    one = house("", home, by=two[0])
    held = judge(one, "half", 25)
    Protection.objects.create(person=home.members.get(), source="desk")
    form = asked(one, held, by=staff("tax", sees_protected=True))
    at = reverse("damage:risai_house", args=[home.pk, one.pk])
    assert sign_in(two[0]).get(at).status_code == 404
    chief = sign_in(staff("tax", sees_protected=True))
    page = chief.get(at).content.decode()
    assert "秘匿の対象の方ご本人の証明書です" in page
    chief.post(at, form)
    assert Issue.objects.get().restricted
