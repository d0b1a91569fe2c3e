"""The pages of the register of disclosures: the whole way, who may, what is logged, what is never shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from backend.accounts.models import AccessLog
from backend.core.clock import today
from backend.ledger import words
from backend.ledger.disclosures import consents, services
from backend.ledger.matching.records import of_people, put_records
from backend.ledger.models import Disclosure, DisclosureConsent, Person, SameAs
from backend.ledger.services import ask_protection


@pytest.fixture
def home(disaster, household):
    return household(
        disaster(),
        [{"name": "髙𣘺 一郎", "kana": "タカハシ イチロウ"}, {"name": "髙𣘺 花子", "kana": "タカハシ ハナコ"}],
    )


@pytest.fixture
def clerk(staff):
    return staff("welfare")


@pytest.fixture
def client(clerk, sign_in):
    return sign_in(clerk)


@pytest.fixture
def council(clerk):
    return consents.add_recipient(by=clerk, name="大浜市社会福祉協議会", kind="body")


def typed(recipient, **fields):
    day = today()
    return {
        "recipient": str(recipient.pk) if recipient else "self",
        "asker": "福祉 太郎",
        "contact": "0000-00-0001",
        "ground": "consent",
        "purpose": "見守り訪問",
        "items": ["name", "address"],
        "period_from": day.isoformat(),
        "period_until": (day + timedelta(days=30)).isoformat(),
        **fields,
    }


@pytest.fixture
def handed(home, clerk, staff, council):
    """The head's name and address handed over to the council."""
    head = home.members.get(is_head=True)
    consents.give_consent(by=clerk, person=head, recipient=council, since=today(), until=None, stated="paper")
    row = services.draft(
        by=clerk,
        disaster=home.disaster,
        recipient=council,
        ground="consent",
        items=["name", "address"],
        asker="福祉 太郎",
        contact="0000-00-0001",
        purpose="見守り訪問",
        period_from=today(),
        period_until=today(),
    )
    services.choose(by=clerk, disclosure=row, people=[head.pk], way="household")
    services.ask(by=clerk, disclosure=row)
    services.decide(by=staff("register", is_supervisor=True), disclosure=row, approve=True)
    services.hand_over(by=clerk, disclosure=row)
    row.refresh_from_db()
    return row


def test_from_the_asker_to_the_file_and_its_deletion(home, client, staff, sign_in, council):
    head = home.members.get(is_head=True)
    answer = client.post(
        reverse("disclosures:received", args=[home.pk]),
        {"person": str(head.pk), "recipient": str(council.pk), "since": "2026-11-20", "until": "", "stated": "paper"},
    )
    assert answer.status_code == 302
    page = client.post(reverse("disclosures:new"), typed(council), follow=True)
    row = Disclosure.objects.get()
    assert "対象者を選ぶ" in page.content.decode()
    choose = reverse("disclosures:choose", args=[row.pk])
    page = client.post(choose, {"way": "household", "number": home.disaster_number}, follow=True).content.decode()
    assert "2人を対象者に加えました" in page
    page = client.post(reverse("disclosures:ask", args=[row.pk]), follow=True).content.decode()
    assert "承認を待っています" in page
    chief = sign_in(staff("register", is_supervisor=True))
    assert "この提供先への同意がない" in chief.get(reverse("disclosures:decide", args=[row.pk])).content.decode()
    chief.post(reverse("disclosures:decide", args=[row.pk]), {"approve": "1"})
    assert "1人です" in client.get(reverse("disclosures:hand_over", args=[row.pk])).content.decode()
    page = client.post(reverse("disclosures:hand_over", args=[row.pk]), follow=True).content.decode()
    assert "Shift_JISでは表せない文字があります" in page
    assert "2行目" in page
    file = client.get(reverse("disclosures:file", args=[row.pk, "utf-8"]))
    assert file.content.decode("utf-8-sig") == "氏名,住所\r\n髙𣘺 一郎,大浜市西町１番地\r\n"
    file = client.get(reverse("disclosures:file", args=[row.pk, "shift_jis"]))
    assert file.content.decode("cp932").split("\r\n")[1].startswith("髙〓 一郎")
    assert "髙𣘺 一郎" in client.get(reverse("disclosures:print", args=[row.pk])).content.decode()
    client.post(reverse("disclosures:close", args=[row.pk]), {"ending": "deleted", "note": "報告書"})
    row.refresh_from_db()
    assert row.status == "closed"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"items": []}, "選んでください"),
        ({"ground": "municipality"}, "この根拠"),
        ({"period_until": "2020-01-01"}, "初日"),
        ({"items": ["name", "atena_no"]}, "宛名番号"),
        ({"period_from": "あした"}, "日付として読めません"),
    ],
)
def test_what_is_typed_wrong_is_said_at_its_field(home, client, council, fields, says):
    answer = client.post(reverse("disclosures:new"), typed(council, **fields))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Disclosure.objects.exists()


