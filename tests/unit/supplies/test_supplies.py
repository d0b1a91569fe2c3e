"""What shelters ask for, and handing out by cards: scan, scan, scan."""

import csv
import io
from datetime import timedelta
from uuid import UUID

import pytest
from django.urls import reverse

from backend.core.clock import TOKYO, frozen, now, today
from backend.core.fields import uuid7
from backend.facilities.models import Facility
from backend.journal.models import Conflict
from backend.journal.services import rebuild, record
from backend.ledger.models import Protection
from backend.shelters import services as shelters
from backend.shelters.cards.rules import card_of, in_qr, printed
from backend.supplies import queries, rules, services
from backend.supplies.models import HandOut, Request


@pytest.fixture
def opening(db):
    with frozen(now() - timedelta(hours=9)):
        return shelters.open_shelter(by=None, facility=Facility.objects.create(name="西町小学校"))


@pytest.fixture
def haru(opening):
    with frozen(now() - timedelta(hours=8)):
        details = {"name": "北原 ハル", "kana": "キタハラ ハル"}
        return shelters.check_in_new(by=None, opening=opening, details=details)[0]


@pytest.fixture
def desk(sign_in, staff):
    return sign_in(staff("shelter"))


@pytest.fixture
def store(sign_in, staff):
    return sign_in(staff("supplies"))


@pytest.fixture
def scan(store, opening):
    """`scan(text)`: a hand-out of water, after the thing was chosen once."""
    url = reverse("supplies:hand_out", args=[opening])
    store.post(url, {"thing": "1", "what": "水", "quantity": "2", "unit": "本"})
    return lambda text="", **more: store.post(url, {"q": text, **more}, follow=True)


def text(answer):
    return answer.content.decode()


def qr(evacuee):
    return in_qr(card_of(evacuee))


def test_a_shelter_asks_and_headquarters_sees_the_most_urgent_first(desk, store, opening):
    url = reverse("supplies:shelter", args=[opening])
    tomorrow = (today() + timedelta(days=1)).isoformat()
    for thing in (
        {"what": "毛布", "quantity": "40", "unit": "枚", "urgency": "soon", "until": tomorrow},
        {"what": "粉ミルク", "quantity": "3", "unit": "缶", "urgency": "now", "note": "アレルギー用"},
        {"what": "毛 布", "quantity": "10", "unit": "枚", "urgency": "later"},
    ):
        assert desk.post(url, thing).status_code == 302
    page = store.get(reverse("supplies:index"))
    assert [one.row.what for one in page.context["asked"]] == ["粉ミルク", "毛布", "毛 布"]
    assert ("毛布", "枚", 50, 1) in page.context["wanted"]
    rows = list(csv.DictReader(io.StringIO(store.get(reverse("supplies:csv")).content.decode("utf-8-sig"))))
    assert (rows[0]["避難所"], rows[0]["品目"], rows[0]["数量"]) == ("西町小学校", "粉ミルク", "3")


def test_the_file_has_all_that_is_open_however_many(store, opening):
    at = now() - timedelta(minutes=1)
    when = {"occurred_at": at, "received_at": at, "opening": opening}
    asked = [
        Request(entry=uuid7(), received_no=10 + i, what=f"水{i}", quantity=1, urgency="soon", **when)
        for i in range(501)
    ]
    Request.objects.bulk_create(asked)
    lines = store.get(reverse("supplies:csv")).content.decode("utf-8-sig").strip().splitlines()
    assert len(lines) == 1 + 501


def test_a_request_is_answered_once_taken_back_and_opened_again(desk, store, opening):
    asked = services.request(by=None, opening=opening, what="水", quantity=100)
    url = reverse("supplies:answer", args=[asked])
    store.post(url, {"state": "answered", "note": "15時に市の倉庫から"})
    page = text(desk.get(reverse("supplies:shelter", args=[opening])))
    assert "手配した" in page
    assert "15時に市の倉庫から" in page
    assert queries.requests(still_open=True) == []
    assert store.post(url, {"state": "answered"}).status_code == 409
    desk.post(url, {"state": "open", "back": str(opening)})
    assert len(queries.requests(still_open=True)) == 1
    assert store.post(url, {"state": "thrown away"}).status_code == 422


def test_wrong_requests_are_told_at_their_field(desk, opening):
    url = reverse("supplies:shelter", args=[opening])
    wrong = {"what": "", "quantity": "0", "urgency": "soon"}
    assert desk.post(url, wrong).status_code == 422
    late = {"what": "水", "quantity": "1", "urgency": "soon", "until": "2001-01-01"}
    assert "今日か、それより後の日" in text(desk.post(url, late))
    assert queries.requests() == []


