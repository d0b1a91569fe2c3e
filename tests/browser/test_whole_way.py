"""The whole way in a browser: from a register export to a certificate that a stranger can check, desk by desk."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import expect
from pypdf import PdfReader

from backend.accounts.models import AccessLog
from backend.core.dates import parse_date

from .conftest import Person, Town

# On the database of town halls; on the other one the same ways are gone by page tests and flow tests.
pytestmark = [pytest.mark.browser, pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]
SHELTER = "大浜第一小学校"
HOUSEHOLD = "00000116"  # 斉藤 誠 and 恵子
NUMBER = re.compile(r"\d{4}-\d{7}-\d{2}")
SHEET = "utf-8-sig"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding=SHEET, newline="") as file:
        return list(csv.DictReader(file))


def takes(clerk: Person, file: Path, kind: str, as_of: str = "") -> None:
    """The clerk uploads a register file and looks at it; it is not taken yet."""
    clerk.page.get_by_role("radio", name=kind).check()
    clerk.writes("基準日", as_of)
    clerk.page.get_by_label("ファイル", exact=False).and_(clerk.page.locator("[type=file]")).set_input_files(file)
    clerk.presses("内容を確かめる")
    expect(clerk.page.get_by_role("heading", level=1)).to_have_text("取り込む前の確認")


def test_the_whole_way(people, house, shaken_town, tmp_path):
    call_command("import_facilities", str(shaken_town.folder / "facilities.csv"), verbosity=0)
    register = people("register")
    corrected = take_the_register(register, shaken_town, tmp_path)
    assert corrected == 2
    open_the_disaster(register, shaken_town)

    shelter = people("shelter")
    open_a_shelter(shelter)
    family = [row for row in rows_of(shaken_town.export) if row["世帯番号"] == HOUSEHOLD]
    number = find_by_keyboard(shelter, family[0])
    strokes = check_in_by_keyboard(shelter, len(family))
    assert strokes <= 12, "two people must be checked in as fast as on a paper list"
    somebody_from_elsewhere(shelter)
    look_at_the_roster(shelter, family)

    tax = people("tax")
    certificate, address = issue_a_certificate(tax, number, tmp_path)
    stranger = people()
    stranger.page.goto(address)
    expect(stranger.page.get_by_role("status")).to_contain_text("本物です。有効です。")
    tells_nothing_personal(stranger, certificate, family)
    withdraw(tax)
    stranger.page.reload()
    expect(stranger.page.get_by_role("status")).to_contain_text("失効しています。")
    tells_nothing_personal(stranger, certificate, family)

    publicity = people("publicity")
    publicity.goes_to("公表")
    publicity.presses("公表する")
    publicity.sees("公表しました")
    read_what_is_public(people(viewport={"width": 320, "height": 640}), family)

    auditor = people("auditor")
    look_into_the_books(auditor)
    for person in (register, shelter, tax, publicity, auditor):
        fits_a_narrow_screen(person)


def take_the_register(clerk: Person, town: Town, tmp_path: Path) -> int:
    """The full export, its wrong rows by way of a downloaded and corrected file, then the changes."""
    clerk.goes_to("住民記録")
    clerk.follows("取り込む")
    takes(clerk, town.export, "全件", f"{town.export_day:%Y%m%d}")
    clerk.sees("列の対応")
    clerk.sees("取り置きになる行")
    clerk.presses("取り込む")
    clerk.sees("3行は取り置きました")

    waiting = rows_of(clerk.downloads(lambda: clerk.follows("取り置いた行をCSVで保存")))
    assert {"行番号", "理由", "元ファイルの指紋"} < set(waiting[0])
    better = [row for row in waiting if row["氏名"] == "" or row["生年月日"].endswith("-02-30")]
    for row in better:
        row["氏名"] = row["氏名"] or "浜野　光"
        row["生年月日"] = row["生年月日"].replace("-02-30", "-02-28")
    corrected = tmp_path / "corrected.csv"
    with corrected.open("w", encoding=SHEET, newline="") as file:
        writer = csv.DictWriter(file, waiting[0].keys())
        writer.writeheader()
        writer.writerows(waiting)
    clerk.follows("直したファイルを取り込む")
    takes(clerk, corrected, "修正行")
    clerk.presses("取り込む")
    clerk.sees(re.compile(r"取込\s*2"))

    for path in town.changes:
        clerk.opens("/desk/register/upload/")
        takes(clerk, path, "異動")
        clerk.presses("取り込む")
        clerk.sees("取り込みました")
    clerk.goes_to("住民記録")
    clerk.sees(f"{len(town.changes) + 2}件")
    return len(better)


def open_the_disaster(clerk: Person, town: Town) -> None:
    clerk.goes_to("災害")
    clerk.follows("災害を開設する")
    clerk.writes("災害コード", f"{town.disaster_day.year}")
    clerk.writes("災害名", "大浜沖地震")
    clerk.writes("発災日", town.disaster_day.isoformat())
    clerk.writes("発災時刻", "5時46分")
    clerk.presses("確認へ")
    clerk.sees("この内容で開設しますか")
    clerk.presses("開設する")
    clerk.sees("台帳ができました")
    clerk.sees("発災日当日の死亡")


def open_a_shelter(clerk: Person) -> None:
    clerk.goes_to("避難所")
    clerk.follows("避難所を開設する")
    clerk.page.get_by_label("施設").select_option(label=SHELTER)
    clerk.presses("開設する")
    clerk.sees(f"「{SHELTER}」を開設しました")


def find_by_keyboard(clerk: Person, head: dict[str, str]) -> str:
    """Kana, Enter, birth date, Enter, Enter: the found person is two steps further. Gives the り災番号."""
    clerk.goes_to("検索")
    born = parse_date(head["生年月日"]).date
    clerk.is_at(clerk.page.get_by_role("main").get_by_role("textbox", name="かな"))
    clerk.page.keyboard.type("さいとう")
    clerk.types("Enter")
    expect(clerk.page.get_by_role("textbox", name="生年月日")).to_be_focused()
    clerk.page.keyboard.type(f"3 {born.year - 1925} {born.month} {born.day}")
    clerk.types("Enter")
    expect(clerk.page.get_by_role("textbox", name="氏名・住所・番号・QR")).to_be_focused()
    clerk.types("Enter")
    found = clerk.page.get_by_role("table", name="見つかった人").get_by_role("row")
    expect(found).to_have_count(1 + 4)  # 斉藤, 斎藤, 齋藤 and 齊藤, born on the same day
    hit = found.filter(has_text=head["住所"]).get_by_role("link")
    for _ in range(10):
        clerk.types("Tab")
        if hit.evaluate("link => link === document.activeElement"):
            break
    expect(hit).to_be_focused()
    clerk.types("Enter")
    expect(clerk.page.get_by_role("heading", level=1)).to_contain_text(NUMBER)
    for row in ("斉藤", "塩田116番地", "昭和41年4月1日"):
        clerk.sees(row)
    clerk.sees("ほかの仕事へ")
    return NUMBER.search(clerk.page.get_by_role("heading", level=1).inner_text())[0]


def check_in_by_keyboard(clerk: Person, members: int) -> int:
    """From the household's page: everybody is ticked and taken in; the number of keys pressed."""
    door = clerk.page.get_by_role("main").get_by_role("link", name="避難所")
    clerk.page.wait_for_load_state()
    door.focus()
    clerk.types("Enter")
    boxes = clerk.page.get_by_role("group", name="到着した人").get_by_role("checkbox")
    expect(boxes).to_have_count(members)
    clerk.is_at(boxes.first)
    strokes = 0
    for _ in range(members):
        strokes += clerk.types("Space", "Enter")
    expect(clerk.page.get_by_label("避難所", exact=False).and_(clerk.page.locator("select"))).to_be_focused()
    heading = clerk.page.get_by_role("heading", level=1)
    for _ in range(3):
        strokes += clerk.types("Enter")
    expect(heading).to_contain_text(SHELTER)
    clerk.sees(f"{members}名を受け付けました")
    return strokes


