"""罹災証明書 at the counter: by the judgement that holds, for a household and one of its houses, refused with the reason."""

from __future__ import annotations

import io

import pytest
from django.db import DatabaseError, transaction
from pypdf import PdfReader

from backend.accounts.models import AuditRow
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.damage.applications import services as applying
from backend.damage.certificates import queries, receivers, risai, services
from backend.damage.models import RisaiCertificate
from backend.documents.fonts import Held
from backend.documents.models import Issue
from backend.documents.tokens import grouped
from backend.ledger.models import HouseLink, HouseRecord, Protection

HOW = {"purpose": "保険金の請求", "id_checked": "licence"}


@pytest.fixture
def home(event, household):
    return household(event, [{"name": "髙﨑 一郎"}, {"name": "髙﨑 花子", "relationship": "妻"}], building="１０１号")


def issue(by, home, house, **how):
    return risai.issue_risai(by=by, household_id=home.pk, house_id=house.pk, **{**HOW, **how})


def test_the_fields_of_the_form_are_frozen_with_the_judgement(two, home, house, judge, ask_for, settings):
    one = house("大浜市港町５番地", home, by=two[0])
    held = judge(one, "large")
    asked = ask_for(home, one, copies=3)
    found = issue(two[0], home, one, about_others="物置 全壊")
    said = Issue.objects.get(pk=found.pk).content
    assert said["head"] == {"name": "髙﨑 一郎", "address": "大浜市西町１番地　１０１号"}
    assert (said["place"], said["damage"], said["damage_code"]) == ("大浜市港町５番地", "大規模半壊", "5")
    assert said["cause"] == "令和8年11月18日の大浜沖地震による"
    assert [m["name"] for m in said["members"]] == ["髙﨑 一郎", "髙﨑 花子"]
    assert (said["title"], said["about_others"], found.copies.get().reason) == ("罹災証明書", "物置 全壊", "新規交付")
    row = RisaiCertificate.objects.get()
    assert row.application == asked
    first = found.copies.get()
    assert (first.number, first.quantity, first.which) == (1, 3, "1～3")
    how = {"reason": "紛失", "receiver": "member", "id_checked": "licence"}
    assert services.copy_hisai(by=two[0], issue_id=found.pk, **how).which == "4"
    said_there = {entry["title"] for entry in queries.timeline(home.pk, two[0])}
    assert said_there == {"罹災証明書を再交付（4通目）", "罹災証明書を交付（3通）"}
    assert AuditRow.objects.get(act="documents.issue").detail["copies"] == 3
    assert (row.judgement, row.house, row.role, row.copies, row.purpose) == (held, one, "lives", 3, "保険金の請求")
    _, data = queries.paper(found.pk, two[0], copy=1)
    text = "".join(PdfReader(io.BytesIO(data)).pages[0].extract_text().split())
    assert "大規模半壊" in text
    assert "45" not in text.replace(grouped(found.token), "")
    assert "％" not in text
    assert "%" not in text
    with pytest.raises(DatabaseError), transaction.atomic():
        RisaiCertificate.objects.update(copies=1)
    settings.RISAI_BOXES = []
    services.withdraw_hisai(by=two[0], issue_id=found.pk, reason="記載の誤り")
    again = issue(two[0], home, one, about_others="物置 全壊")
    assert (again.content["members"], again.content["about_others"], again.replaces) == ([], "", found)


def test_the_room_stands_beside_the_house_only_where_they_are_registered(two, home, house, judge, ask_for):
    here = house("大浜市西町１番地", home, by=two[0])
    judge(here, "half", water="above_floor")
    ask_for(home, here)
    found = issue(two[0], home, here, about_house=risai.water(risai.case(two[0], home.pk, here.pk)))
    assert (found.content["place"], found.content["about_house"]) == ("大浜市西町１番地　１０１号", "床上浸水")


