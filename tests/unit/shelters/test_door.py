"""The one box at the door: at headquarters over the ledger, on a laptop over the excerpt, with the same page."""

import pytest
from django.conf import settings
from django.urls import reverse

from backend.journal.models import Conflict, Entry
from backend.ledger import lookup, words
from backend.ledger.models import Protection
from backend.shelters import queries, rules, services


@pytest.fixture
def desk(sign_in, clerk):
    return sign_in(clerk)


@pytest.fixture
def family(family):
    words.rebuild(family.disaster)
    return family


@pytest.fixture
def excerpt(db):
    """The laptop's excerpt: a family of two and somebody alone; no ledger."""
    rows = [
        {
            "atena_no": "81",
            "household_no": "91",
            "name": "高橋 一郎",
            "kana": "タカハシ イチロウ",
            "address": "大浜市西町1",
        },
        {
            "atena_no": "82",
            "household_no": "91",
            "name": "高橋 花子",
            "kana": "タカハシ ハナコ",
            "address": "大浜市西町1",
        },
        {"atena_no": "83", "household_no": "92", "name": "鈴木 次郎", "kana": "スズキ ジロウ", "birth": "1950-03-04"},
    ]
    lookup.take(rows)


def text(answer):
    return answer.content.decode()


def at(opening):
    return reverse("shelters:find", args=[opening])


def names(opening):
    return {row.face.name for row in queries.roster(opening, staff=None).rows}


def test_a_household_of_the_ledger_is_found_by_any_member_and_those_ticked_are_here(desk, shelter, family):
    opening = shelter()
    page = desk.post(at(opening), {"q": "やまだ はなこ"})
    found = page.context["found"].families
    assert [[m.name for m in home.members] for home in found] == [["山田 太郎", "山田 花子", "山田 一郎"]]
    assert "checked" not in text(page)  # nobody is taken for here who was not ticked
    chosen = [m.value for m in found[0].members[:2]]
    answer = desk.post(
        at(opening), {"q": "x", "household": str(found[0].household), "member": chosen, "arrive": "1"}, follow=True
    )
    assert "2名を受け付けました" in text(answer)
    assert names(opening) == {"山田 太郎", "山田 花子"}
    assert queries.head_count(opening).households == 1
    assert "取り消す" in text(answer)  # whoever was taken for another is taken back from the same page
    again = desk.post(at(opening), {"q": "山田"})
    assert [m.here for m in again.context["found"].families[0].members] == [True, True, False]


def test_enter_with_nobody_ticked_says_what_to_do_and_keeps_the_search(desk, shelter, family):
    answer = desk.post(at(shelter()), {"q": "山田", "household": str(family.pk), "arrive": "1"})
    assert answer.status_code == 422
    assert "到着した人を選んでください" in text(answer)
    assert len(answer.context["found"].families[0].members) == 3


def test_on_a_laptop_the_excerpt_is_searched(desk, shelter, excerpt):
    opening = shelter()
    found = desk.post(at(opening), {"q": "たかはし"}).context["found"].families
    assert [m.value for m in found[0].members] == ["81", "82"]
    desk.post(at(opening), {"person": ["81", "82"], "arrive": "1"})
    desk.post(at(opening), {"person": ["81", "82"], "arrive": "1"})
    assert names(opening) == {"高橋 一郎", "高橋 花子"}
    assert queries.head_count(opening).people == 2


def test_on_a_laptop_more_than_are_shown_are_told_of(desk, shelter):
    said = {"kana": "タカハシ", "birth": "1970-01-02", "sex": "1", "address": "大浜市西町１番地", "household_no": ""}
    lookup.take([{**said, "atena_no": f"{n:015}", "name": f"高橋 {n}"} for n in range(lookup.MOST)])
    opening = shelter()
    assert "ほかにもいます" not in text(desk.post(at(opening), {"q": "高橋"}))
    lookup.take([{**said, "atena_no": f"{n:015}", "name": f"高橋 {n}"} for n in range(lookup.MOST + 1)])
    assert "ほかにもいます" in text(desk.post(at(opening), {"q": "高橋"}))


def test_on_a_laptop_a_hidden_member_of_a_household_is_counted_without_a_name(desk, shelter, excerpt):
    opening = shelter()
    evacuee = rules.evacuee_id(settings.MUNICIPALITY_CODE, {"atena_no": "82"})
    Protection.objects.create(evacuee=evacuee, atena_no="82", source="desk")
    page = text(desk.post(at(opening), {"q": "たかはし"}))
    assert "花子" not in page
    assert "ほか1名（秘匿）" in page


def test_nobody_found_opens_the_form_with_the_name_in_it(desk, shelter, excerpt):
    opening = shelter()
    page = desk.post(at(opening), {"q": "旅野 めぐる"})
    assert 'value="旅野 めぐる"' in text(page)
    answer = desk.post(reverse("shelters:check_in_new", args=[opening]), {"name": "旅野 めぐる", "how": "car"})
    assert answer["Location"] == at(opening)
    assert names(opening) == {"旅野 めぐる"}


