"""The verifier file, opened from the disk in a browser without a connection."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from backend.core.clock import frozen
from backend.documents import pdf, signing
from backend.documents.models import DocumentKind
from backend.gateway.models import PrintedKind
from backend.gateway.services import refresh
from tests.unit.documents.conftest import issue  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db]


@pytest.fixture
def kept(issue: Any, client: Any, tmp_path: Any) -> tuple[str, str]:  # noqa: F811
    """The file as somebody saved it, and the code of a certificate."""
    signing.make_key(by=None, reason="導入")
    code = pdf.code_of(issue().content)
    refresh()
    path = tmp_path / "verifier.html"
    path.write_bytes(client.get(reverse("gateway:verifier")).content)
    return path.as_uri(), code


@pytest.mark.parametrize("without", [False, True], ids=["webcrypto", "own arithmetic"])
def test_it_tells_the_genuine_from_the_changed(kept: tuple[str, str], page: Any, without: bool) -> None:
    address, code = kept
    page.context.set_offline(True)
    if without:
        page.add_init_script("window.tasukiWithoutWebCrypto = true")
    page.goto(address)

    def says(text: str, name: str, where: str = "") -> str:
        page.evaluate("document.getElementById('answer').hidden = true")
        page.fill("#code", text)
        page.fill("#name", name)
        page.fill("#address", where)
        page.click("button")
        page.wait_for_selector("#answer:not([hidden])")
        return str(page.inner_text("#answer h2"))

    assert "氏名と住所も一致" in says(code, "髙﨑一郎", "大浜市西町1番地")
    assert "氏名が一致しません" in says(code, "高崎一郎")
    assert "住所が一致しません" in says(code, "髙﨑 一郎", "大浜市西町2番地")
    assert "本物ではありません" in says(code.replace(".hisai.", ".risai."), "髙﨑 一郎")
    assert "署名を読み取れません" in says(code.split("#")[0], "髙﨑 一郎")
    assert "氏名を入力" in says(code, "")


def test_it_names_a_paper_as_the_town_has_printed_it(issue: Any, client: Any, tmp_path: Any, page: Any) -> None:  # noqa: F811
    signing.make_key(by=None, reason="導入")
    with frozen("2026-11-20T10:00:00+09:00"):
        old = issue()
    with frozen("2026-11-21T10:00:00+09:00"):
        DocumentKind.objects.update(title="り災届出済証", number_format="税第{番号4}号の{和暦年度}")
        new = issue()
        refresh()
    with frozen("2026-11-25T10:00:00+09:00"):
        later = issue()

    def told(found: Any) -> str:
        page.goto((tmp_path / "verifier.html").as_uri())
        page.fill("#code", pdf.code_of(found.content))
        page.fill("#name", "髙﨑 一郎")
        page.click("button")
        page.wait_for_selector("#answer.good")
        return str(page.inner_text("#answer dl"))

    def keep() -> None:
        (tmp_path / "verifier.html").write_bytes(client.get(reverse("gateway:verifier")).content)

    keep()
    assert told(old).split("\n")[1::2][:2] == ["被災証明書", "2026年度の1番（紙では、ほかの書き方になっています）"]
    assert told(new).split("\n")[1::2][:2] == ["り災届出済証", new.number_text]
    by_list = "（2026年11月21日の一覧による）"
    assert told(later).split("\n")[1::2][:2] == ["り災届出済証" + by_list, later.number_text + by_list]
    PrintedKind.objects.all().delete()  # as after a bundle of an earlier version
    keep()
    assert "この一覧にない種類（記号 hisai）" in told(new)