def test_what_cannot_be_certified_is_refused_with_the_reason(two, home, house, judge, household, event, staff, ask_for):
    by = two[0]
    with pytest.raises(NotFound, match="家屋"):
        risai.issue_risai(by=by, household_id=home.pk, house_id=event.pk, **HOW)
    loose = house("", home)
    with pytest.raises(risai.Unlinked, match="確認されていません"):
        issue(by, home, loose)
    HouseLink.objects.update(confirmed_by=by, confirmed_at=home.created_at)
    with pytest.raises(receivers.Unapplied, match="申請がありません"):
        issue(by, home, loose)
    ask_for(home, loose)
    with pytest.raises(risai.Undecided, match="まだ判定されていません"):
        issue(by, home, loose)
    judge(loose, "half", confirmed=False)
    with pytest.raises(risai.Undecided, match="確認を待っています"):
        issue(by, home, loose)
    shed = house("", home, by=by, annex=True)
    judge(shed, "half")
    with pytest.raises(risai.NotDwelling, match="被災証明書"):
        issue(by, home, shed)
    good = house("", home, by=by)
    judge(good, "half")
    ask_for(home, good)
    with pytest.raises(Refused, match="使用目的"):
        issue(by, home, good, purpose=" ")
    with pytest.raises(Refused, match="通数"):
        issue(by, home, good, copies=0)
    with pytest.raises(Refused, match="本人確認"):
        issue(by, home, good, id_checked="face")
    for division in ("welfare", "auditor"):
        with pytest.raises(Forbidden):
            issue(staff(division), home, good)
    strange = household(event, [{"name": "外\ue000 花子"}])
    theirs = house("", strange, by=by)
    judge(theirs, "half")
    ask_for(strange, theirs)
    with pytest.raises(Held, match="世帯主の氏名の2文字目"):
        issue(by, strange, theirs)
    assert not Issue.objects.exists()


def test_an_owner_gets_one_where_somebody_lived(two, home, house, judge, household, event, ask_for):
    owned = house()
    HouseLink.objects.create(
        house=owned,
        household=home,
        role="owns",
        confidence="certain",
        confirmed_by=two[0],
        confirmed_at=home.created_at,
    )
    judge(owned, "half")
    with pytest.raises(risai.NotDwelling, match="住んでいたと確認された世帯がない"):
        issue(two[0], home, owned)
    tenant = household(event, [{"name": "借家 二郎"}])
    HouseLink.objects.create(
        house=owned,
        household=tenant,
        role="lives",
        confidence="certain",
        confirmed_by=two[0],
        confirmed_at=home.created_at,
    )
    ask_for(home, owned, applicant="owner")
    ask_for(tenant, owned)
    found = issue(two[0], home, owned)
    assert found.copies.get().receiver == "owner"
    assert RisaiCertificate.objects.get(issue=found).role == "owns"
    assert issue(two[0], tenant, owned).number == 2


def test_one_valid_a_household_and_house(two, home, house, judge, ask_for):
    one, other = house("", home, by=two[0]), house("", home, by=two[0])
    judge(one, "half")
    judge(other, "total")
    ask_for(home, one, other)
    first = issue(two[0], home, one)
    with pytest.raises(Conflict, match=first.number_text):
        issue(two[0], home, one)
    assert issue(two[0], home, other).content["damage"] == "全壊"
    assert services.issue_hisai(by=two[0], household_id=home.pk, **HOW).number == 1
    copy = services.copy_hisai(by=two[0], issue_id=first.pk, reason="紛失", receiver="agent", id_checked="licence")
    assert (copy.number, copy.receiver) == (2, "member")


def test_a_newer_judgement_calls_the_paper_back(
    two, home, house, judge, ask_for, client, django_capture_on_commit_callbacks, settings
):
    settings.DEMO = True
    one = house("", home, by=two[0])
    seen = judge(one, "half")
    ask_for(home, one)
    with django_capture_on_commit_callbacks(execute=True):
        old = issue(two[0], home, one)
    with django_capture_on_commit_callbacks(execute=True):
        new = judge(one, "total", stage="second", day=22)
    old.refresh_from_db()
    assert (old.is_out, old.is_valid) == (True, False)
    page = client.get(f"/verify/{old.token}").content.decode()
    assert "内容が替わっています" in page
    with pytest.raises(Conflict, match="新しい判定"):
        services.copy_hisai(by=two[0], issue_id=old.pk, reason="紛失", receiver="member", id_checked="licence")
    with pytest.raises(Conflict, match="全壊"):
        issue(two[0], home, one, judgement=seen.pk)
    with django_capture_on_commit_callbacks(execute=True):
        paper = issue(two[0], home, one, judgement=new.pk)
    old.refresh_from_db()
    assert (old.status, old.replaced_by, paper.content["damage"]) == ("withdrawn", paper, "全壊")
    assert paper.copies.get().reason.startswith("新たな交付")
    assert "失効しています" in client.get(f"/verify/{old.token}").content.decode()
    assert "本物です" in client.get(f"/verify/{paper.token}").content.decode()
    with pytest.raises(DatabaseError), transaction.atomic():
        Issue.objects.filter(pk=old.pk).update(superseded_at=None)