def test_cards_are_scanned_one_after_another(scan, opening, haru):
    other = shelters.check_in_new(by=None, opening=opening, details={"name": "西村 アキ"})[0]
    assert "北原 ハル さんに渡しました" in text(scan(qr(haru)))
    page = scan(card_of(other))
    assert "西村 アキ さんに渡しました" in text(page)
    assert 'name="q"' in text(page)
    assert page.context["kept"]["what"] == "水"
    assert queries.today_by_thing(opening) == [("水", "本", 4, 2)]


def test_who_had_the_same_today_is_told_and_one_key_decides(scan, opening, haru, desk):
    scan(qr(haru))
    page = scan(qr(haru))
    assert page.status_code == 422
    assert "すでに受け取っています" in text(page)
    assert 'data-key="y"' in text(page)
    assert HandOut.objects.count() == 1
    scan(evacuee=str(haru), again="1")
    assert HandOut.objects.count() == 2
    with frozen(now() + timedelta(days=1)):
        assert queries.received_today(haru, "水") is None


def test_the_same_thing_written_otherwise_is_the_same_thing(opening, haru):
    services.hand_out(by=None, opening=opening, what="ﾐﾙｸ ", evacuee=haru)
    with pytest.raises(services.Again):
        services.hand_out(by=None, opening=opening, what="ミルク", evacuee=haru)
    assert rules.same_thing("Ｔシャツ") == rules.same_thing("t シャツ")


def test_a_hand_out_is_taken_back_and_may_be_given_anew(scan, store, opening, haru):
    scan(qr(haru))
    undo = reverse("supplies:undo", args=[opening, HandOut.objects.get().entry])
    store.post(undo)
    assert queries.today_by_thing(opening) == []
    assert store.post(undo).status_code == 409
    assert "さんに渡しました" in text(scan(qr(haru)))


def test_without_a_card_people_are_found_by_name_or_written_down(scan, opening, haru):
    page = scan("きたはら")
    assert [(face.name, card) for face, card in page.context["found"]] == [("北原 ハル", printed(card_of(haru)))]
    assert 'data-key="1"' in text(page)
    scan(evacuee=str(haru))
    assert "名簿に見つかりません" in text(scan("だれか"))
    scan(given_to="通りがかりの方")
    assert [row.given_to for row in HandOut.objects.order_by("received_no")] == ["", "通りがかりの方"]


def test_a_misread_card_and_a_card_of_nobody_give_nothing(scan, haru):
    wrong = qr(haru)[:-1] + ("0" if qr(haru)[-1] != "0" else "1")
    assert "正しく読めていません" in text(scan(wrong))
    assert "まだ分かりません" in text(scan(in_qr(card_of(UUID(int=1)))))
    assert not HandOut.objects.exists()


def test_whoever_is_hidden_is_answered_like_nobody(scan, store, opening, haru):
    scan(qr(haru))
    Protection.objects.create(evacuee=haru, source="desk")
    unknown = scan(in_qr(card_of(UUID(int=1))))
    hidden = scan(qr(haru))
    assert hidden.context["problem"] == unknown.context["problem"]
    assert "北原" not in text(hidden)
    assert "（秘匿）" in text(hidden)
    assert scan(evacuee=str(haru)).context["problem"] == unknown.context["problem"]


def test_nothing_is_handed_out_before_the_thing_is_chosen_or_at_a_closed_shelter(store, opening, haru):
    url = reverse("supplies:hand_out", args=[opening])
    store.post(url, {"q": qr(haru)})
    assert not HandOut.objects.exists()
    shelters.close_shelter(by=None, opening=opening, destination="home")
    store.post(url, {"thing": "1", "what": "水", "quantity": "1"})
    assert "閉鎖" in text(store.post(url, {"q": qr(haru)}))


def test_who_may(opening, staff, sign_in):
    for division, index, hand_out in (("welfare", 200, 403), ("tax", 403, 403), ("shelter", 200, 200)):
        client = sign_in(staff(division))
        assert client.get(reverse("supplies:index")).status_code == index
        assert client.get(reverse("supplies:hand_out", args=[opening])).status_code == hand_out
    assert sign_in(staff("welfare")).post(reverse("supplies:shelter", args=[opening]), {}).status_code == 403


def test_an_answer_to_nothing_is_a_contradiction_and_all_comes_back_from_the_journal(opening, haru):
    asked = services.request(by=None, opening=opening, what="水", quantity=1)
    services.answer(by=None, request=asked, state="cancelled")
    services.hand_out(by=None, opening=opening, what="水", evacuee=haru)
    nothing = {"opening": str(opening), "entry": str(opening), "state": "answered"}
    record(kind="supply.answered", payload=nothing, occurred_at=now(), by=None)
    assert Conflict.objects.get().code == "answered_nothing"
    rebuild(["supply."])
    assert queries.state_of(asked) == "cancelled"
    assert queries.received_today(haru, "水") is not None


def ask(opening, quantity=40, **more):
    return services.request(by=None, opening=opening, what="毛布", quantity=quantity, unit="枚", **more)


