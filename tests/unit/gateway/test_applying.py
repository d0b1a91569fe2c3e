"""罹災証明書の申請 from a telephone: what is typed is sealed at once, nothing typed is lost, and nobody asks too often."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from backend.core import clock
from backend.core.clock import now
from backend.core.errors import Refused
from backend.damage.applications import rules as inside
from backend.damage.surveys import rules as surveys
from backend.gateway import services as bundles
from backend.gateway.applying import packages, rules, services, views
from backend.gateway.models import ApplicationState, SealedForm, SealedPicture
from backend.gateway.rules import BundleError, write
from backend.gateway.sealing import NotOurs, new_pair, seal, unseal

pytestmark = pytest.mark.django_db
DISASTER = "01990000-0000-7000-8000-00000000d15a"
TYPED = {
    "disaster": DISASTER, "applicant": "resident", "name": "𠮷野 花子", "kana": "よしの はなこ", "birth": "S45.1.2",
    "telephone": "090-1234-5678", "address": "西小学校 避難所", "head_address": "大浜市西町5番地", "cause": "earthquake",
    "what_1": "dwelling", "what_2": "building", "what_3": "dwelling", "damage": "屋根瓦が落ちた", "copies": "2",
    "purpose": "保険金の請求", "form": "f" * 32,
}  # fmt: skip
SECRETS = ["𠮷野", "花子", "よしの", "1970-01-02", "S45.1.2", "090", "西小学校", "西町", "屋根瓦", "保険金"]


def picture(width=64, height=48, colour="grey", kind="JPEG"):
    out = BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def upload(data, name="house.jpg"):
    return SimpleUploadedFile(name, data, "image/jpeg")


def text(answer):
    return answer.content.decode()


def number_of(answer):
    return re.search(r'verdict__word code">([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})<', text(answer))[1]


def load(states=(), *, minutes=0, public=None):
    desks = [{"disaster": DISASTER, "name": "大浜地震", "since": "2026-11-19", "key": "0a" * 4, "public": public}]
    parts = {"desks": desks if public else [], "applications": states}
    bundles.load(data=write(parts, made_at=now() + timedelta(minutes=minutes), municipality="999997")[0])


@pytest.fixture
def private():
    own, public = new_pair()
    load(public=public)
    return own


@pytest.fixture
def resident():
    return Client(enforce_csrf_checks=True)


def opened(private, form=None):
    row = form or SealedForm.objects.get()
    return json.loads(unseal(private, bytes(row.body), row.pk))


def test_only_the_private_half_opens_and_only_what_it_was_sealed_about():
    own, public = new_pair()
    sealed = seal(public, b"told", "a")
    assert unseal(own, sealed, "a") == b"told"
    assert sealed != seal(public, b"told", "a")
    for key, data, about in (
        (new_pair()[0], sealed, "a"),
        (own, sealed, "b"),
        (own, sealed[:-1], "a"),
        (own, b"", "a"),
    ):
        with pytest.raises(NotOurs):
            unseal(key, data, about)


def test_the_choices_are_those_of_inside():
    assert set(rules.APPLICANTS) == set(inside.APPLICANTS)
    assert set(rules.CAUSES) == set(surveys.CAUSES)
    assert set(rules.WHAT) == set(inside.WHAT)
    assert set(rules.PICTURES) <= set(inside.FILES)
    assert rules.FOR_ANOTHER == inside.OF_ANOTHER
    assert rules.MOST_COPIES == inside.MOST_COPIES
    assert rules.PLACES <= inside.MOST_HOUSES


def test_without_an_open_desk_it_says_where_to_apply(resident):
    assert "窓口か電話" in text(resident.get("/apply/"))
    assert resident.post("/apply/", TYPED).status_code == 409
    with pytest.raises(BundleError):
        write({"applications": [{"lookup": "0" * 64, "state": "sent"}]}, made_at=now(), municipality="999997")


def test_an_application_is_sealed_at_once_and_a_number_given(private, resident):
    page = resident.get("/apply/")
    assert page.status_code == 200
    answer = resident.post("/apply/", TYPED | {"photos": [upload(picture()), upload(picture(colour="red"))]})
    assert answer.status_code == 200, text(answer)
    assert not answer.cookies
    assert not page.cookies
    assert answer["Cache-Control"] == "no-store"
    row = SealedForm.objects.get()
    said = opened(private)
    assert said["said"]["name"] == "𠮷野 花子"
    assert said["said"]["birth"] == "1970-01-02"
    assert said["said"]["places"] == [{"place": "大浜市西町5番地", "what": "dwelling"}]
    assert rules.shown_number(said["number"]) == number_of(answer)
    first = SealedPicture.objects.get(pk=said["pictures"][0]["id"])
    assert unseal(private, bytes(first.body), first.pk) == picture()
    stored = bytes(row.body) + b"".join(bytes(one.body) for one in row.pictures.all()) + row.pk.encode()
    assert not [secret for secret in [*SECRETS, said["number"]] if secret.encode() in stored]


def test_the_consent_to_be_judged_by_photographs_is_asked_for_and_never_taken_for_granted(private, resident):
    page = text(resident.get("/apply/"))
    assert "写真による判定（準半壊に至らない（一部損壊））に同意する" in page
    assert "後から現地の調査を申し込む" in page
    assert "同意しない（現地の調査を待つ）" in text(resident.post("/apply/", TYPED))
    assert opened(private)["said"]["photo_consent"] is False
    SealedForm.objects.all().delete()
    assert "同意する（準半壊に至らない" in text(resident.post("/apply/", TYPED | {"photo_consent": "on"}))
    assert opened(private)["said"]["photo_consent"] is True


def test_sent_twice_it_is_one_application_and_another_person_another_one(private, resident):
    first = resident.post("/apply/", TYPED | {"photos": upload(picture())})
    again = resident.post("/apply/", TYPED | {"photos": upload(picture())})
    assert number_of(first) == number_of(again)
    assert "二重には受け付けていません" in text(again)
    assert (SealedForm.objects.count(), SealedPicture.objects.count()) == (1, 1)
    assert number_of(resident.post("/apply/", TYPED | {"name": "𠮷野 太郎"})) != number_of(first)
    assert SealedForm.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "JPEG か PNG"),
        (b"%PDF-1.7", "JPEG か PNG"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (picture()[:300], "途中で切れ"),
        (picture(6000, 5100, kind="PNG"), "画素が多すぎます（6000×5100）"),
    ],
)
def test_a_wrong_picture_is_named_and_nothing_typed_is_lost(private, resident, data, why):
    answer = resident.post("/apply/", TYPED | {"photos": [upload(picture(), "good.jpg"), upload(data, "bad.jpg")]})
    assert answer.status_code == 422
    assert re.search(f"bad.jpg：[^<]*{re.escape(why)}", text(answer))
    form = answer.context["form"]
    assert {name: form[name].value() for name in TYPED} == TYPED
    assert [one.name for one in answer.context["held"]] == ["good.jpg"]
    assert not SealedForm.objects.exists()
    one = answer.context["held"][0]
    done = resident.post("/apply/", TYPED | {"held": f"{one.id}:{one.what}:{one.name}"})
    assert "写真</dt><dd>1枚" in text(done)
    assert SealedForm.objects.get().pictures.get().pk == one.id


def test_a_picture_is_kept_while_words_are_wrong_and_a_day_at_most(private, resident):
    wrong = TYPED | {"birth": "いつか", "applicant": "agent", "telephone": "12", "copies": "99", "damage": ""}
    answer = resident.post("/apply/", wrong | {"mandate": upload(picture(), "a:b.jpg")})
    assert answer.status_code == 422
    for told in (
        "生年月日を読めません",
        "関係を入れて",
        "世帯主の氏名を入れて",
        "市外局番",
        "20までの数",
        "入力してください",
    ):
        assert told in text(answer)
    one = answer.context["held"][0]
    assert (one.what, one.name) == ("mandate", "a:b.jpg")
    held = f"{one.id}:{one.what}:{one.name}"
    with clock.frozen(now() + timedelta(hours=25)):
        resident.post("/apply/", wrong | {"photos": upload(picture(colour="red"))})
        late = resident.post("/apply/", TYPED | {"held": held})
        assert "a:b.jpg：預かる時間" in text(late)
        assert late.status_code == 422


def test_more_pictures_than_are_taken_are_named(private, resident):
    many = [upload(picture(), f"{n}.jpg") for n in range(rules.MOST_PICTURES + 1)]
    answer = resident.post("/apply/", TYPED | {"photos": many})
    assert f"{rules.MOST_PICTURES}.jpg：写真は{rules.MOST_PICTURES}枚まで" in text(answer)
    assert len(answer.context["held"]) == rules.MOST_PICTURES


def test_a_corporation_has_no_birth_date_and_another_place_counts(private, resident):
    typed = TYPED | {"applicant": "corporation", "birth": "", "relation": "担当 山田", "place_1": "大浜市東町9番地"}
    answer = resident.post("/apply/", typed | {"place_2": "大浜市東町10番地"})
    assert answer.status_code == 200
    assert [one["what"] for one in opened(private)["said"]["places"]] == ["dwelling", "building"]
    assert "届いています" in text(resident.post("/apply/state/", {"number": number_of(answer), "birth": ""}))


def test_the_state_is_told_for_number_and_birth_date_only(private, resident):
    number = number_of(resident.post("/apply/", TYPED))
    found = resident.post("/apply/state/", {"number": number.lower().replace("-", " "), "birth": "昭和45年1月2日"})
    assert "届いています" in text(found)
    assert not [secret for secret in SECRETS if secret in text(found)]
    assert not found.cookies
    wrong = resident.post("/apply/state/", {"number": number, "birth": "S45.1.3"})
    other = resident.post("/apply/state/", {"number": "0000-0000-0000", "birth": "S45.1.2"})
    assert wrong.status_code == other.status_code == 422
    for answer in (wrong, other):
        assert "見つかりません" in text(answer)
    row = SealedForm.objects.get()
    load([{"lookup": row.pk, "state": "planned"}], minutes=1)
    assert not SealedForm.objects.exists()
    assert "調査予定" in text(resident.post("/apply/state/", {"number": number, "birth": "S45.1.2"}))


def test_who_tries_birth_dates_of_a_number_is_stopped(private, resident):
    number = number_of(resident.post("/apply/", TYPED))
    for day in range(10, 10 + rules.WRONG.most):
        assert resident.post("/apply/state/", {"number": number, "birth": f"S45.2.{day}"}).status_code == 422
    answer = resident.post("/apply/state/", {"number": number, "birth": "S45.1.2"})
    assert answer.status_code == 429
    assert "明日" in text(answer)
    with clock.frozen(now() + timedelta(days=1)):
        assert resident.post("/apply/state/", {"number": number, "birth": "S45.1.2"}).status_code == 200


def test_too_many_from_an_address_or_telephone_wait_and_keep_what_they_typed(private, resident, monkeypatch):
    monkeypatch.setattr(rules, "SENT_BY_TELEPHONE", rules.Limit("telephone", 1, rules.DAY))
    assert resident.post("/apply/", TYPED).status_code == 200
    answer = resident.post("/apply/", TYPED | {"name": "別の人", "telephone": "０９０ １２３４ ５６７８"})
    assert answer.status_code == 429
    assert "この電話番号" in text(answer)
    monkeypatch.setattr(rules, "SENT", rules.Limit("sent", 1, rules.HOUR))
    answer = resident.post("/apply/", TYPED | {"name": "別の人", "telephone": "0312345678"})
    assert answer.status_code == 429
    assert answer.context["form"]["name"].value() == "別の人"
    assert "この回線から" in text(answer)
    assert resident.post("/apply/", TYPED | {"telephone": "0312345678"}, REMOTE_ADDR="192.0.2.9").status_code == 200


AT_A_QUARTER_PAST = datetime(2026, 11, 22, 10, 15, tzinfo=clock.TOKYO)


def test_an_address_that_asks_too_often_how_far_it_is_waits_for_the_next_hour_and_others_do_not(
    private, resident, monkeypatch
):
    number = number_of(resident.post("/apply/", TYPED))
    monkeypatch.setattr(rules, "ASKED", rules.Limit("ask", 3, rules.HOUR))
    right = {"number": number, "birth": "S45.1.2"}

    def ask(typed=right, of="2001:db8:1:2::1"):
        return resident.post("/apply/state/", typed, REMOTE_ADDR=of)

    with clock.frozen(AT_A_QUARTER_PAST):
        for _ in range(5):
            assert resident.get("/apply/state/", REMOTE_ADDR="2001:db8:1:2::1").status_code == 200  # a look is no try
        tries = [ask(), ask(right | {"birth": "S45.2.3"}), ask({})]
        assert [answer.status_code for answer in tries] == [200, 422, 422]
        for stopped in (ask(), ask(of="2001:db8:1:2:ffff::9")):  # the same connection
            assert stopped.status_code == 429
            assert "この回線からの確認が多いため、11時0分まで待ってください" in text(stopped)
            assert "窓口か電話で申請できます" in text(stopped)
            assert stopped.context["found"] is None
            assert stopped.context["form"]["number"].value() == number
        for other in ("2001:db8:1:3::1", "192.0.2.9"):
            assert ask(of=other).status_code == 200
    with clock.frozen(AT_A_QUARTER_PAST + timedelta(minutes=45)):
        assert ask().status_code == 200


def test_who_asks_too_often_learns_nothing_of_other_numbers_and_shuts_nobody_out(private, resident, monkeypatch):
    number = number_of(resident.post("/apply/", TYPED))
    monkeypatch.setattr(rules, "ASKED", rules.Limit("ask", 1, rules.HOUR))
    monkeypatch.setattr(rules, "WRONG", rules.Limit("wrong", 1, rules.DAY))
    with clock.frozen(AT_A_QUARTER_PAST):
        resident.post("/apply/state/", {"number": "0000-0000-0000", "birth": "S45.1.2"}, REMOTE_ADDR="192.0.2.1")
        for day in range(1, 5):  # stopped before they count against the number
            guess = {"number": number, "birth": f"S45.3.{day}"}
            assert resident.post("/apply/state/", guess, REMOTE_ADDR="192.0.2.1").status_code == 429
        own = {"number": number, "birth": "S45.1.2"}
        assert resident.post("/apply/state/", own, REMOTE_ADDR="192.0.2.2").status_code == 200


def test_an_address_that_sends_too_often_waits_also_with_wrong_words_and_loses_nothing(private, resident, monkeypatch):
    monkeypatch.setattr(rules, "TRIES", rules.Limit("try", 2, rules.HOUR))
    here = {"REMOTE_ADDR": "192.0.2.1"}
    with clock.frozen(AT_A_QUARTER_PAST):
        assert resident.post("/apply/", TYPED | {"name": ""}, **here).status_code == 422
        wrong = resident.post("/apply/", TYPED | {"name": "", "photos": upload(picture())}, **here)
        assert wrong.status_code == 422
        one = wrong.context["held"][0]
        again = TYPED | {"held": f"{one.id}:{one.what}:{one.name}"}
        stopped = resident.post("/apply/", again | {"photos": upload(picture(colour="red"))}, **here)
        assert stopped.status_code == 429
        assert "11時0分まで受け付けを止めています" in text(stopped)
        form = stopped.context["form"]
        assert {name: form[name].value() for name in TYPED} == TYPED
        assert [kept.id for kept in stopped.context["held"]] == [one.id]
        assert (SealedForm.objects.count(), SealedPicture.objects.count()) == (0, 1)
        assert resident.get("/apply/", **here).status_code == 200
        assert resident.post("/apply/", TYPED | {"name": "別の人"}, REMOTE_ADDR="192.0.2.2").status_code == 200
    with clock.frozen(AT_A_QUARTER_PAST + timedelta(minutes=45)):
        assert "写真</dt><dd>1枚" in text(resident.post("/apply/", again, **here))


def test_behind_proxies_their_word_counts_and_nobody_elses(rf, settings):
    request = rf.get("/apply/", headers={"X-Forwarded-For": "6.6.6.6, 198.51.100.7"}, REMOTE_ADDR="10.0.0.1")
    assert views.client(request) == "10.0.0.1"
    settings.PROXIES = 1
    assert views.client(request) == "198.51.100.7"
    assert rules.network("2001:db8:1:2:3::4") == rules.network("2001:db8:1:2:ffff::1") == "2001:db8:1:2::/64"
    assert rules.network("::ffff:192.0.2.1") == "192.0.2.1"
    assert rules.network("nonsense") == "unknown"


def test_when_nothing_more_can_be_held_it_says_so(private, resident, monkeypatch):
    monkeypatch.setattr(rules, "MOST_HELD", 100)
    answer = resident.post("/apply/", TYPED | {"photos": upload(picture())})
    assert answer.status_code == 422
    assert "容量" in text(answer)


def test_the_file_is_whole_or_not_at_all_and_the_rest_goes_with_the_next(private, resident, tmp_path):
    resident.post("/apply/", TYPED | {"photos": upload(picture())})
    resident.post("/apply/", TYPED | {"name": "別の人"})
    file = tmp_path / "forms.jsonl"
    assert services.export_forms(path=file) | {"size": 0} == {"forms": 2, "left": 0, "size": 0}
    assert packages.check(file, "999997") == 2
    assert [len(one.pictures) for one in packages.read(file)] == [1, 0]
    assert services.export_forms(path=file, most=1)["left"] == 1
    whole = file.read_bytes()
    for wrong, why in ((whole[:-5], "途中|壊れ"), (whole[:200], "壊れ|切れ"), (b"{}\n", "では"), (b"\xff", "壊れ")):
        file.write_bytes(wrong)
        with pytest.raises(packages.PackageError, match=why):
            packages.check(file, "999997")
    file.write_bytes(whole)
    with pytest.raises(packages.PackageError, match="別の団体"):
        packages.check(file, "131016")
    with pytest.raises(Refused):
        services.export_forms(path=tmp_path / "no folder" / "forms.jsonl")
    assert ApplicationState.objects.count() == 0
