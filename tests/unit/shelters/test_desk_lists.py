"""Nights away, visitors and parcels: short lists at the shelter's desk, that tell nothing of whoever is hidden."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from backend.core.clock import TOKYO, frozen, now, today
from backend.journal.models import Conflict
from backend.journal.services import rebuild, record
from backend.ledger.models import Protection
from backend.shelters import queries as shelters
from backend.shelters import services
from backend.shelters.frontdesk import queries, rules
from backend.shelters.frontdesk import services as lists
from backend.shelters.models import Ended
from backend.shelters.wishes import add_note


@pytest.fixture
def desk(sign_in, clerk):
    return sign_in(clerk)


@pytest.fixture
def opening(shelter):
    with frozen(now() - timedelta(hours=5)):
        return shelter()


@pytest.fixture
def haru(opening):
    return come(opening, "北原 ハル", "キタハラ ハル")


def come(opening, name, kana="", how="inside"):
    with frozen(now() - timedelta(hours=4)):
        return services.check_in_new(by=None, opening=opening, details={"name": name, "kana": kana}, how=how)[0]


def text(answer):
    return answer.content.decode()


def test_somebody_is_found_by_reading_goes_for_the_night_and_comes_back(desk, opening, haru, clerk):
    url = reverse("shelters:away", args=[opening])
    assert "北原" in text(desk.post(url, {"q": "きたはら"}))
    until = (today() + timedelta(days=1)).isoformat()
    desk.post(url, {"evacuee": str(haru), "until": until, "place": "姉の家", "go": "1"})
    gone, unseen = queries.away(opening, clerk)
    assert [(one.face.name, one.row.until, one.row.place) for one in gone] == [("北原 ハル", until, "姉の家")]
    assert unseen == 0
    page = desk.get(reverse("shelters:shelter", args=[opening]))
    assert page.context["tonight"] == 0
    assert page.context["gone"] == {haru}
    assert "北原" in text(page)
    assert shelters.head_count(opening).people == 1
    desk.post(reverse("shelters:desk_end", args=[opening, gone[0].row.entry]), {"kind": "away.ended"})
    assert queries.away_count(opening) == 0
    again = desk.post(reverse("shelters:desk_end", args=[opening, gone[0].row.entry]), {"kind": "away.ended"})
    assert again.status_code == 409


def test_whoever_leaves_for_good_is_not_away_any_more_nor_when_they_come_again(opening, haru):
    lists.go_away(by=None, opening=opening, evacuees=[haru])
    assert lists.go_away(by=None, opening=opening, evacuees=[haru]) == 0
    services.leave(by=None, opening=opening, evacuees=[haru], destination="home")
    assert queries.away_count(opening) == 0
    services.return_(by=None, opening=opening, evacuee=haru)
    assert queries.away_count(opening) == 0


def test_who_should_be_back_is_asked_after_first(opening, haru, clerk):
    other = come(opening, "西村 アキ")
    lists.go_away(by=None, opening=opening, evacuees=[other], until=today() + timedelta(days=30))
    lists.go_away(by=None, opening=opening, evacuees=[haru], until=today())
    with frozen(now() + timedelta(days=1)):
        gone, _ = queries.away(opening, clerk)
    assert [(one.face.name, one.overdue) for one in gone] == [("北原 ハル", True), ("西村 アキ", False)]


def test_whoever_is_hidden_is_away_without_a_name(desk, opening, haru):
    lists.go_away(by=None, opening=opening, evacuees=[haru])
    Protection.objects.create(evacuee=haru, source="desk")
    page = text(desk.get(reverse("shelters:away", args=[opening])))
    assert "北原" not in page
    assert "ほか1名（秘匿）" in page
    assert "見つかりません" in text(desk.post(reverse("shelters:away", args=[opening]), {"q": "北原"}))
    form = {"evacuee": str(haru), "go": "1"}
    assert desk.post(reverse("shelters:away", args=[opening]), form).status_code == 404


def test_a_night_in_the_past_is_refused(desk, opening, haru):
    form = {"evacuee": str(haru), "until": "2001-01-01", "go": "1"}
    assert "それより後の日" in text(desk.post(reverse("shelters:away", args=[opening]), form))
    assert queries.away_count(opening) == 0


def test_a_visitor_gets_the_same_answer_whoever_they_ask_for(desk, opening, haru):
    Protection.objects.create(evacuee=haru, source="desk")
    url = reverse("shelters:visitors", args=[opening])
    pages = []
    for asked in ("北原 ハル", "だれもいない 名前"):
        desk.post(url, {"name": "夫と名乗る男性", "asks_for": asked, "result": "message"})
        pages.append(text(desk.get(url)))
    assert all(rules.ANSWER in page for page in pages)
    assert "受付済み" not in pages[0]
    line = queries.visitors(opening)[0]
    desk.post(reverse("shelters:desk_end", args=[opening, line.row.entry]), {"kind": "visitor.left"})
    assert queries.visitors(opening)[0].ended is not None
    with frozen(now() + timedelta(days=4)):
        assert [one.row.asks_for for one in queries.visitors(opening)] == ["北原 ハル"]


def test_a_parcel_waits_is_handed_over_and_that_is_taken_back(desk, opening):
    url = reverse("shelters:parcels", args=[opening])
    assert desk.post(url, {"addressee": ""}).status_code == 422
    desk.post(url, {"addressee": "北原 ハル 様", "what": "段ボール1", "place": "受付の奥"})
    parcel = queries.parcels(opening)[0].row.entry
    end = reverse("shelters:desk_end", args=[opening, parcel])
    assert desk.post(end, {"kind": "parcel.handed_over", "result": "thrown away"}).status_code == 422
    desk.post(end, {"kind": "parcel.handed_over", "result": "handed"})
    line = queries.parcels(opening)[0]
    assert line.result == "本人に渡した"
    undo = reverse("shelters:desk_undo", args=[opening, line.ended.entry])
    desk.post(undo, {"kind": "parcel.handed_over"})
    assert queries.parcels(opening)[0].ended is None


def test_only_the_shelter_desk_writes_and_nobody_without_a_right_reads(opening, sign_in, staff):
    for name in ("away", "visitors", "parcels"):
        url = reverse(f"shelters:{name}", args=[opening])
        assert sign_in(staff("welfare")).get(url).status_code == 200
        assert sign_in(staff("welfare")).post(url, {"name": "x", "addressee": "x"}).status_code == 403
        assert sign_in(staff("tax")).get(url).status_code == 403


def test_what_ends_without_having_begun_is_a_contradiction_and_all_comes_back_from_the_journal(opening, haru):
    lists.go_away(by=None, opening=opening, evacuees=[haru])
    lists.parcel_came(by=None, opening=opening, addressee="北原 ハル")
    parcel = queries.parcels(opening)[0].row.entry
    lists.end(by=None, opening=opening, kind="parcel.handed_over", entry=parcel, result="handed")
    lost = {"opening": str(opening), "entry": "01890000-0000-7000-8000-000000000000"}
    record(kind="visitor.left", payload=lost, occurred_at=now(), by=None)
    assert Conflict.objects.get().code == "ended_nothing"
    rebuild(["away."])
    assert queries.away_count(opening) == 1
    assert Ended.objects.count() == 2
    assert queries.parcels(opening)[0].result == "本人に渡した"


@pytest.mark.parametrize(
    ("hour", "shift"),
    [(0, (19, "夜中")), (7, (19, "夜中")), (8, (20, "日中")), (17, (20, "夕方から夜")), (23, (20, "夕方から夜"))],
)
def test_the_night_belongs_to_the_day_on_which_it_began(hour, shift):
    day, title = rules.shift(datetime(2026, 11, 20, hour, 59, tzinfo=TOKYO))
    assert (day.day, title) == shift


def test_notes_are_handed_on_by_shift_and_taken_back(desk, opening, haru):
    url = reverse("shelters:notes", args=[opening])
    desk.post(url, {"text": "灯油が今夜でなくなる"})
    add_note(by=None, text="本人だけのこと", evacuee=haru)
    page = text(desk.get(url))
    assert "灯油が今夜でなくなる" in page
    assert "本人だけのこと" not in page
    [shift] = queries.notes(opening)
    desk.post(reverse("shelters:desk_undo", args=[opening, shift.notes[0][0].entry]), {"kind": "note.added"})
    assert queries.notes(opening) == []
    assert desk.post(url, {"text": " "}).status_code == 422
