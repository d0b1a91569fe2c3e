"""The queue of who is who as clerks see it: both sides, one key a decision, undo, taking apart, and nobody hidden."""

import re
from uuid import uuid4

import pytest

from backend.accounts.models import AccessLog
from backend.core.clock import now
from backend.ledger import services as desk
from backend.ledger import words
from backend.ledger.matching import queries, services
from backend.ledger.models import MatchDecision, Protection, SameAs, ToAssign, TypedRecord

HEAD = {"name": "佐藤 健一", "kana": "サトウ ケンイチ", "birth": "1970-01-02", "sex": "1"}


@pytest.fixture
def event(disaster):
    return disaster("2026", register_revision=1, filled_at=now())


@pytest.fixture
def home(event, household):
    made = household(event, [HEAD])
    words.add(made.members.all())
    return made


@pytest.fixture
def resident(home):
    return home.members.get()


@pytest.fixture
def typed(home):
    def put(**said):
        row = {**HEAD, "birth": "1970-02-01", "address": "西町1", "id": uuid4(), **said}
        services.take_records(room="shelters", rows=[row])
        return TypedRecord.objects.get(pk=row["id"])

    return put


@pytest.fixture
def clerk(staff, sign_in):
    person = staff("register", display_name="住基 花子")
    client = sign_in(person)
    client.staff = person
    return client


def text(answer):
    return re.sub(r"\s+", " ", answer.content.decode())


def post(client, path, **values):
    return client.post(f"/desk/matching/{path}", values, follow=True)


def test_a_case_shows_both_sides_the_difference_and_its_keys(clerk, typed):
    record = typed()
    answer = post(clerk, "next/")
    assert answer.redirect_chain == [(f"/desk/matching/{record.pk}/", 302)]
    page = text(answer)
    for said in ("昭和45年2月1日", "昭和45年1月2日", "生年月日の月と日が入れ替わっている", "避難所で入力"):
        assert said in page
    assert re.findall(r'data-key="(\d)"', page) == ["1", "2", "3", "4", "0"]
    assert AccessLog.objects.filter(subject=f"record:{record.pk}", staff=clerk.staff).exists()


def test_one_key_decides_and_the_next_comes_by_itself(clerk, typed, resident):
    first, second = typed(), typed(birth="1970-01-03")
    answer = post(clerk, f"{first.pk}/decide/", verdict="same", into=str(resident.pk))
    assert answer.redirect_chain == [(f"/desk/matching/{second.pk}/", 302)]
    assert "「同じ方」として結び付けました。" in text(answer)
    answer = post(clerk, f"{second.pk}/decide/", verdict="absent")
    assert "確認待ちの記録は、いまはありません。" in text(answer)
    assert SameAs.objects.get().confirmed_by == clerk.staff


def test_the_last_decision_is_undone_from_the_page(clerk, typed, resident):
    record = typed()
    post(clerk, f"{record.pk}/decide/", verdict="other", into=str(resident.pk))
    answer = post(clerk, "undo/")
    assert answer.redirect_chain == [(f"/desk/matching/{record.pk}/", 302)]
    assert "候補 1 / 1" in text(answer)


def test_whoever_is_second_is_told_and_goes_on(clerk, typed, resident, staff, sign_in):
    record, other = typed(), typed(birth="1970-01-03")
    second = sign_in(staff("shelter"))
    assert "ほかの職員が確認しています" not in text(second.get(f"/desk/matching/{record.pk}/"))
    post(clerk, "next/")
    assert "ほかの職員が確認しています" in text(second.get(f"/desk/matching/{record.pk}/"))
    post(clerk, f"{record.pk}/decide/", verdict="absent")
    answer = post(second, f"{record.pk}/decide/", verdict="same", into=str(resident.pk))
    assert "住基 花子 さんが「住民記録にない方」と決めています。" in text(answer)
    assert not SameAs.objects.exists()
    assert TypedRecord.objects.get(pk=other.pk).outcome == "likely"


def test_later_puts_it_behind_the_others(clerk, typed):
    first, second = typed(), typed(birth="1970-01-03")
    answer = post(clerk, f"{first.pk}/later/")
    assert answer.redirect_chain == [(f"/desk/matching/{second.pk}/", 302)]


def test_a_wrong_link_is_taken_apart_with_a_reason(clerk, typed, resident):
    record = typed(birth="1970-01-02")
    assert SameAs.objects.filter(until=None).exists()
    assert clerk.post(f"/desk/matching/{record.pk}/apart/", {"reason": ""}).status_code == 422
    answer = post(clerk, f"{record.pk}/apart/", reason="同姓同名の別の方")
    assert "外しました" in text(answer)
    assert not SameAs.objects.filter(until=None).exists()


def test_what_hung_on_it_is_assigned_on_a_page(clerk, event, home, resident):
    made = desk.add_household(by=clerk.staff, disaster=event, people=[HEAD], address="西町1")
    desk.write_by_hand(by=clerk.staff, household=home, kind="telephone", text="090-0000-2222")
    record = made.members.get().pk
    answer = post(clerk, f"{record}/apart/", reason="別の方")
    assert answer.redirect_chain[-1][0] == "/desk/matching/assign/"
    assert "電話番号の記入" in text(answer)
    row = ToAssign.objects.get()
    assert "090" not in row.title
    answer = post(clerk, f"assign/{row.pk}/", side="both")
    assert "振り分け待ちの記録はありません" in text(answer)
    assert "090-0000-2222" in text(clerk.get(f"/desk/households/{made.pk}/"))