def test_people_are_chosen_in_every_way(home, client, clerk, council, household):
    other = household(home.disaster, [{"name": "佐藤 次郎", "kana": "サトウ ジロウ"}])
    words.rebuild(home.disaster)
    client.post(reverse("disclosures:new"), typed(council))
    row = Disclosure.objects.get()
    url = reverse("disclosures:choose", args=[row.pk])
    page = client.post(url, {"way": "find", "kana": "さとう", "birth": "", "text": ""}).content.decode()
    person = other.members.get()
    assert str(person.pk) in page
    client.post(url, {"way": "search", "person": [str(person.pk)]})
    assert {one.person_id for one in row.people.all()} == {person.pk}
    head = home.members.get(is_head=True)
    page = client.post(url, {"way": "numbers", "numbers": f"{head.atena_no} 999"}, follow=True).content.decode()
    assert "台帳にない宛名番号が1件ありました：999" in page
    second = home.members.get(is_head=False)
    consents.give_consent(by=clerk, person=second, recipient=council, since=today(), until=None, stated="spoken")
    client.post(url, {"way": "consented"})
    assert {one.way for one in row.people.all()} == {"search", "numbers", "consented"}
    wrong = client.post(url, {"way": "household", "number": "なし"})
    assert (wrong.status_code, "世帯はありません" in wrong.content.decode()) == (422, True)
    assert client.post(url, {"way": "place", "place": "どこか"}).status_code == 422
    client.post(reverse("disclosures:take_off", args=[row.pk]), {"person": str(person.pk)})
    assert row.people.filter(taken_off_at=None).count() == 2


def test_people_of_a_shelter_with_the_answer_they_gave_there(home, client, staff, sign_in, clerk):
    from backend.facilities.models import Facility
    from backend.shelters import services as shelters
    from backend.shelters.people import evacuee_of
    from backend.shelters.wishes import state_consent

    keeper = staff("shelter")
    place = Facility.objects.create(open_data_id="OH1", name="大浜第一小学校", kind="shelter")
    opening = shelters.open_shelter(by=keeper, facility=place)
    head = home.members.get(is_head=True)
    shelters.check_in_household(by=keeper, opening=opening, household=home.pk, persons=[head.pk])
    state_consent(by=keeper, evacuee=evacuee_of(head), item="other_bodies", given=True)
    named = consents.add_recipient(by=clerk, name="災害ボランティアセンター", kind="body", named_at_shelters=True)
    client.post(reverse("disclosures:new"), typed(named, items=["name", "whereabouts"]))
    row = Disclosure.objects.get()
    page = client.post(
        reverse("disclosures:choose", args=[row.pk]), {"way": "place", "place": str(opening)}, follow=True
    ).content.decode()
    assert "1人を対象者に加えました" in page
    assert '渡せる方 <b class="number">1人' in page
    # Who is at a shelter is not for divisions that may not read its roster.
    other = sign_in(staff("tax"))
    url = reverse("disclosures:choose", args=[row.pk])
    assert "大浜第一小学校" not in other.get(url).content.decode()
    assert other.post(url, {"way": "place", "place": str(opening)}).status_code == 422
    state_consent(by=keeper, evacuee=evacuee_of(head), item="other_bodies", given=False)
    page = client.get(reverse("disclosures:disclosure", args=[row.pk])).content.decode()
    assert "この提供先への同意がない" in page


def test_who_received_my_data_is_one_click_from_the_household(home, handed, client):
    page = client.get(reverse("desk:household", args=[home.pk])).content.decode()
    url = reverse("disclosures:received", args=[home.pk])
    assert url in page
    assert "台帳情報の提供" in page
    before = AccessLog.objects.count()
    page = client.get(url).content.decode()
    assert "大浜市社会福祉協議会" in page
    assert "氏名、住所" in page
    assert "どこにも提供していません" in page  # the other member
    head = home.members.get(is_head=True)
    paper = client.get(reverse("disclosures:printed", args=[home.pk, head.pk])).content.decode()
    assert "大浜市西町１番地" in paper
    assert "花子" not in paper
    rows = list(AccessLog.objects.order_by("id")[before:])
    assert [(row.what, row.subject) for row in rows] == [
        ("household", f"household:{home.pk}"),
        ("export", f"person:{head.pk}"),
    ]


