"""Names and wording are each municipality's own."""

from importlib import import_module

import pytest
from django.apps import apps

from backend.documents.models import DocumentKind


def test_the_administrator_words_the_paper_and_the_next_one_says_so(issue, staff, sign_in):
    before = issue()
    form = {
        "title": "被災届出証明書",
        "mark": "被届",
        "statement": "被災の届出があったことを証明します。",
        "note": "",
        "department": "防災課",
        "number_format": "{発行者} {記号}第{年度}-{番号6}号",
        "qr": "on",
    }
    answer = sign_in(staff("administrator")).post("/admin/documents/documentkind/hisai/change/", form)
    assert answer.status_code == 302
    after = issue()
    assert (after.content["title"], after.content["number"]) == ("被災届出証明書", "大浜市 被届第2026-000002号")
    wrong = sign_in(staff("administrator")).post(
        "/admin/documents/documentkind/hisai/change/", form | {"number_format": "第{番号}号"}
    )
    assert "{年度} か {和暦年度} を入れてください" in wrong.content.decode()
    before.refresh_from_db()
    assert before.content["title"] == "被災証明書"


@pytest.mark.django_db
def test_the_kinds_stand_there_before_the_first_paper():
    # What a migration wrote is gone once another test has emptied all tables: it is done again here.
    import_module("backend.documents.migrations.0003_first_kinds").forwards(apps, None)
    assert DocumentKind.objects.filter(key="hisai").exists()


def test_others_do_not_word_it(staff, sign_in):
    assert sign_in(staff("tax")).get("/admin/documents/documentkind/").status_code == 403