def test_somebody_else_is_looked_up_by_hand(clerk, typed, event, household):
    other = household(event, [{"name": "鈴木 次郎", "kana": "スズキ ジロウ", "birth": "1988-08-08"}])
    words.add(other.members.all())
    record = typed(name="旅野 めぐる", kana="", birth="1999-09-09")
    assert "似た方は見つかりません" in text(clerk.get(f"/desk/matching/{record.pk}/"))
    page = text(clerk.post(f"/desk/matching/{record.pk}/", {"q": "鈴木 次郎"}))
    assert str(other.members.get().pk) in page
    post(clerk, f"{record.pk}/decide/", verdict="same", into=str(other.members.get().pk))
    assert SameAs.objects.get().into == other.members.get()


def test_the_lists_the_counts_and_the_household_say_the_state(clerk, typed, home, resident):
    record = typed(birth="1970-01-02")
    assert f"/desk/matching/{record.pk}/" in text(clerk.get("/desk/matching/list/?state=certain"))
    assert "自動で結び付け（未確認）" in text(clerk.get(f"/desk/households/{home.pk}/"))
    post(clerk, f"{record.pk}/decide/", verdict="same", into=str(resident.pk), proof="document")
    assert "結び付け済み" in text(clerk.get(f"/desk/households/{home.pk}/"))
    assert "住民記録と結び付け済み（本人確認書類で確認）" in text(clerk.get("/desk/matching/list/?state=decided"))


def test_the_hidden_are_on_no_page_and_in_no_count(clerk, typed, resident, staff, sign_in):
    record = typed()
    Protection.objects.create(source="desk", person=resident)
    services.match_now([record.pk])
    page = text(clerk.get(f"/desk/matching/{record.pk}/"))
    assert "似た方は見つかりません" in page
    assert str(resident.pk) not in text(clerk.get(f"/desk/matching/{record.pk}/?candidate={resident.pk}"))
    assert "確認を始める" not in text(clerk.get("/desk/matching/"))
    chief = sign_in(staff("register", sees_protected=True))
    assert str(resident.pk) in text(chief.get(f"/desk/matching/{record.pk}/"))
    certain = typed(birth="1970-01-02")
    assert clerk.get(f"/desk/matching/{certain.pk}/").status_code == 404


def test_a_page_that_is_read_changes_nothing(clerk, typed):
    record = typed()
    before = (TypedRecord.objects.values().get(), MatchDecision.objects.count(), SameAs.objects.count())
    for path in ("", "list/", "assign/", f"{record.pk}/"):
        assert clerk.get(f"/desk/matching/{path}").status_code == 200
    assert (TypedRecord.objects.values().get(), MatchDecision.objects.count(), SameAs.objects.count()) == before
    assert queries.counts(clerk.staff).likely == 1


def test_of_several_that_were_looked_up_none_is_decided_by_a_key_before_it_is_chosen(clerk, typed, event, household):
    twins = [household(event, [{"name": "鈴木 次郎", "birth": f"198{n}-08-08"}]) for n in range(2)]
    for home in twins:
        words.add(home.members.all())
    record = typed(name="旅野 めぐる", kana="", birth="1999-09-09")
    page = text(clerk.post(f"/desk/matching/{record.pk}/", {"q": "鈴木 次郎"}))
    assert "見つかった方（2人）" in page
    assert 'value="same" data-key="1"' not in page
    chosen = twins[1].members.get().pk
    assert f'name="into" value="{chosen}"' in text(clerk.get(f"/desk/matching/{record.pk}/?candidate={chosen}"))


def test_with_nothing_to_take_back_the_case_stays(clerk, typed):
    record = typed()
    answer = post(clerk, "undo/", record=str(record.pk))
    assert answer.redirect_chain == [(f"/desk/matching/{record.pk}/", 302)]
    assert "取り消せる判断がありません。" in text(answer)


def test_what_others_have_before_them_is_not_said_to_be_nothing(clerk, typed, staff, sign_in):
    typed()
    post(sign_in(staff("shelter")), "next/")
    assert "残りの記録は、ほかの職員が確認しています" in text(post(clerk, "next/"))


def test_a_decided_case_leads_on_and_an_empty_queue_says_where_records_come_from(clerk, typed):
    assert "手で入力された方は、まだいません" in text(clerk.get("/desk/matching/"))
    record = typed()
    post(clerk, f"{record.pk}/decide/", verdict="absent")
    assert "次の記録を確認する" in text(clerk.get(f"/desk/matching/{record.pk}/"))


def test_old_and_new_forms_of_a_character_are_not_called_the_same_without_a_word(clerk, typed, event, household):
    home = household(event, [{"name": "斉藤 誠", "kana": "サイトウ マコト", "birth": "1966-04-01"}])
    words.add(home.members.all())
    record = typed(name="齊藤 誠", kana="サイトウ マコト", birth="1966-04-01", address="")
    assert "同じ（字形だけ違う）" in text(clerk.get(f"/desk/matching/{record.pk}/"))
