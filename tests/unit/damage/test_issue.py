import pytest
from django.urls import reverse

from backend.accounts.models import AuditRow
from backend.core.errors import Conflict, Forbidden, NotFound, Refused
from backend.core.fields import uuid7
from backend.damage.certificates import queries, services
from backend.documents.fonts import Held
from backend.documents.models import Issue
from backend.ledger.matching import services as matching
from backend.ledger.models import SameAs
from backend.ledger.services import add_household

HOW = {"purpose": "保険金の請求", "id_checked": "licence"}


@pytest.fixture
def home(disaster, household):
    return household(
        disaster(),
        [{"name": "髙﨑 一郎"}, {"name": "髙﨑 花子", "relationship": "妻", "birth": "1972-11-00"}],
        building="１０１号",
    )


def test_one_step_freezes_what_stands_in_the_ledger(home, staff):
    found = services.issue_hisai(by=staff("tax"), household_id=home.id, **HOW)
    home.members.update(name="別の 名前")
    content = Issue.objects.get(pk=found.id).content
    assert content["head"] == {"name": "髙﨑 一郎", "address": "大浜市西町１番地　１０１号"}
    assert content["members"][1] == {"name": "髙﨑 花子", "relationship": "妻", "birth": "昭和47年11月（日不詳）"}
    assert (content["disaster"], content["occurred"]) == ("大浜沖地震", "令和8年11月18日")
    assert content["household_number"] == home.disaster_number
    assert AuditRow.objects.filter(act="documents.issue").count() == 1


def test_a_second_one_is_not_issued_but_a_copy_is(home, staff):
    clerk = staff("tax")
    found = services.issue_hisai(by=clerk, household_id=home.id, **HOW)
    with pytest.raises(Conflict, match=found.number_text):
        services.issue_hisai(by=clerk, household_id=home.id, **HOW)
    copy = services.copy_hisai(by=clerk, issue_id=found.id, reason="紛失", receiver="member", id_checked="passport")
    assert (copy.number, Issue.objects.count()) == (2, 1)


def test_after_a_withdrawal_the_household_gets_a_new_one(home, staff):
    clerk = staff("tax")
    old = services.issue_hisai(by=clerk, household_id=home.id, **HOW)
    services.withdraw_hisai(by=clerk, issue_id=old.id, reason="記載の誤り")
    new = services.issue_hisai(by=clerk, household_id=home.id, **HOW)
    assert (new.number, new.replaces) == (2, old)


def test_they_may_have_been_struck_elsewhere(home, staff):
    found = services.issue_hisai(by=staff("tax"), household_id=home.id, place="大浜市港町５番地", **HOW)
    assert (found.content["place"], found.content["head"]["address"]) == (
        "大浜市港町５番地",
        "大浜市西町１番地　１０１号",
    )


@pytest.mark.parametrize("division", ["welfare", "shelter", "administrator", "auditor"])
def test_only_the_tax_division_issues(home, staff, division):
    with pytest.raises(Forbidden):
        services.issue_hisai(by=staff(division), household_id=home.id, **HOW)


def test_what_cannot_be_certified_is_refused_with_the_reason(home, disaster, household, staff):
    clerk, event = staff("tax"), home.disaster
    with pytest.raises(NotFound):
        services.issue_hisai(by=clerk, household_id=uuid7(), **HOW)
    unknown = household(event, [{"name": "名乗り 仮"}], kind="unknown", household_no=None)
    with pytest.raises(Refused, match="未確認"):
        services.issue_hisai(by=clerk, household_id=unknown.id, **HOW)
    with pytest.raises(Refused, match="世帯員"):
        services.issue_hisai(by=clerk, household_id=household(event, []).id, **HOW)
    with pytest.raises(Refused, match="使用目的"):
        services.issue_hisai(by=clerk, household_id=home.id, purpose=" ", id_checked="licence")
    with pytest.raises(Refused, match="本人確認"):
        services.issue_hisai(by=clerk, household_id=home.id, purpose="保険", id_checked="face")


