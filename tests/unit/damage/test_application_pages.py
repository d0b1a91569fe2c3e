"""Pages of applications: from the household with one click, on the applicant's word, matched, changed, withdrawn."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from backend.core.clock import today
from backend.damage.applications import services
from backend.damage.applications.rules import Place, Said
from backend.damage.models import Application, SurveyRequest
from backend.ledger import words
from backend.ledger.models import Protection


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def clerk(staff):
    return staff("tax")


@pytest.fixture
def desk(clerk, sign_in):
    return sign_in(clerk)


@pytest.fixture
def home(event, household):
    return household(event, [{"name": "表山 一郎", "kana": "オモテヤマ イチロウ"}])


def text(answer):
    return answer.content.decode()


def test_from_the_household_page_with_everything_filled_in(desk, clerk, event, home, house, as_shown):
    one = house("大浜市西町5番地", home, by=clerk)
    url = reverse("applications:new_of", args=[home.pk])
    assert url in text(desk.get(reverse("desk:household", args=[home.pk])))
    form = desk.get(url)
    assert "表山 一郎" in text(form)
    done = desk.post(url, as_shown(form, identity="licence", cause="earthquake"), follow=True)
    row = Application.objects.get()
    assert (row.household, row.name, row.birth, row.head_address) == (
        home,
        "表山 一郎",
        "1970-01-02",
        "大浜市西町１番地",
    )
    assert SurveyRequest.objects.get().house == one
    assert "第1次調査を待っています" in text(done)
    page = text(desk.get(reverse("desk:household", args=[home.pk])))
    assert row.number_text in page
    assert "罹災証明書の申請（第1次調査）" in page


def test_two_for_the_same_are_shown_before_anything_is_kept(desk, clerk, home, house, as_shown):
    house("大浜市西町5番地", home, by=clerk)
    url = reverse("applications:new_of", args=[home.pk])
    desk.post(url, as_shown(desk.get(url), identity="licence", cause="earthquake"))
    said = as_shown(desk.get(url), identity="licence", cause="earthquake")
    asked = desk.post(url, said)
    assert asked.status_code == 422
    assert Application.objects.get().number_text in text(asked)
    assert "別の申請として受け付ける" in text(asked)
    assert desk.post(url, said | {"knowingly": "on"}).status_code == 302
    assert Application.objects.count() == 2


@pytest.mark.parametrize(
    ("channel", "label", "seen", "identity"),
    [
        ("counter", "窓口", "licence", "運転免許証"),
        ("phone", "電話", "", "見ていない"),
        ("paper", "申請書の入力", "", "見ていない"),
        ("paper", "申請書の入力", "licence", "運転免許証"),
    ],
)
def test_on_the_applicants_word_then_matched_to_household_and_house(
    desk, event, home, house, as_shown, channel, label, seen, identity
):
    words.rebuild(event)
    one = house("大浜市西町5番地")
    url = reverse("applications:new")
    form = desk.get(url)
    said = {
        "channel": channel, "applicant": "resident", "name": "表山 一郎", "birth": "S45.1.2", "cause": "flood",
        "telephone": "090", "places-0-place": "西町5番地", "places-0-what": "dwelling", "identity": seen,
    }  # fmt: skip
    wrong = desk.post(url, as_shown(form, **said, copies="x", applied_on="きのう") | {"places-0-place": ""})
    assert wrong.status_code == 422
    assert "整数で入れてください" in text(wrong)
    assert "日付として" in text(wrong)
    page = desk.post(url, as_shown(form, **said), follow=True)
    row = Application.objects.get()
    assert (row.channel, row.identity) == (channel, seen)
    assert told(page) == {"受付の方法": label, "本人確認": identity}
    assert "まだ照合していません" in text(page)
    match = reverse("applications:match_household", args=[row.pk])
    assert "氏名・生年月日が同じ" in text(desk.get(match))
    assert "該当する方はいません" in text(desk.post(match, {"text": "遠野 三郎"}))
    desk.post(match, {"household": str(home.pk)})
    line = row.houses.get()
    match = reverse("applications:match_house", args=[line.pk])
    assert "この所在地の家屋はありません" in text(desk.post(match, {"text": "北町9番地"}))
    assert "大浜市西町5番地" in text(desk.post(match, {"text": "大浜市西町5番地"}))
    done = desk.post(match, {"house": str(one.pk)}, follow=True)
    assert "第1次調査を依頼しました" in text(done)
    row.refresh_from_db()
    assert (row.household, row.houses.get().house) == (home, one)
    again = desk.post(reverse("applications:match_household", args=[row.pk]), {"household": str(home.pk)})
    assert again.status_code == 422
    assert "先に世帯と照合" in text(again)
    listed = reverse("applications:index")
    assert row.number_text in text(desk.get(listed, {"channel": channel}))
    for other in {"counter", "phone", "paper", "online"} - {channel}:
        assert row.number_text not in text(desk.get(listed, {"channel": other}))
    url = reverse("applications:change", args=[row.pk])
    desk.post(url, as_shown(desk.get(url), why="聞き誤り", telephone="111"))
    assert Application.objects.get(version=2).channel == channel


def told(page):
    return {one["label"]: one["value"] for one in page.context["facts"] if one["label"] in ("受付の方法", "本人確認")}


def test_what_came_online_says_so_and_nobody_types_it_as_that(desk, clerk, event, as_shown):
    url = reverse("applications:new")
    typed = {"channel": "online", "name": "表山 一郎", "cause": "flood", "places-0-place": "西町5番地"}
    assert desk.post(url, as_shown(desk.get(url), **typed)).status_code == 422
    assert not Application.objects.exists()
    said = Said(
        channel="online", applicant="resident", name="表山 一郎", cause="flood", applied_on=today(), places=[Place("西町5")]
    )  # fmt: skip
    row = services.record(by=clerk, disaster=event, said=said)
    assert told(desk.get(reverse("applications:page", args=[row.pk]))) == {
        "受付の方法": "オンライン",
        "本人確認": "見ていない",
    }
    url = reverse("applications:change", args=[row.pk])
    form = desk.get(url)
    assert form.context["form"].fields["channel"].choices == [("online", "オンライン")]
    assert desk.post(url, as_shown(form, channel="paper", why="紙で出し直し")).status_code == 422
    assert desk.post(url, as_shown(form, why="聞き誤り")).status_code == 302
    assert Application.objects.get(version=2).channel == "online"


def test_the_consent_to_be_judged_by_photographs_is_taken_at_the_counter_and_taken_back(desk, home, as_shown):
    url = reverse("applications:new_of", args=[home.pk])
    form = desk.get(url)
    assert form.context["form"]["photo_consent"].value() in (None, False)
    said = as_shown(form, identity="licence", cause="earthquake", photo_consent="on")
    page = desk.post(url, said, follow=True)
    row = Application.objects.get()
    assert row.photo_consent_on == row.applied_on
    assert "同意あり" in text(page)
    url = reverse("applications:change", args=[row.pk])
    form = desk.get(url)
    later = as_shown(form, why="聞き取り", applied_on="R8.11.21")
    desk.post(url, later)
    new = Application.objects.get(version=2)
    assert new.photo_consent_on == row.photo_consent_on
    url = reverse("applications:change", args=[new.pk])
    without = {key: value for key, value in later.items() if key != "photo_consent"}
    assert "同意の記録なし" in text(desk.post(url, without | {"why": "本人が同意を取り消した"}, follow=True))


def test_the_list_by_state_day_and_number(desk, home, as_shown):
    url = reverse("applications:new_of", args=[home.pk])
    desk.post(url, as_shown(desk.get(url), identity="licence", cause="earthquake"))
    row = Application.objects.get()
    listed = reverse("applications:index")
    assert row.number_text in text(desk.get(listed, {"state": "unmatched"}))
    assert row.number_text in text(desk.get(listed, {"day": row.applied_on.isoformat(), "channel": "counter"}))
    assert "この条件の申請はありません" in text(desk.get(listed, {"state": "decided"}))
    assert "この条件の申請はありません" in text(desk.get(listed, {"day": "2026-11-19"}))
    assert desk.post(listed, {"number": "２０２６－１"}).url == reverse("applications:page", args=[row.pk])
    wrong = desk.post(listed, {"number": "99"})
    assert (wrong.status_code, "番号の申請はありません" in text(wrong)) == (422, True)


def test_changed_and_withdrawn(desk, clerk, home, house, as_shown):
    one = house("大浜市西町5番地", home, by=clerk)
    new = reverse("applications:new_of", args=[home.pk])
    desk.post(new, as_shown(desk.get(new), identity="licence", cause="earthquake"))
    row = Application.objects.get()
    url = reverse("applications:change", args=[row.pk])
    form = desk.get(url)
    assert desk.post(url, as_shown(form, telephone="111")).status_code == 422
    page = desk.post(url, as_shown(form, telephone="111", why="聞き誤り"), follow=True)
    assert "訂正の前の内容" in text(page)
    later = row.replaced_by
    assert (later.houses.get().house, later.household, later.telephone) == (one, home, "111")
    assert "この内容は訂正されています" in text(desk.get(reverse("applications:page", args=[row.pk])))
    late = desk.post(url, as_shown(form, telephone="222", why="二人目"))
    assert (late.status_code, "先に訂正" in text(late)) == (422, True)
    url = reverse("applications:withdraw", args=[later.pk])
    assert desk.post(url, {}).status_code == 422
    page = desk.post(url, {"reason": "取りやめ"}, follow=True)
    assert "取り下げられた申請です" in text(page)
    assert SurveyRequest.objects.get().ended == "withdrawn"


def test_a_colleague_finds_nothing_of_a_household_under_protection(desk, staff, sign_in, home, as_shown):
    trusted = sign_in(staff("tax", sees_protected=True))
    new = reverse("applications:new_of", args=[home.pk])
    trusted.post(new, as_shown(trusted.get(new), identity="licence", cause="earthquake"))
    row = Application.objects.get()
    Protection.objects.create(person=home.members.get(), source="desk")
    listed = text(desk.get(reverse("applications:index")))
    assert row.number_text not in listed
    assert not re.search("表山", listed)
    assert desk.get(reverse("applications:page", args=[row.pk])).status_code == 404
    assert desk.get(reverse("applications:match_house", args=[row.houses.get().pk])).status_code == 404
    assert row.number_text in text(trusted.get(reverse("applications:index")))


def test_who_may_read_and_not_write(event, staff, sign_in):
    reader = sign_in(staff("welfare"))
    assert reader.get(reverse("applications:index")).status_code == 200
    assert reader.get(reverse("applications:new")).status_code == 403