def test_a_consent_is_noted_for_every_member_and_not_only_for_the_first(home, client, council):
    url = reverse("disclosures:received", args=[home.pk])
    for member in home.members.all():
        said = {
            "person": str(member.pk),
            "recipient": str(council.pk),
            "since": today().isoformat(),
            "stated": "spoken",
        }
        assert f"{member.name}さんの、" in client.post(url, said, follow=True).content.decode()
    assert DisclosureConsent.objects.count() == home.members.count() == 2


def test_a_second_tab_is_told_how_it_stands_on_the_page_of_the_disclosure(handed, client):
    row = Disclosure.objects.get()
    for act in ("cancel", "hand_over"):
        for send in (client.get, client.post):
            answer = send(reverse(f"disclosures:{act}", args=[row.pk]), follow=True)
            assert answer.redirect_chain == [(reverse("disclosures:disclosure", args=[row.pk]), 302)], act
            assert f"「{row.get_status_display()}」になっています" in answer.content.decode()
    assert Disclosure.objects.get().status == row.status


def test_withdrawing_says_to_whom_it_had_gone(home, handed, client, council):
    consent = DisclosureConsent.objects.get()
    url = reverse("disclosures:withdraw", args=[home.pk, consent.pk])
    page = client.get(url).content.decode()
    assert "すでに渡した情報は、提供先に残っています" in page
    assert "氏名、住所" in page
    assert "同意を取りやめました" in client.post(url, follow=True).content.decode()
    assert client.post(url).status_code == 409


def test_somebody_hidden_is_on_no_page(home, handed, client, clerk, staff, sign_in):
    head = home.members.get(is_head=True)
    ask_protection(by=clerk, person=head)
    for url in (
        reverse("disclosures:disclosure", args=[handed.pk]),
        reverse("disclosures:received", args=[home.pk]),
        reverse("disclosures:print", args=[handed.pk]),
        reverse("desk:household", args=[home.pk]),
    ):
        page = client.get(url).content.decode()
        assert "一郎" not in page, url
    assert client.get(reverse("disclosures:printed", args=[home.pk, head.pk])).status_code == 404
    assert "一郎" not in client.get(reverse("disclosures:file", args=[handed.pk, "utf-8"])).content.decode()
    consent = DisclosureConsent.objects.get()
    assert client.get(reverse("disclosures:withdraw", args=[home.pk, consent.pk])).status_code == 404
    seeing = sign_in(staff("welfare", sees_protected=True))
    assert "一郎" in seeing.get(reverse("disclosures:received", args=[home.pk])).content.decode()


def test_only_who_may_know_is_told_of_people_left_out_as_protected(home, client, clerk, staff, sign_in, council):
    client.post(reverse("disclosures:new"), typed(council))
    row = Disclosure.objects.get()
    client.post(reverse("disclosures:choose", args=[row.pk]), {"way": "household", "number": home.disaster_number})
    ask_protection(by=clerk, person=home.members.get(is_head=False))
    url = reverse("disclosures:disclosure", args=[row.pk])
    assert "秘匿" not in client.get(url).content.decode()
    page = sign_in(staff("welfare", sees_protected=True)).get(url).content.decode()
    assert '秘匿のため除く <b class="number">1人' in page


def test_each_division_may_what_the_table_says(home, handed, staff, sign_in):
    pages = ("disclosures:index", "disclosures:new", "disclosures:recipients")
    for division, expected in (
        ("auditor", (200, 403, 403)),
        ("tax", (200, 200, 200)),
        ("supplies", (403, 403, 403)),
        ("publicity", (403, 403, 403)),
    ):
        client = sign_in(staff(division))
        assert tuple(client.get(reverse(name)).status_code for name in pages) == expected
    auditor = sign_in(staff("auditor"))
    assert auditor.get(reverse("disclosures:disclosure", args=[handed.pk])).status_code == 200
    assert auditor.get(reverse("disclosures:file", args=[handed.pk, "utf-8"])).status_code == 403
    page = auditor.get(reverse("disclosures:received", args=[home.pk])).content.decode()
    assert "同意を記録する" not in page


