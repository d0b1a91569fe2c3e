"""The pages of decisions about households: choose, look, confirm, undo; and that nobody hidden shows on them."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from backend.core import clock
from backend.core.check_digits import format_disaster_number
from backend.ledger.households import queries, services
from backend.ledger.models import Household, HouseholdDecision, HouseholdLine, Person, Protection
from backend.ledger.services import write_by_hand

GROUND = {"ground": "別居した", "evidence": "本人の届出"}


@pytest.fixture(autouse=True)
def two_weeks_later():
    with clock.frozen("2026-12-02T10:00:00+09:00"):
        yield


@pytest.fixture
def home(disaster, household):
    members = [
        {"name": "高橋 一郎"},
        {"name": "高橋 花子", "relationship": "妻", "sex": "2"},
        {"name": "高橋 桃子", "relationship": "子", "birth": "2015-05-06"},
    ]
    return household(disaster(), members)


@pytest.fixture
def aunt(home, household):
    return household(home.disaster, [{"name": "北山 雪子"}], address="大浜市北町２番地")


@pytest.fixture
def clerk(staff, sign_in):
    return sign_in(staff("welfare"))


def text_of(page):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def person(given):
    return Person.objects.get(name__endswith=given)


def hidden_fields(page):
    """What the preview would send back: every hidden field, every chosen head, every relationship."""
    body = page.content.decode()
    fields = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', body):
        fields.setdefault(name, []).append(value)
    for name, value in re.findall(r'<input class="input" name="(kin_[^"]+)" value="([^"]*)"', body):
        fields[name] = value
    for name, chosen in re.findall(
        r'<select[^>]+name="(head_\w+)">.*?<option value="([^"]+)" selected', body, re.DOTALL
    ):
        fields[name] = chosen
    fields.pop("csrfmiddlewaretoken", None)
    return fields


def test_the_couple_separates_on_the_page(clerk, home):
    url = reverse("households:decide", args=[home.pk])
    assert "世帯の認定・異動" in text_of(clerk.get(reverse("desk:household", args=[home.pk])))
    assert clerk.get(url).status_code == 200
    sent = {"kind": "split", "people": [person("花子").pk, person("桃子").pk], "day": "R8.11.25", **GROUND}
    preview = clerk.post(url, sent)
    text = text_of(preview)
    assert "新しい世帯" in text
    assert "残る世帯" in text
    assert not HouseholdDecision.objects.exists()
    fields = hidden_fields(preview)
    # Another head than the one suggested: shown again with what follows, not decided.
    turned = clerk.post(url, {**fields, "head_go": person("桃子").pk, "confirmed": "1"})
    assert not HouseholdDecision.objects.exists()
    fields = hidden_fields(turned)
    assert fields["head_go"] == str(person("桃子").pk)
    done = clerk.post(url, {**fields, f"kin_{person('花子').pk}": "母", "confirmed": "1"}, follow=True)
    assert "記録しました" in text_of(done)
    new = Household.objects.get(kind="later")
    page = text_of(clerk.get(reverse("desk:household", args=[new.pk])))
    assert "高橋 桃子 さんの世帯" in page
    assert "世帯の系譜" in page
    assert home.disaster_number in page
    old = text_of(clerk.get(reverse("desk:household", args=[home.pk])))
    assert "いまの世帯（発災後の異動の後）" in old
    assert new.disaster_number in old
    assert "令和8年11月25日から" in old


def test_the_other_household_is_named_by_its_number(clerk, home, aunt):
    url = reverse("households:decide", args=[home.pk])
    sent = {"kind": "move", "people": [person("桃子").pk], "day": "20261120", **GROUND}
    wrong = aunt.disaster_number[:-1] + str((int(aunt.disaster_number[-1]) + 1) % 10)
    for other, message in (
        ("", "相手の世帯"),
        (wrong, "検査数字"),
        ("x", "り災番号を入れてください"),
        (format_disaster_number("2026", 9999), "この世帯はありません"),
    ):
        page = clerk.post(url, {**sent, "other": other})
        assert page.status_code == 422
        assert message in text_of(page)
    preview = clerk.post(url, {**sent, "other": aunt.disaster_number.replace("-", "")})
    assert "北山 雪子" in text_of(preview)
    clerk.post(url, {**hidden_fields(preview), "confirmed": "1"})
    assert "桃子" in text_of(clerk.get(reverse("desk:household", args=[aunt.pk])))
    assert HouseholdLine.objects.get().since.isoformat() == "2026-11-20"


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({}, "選んでください"),
        ({"kind": "split", "day": ""}, "異動の日を入れてください"),
        ({"kind": "split", "day": "R8.13.1"}, "月が正しくありません"),
        ({"kind": "split", "day": "R8.11"}, "年月日まで"),
        ({"kind": "split", "day": "20261120"}, "対象の方"),
        ({"kind": "split", "day": "20991120", "people": "花子"}, "未来"),
        ({"kind": "split", "day": "20261120", "people": "よその人"}, "一覧から選んで"),
        ({"kind": "head", "day": "20261120", "ground": ""}, "入力してください"),
    ],
)
def test_what_is_missing_is_said_at_its_field(clerk, home, sent, message):
    if sent.get("people") == "花子":
        sent = {**sent, "people": person("花子").pk}
    page = clerk.post(reverse("households:decide", args=[home.pk]), {**GROUND, **sent})
    assert page.status_code == 422
    assert message in text_of(page)
    assert not HouseholdDecision.objects.exists()


def test_two_clerks_at_once_are_shown_what_the_other_did(clerk, home, staff):
    url = reverse("households:decide", args=[home.pk])
    preview = clerk.post(url, {"kind": "split", "people": [person("花子").pk], "day": "20261120", **GROUND})
    services.decide(
        by=staff("tax"), household=home, kind="split", people=[person("桃子").pk], day=clock.today(), **GROUND
    )
    assert "ほかの職員" not in text_of(preview)
    again = clerk.post(url, {**hidden_fields(preview), "confirmed": "1"})
    # On the day of this decision nothing had changed yet; the later one of the daughter stands beside it.
    assert again.status_code == 302
    assert HouseholdDecision.objects.count() == 2


def test_undoing_needs_a_reason_and_shows_everywhere(clerk, home):
    made = services.decide(
        by=clerk.get(reverse("desk:home")).wsgi_request.user, household=home, kind="split",
        people=[person("花子").pk], day=clock.today(), **GROUND,
    )  # fmt: skip
    url = reverse("households:undo", args=[made.pk])
    assert clerk.post(url, {"reason": ""}).status_code == 422
    page = text_of(clerk.post(url, {"reason": "届出の取下げ"}, follow=True))
    assert "取り消されました" in page
    new = queries.founded(made.pk)[0]
    assert "取り消された世帯です" in text_of(clerk.get(reverse("desk:household", args=[new.pk])))
    text = text_of(clerk.get(reverse("desk:household", args=[home.pk])))
    assert "取消済み" in text
    assert "届出の取下げ" in text
    assert "いまの世帯" not in text
    assert "すでに取り消されています" in text_of(clerk.post(url, {"reason": "もう一度"}))
    assert "取消済み" in text_of(clerk.get(reverse("households:index", args=[home.disaster_id])))


def test_nobody_hidden_shows_on_a_page_of_decisions(clerk, home, staff, sign_in):
    chief = staff("welfare", sees_protected=True)
    Protection.objects.create(person=person("花子"), source="desk")
    made = services.decide(
        by=chief, household=home, kind="split", people=[person("花子").pk], day=clock.today(), **GROUND
    )
    unknown = made.lines.get().person_id
    for name in ("households:decision", "households:undo"):
        answers = [clerk.get(reverse(name, args=[pk])) for pk in (made.pk, unknown)]
        assert [a.status_code for a in answers] == [404, 404]
    assert text_of(answers[0]) == text_of(answers[1])
    assert "花子" not in clerk.get(reverse("households:decide", args=[home.pk])).content.decode()
    assert "花子" not in clerk.get(reverse("households:index", args=[home.disaster_id])).content.decode()
    number = queries.founded(made.pk)[0].disaster_number
    sent = {"kind": "merge", "day": "20261202", "other": number, **GROUND}
    other = {**sent, "other": format_disaster_number("2026", 9999)}
    pages = [clerk.post(reverse("households:decide", args=[home.pk]), data) for data in (sent, other)]
    assert text_of(pages[0]).count("この世帯はありません") == text_of(pages[1]).count("この世帯はありません")
    assert "花子" in sign_in(chief).get(reverse("households:decision", args=[made.pk])).content.decode()


def test_who_may_not_decide_is_told_who_may(home, staff, sign_in):
    page = sign_in(staff("shelter")).get(reverse("households:decide", args=[home.pk]))
    assert page.status_code == 403
    assert "福祉" in text_of(page)


def test_after_undoing_the_page_asks_whose_what_was_written_is(home, clerk, staff):
    by = staff("welfare")
    values = {"kind": "split", "people": [person("花子").pk], "day": clock.today()}
    decision = services.decide(by=by, household=home, **values, **GROUND)
    new = queries.founded(decision.pk)[0]
    write_by_hand(by=by, household=new, kind="telephone", text="000-0001")
    page = clerk.post(reverse("households:undo", args=[decision.pk]), {"reason": "誤り"}, follow=True)
    assert "記録が1件あります" in text_of(page)
    assert "000-0001" in text_of(page)
    assert "振り分け待ち" in text_of(clerk.get(reverse("households:index", args=[home.disaster_id])))
    row = decision.to_assign.get()
    page = clerk.post(reverse("households:assign", args=[row.pk]), {"into": home.pk}, follow=True)
    assert "のものとして振り分けました" in text_of(page)
    assert "振り分け待ち" not in text_of(page)
