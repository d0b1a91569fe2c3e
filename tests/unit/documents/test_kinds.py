"""Names and wording are each municipality's own."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.urls import reverse

from backend.accounts.models import AuditRow
from backend.core.errors import Conflict, Forbidden, Refused
from backend.documents import fonts, kinds
from backend.documents.models import DocumentKind, KindWording
from backend.documents.wordings import services

WORDS = {
    "title": "被災届出証明書",
    "statement": "被災の届出があったことを証明します。",
    "note": "",
    "department": "防災課",
}


def test_other_words_are_asked_for_approved_by_another_and_kept(issue, staff, sign_in):
    before = issue()
    clerk, chief = staff("administrator"), staff("tax", is_supervisor=True)
    client, page = sign_in(clerk), reverse("documents:wording", args=["hisai"])
    assert client.post(page, {**WORDS, "why": ""}).status_code == 422
    assert "承認待ちの文面" in client.post(page, {**WORDS, "why": "決裁 第12号"}, follow=True).content.decode()
    asked = KindWording.objects.get()
    assert issue().content["title"] == "被災証明書"
    assert client.post(page, {**WORDS, "title": "別", "why": "二重"}).status_code == 409
    assert client.post(reverse("documents:wording_approve", args=[asked.pk])).status_code == 403
    boss = sign_in(chief)
    assert "変わります" in boss.get(page).content.decode()
    boss.post(reverse("documents:wording_approve", args=[asked.pk]))
    after = issue()
    assert {key: after.content[key] for key in WORDS} == WORDS
    before.refresh_from_db()
    assert before.content["title"] == "被災証明書"
    assert "被災届出証明書" in boss.get(reverse("documents:wordings")).content.decode()
    newer = services.ask(by=clerk, kind="hisai", words={**WORDS, "title": "被災証明"}, why="改正")
    services.approve(by=chief, pk=newer.pk)
    asked.refresh_from_db()
    assert asked.ended_reason == "新しい文面の承認"
    assert "決裁 第12号" in boss.get(page).content.decode()
    assert set(AuditRow.objects.filter(subject=f"wording:{asked.pk}").values_list("act", flat=True)) == {
        "documents.wording_ask",
        "documents.wording_approve",
    }


def test_nobody_approves_their_own_words_and_they_can_be_taken_back(staff, db):
    chief = staff("tax", is_supervisor=True)
    asked = services.ask(by=chief, kind="risai", words={**WORDS, "title": "り災証明"}, why="名称の変更")
    with pytest.raises(Refused, match="申請した人"):
        services.approve(by=chief, pk=asked.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        KindWording.objects.filter(pk=asked.pk).update(approved_by=chief, approved_at=asked.asked_at)
    with pytest.raises(Forbidden):
        services.turn_down(by=staff("tax"), pk=asked.pk, reason="不要")
    services.turn_down(by=chief, pk=asked.pk, reason="書き間違い")
    with pytest.raises(Conflict):
        services.approve(by=staff("tax", is_supervisor=True), pk=asked.pk)
    with pytest.raises(Refused, match="同じ"):
        services.ask(by=chief, kind="risai", words=services.words_of(kinds.kind("risai")), why="なし")
    with pytest.raises(fonts.Held):
        services.ask(by=chief, kind="risai", words={**WORDS, "title": "証\ue000"}, why="外字")


def test_the_administrator_shapes_the_number_and_not_the_words(issue, staff, sign_in):
    form = {"mark": "被届", "number_format": "{発行者} {記号}第{年度}-{番号6}号", "qr": "on", "title": "別の名称"}
    client = sign_in(staff("administrator"))
    issue()
    assert client.post("/admin/documents/documentkind/hisai/change/", form).status_code == 302
    after = issue()
    assert (after.content["title"], after.content["number"]) == ("被災証明書", "大浜市 被届第2026-000002号")
    wrong = client.post("/admin/documents/documentkind/hisai/change/", form | {"number_format": "第{番号}号"})
    assert "{年度} か {和暦年度} を入れてください" in wrong.content.decode()


@pytest.mark.django_db
def test_the_kinds_stand_there_before_the_first_paper():
    # What a migration wrote is gone once another test has emptied all tables: it is done again here.
    import_module("backend.documents.migrations.0003_first_kinds").forwards(apps, None)
    assert DocumentKind.objects.filter(key="hisai").exists()


def test_others_do_not_word_it(staff, sign_in):
    assert sign_in(staff("tax")).get("/admin/documents/documentkind/").status_code == 403
    assert sign_in(staff("welfare")).get(reverse("documents:wordings")).status_code == 403
