"""The list of public keys, and the file to take along."""

import json

import pytest
from django.urls import reverse

from backend.core.clock import frozen
from backend.documents import signing
from backend.documents.models import DocumentKind
from backend.gateway import rules
from backend.gateway.services import refresh
from tests.unit.documents.conftest import issue  # noqa: F401


@pytest.fixture
def keys(db):
    old = signing.make_key(by=None, reason="導入")
    new = signing.make_key(by=None, reason="漏えい", lost=True)
    refresh()
    return old, new


def test_the_list_says_every_key_and_whether_it_may_be_trusted(keys, client):
    old, new = keys
    page = client.get(reverse("gateway:keys")).content.decode()
    assert page.index(new.key) < page.index(old.key) or "無効（漏えい）" in page
    assert "無効（漏えい）" in page
    said = json.loads(client.get(reverse("gateway:keys_json")).content)
    assert {row["key"]: row["state"] for row in said["keys"]} == {old.key: "lost", new.key: "in_use"}
    assert said["code"] == "999997"


def test_the_verifier_is_one_file_with_the_keys_in_it_and_nothing_from_elsewhere(keys, client, settings):
    settings.MUNICIPALITY = "</script><b>市"
    answer = client.get(reverse("gateway:verifier"))
    page = answer.content.decode()
    assert answer["Content-Disposition"].startswith("attachment")
    assert all(key.public in page for key in keys)
    assert "%KEYS%" not in page
    assert "</script><b>" not in page
    assert not [word for word in ("src=", "href=", "fetch(", "import ") if word in page]


def test_a_kind_keeps_the_name_that_its_older_papers_have(issue, client):  # noqa: F811
    with frozen("2026-11-20T10:00:00+09:00"):
        old = issue()
    with frozen("2026-11-21T10:00:00+09:00"):
        DocumentKind.objects.filter(pk="hisai").update(title="り災届出済証", mark="届")
        new = issue()
        refresh()
    said = json.loads(client.get(reverse("gateway:keys_json")).content)["kinds"]
    shape = "大浜市 届第{年度}-{番号6}号"
    assert [row for row in said if row["kind"] == "hisai"] == [
        {"kind": "hisai", "title": "被災証明書", "number": "", "since": "2026-11-20", "until": "2026-11-20"},
        {"kind": "hisai", "title": "り災届出済証", "number": shape, "since": "2026-11-21", "until": ""},
    ]
    pages = [client.get(reverse("gateway:verify", args=[one.token])).content.decode() for one in (old, new)]
    assert ["り災届出済証" in page for page in pages] == [False, True]
    assert "被災証明書" in pages[0]


def test_without_keys_the_page_says_so(db, client):
    assert "公開鍵はまだありません" in client.get(reverse("gateway:keys")).content.decode()


@pytest.mark.parametrize("wrong", [{"state": "good"}, {"public": "12"}, {"until": "2026-13-01"}, {"sealed": "00"}])
def test_a_bundle_carries_nothing_else_of_a_key(keys, wrong):
    row = {"key": "0" * 8, "public": "0" * 64, "since": "2026-11-22", "until": "", "state": "in_use"} | wrong
    with pytest.raises(rules.BundleError):
        rules.write({"keys": [row]}, made_at=keys[0].made_at, municipality="999997")
