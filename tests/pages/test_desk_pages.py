"""Search and household page over HTTP: what a clerk sees, and that a hidden person is answered like an unknown one."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.db import DatabaseError
from django.urls import reverse

from backend.accounts.models import AccessLog
from backend.core.check_digits import format_disaster_number
from backend.damage.certificates.services import issue_hisai
from backend.ledger import words
from backend.ledger.models import Fact, Household, Protection, SameAs
from backend.ledger.services import add_household

HOW = {"purpose": "保険金の請求", "id_checked": "licence"}
SEARCH, PAGE = "desk:search", "desk:household"


def text_of(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def plain(response, *typed):
    """The bytes of a page without the csrf token and without what was typed."""
    body = re.sub(rb'(csrfmiddlewaretoken" value="|x-csrftoken": ")[^"]+', b"", response.content)
    for text in typed:
        body = body.replace(text.encode(), b"")
    return response.status_code, body


def lines(what=None):
    rows = AccessLog.objects.order_by("pk").values_list("what", "hits", "detail", "reason")
    return [row for row in rows if what is None or row[0] == what]


@pytest.fixture
def event(disaster):
    return disaster()


@pytest.fixture
def home(event, household):
    members = [
        {"name": "髙橋 一郎", "kana": "タカハシ イチロウ", "changed_on": "2020-04-01", "changed_by": "転入"},
        {"name": "髙橋 花子", "kana": "タカハシ ハナコ", "relationship": "妻", "sex": "2", "birth": "1971-00-00"},
        {"name": "髙橋 次郎", "kana": "タカハシ ジロウ", "birth": "2026-11-18"},
    ]
    made = household(event, members, postal_code="000-0001", building="大浜荘")
    words.rebuild(event)
    return made


@pytest.fixture
def secret(event, home, household):
    made = household(
        event, [{"name": "秘山 密子", "kana": "ヒヤマ ミツコ", "birth": "1955-05-05"}], address="大浜市山町７番地"
    )
    words.rebuild(event)
    return made


@pytest.fixture
def clerk(staff, sign_in):
    return sign_in(staff("tax"))


def protect(home):
    for person in home.members.all():
        Protection.objects.create(person=person, source="desk")


def near(number):
    return number[:-1] + str((int(number[-1]) + 1) % 10)


# Search ----------------------------------------------------------------------------------------------------------


def test_a_search_lists_people_and_writes_down_the_boxes_only(clerk, home):
    page = clerk.post(reverse(SEARCH), {"kana": "たかはし", "birth": "3 45 1 2"})
    text = text_of(page)
    assert "昭和45年1月2日" in text
    assert "56歳" in text
    assert home.disaster_number in text
    assert lines() == [("search", 1, "kana,birth", "")]


def test_a_number_opens_its_household_with_and_without_script(clerk, home):
    url = reverse(PAGE, args=[home.pk])
    typed = home.disaster_number.replace("-", "")
    assert clerk.post(reverse(SEARCH), {"q": typed}).url == url
    answer = clerk.post(reverse(SEARCH), {"text": typed}, headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == url
    assert clerk.post(reverse(SEARCH), {"text": typed, "kana": "たかはし"}).status_code == 200


def test_a_mistyped_number_asks_which_was_meant(clerk, home):
    page = clerk.post(reverse(SEARCH), {"text": near(home.disaster_number)})
    assert f'value="{home.disaster_number}"' in page.content.decode()


@pytest.mark.parametrize("box", ["q", "text", "kana"])
def test_the_code_of_a_certificate_opens_its_household(clerk, home, staff, box):
    found = issue_hisai(by=staff("tax"), household_id=home.pk, **HOW)
    for scanned in (f"https://x.example/verify/{found.token}", f"ｈｔｔｐｓ：／／x.example／verify／{found.token}#abc"):
        assert clerk.post(reverse(SEARCH), {box: scanned}).url == reverse(PAGE, args=[home.pk])
    assert set(lines()) == {("search", 1, "qr", "")}


def test_pages_follow_each_other(clerk, event, household):
    for _ in range(45):
        household(event, [{"name": "佐藤 太郎"}])
    words.rebuild(event)
    numbers = []
    for page in (1, 2, 3):
        numbers += re.findall(
            r"2026-\d{7}-\d\d", clerk.post(reverse(SEARCH), {"text": "佐藤", "page": page}).content.decode()
        )
    assert len(numbers) == len(set(numbers)) == 45
    for odd in ("0", "-1", "²", "９", "99999999999", "x"):
        assert clerk.post(reverse(SEARCH), {"text": "佐藤", "page": odd}).status_code == 200


@pytest.mark.parametrize("typed", ["%", "😀\\_'", "あ" * 5000, "\x00", "\x07", "<script>", "//verify/", "/verify/"])
def test_odd_input_is_no_error(clerk, home, typed):
    for box in ("text", "kana", "birth", "q"):
        page = clerk.post(reverse(SEARCH), {box: typed})
        assert page.status_code == 200
        assert "髙橋" not in page.content.decode()


def test_nothing_typed_and_nothing_found_say_what_to_do(clerk, home):
    assert "どれかを入れてください" in text_of(clerk.post(reverse(SEARCH), {}))
    text = text_of(clerk.post(reverse(SEARCH), {"text": "いない人"}))
    assert "見つかりません" in text
    assert "台帳にない世帯を登録" in text


def test_too_long_a_text_is_said_where_htmx_puts_it(clerk, home):
    page = clerk.post(reverse(SEARCH), {"kana": "あ" * 101, "birth": "S45"}, headers={"HX-Request": "true"})
    assert page["HX-Retarget"] == page["HX-Reselect"] == "#finding"
    assert "100文字以内" in text_of(page)
    assert 'value="S45"' in page.content.decode()


def test_a_refusal_has_the_part_that_htmx_shows(clerk):
    page = clerk.post(reverse(SEARCH), {"text": "高橋"}, headers={"HX-Request": "true"})
    assert page.status_code == 422
    assert "災害がまだ開設されていません" in page.content.decode().split('id="refusal"')[1]
    assert '"select": "#refusal"' in page.content.decode()


# The household page ------------------------------------------------------------------------------------------------


def test_the_household_page_says_who_they_are(clerk, home):
    page = clerk.get(reverse(PAGE, args=[home.pk]))
    text = text_of(page)
    heading = re.search(r"<h1>(.*?)</h1>", page.content.decode(), re.DOTALL)[1]
    assert "髙橋" in heading
    assert home.disaster_number in heading
    assert "り災番号" not in text.split("世帯員")[0].split("住所")[1]
    assert "イチロウ" in text
    assert text.index("一郎") < text.index("花子") < text.index("次郎")
    for word in (
        "昭和45年1月2日",
        "56歳",
        "昭和46年（月日不詳）",
        "0歳",
        "転入 令和2年4月1日",
        "大浜荘",
        "住所と同じ",
        "妻",
    ):
        assert word in text, word
    assert "None" not in text
    assert lines() == [("household", 3, "", "")]


def test_an_unknown_birth_and_age_are_words(clerk, event, household):
    home = household(event, [{"name": "不明 太郎", "birth": "", "sex": ""}])
    text = text_of(clerk.get(reverse(PAGE, args=[home.pk])))
    assert "不詳" in text
    assert "None" not in text


def test_a_death_is_a_red_band(clerk, home):
    person = home.members.first()
    Fact.objects.create(
        disaster=home.disaster, person=person, kind="life_status", value={"status": "dead", "on": "2026-11-18"}, source_room="ledger"
    )  # fmt: skip
    assert "令和8年11月18日" in text_of(clerk.get(reverse(PAGE, args=[home.pk])))


@pytest.mark.parametrize(
    ("division", "there", "missing"),
    [
        ("tax", ["被災証明書", "連絡先"], ["避難所に受付"]),
        ("shelter", ["避難所に受付"], ["被災証明書"]),
        ("housing", [], ["連絡先"]),
    ],
)
def test_doors_only_by_right(staff, sign_in, home, division, there, missing):
    text = text_of(sign_in(staff(division)).get(reverse(PAGE, args=[home.pk]))).split("世帯員")[1]
    assert all(word in text for word in there)
    assert not any(word in text for word in missing)


@pytest.mark.parametrize("division", ["publicity", "administrator"])
def test_no_personal_page_for_divisions_without_one(staff, sign_in, home, division):
    client = sign_in(staff(division))
    assert client.get(reverse(PAGE, args=[home.pk])).status_code == 403
    assert client.post(reverse(SEARCH), {"text": "高橋"}).status_code == 403


def test_a_mailing_address_by_hand(clerk, home):
    url = reverse("desk:write_fact", args=[home.pk])
    page = clerk.post(url, {"kind": "mailing_address", "text": "港町の親類方"}, follow=True)
    assert "送付先を記入しました" in text_of(page)
    assert "港町の親類方" in text_of(page).split("世帯員")[0]
    page = clerk.post(url, {"kind": "telephone", "text": ""}, follow=True)
    assert "未記入" in text_of(page)


def test_what_is_too_long_is_not_lost(clerk, home):
    page = clerk.post(reverse("desk:write_fact", args=[home.pk]), {"kind": "note", "text": "長" * 301})
    assert page.status_code == 422
    assert "長" * 301 in page.content.decode()
    assert "300文字以内" in text_of(page)
    assert (
        clerk.post(reverse("desk:write_fact", args=[home.pk]), {"kind": "life_status", "text": "x"}).status_code == 422
    )


@pytest.mark.parametrize("fields", [{"text": "髙橋"}, None])
def test_no_page_without_its_line_in_the_log(clerk, home, monkeypatch, fields):
    def fail(self, **kwargs):
        raise DatabaseError("disk full")

    monkeypatch.setattr(AccessLog, "save", fail)
    page = clerk.get(reverse(PAGE, args=[home.pk])) if fields is None else clerk.post(reverse(SEARCH), fields)
    assert page.status_code == 503
    assert "一郎" not in page.content.decode()


# Who is hidden -----------------------------------------------------------------------------------------------------


def test_a_hidden_household_is_the_page_of_an_unknown_one(clerk, secret):
    protect(secret)
    unknown = uuid4()
    assert plain(clerk.get(reverse(PAGE, args=[secret.pk]))) == plain(clerk.get(reverse(PAGE, args=[unknown])))
    kinds = lines()
    assert kinds[0] == kinds[1] == ("household", 0, "", "")
    sent = {"kind": "note", "text": "x"}
    answers = [plain(clerk.post(reverse("desk:write_fact", args=[pk]), sent)) for pk in (secret.pk, unknown)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404
    api = [clerk.get(f"/api/v1/households/{pk}/") for pk in (secret.pk, unknown)]
    assert api[0].status_code == api[1].status_code == 404
    assert api[0].content == api[1].content
    assert lines()[-1] == lines()[-2]


def test_a_hidden_person_is_found_like_an_unknown_one(clerk, home, secret, staff):
    token = issue_hisai(by=staff("tax"), household_id=secret.pk, **HOW).token
    protect(secret)
    person = secret.members.get()
    other = format_disaster_number("2026", 7_654_321)
    pairs = [
        ("text", "秘山", "無山"), ("kana", "ひやま", "むやま"), ("birth", "1955-05-05", "1955-05-06"),
        ("text", "山町7", "山村7"), ("text", person.atena_no, "799999999"), ("text", secret.household_no, "79999999"),
        ("text", secret.disaster_number, other), ("text", near(secret.disaster_number), near(other)),
        ("text", f"https://x.example/verify/{token}", "https://x.example/verify/nobody"),
    ]  # fmt: skip
    for box, hidden, unknown in pairs:
        for headers in ({}, {"HX-Request": "true"}):
            answers = [clerk.post(reverse(SEARCH), {box: typed}, headers=headers) for typed in (hidden, unknown)]
            assert plain(answers[0], hidden) == plain(answers[1], unknown), hidden
        assert len(set(lines()[-4:])) == 1
        sent = {"disaster": "2026"}
        api = [
            clerk.post("/api/v1/people/search/", {**sent, box: typed}, "application/json")
            for typed in (hidden, unknown)
        ]
        assert api[0].content == api[1].content
        assert len(set(lines()[-2:])) == 1


def test_a_hidden_member_is_counted_without_a_name(clerk, home, staff, sign_in):
    Protection.objects.create(
        atena_no=home.members.get(position=1).atena_no, source="register", expires_on="2020-01-01"
    )
    page = clerk.get(reverse(PAGE, args=[home.pk]))
    text = text_of(page)
    assert "ほか1名（秘匿）" in text
    assert "一郎" not in page.content.decode()
    assert "イチロウ" not in page.content.decode()
    answer = clerk.get(f"/api/v1/households/{home.pk}/").json()
    assert answer["hidden"] == 1
    assert [member["name"] for member in answer["members"]] == ["髙橋 花子", "髙橋 次郎"]
    chief = sign_in(staff("tax", sees_protected=True)).get(reverse(PAGE, args=[home.pk]))
    assert "一郎" in chief.content.decode()
    assert "band--protection" in chief.content.decode() or "支援措置" in text_of(chief)


def test_who_is_linked_to_somebody_hidden_is_hidden(clerk, secret, staff, event):
    typed = add_household(by=staff("shelter"), disaster=event, people=[{"name": "秘山 密子"}])
    SameAs.objects.create(person=typed.members.get(), into=secret.members.get(), ground="氏名と生年月日")
    assert clerk.get(reverse(PAGE, args=[typed.pk])).status_code == 200
    Protection.objects.create(atena_no=secret.members.get().atena_no, source="register")
    assert clerk.get(reverse(PAGE, args=[typed.pk])).status_code == 404


def test_protection_is_asked_and_lifted_on_the_page(clerk, home, staff, sign_in):
    person = home.members.get(position=2)
    ask = reverse("desk:ask_protection", args=[home.pk, person.pk])
    assert "監督者だけ" in text_of(clerk.get(ask))
    assert not Protection.objects.exists()
    assert "ほか1名（秘匿）" in text_of(clerk.post(ask, follow=True))
    assert clerk.get(ask).status_code == 404
    assert clerk.post(ask).status_code == 404
    row = Protection.objects.get()
    lift = reverse("desk:lift_protection", args=[home.pk, row.pk])
    assert clerk.get(lift).status_code == 403
    assert sign_in(staff("tax", is_supervisor=True)).get(lift).status_code == 404
    chief = sign_in(staff("tax", is_supervisor=True, sees_protected=True))
    assert lift in chief.get(reverse(PAGE, args=[home.pk])).content.decode()
    page = chief.post(lift, {"reason": " "})
    assert "入力してください。" in text_of(page)
    assert "この項目は必須" not in text_of(page)
    chief.post(lift, {"reason": "本人の申し出"})
    assert "花子" in clerk.get(reverse(PAGE, args=[home.pk])).content.decode()


# Entering a household, and the first page ----------------------------------------------------------------------------


def member(position, **values):
    return {f"member-{position}-{name}": value for name, value in values.items()}


MANAGEMENT = {
    "member-TOTAL_FORMS": "4",
    "member-INITIAL_FORMS": "0",
    "member-MIN_NUM_FORMS": "1",
    "member-MAX_NUM_FORMS": "8",
}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "入力してください。"),
        (member(0, name="遠山 来", birth="1970-02-30"), "存在しない日付です。"),
        (member(0, name="遠山 来", birth="2099-01-01"), "未来の日付です。"),
        (member(0, name="遠山 来") | member(1, birth="S45.1.2"), "入力してください。"),
        (member(0, name="長" * 201), "200文字以内"),
    ],
)
def test_a_wrong_line_is_said_at_its_field_and_nothing_is_lost(clerk, event, fields, message):
    sent = {**MANAGEMENT, "kind": "outside", "address": "遠市中町3", **fields}
    page = clerk.post(reverse("desk:add_household"), sent)
    assert message in text_of(page)
    body = page.content.decode()
    assert "field--invalid" in body
    for value in ("遠市中町3", *fields.values()):
        assert value in body
    assert not Household.objects.exists()


def test_a_household_is_entered_and_shown(clerk, event):
    sent = {**MANAGEMENT, "kind": "outside", "address": "遠市中町3", **member(0, name="遠山 来", birth="3 45 1 2")}
    page = clerk.post(reverse("desk:add_household"), sent, follow=True)
    assert "遠山" in text_of(page)
    assert "昭和45年1月2日" in text_of(page)


@pytest.mark.parametrize(
    ("division", "there", "missing"),
    [
        ("tax", ["台帳世帯", "開設中の避難所", "被災証明書"], []),
        ("shelter", ["避難所にいる人"], ["きょう交付した"]),
        ("publicity", ["開設中の避難所"], ["きょう交付した"]),
    ],
)
def test_the_first_page_counts_by_right_and_says_when(staff, sign_in, home, division, there, missing):
    text = text_of(sign_in(staff(division)).get(reverse("desk:home")))
    assert "現在" in text
    assert all(word in text for word in there)
    assert not any(word in text for word in missing)
