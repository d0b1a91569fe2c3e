"""The verifier file, opened from the disk in a browser without a connection."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from backend.documents import pdf, signing
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