def somebody_from_elsewhere(clerk: Person) -> None:
    clerk.presses("台帳にない人")
    clerk.is_at(clerk.page.get_by_role("textbox", name="氏名").first)
    clerk.page.keyboard.type("旅野　めぐる")
    clerk.writes("避難前の市町村", "小浜市")
    clerk.presses("受け付ける（Ctrl+Enter）")
    clerk.sees("1名を受け付けました")
    clerk.follows(SHELTER)


def look_at_the_roster(clerk: Person, family: list[dict[str, str]]) -> None:
    clerk.follows("名簿（時点を選ぶ・印刷・CSV）")
    clerk.sees("旅野")
    clerk.sees("避難所内 3人（2世帯）")
    sheet = clerk.downloads(lambda: clerk.follows("CSV")).read_text(encoding=SHEET)
    assert len(list(csv.reader(io.StringIO(sheet)))) >= 4
    clerk.follows("印刷用")
    expect(clerk.page.get_by_role("heading", level=1)).to_contain_text(SHELTER)
    expect(clerk.page.get_by_role("row")).to_have_count(1 + len(family) + 1)
    expect(clerk.page.locator("body")).to_contain_text(re.compile(r"\d+月\d+日（.）\d+時\d+分 現在"))
    clerk.page.go_back()
    before = clerk.page.get_by_label("いつの時点で見るか")
    before.fill("2020-01-01T00:00")
    clerk.presses("この時点で見る")
    clerk.sees("避難所内 0人")