def test_the_list_names_nobody_of_the_ledger(home, handed, client):
    page = client.get(reverse("disclosures:index")).content.decode()
    assert "大浜市社会福祉協議会" in page
    assert Person.objects.first().name not in page
    assert client.get(reverse("disclosures:index"), {"status": "draft"}).content.decode().count("第1号") == 0


def test_a_recipient_is_ended_after_asking_and_stays_in_the_record(home, handed, client, council):
    ask = client.get(reverse("disclosures:end_recipient", args=[council.pk])).content.decode()
    assert "「大浜市社会福祉協議会」を終了しますか" in ask
    assert "大浜市社会福祉協議会" in client.get(reverse("disclosures:new")).content.decode()
    assert (
        "終了しました"
        in client.post(reverse("disclosures:end_recipient", args=[council.pk]), follow=True).content.decode()
    )
    assert "大浜市社会福祉協議会" not in client.get(reverse("disclosures:new")).content.decode()
    assert "大浜市社会福祉協議会" in client.get(reverse("disclosures:received", args=[home.pk])).content.decode()
    answer = client.post(reverse("disclosures:new"), typed(council))
    assert answer.status_code == 422


def test_an_auditor_reads_the_register_over_the_api(home, handed, clerk, staff, sign_in):
    auditor = sign_in(staff("auditor"))
    (row,) = auditor.get("/api/v1/disclosures/?disaster=2026").json()
    assert (row["to"], row["status"], row["items"]) == ("大浜市社会福祉協議会", "handed", ["name", "address"])
    assert row["source"] == "災害対策基本法 第90条の4第1項第1号"
    assert len(row["sha256"]) == 64
    url = f"/api/v1/households/{home.pk}/disclosures/"
    (line,) = auditor.get(url).json()
    head = home.members.get(is_head=True)
    assert (line["person"], line["items"]) == (str(head.pk), ["氏名", "住所"])
    ask_protection(by=clerk, person=head)
    assert auditor.get(url).json() == []
    assert auditor.get("/api/v1/disclosures/?disaster=9999").status_code == 404
    assert sign_in(staff("publicity")).get(url).status_code == 403


@pytest.fixture
def linked(home, household):
    """Somebody typed by hand whom only the machine has linked to the head."""
    other = household(home.disaster, [{"name": "高橋 一郎", "atena_no": None}], kind="outside", household_no=None)
    person = other.members.get()
    put_records(room="ledger", rows=of_people([person]), disaster=home.disaster)
    SameAs.objects.create(person=person, into=home.members.get(is_head=True), ground="氏名・生年月日")
    return person


def confirm(client, person, home, back):
    said = {"into": home.members.get(is_head=True).pk, "proof": "records", "back": back}
    return client.post(reverse("matching:confirm", args=[person.pk]), said, follow=True)


def test_who_is_left_out_for_a_link_that_nobody_confirmed_is_confirmed_on_the_page(linked, home, clerk, client):
    said = {key: value for key, value in typed(None).items() if key != "recipient"}
    said |= {"ground": "self", "items": ["name"], "period_from": today(), "period_until": today()}
    row = services.draft(by=clerk, disaster=home.disaster, recipient=None, **said)
    services.choose(by=clerk, disclosure=row, people=[linked.pk], way="search")
    url = reverse("disclosures:disclosure", args=[row.pk])
    page = client.get(url).content.decode()
    assert "住民記録との結び付きが未確認です" in page
    assert 'いま渡せる方 <b class="number">0人' in page
    page = confirm(client, linked, home, url).content.decode()
    assert "住民記録との結び付きが未確認です" not in page
    assert 'いま渡せる方 <b class="number">1人' in page


def test_what_somebody_agreed_to_as_typed_counts_for_the_resident_once_confirmed(linked, home, clerk, client, council):
    consents.give_consent(by=clerk, person=linked, recipient=council, since=today(), until=None, stated="spoken")
    url = reverse("disclosures:received", args=[home.pk])
    page = client.get(url).content.decode()
    assert "住民記録との結び付きが未確認です" in page
    assert "同意の記録はありません" in page
    page = confirm(client, linked, home, url).content.decode()
    assert "住民記録との結び付きが未確認です" not in page
    assert "（口頭）" in page


def test_who_may_not_decide_is_told_who_may(linked, home, staff, sign_in):
    page = sign_in(staff("housing")).get(reverse("disclosures:received", args=[home.pk])).content.decode()
    assert "確認を依頼してください" in page
    assert "高橋 一郎" not in page
