"""What does not fit, by hand or by two at once: each is said clearly, and nothing that was typed is lost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import connections
from django.urls import reverse
from PIL import Image

from backend.core.clock import now, today
from backend.core.errors import Refused
from backend.damage.applications import attaching, queries, services
from backend.damage.applications.rules import Place, Said
from backend.damage.certificates.bulk import candidates, sheets
from backend.damage.certificates.bulk import risai as everybody
from backend.damage.certificates.bulk import services as bulk
from backend.damage.models import Application, Judgement, Survey, SurveyRequest
from backend.damage.progress import queries as progress
from backend.documents.models import Issue
from backend.journal import files
from backend.ledger.houses import services as linking
from backend.ledger.models import HouseRecord

NOWHERE = "01990000-0000-7000-8000-000000000000"
SAID = Said(
    channel="phone", applicant="resident", name="表山 一郎", cause="earthquake", applied_on=None,  # type: ignore[arg-type]
    places=[Place("大浜市西町5番地")],
)  # fmt: skip


def said(**more):
    return replace(SAID, applied_on=today(), **more)


def text(answer):
    return answer.content.decode()


def test_a_sheet_for_a_house_that_does_not_exist(event, two, sign_in, house):
    desk = sign_in(two[0])
    url = reverse("surveys:sheet", args=[NOWHERE])
    typed = {"surveyed_on": "R8.11.20", "surveyors": "第1班", "stage": "first", "cause": "earthquake"}
    typed |= {"structure": "wood", "method": "exterior", "ratio": "22", "found": "half"}
    there = house()
    assert desk.post(reverse("surveys:sheet", args=[there.pk]), typed).status_code == 302
    answer = desk.get(url)
    assert answer.status_code == 404
    assert "この家屋はありません。調査票のQRをもう一度読むか、家屋の画面で所在地から探してください。" in text(answer)
    assert desk.post(url, typed).status_code == 404
    asked = desk.post(reverse("damage_houses:ask", args=[NOWHERE]), {"stage": "first"})
    assert asked.status_code == 404
    assert Survey.objects.get().house == there
    assert not SurveyRequest.objects.exists()


def test_a_sheet_typed_for_a_house_that_is_gone_is_kept_and_taken_along_to_another_one(event, two, sign_in, house):
    desk, gone, there = sign_in(two[0]), house("大浜市東町1番地"), house("大浜市西町5番地1")
    house("大浜市西町5番地2")
    HouseRecord.objects.filter(house=gone).update(until=now())  # torn down, while the sheet was being typed
    url = reverse("surveys:sheet", args=[gone.pk])
    typed = {
        "surveyed_on": "R8.11.20",
        "surveyors": "第1班",
        "stage": "first",
        "cause": "earthquake",
        "structure": "wood",
    }
    typed |= {"method": "exterior", "ratio": "22", "found": "half", "sheet_no": "123", "note": "北側の壁"}

    def kept(answer):
        return {name: answer.context["form"][name].value() for name in typed} == typed

    lost = desk.post(url, typed)
    assert (lost.status_code, kept(lost)) == (404, True)
    assert "まだ記録していません" in text(lost)
    assert "物件番号か所在地で家屋を探してください" in text(lost)
    assert 'value="北側の壁"' in text(lost)
    assert " novalidate" in text(lost)  # the house is looked for also with a sheet that is typed by half
    for nothing in ("大浜市北町9番地", str(uuid4()), ""):
        again = desk.post(url, typed | {"scanned": nothing})
        assert (again.status_code, kept(again), bool(again.context["scan"].errors)) == (404, True, True)
    several = desk.post(url, typed | {"scanned": "大浜市西町5番地"})
    assert (several.status_code, kept(several)) == (200, True)
    assert text(several).count('name="house"') == 2
    assert desk.post(url, typed | {"house": str(gone.pk)}).status_code == 404
    chosen, scanned = (
        desk.post(url, typed | more)
        for more in ({"house": str(there.pk)}, {"scanned": f"https://example.jp/x/{there.pk}/"})
    )
    action = reverse("surveys:sheet", args=[there.pk])
    for found in (chosen, scanned):
        assert (found.status_code, kept(found)) == (200, True)
        assert "大浜市西町5番地1" in text(found)
        assert "この家屋の調査票に移しました。まだ記録していません。" in text(found)
        assert f'action="{action}"' in text(found)
    assert not Survey.objects.exists()
    assert desk.post(action, typed).status_code == 302
    row = Survey.objects.get()
    assert (row.house, row.note, row.sheet_no, row.ratio) == (there, "北側の壁", "123", 22)


def test_a_decision_without_a_survey(event, two, sign_in):
    answer = sign_in(two[0]).post(
        reverse("judgements:make", args=[NOWHERE]), {"effective_on": "", "reason": "一見して"}
    )
    assert answer.status_code == 404
    assert "調査" in text(answer)
    assert not Judgement.objects.exists()


def test_whoever_comes_second_is_told_and_keeps_what_they_typed(event, two, sign_in, household, as_shown):
    home = household(event, [{"name": "表山 一郎"}])
    row = services.record(by=two[0], disaster=event, said=said())
    desk, url = sign_in(two[1]), reverse("applications:change", args=[row.pk])
    form = desk.get(url)
    services.match_household(by=two[0], application=row.pk, household=home.pk)
    services.change(by=two[0], application=row.pk, said=said(telephone="111"), why="聞き誤り")
    late = desk.post(url, as_shown(form, telephone="090-2222-3333", why="番号が変わった"))
    assert late.status_code == 422
    assert "ほかの職員が先に訂正しています。新しい内容を開いてください。" in text(late)
    assert "090-2222-3333" in text(late)
    assert "番号が変わった" in text(late)
    other = desk.post(reverse("applications:match_household", args=[row.pk]), {"household": str(home.pk)})
    assert (other.status_code, "先に訂正しています" in text(other)) == (422, True)
    assert Application.objects.filter(number=row.number).count() == 2


def test_an_applicant_of_no_household_waits_although_the_house_is_judged_and_gets_the_certificate(
    event, two, sign_in, house, judge
):
    one, desk = house("大浜市西町5番地"), sign_in(two[0])
    row = services.record(by=two[0], disaster=event, said=said(channel="counter", identity="licence"))
    services.match_house(by=two[0], line=row.houses.get().pk, house=one.pk)
    judge(one, "half")
    url = reverse("applications:page", args=[row.pk])
    page = text(desk.get(url))
    assert "判定　半壊" in page
    assert reverse("applications:match_household", args=[row.pk]) in page
    assert queries.application(row.pk, two[0]).state == "unmatched"
    assert progress.progress(event, two[0], now()).stages == {"taken": 1}
    people = [{"name": "表山 一郎", "relationship": "世帯主"}]
    home = services.open_household(by=two[0], application=row.pk, people=people, kind="outside").household
    issue = reverse("damage:risai_house", args=[home.pk, one.pk])
    assert "まだ確認されていません" in text(desk.get(issue))  # that they lived there
    linking.link_by_hand(by=two[0], house=one, household=home)
    assert issue in text(desk.get(url))
    assert queries.application(row.pk, two[0]).state == "decided"
    typed = {field.html_name: field.value() or "" for field in desk.get(issue).context["form"]}
    assert desk.post(issue, typed | {"id_checked": "licence"}).status_code == 302
    paper = Issue.objects.get()
    assert (paper.kind_id, paper.content["head"]["name"], paper.content["damage"]) == ("risai", "表山 一郎", "半壊")


def test_a_paper_whose_judgement_changed_before_its_file_was_written_is_not_printed(
    event, two, household, house, judge, ask_for, tmp_path
):
    homes = [
        household(event, [{"name": f"浜田 {n}郎"}], address=f"大浜市西町{n}番地", postal_code="9990001") for n in (1, 2)
    ]
    houses = [house(f"大浜市西町{n}番地", home, by=two[0]) for n, home in enumerate(homes, 1)]
    for home, one in zip(homes, houses, strict=True):
        judge(one, "half")
        ask_for(home, one)
    how = {"kind": "risai", "purpose": "手続き", "posted": True, "told": lambda _: None}
    ready = list(candidates.examine(everybody.Piece, event, everybody.without_one(event), **how))
    run = bulk.begin(
        by=two[0], disaster=event, kind="risai", purpose="手続き", post="page", split=False, pages_a_file=9
    )
    file = bulk.number_block(by=two[0], run=run, block=ready, done=bulk.Done(run))
    judge(houses[0], "total", stage="second", day=22)
    printed = sheets.job(file, tmp_path)["papers"]
    assert [paper["content"]["house"] for paper in printed] == [str(houses[1].pk)]
    assert sorted(paper.get("out", "") for paper in file.papers) == ["", "withdrawn"]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x00\x00\x00\x18ftypheic0000", "HEIC の写真は使えません"),
        (b"\x00\x00\x00\x18ftypmif10000", "HEIC の写真は使えません"),
        (b"GIF89a not one of ours", "JPEG か PNG"),
        (b"", "JPEG か PNG"),
    ],
)
def test_an_attachment_that_is_no_photograph_says_why(event, two, data, why):
    row = services.record(by=two[0], disaster=event, said=said())
    with pytest.raises(Refused, match=why):
        attaching.add(by=two[0], application=row.pk, data=data, what="photo")
    assert not attaching.of_application(row).exists()


def test_the_place_of_an_attachment_is_only_in_the_original(event, two):
    row = services.record(by=two[0], disaster=event, said=said())
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (35.0, 30.0, 0.0), 3: "E", 4: (139.0, 15.0, 0.0)}
    out = BytesIO()
    Image.new("RGB", (64, 48), "grey").save(out, "JPEG", exif=exif)
    made = attaching.add(by=two[0], application=row.pk, data=out.getvalue(), what="photo")
    assert (made.latitude, made.longitude) == (35.5, 139.25)
    with Image.open(BytesIO(files.content(made.reduced))) as copy:
        assert not copy.getexif()


# At the same moment: real commits, so PostgreSQL only --------------------------------------------------------------------


def at_once(jobs):
    def run(job):
        try:
            return job()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def one_won(answers):
    """One was done, the others were told in words of their own."""
    told = [answer for answer in answers if isinstance(answer, Refused)]
    assert len(told) == len(answers) - 1, answers
    return {answer.message for answer in told}


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_two_clerks_on_one_application(event, two, staff, household, house):
    clerks = [*two, staff("tax"), staff("tax")]
    home, one = household(event, [{"name": "表山 一郎"}]), house("大浜市西町5番地")
    form = uuid4()
    taken = at_once([lambda: services.record(by=two[0], disaster=event, said=said(), form=form)] * 3)
    assert len({row.pk for row in taken}) == 1  # the button was pressed three times
    row, line = taken[0], taken[0].houses.get()
    jobs = [lambda by=by: services.match_household(by=by, application=row.pk, household=home.pk) for by in clerks]
    assert one_won(at_once(jobs)) == {"この申請は、ほかの職員が先に世帯と照合しています。"}
    jobs = [lambda by=by: services.match_house(by=by, line=line.pk, house=one.pk) for by in clerks]
    assert one_won(at_once(jobs)) == {"この所在地は、ほかの職員が先に家屋と照合しています。"}
    assert SurveyRequest.objects.filter(until=None).count() == 1
    jobs = [
        lambda by=by: services.change(by=by, application=row.pk, said=said(telephone=str(by.pk)), why="聞き誤り")
        for by in clerks[:3]
    ]
    jobs.append(lambda: services.withdraw(by=clerks[3], application=row.pk, reason="取りやめ"))
    told = one_won(at_once(jobs))
    assert told <= {
        "この申請は、ほかの職員が先に訂正しています。新しい内容を開いてください。",
        "この申請は、すでに取り下げられています。",
    }
    assert queries.living().count() + queries.counts(event, two[0])["withdrawn"] == 1