def test_an_earlier_survey_confirmed_late_calls_nothing_back(two, home, house, judge, ask_for):
    one = house("", home, by=two[0])
    judge(one, "total", stage="second", day=22)
    ask_for(home, one)
    paper = issue(two[0], home, one)
    judge(one, "half", day=20)
    paper.refresh_from_db()
    assert paper.is_valid


def test_people_under_protection_are_on_no_paper_of_another_member(two, home, house, judge, staff, ask_for):
    one = house("", home, by=two[0])
    judge(one, "half")
    ask_for(home, one)
    Protection.objects.create(person=home.members.get(name="髙﨑 花子"), source="desk")
    paper = issue(two[0], home, one)
    assert [m["name"] for m in paper.content["members"]] == ["髙﨑 一郎"]
    chief = staff("tax", sees_protected=True)
    hers = ask_for(home, one, name="髙﨑 花子", by=chief)
    with pytest.raises(NotFound):
        issue(two[0], home, one, application=hers.pk)
    own = issue(chief, home, one, application=hers.pk)
    assert (own.restricted, len(own.content["members"])) == (True, 2)
    assert own not in queries.household_issues(home.pk, two[0])
    Protection.objects.create(person=home.members.get(name="髙﨑 一郎"), source="desk")
    with pytest.raises(NotFound):
        issue(two[0], home, one)


def test_who_typed_the_application_of_somebody_protected_learns_nothing_from_it(
    two, home, house, judge, ask_for, staff
):
    one = house("", home, by=two[0])
    judge(one, "half")
    mine = ask_for(home, one, name="髙﨑 花子")
    Protection.objects.create(person=home.members.get(name="髙﨑 花子"), source="desk")
    with pytest.raises(Refused, match="住民記録班") as refused:
        issue(two[0], home, one, application=mine.pk)
    assert "秘匿" not in refused.value.message
    assert "保護" not in refused.value.message


def test_a_wish_to_be_hidden_has_to_be_in_the_ledger_first(two, home, house, judge, ask_for, staff):
    one = house("", home, by=two[0])
    judge(one, "half")
    chief = staff("tax", sees_protected=True)
    ask_for(home, one, name="髙﨑 花子", secret=True, by=chief)
    with pytest.raises(receivers.Unready, match="台帳にまだ登録されていません"):
        issue(chief, home, one)
    with pytest.raises(receivers.Unapplied):
        issue(two[0], home, one)
    Protection.objects.create(person=home.members.get(name="髙﨑 花子"), source="desk")
    assert issue(chief, home, one).restricted


@pytest.mark.parametrize(
    ("applicant", "receiver"), [("agent", "agent"), ("heir", "heir"), ("corporation", "corporate")]
)
def test_who_applied_is_who_receives(two, home, house, judge, ask_for, applicant, receiver):
    one = house("", home, by=two[0])
    judge(one, "half")
    said = {"applicant": applicant, "name": "助川 三郎", "relation": "甥", "head_name": "髙﨑 一郎"}
    row = ask_for(home, one, **said)
    if applicant == "agent":
        with pytest.raises(receivers.Unready, match="委任状"):
            issue(two[0], home, one)
        assert not Issue.objects.exists()
        applying.withdraw(by=two[0], application=row.pk, reason="出し直し")
        row = ask_for(home, one, **said, mandate_seen=True)
    paper = issue(two[0], home, one)
    assert paper.copies.get().receiver == receiver
    applying.withdraw(by=two[0], application=row.pk, reason="不要")
    with pytest.raises(receivers.Unapplied):
        risai.case(two[0], home.pk, one.pk)


def test_a_household_that_stands_for_nobody_is_told_where_to_go(two, home, house, judge, household, event):
    empty = household(event, [])
    one = house("", empty, by=two[0])
    judge(one, "half")
    with pytest.raises(Refused, match="世帯員"):
        issue(two[0], empty, one)
    assert HouseRecord.objects.filter(house=one).exists()