def test_somebody_typed_elsewhere_is_found_and_moved_not_typed_twice(desk, shelter, excerpt):
    first, second = shelter("西町小学校"), shelter("港公民館")
    evacuee, _ = services.check_in_new(by=None, opening=first, details={"name": "旅野 めぐる", "kana": "タビノ メグル"})
    page = desk.post(at(second), {"q": "たびの"})
    assert "西町小学校" in text(page)
    desk.post(at(second), {"evacuee": [str(evacuee)], "arrive": "1"})
    assert (names(first), names(second)) == (set(), {"旅野 めぐる"})


def test_who_asked_that_nobody_be_told_is_not_found(desk, shelter, excerpt, family):
    opening = shelter()
    hidden = family.members.get(name="山田 花子")
    Protection.objects.create(person=hidden, atena_no=hidden.atena_no, source="desk")
    page = text(desk.post(at(opening), {"q": "やまだ"}))
    assert "山田 花子" not in page
    assert "ほか1名（秘匿）" in page  # as on the page of the household: nobody registers her once more
    nobody = desk.post(at(opening), {"q": "山田 花子"})
    assert nobody.context["found"].families == []
    answer = desk.post(at(opening), {"household": str(family.pk), "member": [str(hidden.pk)], "arrive": "1"})
    assert answer.status_code == 404
    leaving = {
        "q": "山田",
        "household": str(family.pk),
        "member": [str(hidden.pk)],
        "leave": "1",
        "destination": "home",
    }
    assert "退所する人を選んでください" in text(desk.post(at(opening), leaving, follow=True))
    assert names(opening) == set()
    assert not Entry.objects.filter(kind="stay.left").exists()


def test_on_a_laptop_who_stands_on_another_list_leaves_and_headquarters_is_told(desk, shelter, excerpt):
    opening = shelter()
    desk.post(at(opening), {"person": ["81"], "arrive": "1"})
    asked = desk.post(at(opening), {"q": "高橋", "person": ["81", "82"], "leave": "1"})
    assert "着いた記録がない人" in text(asked)
    assert names(opening) == {"高橋 一郎"}  # it was only asked where to
    form = {"q": "高橋", "person": ["81", "82"], "leave": "1", "destination": "home", "spot": "納屋"}
    done = desk.post(at(opening), form, follow=True)
    assert "2名の退所を記録しました" in text(done)
    assert names(opening) == set()
    left = {e.payload["person"]["atena_no"]: e.payload["spot"] for e in Entry.objects.filter(kind="stay.left")}
    assert left == {"81": "納屋", "82": "納屋"}
    [conflict] = Conflict.objects.all()
    assert conflict.code == "left_without_arriving"
    assert Entry.objects.get(uuid=conflict.entry).payload["person"] == {"atena_no": "82"}


def test_at_headquarters_members_of_a_household_leave_who_never_arrived(desk, shelter, family):
    opening = shelter()
    home = desk.post(at(opening), {"q": "山田"}).context["found"].families[0]
    form = {"q": "山田", "household": str(home.household), "member": [home.members[1].value], "leave": "1"}
    assert "着いた記録がない人" in text(desk.post(at(opening), form))
    desk.post(at(opening), form | {"destination": "relatives"})
    assert Conflict.objects.get().code == "left_without_arriving"
    nowhere = desk.post(at(opening), form | {"destination": "moon"})
    assert nowhere.status_code == 422
    assert Conflict.objects.count() == 1


def test_leaving_with_nobody_ticked_says_so(desk, shelter, family):
    answer = desk.post(at(shelter()), {"q": "山田", "leave": "1"}, follow=True)
    assert "退所する人を選んでください" in text(answer)


def test_nobody_leaves_before_they_came(desk, shelter, excerpt):
    opening = shelter()
    desk.post(at(opening), {"person": ["81"], "arrive": "1"})
    form = {"q": "高橋", "person": ["81"], "leave": "1", "destination": "home", "occurred_at": "2001-01-01T08:00"}
    answer = desk.post(at(opening), form)
    assert answer.status_code == 422
    assert "到着より前の日時です" in text(answer)
    assert names(opening) == {"高橋 一郎"}


@pytest.mark.parametrize(
    "wrong", [{"member": "x"}, {"evacuee": "1"}, {"household": "y", "member": "z"}, {"person": "0"}]
)
def test_altered_forms_find_nobody(desk, shelter, excerpt, wrong):
    assert desk.post(at(shelter()), {"arrive": "1", **wrong}).status_code == 404


def test_a_mistyped_disaster_number_is_offered_corrected(desk, shelter, family):
    number = family.disaster_number
    wrong = number[:6] + ("1" if number[6] != "1" else "2") + number[7:]
    page = desk.post(at(shelter()), {"q": wrong})
    assert number in page.context["found"].did_you_mean


def test_a_certificates_qr_goes_to_the_desk(desk, shelter):
    answer = desk.post(at(shelter()), {"q": "https://example.lg.jp/verify/ABC"})
    assert (answer.status_code, answer["Location"]) == (307, reverse("desk:search"))


def test_what_was_searched_is_logged_without_its_words(desk, shelter, family):
    from backend.accounts.models import AccessLog

    opening = shelter()
    desk.post(at(opening), {"q": "やまだ"})
    row = AccessLog.objects.filter(what="search").latest("pk")
    assert (row.subject, row.hits, row.detail) == (f"opening:{opening}", 3, "q")
