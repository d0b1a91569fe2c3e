"""Somebody unknown, on one screen: whatever is filled in there is shown on their page and found by the roster's filters."""

import pytest
from django.urls import reverse

from backend.shelters import queries
from backend.shelters.rules import HOW

EVERYTHING = {
    "name": "旅野 めぐる",
    "kana": "タビノ メグル",
    "birth": "S15.1.2",
    "sex": "2",
    "origin": "輪島市",
    "address": "輪島市河井町1",
    "telephone": "090-0000-0003",
    "how": "car",
    "spot": "校庭 西",
    "plate": "石川 500 あ 12-34",
    "needs": ["medicine", "device", "care", "infant", "soft_food"],
    "allergens": ["卵", "そば"],
    "allergy_other": "もも",
    "language": "ベトナム語",
    "pet": "犬1",
    "other": "吸入薬を一日二回",
    "consents": ["safety", "other_bodies"],
}


@pytest.fixture
def desk(sign_in, clerk):
    return sign_in(clerk)


def come(desk, opening, **said):
    answer = desk.post(reverse("shelters:check_in_new", args=[opening]), said)
    assert answer.status_code == 302, answer.content.decode()
    return next(row for row in queries.roster(opening, staff=None).rows if row.face.name == said["name"])


def test_every_field_of_the_one_screen_is_shown_and_filtered(desk, shelter):
    opening = shelter()
    row = come(desk, opening, **EVERYTHING)
    come(desk, opening, name="北原 ハル", how="inside")
    page = desk.get(reverse("shelters:person", args=[opening, row.face.id])).content.decode()
    for text in (
        *("旅野 めぐる", "タビノ", "メグル", "昭和15年1月2日", "女", "輪島市", "輪島市河井町1", "090-0000-0003"),
        *(
            "車中泊",
            "校庭 西",
            "石川 500 あ 12-34",
            "服薬中・薬が必要",
            "医療機器・透析",
            "要介護・介助が必要",
            "乳幼児",
        ),
        *("やわらかい食事", "卵・そば・もも", "ベトナム語", "犬1", "吸入薬を一日二回"),
    ):
        assert text in page, text
    assert row.consents == {"safety", "other_bodies"}  # 氏名の公表 was not agreed to
    for only in ("care", "allergy", "infant", "old", "language", "pet", "outside", "today"):
        lines = desk.get(reverse("shelters:shelter", args=[opening]), {"only": only}).context["lines"]
        names = {line.row.face.name for line in lines}
        assert names == ({"旅野 めぐる", "北原 ハル"} if only == "today" else {"旅野 めぐる"}), only


@pytest.mark.parametrize("how", HOW)
def test_where_somebody_sleeps_is_shown(desk, shelter, how):
    opening = shelter()
    row = come(desk, opening, name="旅野 めぐる", how=how)
    assert row.how == how
    page = desk.get(reverse("shelters:person", args=[opening, row.face.id])).content.decode()
    assert HOW[how] in page


def test_a_wish_that_nobody_be_told_on_the_one_screen_hides_them_from_others(desk, shelter, sign_in, staff):
    opening = shelter()
    desk.post(
        reverse("shelters:check_in_new", args=[opening]), {"name": "旅野 めぐる", "how": "inside", "secret": "on"}
    )
    other = sign_in(staff("shelter"))
    roster = other.get(reverse("shelters:shelter", args=[opening]))
    assert "旅野" not in roster.content.decode()
    assert roster.context["roster"].hidden == 1