def test_before_the_register_is_there_who_shows_a_document_is_taken_at_their_word(disaster, household, staff):
    event, clerk = disaster(), staff("tax")
    told = add_household(by=clerk, disaster=event, people=[{"name": "名乗り 仮"}], address="大浜市西町9番地")
    found = services.issue_hisai(by=clerk, household_id=told.pk, **HOW)
    assert found.content["head"] == {"name": "名乗り 仮", "address": "大浜市西町9番地"}

    event.refresh_from_db()
    late = household(event, [{"name": "名乗り 仮"}], address="大浜市西町9番地")  # the register has come
    event.refresh_from_db()
    other = add_household(by=clerk, disaster=event, people=[{"name": "別の 者"}])
    with pytest.raises(Refused, match="未確認"):
        services.issue_hisai(by=clerk, household_id=other.pk, **HOW)
    matching.decide(by=clerk, record=told.members.get().pk, verdict="same", into=late.members.get().pk)
    with pytest.raises(Conflict, match=found.number_text):  # they have theirs already
        services.issue_hisai(by=clerk, household_id=late.pk, **HOW)


def test_what_was_issued_on_their_word_is_copied_once_the_register_knows_them(disaster, household, staff, sign_in):
    event, clerk = disaster(), staff("tax")
    names = [{"name": "名乗り 仮"}, {"name": "名乗り 某"}]
    told = add_household(by=clerk, disaster=event, people=names, address="大浜市西町9番地")
    found = services.issue_hisai(by=clerk, household_id=told.pk, **HOW)

    def copy():
        return services.copy_hisai(by=clerk, issue_id=found.pk, reason="紛失", receiver="member", id_checked="licence")

    def page():
        return sign_in(clerk).get(reverse("damage:document", args=[found.pk])).content.decode()

    assert copy().which == "2"
    event.refresh_from_db()
    late = household(event, names, address="大浜市西町9番地")  # the register has come
    first, second = told.members.order_by("position")
    into = list(late.members.order_by("position"))
    with pytest.raises(services.Unmatched, match="名寄せで住民記録の方と結び付けて"):
        copy()
    assert reverse("matching:case", args=[first.pk]) in page()
    assert "再交付する</h2>" not in page()
    matching.decide(by=clerk, record=first.pk, verdict="same", into=into[0].pk)
    with pytest.raises(services.Unmatched) as one_left:
        copy()
    assert one_left.value.records == [second.pk]
    SameAs.objects.create(person=second, into=into[1], ground="rule")
    with pytest.raises(services.Unconfirmed, match="自動で結び付いて"):
        copy()
    assert "住民記録との結び付きが未確認です" in page()
    matching.decide(by=clerk, record=second.pk, verdict="same", into=into[1].pk)
    assert copy().which == "3"
    assert "再交付する</h2>" in page()


def test_a_name_that_cannot_be_printed_holds_the_certificate(home, household, staff):
    other = household(home.disaster, [{"name": "山本 一"}, {"name": "山\ue123 二"}])
    with pytest.raises(Held, match="世帯員2の氏名の2文字目（U\\+E123）"):
        services.issue_hisai(by=staff("tax"), household_id=other.id, **HOW)
    assert not Issue.objects.exists()


def test_a_certificate_of_a_drill_says_so(disaster, household, staff):
    home = household(disaster("2027", drill=True), [{"name": "訓練 太郎"}])
    assert services.issue_hisai(by=staff("tax"), household_id=home.id, **HOW).content["mark"] == "訓練"


def test_the_household_page_gets_its_part(home, staff):
    clerk = staff("tax")
    assert queries.doors(home.id, clerk)[1]["count"] == 0
    found = services.issue_hisai(by=clerk, household_id=home.id, **HOW)
    services.copy_hisai(by=clerk, issue_id=found.id, reason="紛失", receiver="agent", id_checked="licence")
    services.withdraw_hisai(by=clerk, issue_id=found.id, reason="記載の誤り")
    titles = [entry["title"] for entry in queries.timeline(home.id, clerk)]
    assert titles == ["被災証明書を失効", "被災証明書を再交付（2通目）", "被災証明書を交付"]
    assert queries.doors(home.id, clerk)[1]["count"] == 0
    assert queries.timeline(home.id, staff("shelter")) == []
    assert queries.doors(home.id, staff("shelter")) == []


def test_in_the_demo_a_stranger_sees_it_at_once(home, staff, client, django_capture_on_commit_callbacks):
    clerk = staff("tax")
    with django_capture_on_commit_callbacks(execute=True):
        found = services.issue_hisai(by=clerk, household_id=home.id, **HOW)
    assert "本物です" in client.get(f"/verify/{found.token}").content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        services.withdraw_hisai(by=clerk, issue_id=found.id, reason="記載の誤り")
    page = client.get(f"/verify/{found.token}").content.decode()
    assert "失効しています" in page
    assert "髙﨑" not in page
