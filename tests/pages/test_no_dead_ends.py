"""Whatever is refused leads on: back to the page one came from, to the next in the queue, to the paper at the counter."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from backend.documents.models import CharacterDecision, HeldCharacter, Issue

HERE = "http://testserver"
HOW = {"purpose": "保険", "receiver": "member", "id_checked": "licence", "place": ""}


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


@pytest.fixture
def clerk(staff, sign_in):
    return sign_in(staff("tax"))


def test_a_refusal_leads_back_to_the_page_it_came_from_and_to_no_other_host(clerk):
    unknown = reverse("damage:document", args=["01990000-0000-7000-8000-000000000000"])
    refused = text_of(clerk.get(unknown, headers={"referer": f"{HERE}/desk/certificates/?page=2"}))
    assert '<a class="button button--primary" href="/desk/certificates/?page=2">前の画面へ戻る</a>' in refused
    for other in ("https://elsewhere.example/desk/", f"{HERE}{unknown}", f"{HERE}/verify/abc", ""):
        assert "前の画面へ戻る" not in text_of(clerk.get(unknown, headers={"referer": other}))


def test_an_address_that_only_takes_answers_says_so_when_it_is_opened(clerk):
    answer = clerk.get(reverse("matching:undo"))
    assert answer.status_code == 405
    assert "前の画面のボタンから進んだときだけ開きます" in text_of(answer)
    assert "最初の画面へ" in text_of(answer)


def test_choosing_a_disaster_leads_back_to_the_job_at_hand(clerk, disaster, household):
    quake, flood = disaster(), disaster("2027", name="大浜川水害")
    home = household(quake, [{"name": "高橋 一郎"}])
    for came, to in (
        (reverse("houses:index"), reverse("houses:index")),
        (reverse("desk:home"), reverse("desk:home")),
        (reverse("desk:household", args=[home.pk]), reverse("desk:search")),  # of the other disaster
    ):
        sent = {"disaster": str(flood.pk)}
        answer = clerk.post(reverse("desk:choose_disaster"), sent, headers={"referer": HERE + came})
        assert answer.url == to


def test_a_name_that_nothing_prints_is_settled_in_one_go_at_the_counter(clerk, disaster, household):
    """From the refused paper to the character, to the next character, and back to the paper that is issued now."""
    odd = household(disaster(), [{"name": "\ue123山 一郎"}, {"name": "\ue124木 花子"}])
    paper = reverse("damage:issue", args=[odd.pk])
    refused = clerk.post(paper, HOW)
    first, *_, last = HeldCharacter.objects.order_by("held_at", "id")
    assert reverse("documents:held_line", args=[first.pk]) in text_of(refused)

    said = {"text": "辰", "consent_by": "本人", "consent_on": "R8.1.5", "ground": "窓口で確認"}
    answer = clerk.post(reverse("documents:held_substitute", args=[first.pk]), said, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("documents:held_line", args=[last.pk])
    assert "扱いを決める文字があと1件あります" in text_of(answer)

    by_hand = {"everywhere": "", "ground": "書体がない"}
    answer = clerk.post(reverse("documents:held_by_hand", args=[last.pk]), by_hand, follow=True)
    assert answer.redirect_chain[-1][0] == paper
    assert "このまま交付できます" in text_of(answer)
    clerk.post(paper, HOW)
    assert Issue.objects.get().household == odd.pk
    assert CharacterDecision.objects.count() == 2


def test_a_page_that_can_not_be_opened_yet_is_no_act_that_failed(clerk):
    """Before a disaster is opened there are no letters to come back: said as that, without an alarm."""
    page = text_of(clerk.get(reverse("desk:returned")))
    assert "いまは開けません" in page
    assert "災害がまだ開設されていません" in page
    assert "何も変更していません" not in page
