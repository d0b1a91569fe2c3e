"""A mapping made on the page: guessed by name, tried, saved, used; and a header that changes next month."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backend.accounts.models import AuditRow
from backend.registry.models import FullRow, RegisterFile, SavedLayout

HEADER = "個人コード,世帯コード,氏,名,フリガナ,生年月日,性別,続柄コード,住民状態,町名,番地,マイナンバー,班"
FIRST = "1001,501,髙橋,一郎,ﾀｶﾊｼ ｲﾁﾛｳ,S45.1.2,M,02,1,大浜市西町,１番地,123456789018,東"
WIFE = "1002,501,髙橋,花子,ﾀｶﾊｼ ﾊﾅｺ,S46.3.4,F,12,1,大浜市西町,１番地,123456789018,東"
GONE = "1003,502,浜野,光,ﾊﾏﾉ ﾋｶﾙ,S50.5.6,M,02,2,大浜市港町,２番地,123456789018,西"


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def clerk(staff, sign_in):
    return sign_in(staff("register"))


def csv_file(*lines):
    return SimpleUploadedFile("zenken.csv", "\r\n".join(lines).encode("cp932"), content_type="text/csv")


def send(client, *lines, layout="", as_of="2026-11-07", kind="full"):
    said = {"kind": kind, "as_of": as_of, "layout": layout, "file": csv_file(*lines)}
    return client.post(reverse("registry:upload"), said)


def fields(page: str) -> dict[str, str]:
    """What the form would send as it stands."""
    page = unescape(page)
    found = dict(re.findall(r'<input type="hidden" name="([kv]:[^"]+)" value="([^"]*)"', page))
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        found[name] = next(iter(re.findall(r'<option value="([^"]*)" selected', options)), "")
    for name, value in re.findall(r'<input type="checkbox" name="([^"]+)" value="([^"]*)" checked', page):
        found[name] = value
    for name, value in re.findall(r'<input id="[^"]+" name="([^"]+)" value="([^"]*)"', page):
        found[name] = value
    return found


def text_of(response) -> str:
    return response.content.decode()


def saved_mapping(clerk) -> str:
    """Make and save the mapping; the address of the preview that the clerk comes to."""
    address = send(clerk, HEADER, FIRST, WIFE, GONE, layout="new").url
    said = fields(text_of(clerk.get(address)))
    for name, code in list(said.items()):
        if name.startswith("k:性別"):
            said[name.replace("k:", "v:")] = {"M": "1", "F": "2"}[code]
        if name.startswith("k:続柄"):
            said[name.replace("k:", "v:")] = {"02": "世帯主", "12": "妻"}[code]
    tried = clerk.post(address, {**said, "try": "1"})
    assert "取り込める 2行、取り置き 0行" in text_of(tried)
    assert "対象外 1行" in text_of(tried)
    done = clerk.post(address, {**said, "name": "A社", "save": "1"})
    assert done.status_code == 302, text_of(done)
    return done.url


def test_guessed_tried_saved_and_taken(clerk):
    address = send(clerk, HEADER, FIRST, WIFE, GONE, layout="new").url
    page = text_of(clerk.get(address))
    said = fields(page)
    assert [said[f"c{n}"] for n in range(11)] == [
        "宛名番号", "世帯番号", "氏名", "氏名", "氏名カナ", "生年月日", "性別", "続柄", "@", "住所", "住所",
    ]  # fmt: skip
    assert (said["how:氏名"], said["how:住所"], said["s:0"]) == ("　", "", "1")
    assert "s:1" not in said
    assert "123456789018" not in page
    assert "個人番号のため破棄" in page
    assert "性別のコード「M」は対応表にありません" in page, "tried as guessed, with what is still missing"

    preview = saved_mapping(clerk)
    page = text_of(clerk.get(preview))
    assert "A社" in page
    assert "取り込める 2行" in page
    token = preview.rstrip("/").rsplit("/", 1)[-1]
    clerk.post(reverse("registry:start", args=[token]), follow=True)
    rows = FullRow.objects.order_by("atena_no").values_list("name", "address", "sex", "relationship", "extra")
    assert list(rows) == [
        ("髙橋　一郎", "大浜市西町１番地", "1", "世帯主", {"班": "東"}),
        ("髙橋　花子", "大浜市西町１番地", "2", "妻", {"班": "東"}),
    ]
    file = RegisterFile.objects.get()
    assert (file.layout, file.layout_version, file.left_out, file.dropped_columns) == ("A社", 1, 1, ["マイナンバー"])
    assert AuditRow.objects.filter(act="registry.save_layout").count() == 1
    assert "A社" in text_of(clerk.get(reverse("registry:layouts")))
    yaml_file = text_of(clerk.get(reverse("registry:layout_file", args=[SavedLayout.objects.get().pk])))
    assert "世帯主" in yaml_file


def test_a_name_that_a_mapping_can_not_have_is_said_at_the_name(clerk):
    address = send(clerk, HEADER, FIRST, layout="new").url
    said = fields(text_of(clerk.get(address)))
    for name, why in (("", "名前を付けてください"), ("A社 住民", "文字・数字・ハイフンにしてください")):
        answer = clerk.post(address, {**said, "name": name, "save": "1"})
        page = text_of(answer)
        assert answer.status_code == 422
        assert re.search(rf'id="name-error"[^§]*{why}', page)
        assert 'aria-invalid="true" autofocus' in page


def test_next_month_the_header_is_another(clerk):
    saved_mapping(clerk)
    header = HEADER.replace("フリガナ", "氏名フリガナ").replace("班", "自治会")
    preview = send(clerk, header, FIRST, layout="A社", as_of="2026-11-08")
    page = text_of(clerk.get(preview.url))
    assert "見出しが前と違います" in page
    assert "「フリガナ」→「氏名フリガナ」" in page
    again = clerk.get(preview.url + "columns/")
    said = fields(text_of(again))
    assert (said["name"], said["c4"], said["v:性別:0"]) == ("A社", "氏名カナ", "1")
    clerk.post(preview.url + "columns/", {**said, "save": "1"})
    assert SavedLayout.objects.filter(name="A社").count() == 2
    assert "見出しが前と違います" not in text_of(clerk.get(preview.url))

    gone = send(clerk, HEADER.replace("番地", "地番等"), FIRST, layout="A社", as_of="2026-11-08")
    assert gone.status_code == 422
    assert "元の列「番地」がありません" in text_of(gone)
    assert "このファイルの対応表を作る" in text_of(gone)


def test_a_header_that_is_not_ours_leads_to_a_mapping(clerk):
    refused = send(clerk, HEADER, FIRST)
    assert refused.status_code == 422
    address = re.search(r'href="([^"]+/columns/)"', text_of(refused)).group(1)
    assert clerk.get(address).status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "canonical"}, "最初からある"),
        ({"name": ""}, "名前を付けて"),
        ({"name": "a b"}, "名前は"),
        ({"name": "A社", "c0": ""}, "宛名番号"),
        ({"name": "A社", "s:0": "x"}, "0行"),
    ],
)
def test_what_can_not_be_saved_says_why(clerk, changes, words):
    address = send(clerk, HEADER, FIRST, layout="new").url
    said = {**fields(text_of(clerk.get(address))), **changes}
    key = "try" if changes.get("s:0") else "save"
    page = clerk.post(address, {**said, key: "1"})
    assert words in text_of(page)
    assert not SavedLayout.objects.exists()


def test_the_mapping_of_somebody_elses_upload_is_not_found(clerk, staff, sign_in):
    address = send(clerk, HEADER, FIRST, layout="new").url
    assert sign_in(staff("register")).get(address).status_code == 404
    assert sign_in(staff("tax")).get(address).status_code == 403
    assert sign_in(staff("tax")).get(reverse("registry:layouts")).status_code == 403
