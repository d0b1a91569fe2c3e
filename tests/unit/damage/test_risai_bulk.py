"""罹災証明書 for everybody whose house was judged: who gets one, who is left out, and what changes meanwhile."""

from __future__ import annotations

import csv
import json

import pypdf
import pytest
from django.core.management import call_command

from backend.damage.certificates import risai
from backend.damage.certificates.bulk import candidates
from backend.damage.certificates.bulk import risai as everybody
from backend.damage.certificates.bulk import services as bulk
from backend.damage.models import BulkHeld, RisaiCertificate
from backend.documents.models import Issue
from backend.ledger.houses import services as linking
from backend.ledger.models import HouseLink, Protection

WHERE = {"postal_code": "9990001"}


@pytest.fixture
def town(event, two, household, house, judge):
    homes = {
        name: household(event, [{"name": f"{name} 一郎"}], address=f"大浜市西町{place}番地", **WHERE)
        for place, name in enumerate(("二棟", "未確認", "秘匿", "未判定", "済"), 1)
    }
    judge(house("大浜市西町1番地", homes["二棟"], by=two[0]), "half", water="below_floor")
    judge(house("大浜市港町1番地", homes["二棟"], by=two[0]), "total")
    judge(house("大浜市西町2番地", homes["未確認"]), "half")
    judge(house("大浜市西町3番地", homes["秘匿"], by=two[0]), "half")
    Protection.objects.create(person=homes["秘匿"].members.get(), source="desk")
    house("大浜市西町4番地", homes["未判定"], by=two[0])
    mine = house("大浜市西町5番地", homes["済"], by=two[0])
    judge(mine, "half")
    risai.issue_risai(by=two[0], household_id=homes["済"].pk, house_id=mine.pk, purpose="保険", id_checked="licence")
    return homes, mine


def issue_all(event, folder, by=None):
    return bulk.issue_all(by=by, disaster=event, folder=folder, kind="risai", workers=1)


def test_one_a_house_and_the_others_are_left_out_with_the_reason(town, event, two, judge, tmp_path, capsys):
    homes, mine = town
    with pytest.raises(SystemExit) as ended:
        call_command("issue_risai", "--disaster", event.code, "--all", "-o", str(tmp_path), "--workers", "1", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (ended.value.code, said["status"]) == (1, "set_aside")
    assert (said["certificates"], said["held"], said["files"], said["pages"]) == (2, 1, 1, 4)
    rows = RisaiCertificate.objects.filter(household=homes["二棟"]).select_related("judgement", "issue")
    assert {row.issue.content["damage"] for row in rows} == {"半壊", "全壊"}
    assert {row.issue.content["about_house"] for row in rows} == {"床下浸水", ""}
    assert sorted(Issue.objects.values_list("number", flat=True)) == [1, 2, 3]
    assert list(BulkHeld.objects.values_list("household", "reason")) == [(homes["秘匿"].pk, "protected")]
    with (tmp_path / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert {row["り災番号"] for row in listed} == {homes["二棟"].disaster_number}
    text = pypdf.PdfReader(tmp_path / listed[0]["ファイル"]).pages[1].extract_text()
    assert "住家の被害の程度" in "".join(text.split())
    judge(mine, "total", stage="second", day=22)
    again = issue_all(event, tmp_path / "again", two[0])
    assert (again.certificates, dict(again.held)) == (0, {"protected": 1, "other": 1})
    assert BulkHeld.objects.get(run=again.run, reason="other").text == everybody.BACK


def test_what_changes_before_the_numbers_are_drawn_is_left_out(town, event, two, judge):
    homes, _ = town
    how = {"kind": "risai", "purpose": "手続き", "posted": True, "told": lambda _: None}
    ready = [
        line
        for line in candidates.examine(everybody.Piece, event, everybody.without_one(event), **how)
        if isinstance(line, candidates.Ready)
    ]
    assert {line.household for line in ready} == {homes["二棟"].pk}
    first, second = ready
    judge(first.about.record.house, "below", stage="second", day=22)
    run = bulk.begin(
        by=two[0], disaster=event, kind="risai", purpose="手続き", post="page", split=False, pages_a_file=9
    )
    done = bulk.Done(run)
    file = bulk.number_block(by=two[0], run=run, block=ready, done=done)
    assert (file.count, done.held["other"]) == (1, 1)
    assert RisaiCertificate.objects.get(household=homes["二棟"]).house_id == second.subject
    Issue.objects.filter(subject=second.subject).update(
        status="withdrawn", withdrawn_at=run.began_at, withdrawn_by=two[0], withdrawn_reason="誤り"
    )
    linking.undo(by=two[0], link=HouseLink.objects.get(pk=second.about.link.pk))
    assert bulk.number_block(by=two[0], run=run, block=[second], done=done) is None