def issue_a_certificate(clerk: Person, number: str, tmp_path: Path) -> tuple[str, str]:
    """Found by its number, issued, saved and read: the certificate's number, and the address in its QR code."""
    clerk.page.wait_for_load_state()
    clerk.page.keyboard.press("/")
    expect(clerk.page.get_by_role("searchbox", name="世帯・人を探す")).to_be_focused()
    clerk.page.keyboard.type(number)
    clerk.types("Enter")
    expect(clerk.page.get_by_role("heading", level=1)).to_have_text(re.compile(number))
    clerk.follows("被災証明書")
    clerk.sees("証明書に載る内容")
    clerk.page.get_by_label("本人確認").select_option(index=1)
    clerk.presses("交付する")
    clerk.sees("を交付しました")
    said = clerk.page.get_by_role("heading", level=1).inner_text().strip()
    saved = clerk.downloads(lambda: clerk.follows("PDFを保存"))
    text = "\n".join(page.extract_text() for page in PdfReader(saved).pages)
    plain = re.sub(r"\s", "", text)
    assert re.sub(r"\s", "", said) in plain
    assert number in plain
    assert "斉藤誠" in plain
    token = re.search(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){6}[0-9A-HJKMNP-TV-Z]{4}", plain)
    assert token, "the address under the QR code can be typed"
    assert f"{clerk.house}/verify/" in plain
    return said, f"{clerk.house}/verify/{token[0]}"


def withdraw(clerk: Person) -> None:
    clerk.page.get_by_role("textbox", name="失効の理由").fill("世帯の訂正")
    clerk.presses("失効させる")
    clerk.sees("この証明書は失効しています")


def tells_nothing_personal(stranger: Person, certificate: str, family: list[dict[str, str]]) -> None:
    page = stranger.page.content()
    assert certificate in page
    for member in family:
        for secret in (*member["氏名"].split("　"), member["住所"], member["宛名番号"], member["世帯番号"]):
            assert secret not in page
    assert stranger.page.context.cookies() == []


def read_what_is_public(stranger: Person, family: list[dict[str, str]]) -> None:
    for address in ("/", "/shelters/", "/open/"):
        stranger.opens(address)
        fits(stranger)
        assert not any(member["氏名"].split("　")[0] in stranger.page.content() for member in family)
    stranger.opens("/shelters/")
    expect(stranger.page.get_by_role("row").filter(has_text=SHELTER)).to_contain_text("3")
    expect(stranger.page.locator("body")).to_contain_text(re.compile(r"\d+月\d+日.*現在"))


def look_into_the_books(auditor: Person) -> None:
    auditor.goes_to("記録の確認")
    table = auditor.page.get_by_role("main").get_by_role("table")
    for line in ("見本 tax", "見本 shelter", "見本 register"):
        expect(table.get_by_role("row").filter(has_text=line).first).to_be_visible()
    assert AccessLog.objects.filter(staff__division="tax", what="household").exists()
    auditor.follows("操作記録を見る")
    auditor.sees("見本 publicity")


def fits_a_narrow_screen(person: Person) -> None:
    """Where they are, and every page that their menu leads to."""
    person.page.set_viewport_size({"width": 320, "height": 640})
    fits(person)
    links = person.page.get_by_role("navigation", name="主なメニュー", include_hidden=True).locator("a")
    for address in links.evaluate_all("links => links.map(link => link.getAttribute('href'))"):
        person.opens(address)
        fits(person)


def fits(person: Person) -> None:
    """Nothing has to be moved sideways to be read."""
    excess = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert person.page.evaluate(excess) <= 0, person.page.url