def test_what_came_in_part_and_then_whole_is_seen_at_headquarters(opening, desk, store, staff, sign_in):
    asked = ask(opening)
    url, page = reverse("supplies:receive", args=[opening]), reverse("supplies:shelter", args=[opening])
    clerk = sign_in(staff("shelter", display_name="西町の係"))
    assert 'value="40"' in text(clerk.get(page))
    assert "「毛布」15枚が届いた" in text(clerk.post(url, {"request": asked, "quantity": "15"}, follow=True))
    [one] = store.get(reverse("supplies:index")).context["asked"]
    assert (one.delivery_label, one.received, one.missing) == ("一部届いた", 15, 25)
    assert store.get(reverse("supplies:index")).context["wanted"] == [("毛布", "枚", 25, 1)]
    clerk.post(url, {"request": asked, "quantity": "25"})
    at_headquarters = store.get(reverse("supplies:index"))
    assert at_headquarters.context["asked"] == []
    assert [one.delivery_label for one in at_headquarters.context["settled"]] == ["届いた"]
    assert [one.state_label for one in at_headquarters.context["settled"]] == ["届いた"]
    shown = text(clerk.get(page))
    assert "西町の係" in shown
    assert "要望による" in shown


def test_something_that_nobody_asked_for_came_and_is_taken_back(opening, desk, store):
    url = reverse("supplies:receive", args=[opening])
    assert "入力してください" in text(desk.post(url, {"what": "", "quantity": "1"}))
    desk.post(url, {"what": "水", "quantity": "24", "unit": "本", "brought_by": "支援団体"})
    [came] = queries.receipts(opening)
    assert (came.row.what, came.row.request, came.row.brought_by) == ("水", None, "支援団体")
    undo = reverse("supplies:undo_receipt", args=[opening, came.row.entry])
    desk.post(undo)
    assert queries.receipts(opening) == []
    assert desk.post(undo).status_code == 409


def test_a_receipt_taken_back_leaves_the_request_waiting(opening, desk):
    asked = ask(opening)
    entry = services.receive(by=None, opening=opening, request=asked, quantity=40)
    assert queries.requests(still_open=True) == []
    desk.post(reverse("supplies:undo_receipt", args=[opening, entry]))
    assert [one.received for one in queries.requests(still_open=True)] == [0]


def test_wrong_numbers_and_the_requests_of_others_are_refused(opening, desk, sign_in, staff):
    asked = ask(opening)
    url = reverse("supplies:receive", args=[opening])
    for quantity in ("0", "", "-3", "x", "99999999999"):
        assert desk.post(url, {"request": asked, "quantity": quantity}).status_code == 422
    assert desk.post(url, {"request": "x", "quantity": "1"}).status_code == 404
    assert desk.post(url, {"request": opening, "quantity": "1"}).status_code == 404
    assert sign_in(staff("welfare")).post(url, {"request": asked, "quantity": "1"}).status_code == 403
    assert queries.receipts(opening) == []


def test_what_came_for_a_request_that_never_came_is_named_and_all_is_made_anew(opening):
    asked = ask(opening)
    services.receive(by=None, opening=opening, request=asked, quantity=10)
    payload = {"opening": str(opening), "entry": str(opening), "what": "水", "quantity": 1}
    record(kind="supply.received", payload=payload, occurred_at=now(), by=None)
    assert Conflict.objects.get().code == "received_for_nothing"
    rebuild(["supply."])
    assert [one.received for one in queries.requests()] == [10]
    assert len(queries.receipts(opening)) == 2


def test_requests_as_of_an_hour_as_known_at_an_hour(opening, store, desk):
    start = now()
    with frozen(start - timedelta(hours=3)):
        asked = ask(opening)
    with frozen(start - timedelta(hours=1)):
        services.receive(by=None, opening=opening, request=asked, quantity=40)
        services.answer(by=None, request=asked, state="answered")

    def at(url, **times):
        asked_for = {key: when.astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M") for key, when in times.items()}
        return store.get(url, asked_for)

    then = start - timedelta(hours=2)
    for times in ({"as_of": then}, {"known_at": then}, {"as_of": start, "known_at": then}):
        page = at(reverse("supplies:index"), **times)
        assert [(one.row.what, one.received) for one in page.context["asked"]] == [("毛布", 0)]
        assert not page.context["can_write"]
        assert "毛布" in at(reverse("supplies:csv"), **times).content.decode("utf-8-sig")
        page = at(reverse("supplies:shelter", args=[opening]), **times)
        assert [(one.state, one.delivery) for one in page.context["asked"]] == [("open", "none")]
        assert page.context["came"] == []
    assert at(reverse("supplies:index")).context["asked"] == []
    assert at(reverse("supplies:index"), as_of=start - timedelta(hours=4)).context["asked"] == []
