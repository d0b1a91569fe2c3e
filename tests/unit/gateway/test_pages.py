"""What a stranger sees."""

import pytest
from django.test import Client

from backend.gateway import services

from .test_bundle import bundle
from .test_rules import ROW, TOKEN

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger():
    return Client()


def test_a_valid_certificate(stranger):
    services.load(data=bundle(ROW))
    answer = stranger.get(f"/verify/{TOKEN}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "本物です" in page
    assert ROW["number"] in page
    assert "時点" in page or "現在" in page


def test_a_withdrawn_certificate(stranger):
    services.load(data=bundle(ROW | {"status": "withdrawn"}))
    page = stranger.get(f"/verify/{TOKEN}").content.decode()
    assert "失効しています" in page
    assert "本物です" not in page


@pytest.mark.parametrize("token", ["0" * 28, "x", "%3Cscript%3E", "a/b", "あ", TOKEN + "9", "..%2F..%2F"])
def test_unknown_and_malformed_look_the_same(stranger, token):
    services.load(data=bundle(ROW))
    answer, other = stranger.get(f"/verify/{token}"), stranger.get("/verify/" + "9" * 28)
    assert (answer.status_code, answer.content) == (404, other.content)
    assert "確認できません" in answer.content.decode()


@pytest.mark.parametrize("address", ["/verify/", f"/verify/{TOKEN}", "/verify/nothing"])
def test_nothing_is_kept_and_nothing_is_followed(stranger, address):
    answer = stranger.get(address)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert not answer.cookies


def test_a_typed_token_leads_to_its_page(stranger):
    services.load(data=bundle(ROW))
    answer = stranger.get("/verify/", {"token": "7k2m-" * 6 + "7k2m"}, follow=True)
    assert "本物です" in answer.content.decode()
    assert "必須" in stranger.get("/verify/", {"token": ""}).content.decode()


def test_before_the_first_list_it_says_so(stranger):
    assert "まだ用意されていません" in stranger.get("/verify/").content.decode()


def test_only_reading_is_possible(stranger):
    assert stranger.post(f"/verify/{TOKEN}").status_code == 405


@pytest.fixture
def site(settings, tmp_path):
    root = tmp_path / "public"
    (root / "shelters").mkdir(parents=True)
    (root / "open").mkdir()
    (root / "assets").mkdir()
    (root / "assets" / "base.css").write_text("body{}", encoding="utf-8")
    (root / "index.html").write_text("<p>最初のページ", encoding="utf-8")
    (root / "shelters" / "index.html").write_text("<p>避難所", encoding="utf-8")
    (root / "open" / "shelters.csv").write_text("名称", encoding="utf-8")
    (root / "open" / ".hidden.csv").write_text("秘密", encoding="utf-8")
    (root / "open" / "program.py").write_text("秘密", encoding="utf-8")
    (tmp_path / "secret.csv").write_text("秘密", encoding="utf-8")
    (root / "open" / "link.csv").symlink_to(tmp_path / "secret.csv")
    settings.PUBLICATION_DIR = root
    return root


def body(answer):
    return b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()


@pytest.mark.parametrize(
    ("address", "text", "kind"),
    [
        ("/", "最初のページ", "text/html"),
        ("/shelters/", "避難所", "text/html"),
        ("/open/shelters.csv", "名称", "text/csv"),
        ("/assets/base.css", "body", "text/css"),
    ],
)
def test_the_published_site_is_shown(stranger, site, address, text, kind):
    answer = stranger.get(address)
    assert text in body(answer)
    assert answer.headers["Content-Type"].startswith(kind)
    again = stranger.get(address, headers={"If-Modified-Since": answer.headers["Last-Modified"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "address",
    [
        "/open/../../secret.csv",
        "/open/..%2f..%2fsecret.csv",
        "/open/%2e%2e/%2e%2e/secret.csv",
        "/open/....//secret.csv",
        "/open//etc/passwd",
        "/open/link.csv",
        "/open/.hidden.csv",
        "/open/program.py",
        "/open/..\\..\\secret.csv",
        "/open/shelters.csv%00",
        "/open/",
        "/open/nothing.csv",
    ],
)
def test_nothing_else_is(stranger, site, address):
    answer = stranger.get(address)
    assert answer.status_code in {400, 404}
    assert "秘密" not in body(answer)


def test_before_anything_is_published_the_first_page_is_friendly(stranger, settings, tmp_path):
    settings.PUBLICATION_DIR = tmp_path / "nothing"
    answer = stranger.get("/")
    assert answer.status_code == 200
    assert "公表している情報は、いまはありません" in answer.content.decode()
    assert stranger.get("/shelters/").status_code == 404
