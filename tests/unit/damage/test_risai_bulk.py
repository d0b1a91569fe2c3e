"""罹災証明書 for everybody who applied and whose house was judged: who gets one, who is left out, and what changes meanwhile."""

from __future__ import annotations

import csv
import json

import pypdf
import pytest
from django.core.management import call_command

from backend.damage.applications import services as applying
from backend.damage.certificates import risai
from backend.damage.certificates.bulk import candidates
from backend.damage.certificates.bulk import risai as everybody
from backend.damage.certificates.bulk import services as bulk
from backend.damage.models import BulkHeld, RisaiCertificate
from backend.documents.models import Counter, HeldCharacter, Issue
from backend.ledger.fact_services import put_fact
from backend.ledger.houses import services as linking
from backend.ledger.models import HouseLink, Person, Protection

WHERE = {"postal_code": "9990001"}


@pytest.fixture
def town(event, two, household, house, judge, ask_for):
    names = ("二棟", "未確認", "秘匿", "未判定", "済", "申請なし", "秘匿なし", "代理", "委任状なし", "希望")
    homes = {
        name: household(event, [{"name": f"{name} 一郎"}], address=f"大浜市西町{place}番地", **WHERE)
        for place, name in enumerate(names, 1)
    }
    by = two[0]
    one, other = house("大浜市西町1番地", homes["二棟"], by=by), house("大浜市港町1番地", homes["二棟"], by=by)
    judge(one, "half", water="below_floor")
    judge(other, "total")
    ask_for(homes["二棟"], one, other, purpose="保険金の請求")
    houses = {"未確認": house("大浜市西町2番地", homes["未確認"])}
    for place, name in enumerate(names[2:], 3):
        houses[name] = house(f"大浜市西町{place}番地", homes[name], by=by)
    for name, found in houses.items():
        if name != "未判定":
            judge(found, "half")
    agent = {"applicant": "agent", "name": "助川 花子", "relation": "長女", "head_name": "代理 一郎"}
    said = {
        "代理": agent | {"mandate_seen": True, "address": "〒999-0002　小山市東2番地", "copies": 3},
        "委任状なし": agent,
        "希望": {"secret": True},
    }
    for name in ("未確認", "秘匿", "未判定", "済", "代理", "委任状なし", "希望"):
        ask_for(homes[name], houses[name], **said.get(name, {}))
    for name in ("秘匿", "秘匿なし"):
        Protection.objects.create(person=homes[name].members.get(), source="desk")
    how = {"house_id": houses["済"].pk, "purpose": "保険", "id_checked": "licence"}
    risai.issue_risai(by=by, household_id=homes["済"].pk, **how)
    return homes, houses["済"]


def issue_all(event, folder, by=None):
    return bulk.issue_all(by=by, disaster=event, folder=folder, kind="risai", workers=1)


def test_one_a_house_and_the_others_are_left_out_with_the_reason(town, event, two, judge, tmp_path, capsys):
    homes, mine = town
    with pytest.raises(SystemExit) as ended:
        call_command("issue_risai", "--disaster", event.code, "--all", "-o", str(tmp_path), "--workers", "1", "--json")
    said = json.loads(capsys.readouterr().out)
    assert (ended.value.code, said["status"]) == (1, "set_aside")
    assert (said["certificates"], said["held"], said["unapplied"], said["files"], said["pages"]) == (3, 4, 1, 1, 8)
    rows = RisaiCertificate.objects.filter(household=homes["二棟"]).select_related("judgement", "issue")
    assert {row.issue.content["damage"] for row in rows} == {"半壊", "全壊"}
    assert {row.issue.content["about_house"] for row in rows} == {"床下浸水", ""}
    assert {row.purpose for row in rows} == {"保険金の請求"}
    assert sorted(Issue.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
    assert {str(row.household): (row.reason, row.text) for row in BulkHeld.objects.all()} == {
        str(homes["未確認"].pk): ("application", everybody.UNLINKED),
        str(homes["秘匿"].pk): ("protected", ""),
        str(homes["希望"].pk): ("protected", ""),
        str(homes["委任状なし"].pk): ("application", everybody.MANDATE),
        str(homes["申請なし"].pk): ("unapplied", ""),
    }
    with (tmp_path / "manifest.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = list(csv.DictReader(file))
    assert {row["り災番号"] for row in listed} == {homes["二棟"].disaster_number, homes["代理"].disaster_number}
    pages = ["".join(page.extract_text().split()) for page in pypdf.PdfReader(tmp_path / listed[0]["ファイル"]).pages]
    assert "住家の被害の程度" in pages[1]
    of_agent = next(place for place, text in enumerate(pages) if "助川花子様" in text)
    assert "999-0002" in pages[of_agent]
    assert "小山市東2番地" in pages[of_agent]
    assert "罹災証明書を3通お送りします" in pages[of_agent]
    assert ["代理一郎" in text for text in pages].count(True) == 3
    theirs = RisaiCertificate.objects.get(household=homes["代理"])
    assert (theirs.copies, theirs.issue.copies.get().quantity) == (3, 3)
    judge(mine, "total", stage="second", day=22)
    again = issue_all(event, tmp_path / "again", two[0])
    assert (again.certificates, again.unapplied, dict(again.held)) == (
        0,
        1,
        {"protected": 2, "application": 2, "other": 1},
    )
    assert BulkHeld.objects.get(run=again.run, reason="other").text == everybody.BACK


def test_what_changes_before_the_numbers_are_drawn_is_left_out(town, event, two, judge):
    homes, _ = town
    how = {"kind": "risai", "purpose": "手続き", "posted": True, "told": lambda _: None}
    ready = [
        line
        for line in candidates.examine(everybody.Piece, event, everybody.without_one(event), **how)
        if isinstance(line, candidates.Ready)
    ]
    assert {line.household for line in ready} == {homes["二棟"].pk, homes["代理"].pk}
    first, second = (line for line in ready if line.household == homes["二棟"].pk)
    judge(first.about.record.house, "below", stage="second", day=22)
    run = bulk.begin(
        by=two[0], disaster=event, kind="risai", purpose="手続き", post="page", split=False, pages_a_file=9
    )
    done = bulk.Done(run)
    file = bulk.number_block(by=two[0], run=run, block=[first, second], done=done)
    assert (file.count, done.held["other"]) == (1, 1)
    assert RisaiCertificate.objects.get(household=homes["二棟"]).house_id == second.subject
    Issue.objects.filter(subject=second.subject).update(
        status="withdrawn", withdrawn_at=run.began_at, withdrawn_by=two[0], withdrawn_reason="誤り"
    )
    linking.undo(by=two[0], link=HouseLink.objects.get(pk=second.about.link.pk))
    assert bulk.number_block(by=two[0], run=run, block=[second], done=done) is None


def test_who_withdraws_before_the_numbers_are_drawn_gets_none(town, event, two):
    homes, _ = town
    how = {"kind": "risai", "purpose": "手続き", "posted": True, "told": lambda _: None}
    ready = candidates.examine(everybody.Piece, event, everybody.without_one(event), **how)
    line = next(one for one in ready if one.household == homes["代理"].pk)
    applying.withdraw(by=two[0], application=line.about.application.pk, reason="不要")
    assert everybody.still([line]) == ([], [line])


@pytest.fixture
def hard_to_reach(event, two, staff, household, house, judge, ask_for):
    """Households of whom all have died, that letters don't reach, with a character that nothing prints; and agents."""
    agent = {"applicant": "agent", "name": "助川 花子", "relation": "長女", "mandate_seen": True}
    there = {"address": "〒999-0002　小山市東2番地"}
    said = {
        "届く": {},
        "故人": {"applicant": "heir", "name": "相続 花子", "relation": "長女", "head_name": "故人 一郎"},
        "故人の代理": agent | there,
        "宛先なし": {},
        "宛先なしの代理": agent | there,
        "外\ue123字": {},
        "外字の代理": agent | there | {"name": "助\ue123 花子"},
        "住所なしの代理": agent | {"address": " "},
    }
    homes = {}
    for place, (name, how) in enumerate(said.items(), 1):
        where = "" if name.startswith("宛先なし") else f"大浜市西町{place}番地"
        home = homes[name] = household(event, [{"name": f"{name} 一郎"}], address=where, **WHERE)
        one = house(f"大浜市西町{place}番地", home, by=two[0])
        judge(one, "half")
        ask_for(home, one, **({"head_name": f"{name} 一郎"} | how if how else {}))
        if name.startswith("故人"):
            died = {"room": "ledger", "kind": "life_status", "value": {"status": "dead"}}
            put_fact(by=staff("register"), disaster=event, person=home.members.get(), **died)
    Person.objects.filter(household__address="").update(address="")
    return homes


def test_whom_a_letter_would_not_reach_is_drawn_out_before_numbering_and_listed(hard_to_reach, event, two, tmp_path):
    homes = hard_to_reach
    done = issue_all(event, tmp_path, two[0])
    served = [homes["届く"], homes["宛先なしの代理"]]
    assert set(Issue.objects.values_list("household", flat=True)) == {home.pk for home in served}
    assert sorted(Issue.objects.values_list("number", flat=True)) == [1, 2]
    assert Counter.objects.get(kind="risai").last == 2, "nobody who is left out has taken a number"
    assert {str(row.household): (row.reason, row.text) for row in BulkHeld.objects.exclude(reason="address")} == {
        str(homes["故人"].pk): ("deceased", ""),
        str(homes["故人の代理"].pk): ("deceased", ""),
        str(homes["外\ue123字"].pk): ("characters", "世帯主の氏名、世帯員1の氏名"),
        str(homes["外字の代理"].pk): ("characters", "宛名"),
        str(homes["住所なしの代理"].pk): ("application", everybody.ADDRESS),
    }
    assert BulkHeld.objects.get(reason="address").household == homes["宛先なし"].pk
    assert dict(done.held) == {"deceased": 2, "characters": 2, "application": 1, "address": 1}
    assert homes["外\ue123字"].pk in set(HeldCharacter.objects.values_list("household", flat=True))
    with (tmp_path / "left-out.csv").open(encoding="utf-8-sig", newline="") as file:
        listed = {row["り災番号"]: row["理由"] for row in csv.DictReader(file)}
    assert listed == {
        homes["故人"].disaster_number: "全員が亡くなっている",
        homes["故人の代理"].disaster_number: "全員が亡くなっている",
        homes["宛先なし"].disaster_number: "送付先がない",
        homes["外\ue123字"].disaster_number: "印字できない文字がある",
        homes["外字の代理"].disaster_number: "印字できない文字がある",
        homes["住所なしの代理"].disaster_number: "申請の確認が要る",
    }
    text = "".join(page.extract_text() for page in pypdf.PdfReader(next(tmp_path.glob("*.pdf"))).pages)
    shown = "".join(text.split())
    assert "助川花子様" in shown
    assert not any(name in shown for name in ("相続", "故人", "住所なし"))
