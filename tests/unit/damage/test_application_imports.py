"""Applications from another system: by a mapping, each number once, what is wrong by line and column."""

from __future__ import annotations

import zipfile
from datetime import date
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse
from PIL import Image

from backend.accounts.models import AuditRow
from backend.core import clock
from backend.core.errors import Forbidden, Refused
from backend.damage.applications import attaching
from backend.damage.applications import services as applications
from backend.damage.imports import rules, services
from backend.damage.models import Application, ImportedApplication, ReceiptCounter

from .conftest import DAY

HEAD = "受付番号,申請日,申請者の区分,氏名,生年月日,罹災原因,被災した所在地,種類,部数,秘匿,被害の様子,添付,個人番号,メモ"
GOOD = "A-1,R8.11.20,居住者,髙橋 花子,S45.1.2,地震,大浜市西町5番地;大浜市西町6番地,dwelling;住家以外の建物,2,,屋根が落ちた,a.jpg;委任状.png,123,x"


@pytest.fixture(autouse=True)
def later():
    with clock.frozen(clock.now().replace(year=DAY.year, month=DAY.month, day=DAY.day + 5)):
        yield


def picture(colour="grey", kind="JPEG"):
    out = BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, kind)
    return out.getvalue()


@pytest.fixture
def world(disaster, staff, tmp_path):
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.jpg").write_bytes(picture())
    (folder / "委任状.png").write_bytes(picture("red", "PNG"))
    event, clerk = disaster(), staff("tax")

    def file(*lines, head=HEAD, encoding="cp932"):
        path = tmp_path / "applications.csv"
        path.write_bytes("\r\n".join([head, *lines]).encode(encoding))
        return path

    def take(path, **how):
        said = {"source": "見本", "layout": rules.OWN, "attachments": folder, **how}
        return services.take(by=clerk, disaster=event, path=path, **said)

    return SimpleNamespace(event=event, clerk=clerk, folder=folder, file=file, take=take)


def test_a_row_becomes_an_application_with_its_attachments_and_a_second_time_nothing(world):
    path = world.file(GOOD)
    done = world.take(path)
    assert (done.rows, done.taken, done.attached, done.problems) == (1, 1, 2, [])
    assert (done.dropped, done.unused) == (("個人番号",), ("メモ",))
    row = Application.objects.get()
    assert (row.channel, row.name, row.birth, row.copies, row.cause) == (
        "online",
        "髙橋 花子",
        "1970-01-02",
        2,
        "earthquake",
    )
    assert [(one.place, one.what) for one in row.houses.all()] == [
        ("大浜市西町5番地", "dwelling"), ("大浜市西町6番地", "building"),
    ]  # fmt: skip
    assert {one.what for one in attaching.of_application(row)} == {"photo", "mandate"}
    again = world.take(path)
    assert (again.taken, again.before, again.attached, again.problems) == (0, 1, 0, [])
    changed = world.take(world.file(GOOD.replace("屋根", "壁")))
    assert "違います" in changed.problems[0].why
    assert Application.objects.get().note == "被害の様子：屋根が落ちた"
    assert world.take(path, source="別の窓口").taken == 1


def test_what_was_missing_is_attached_by_a_later_run_also_to_a_changed_application(world):
    (world.folder / "a.jpg").rename(world.folder / "b.jpg")
    path = world.file(GOOD)
    done = world.take(path)
    assert [(one.line, one.column, one.taken) for one in done.problems] == [(2, "添付", True)]
    assert "a.jpg：このファイルが添付のフォルダーにありません" in done.problems[0].why
    assert done.set_aside == 0
    row = Application.objects.get()
    said = applications.Said(
        channel="online", applicant="resident", name=row.name, cause="earthquake", applied_on=row.applied_on,
        places=[applications.Place("大浜市西町5番地")],
    )  # fmt: skip
    new = applications.change(by=world.clerk, application=row.pk, said=said, why="聞き取り")
    (world.folder / "b.jpg").rename(world.folder / "a.jpg")
    assert world.take(path).attached == 1
    assert attaching.of_application(new).count() == 2


def test_a_dry_run_says_the_same_and_keeps_nothing(world):
    path = world.file(GOOD, GOOD.replace("A-1", "A-2").replace("地震", "隕石"))
    dry = world.take(path, dry=True)
    assert (dry.taken, dry.attached, dry.set_aside) == (1, 2, 1)
    assert not Application.objects.exists()
    assert not ReceiptCounter.objects.exists()
    assert not AuditRow.objects.exists()
    assert world.take(path).problems == dry.problems
    assert Application.objects.get().number == 1


def test_wrong_cells_are_named_by_line_and_column_and_the_other_rows_are_taken(world):
    wrong = [
        GOOD.replace("A-1", ""),
        GOOD.replace("R8.11.20", "きのう"),
        GOOD.replace("R8.11.20", "R9.1.1").replace("A-1", "A-3"),
        GOOD.replace("居住者", "知人").replace(",2,,", ",たくさん,多分,").replace("S45.1.2", "S99.1.2"),
        GOOD.replace("居住者", "代理人").replace("A-1", "A-4"),
        "A-5,R8.11.20",
        GOOD,
        GOOD,
        GOOD.replace("A-1", "A-6").replace("大浜市西町5番地;大浜市西町6番地", ""),
    ]
    done = world.take(world.file(*wrong))
    found = {(one.line, one.column) for one in done.problems}
    assert {
        (2, "受付番号"), (3, "申請日"), (4, "申請日"), (5, "申請者の区分"), (5, "部数"), (5, "秘匿"), (5, "生年月日"),
        (6, "関係"), (6, "世帯主の氏名"), (7, ""), (9, "受付番号"), (10, "被災した所在地"),
    } == found  # fmt: skip
    assert (done.taken, done.set_aside) == (1, 8)


def test_a_mapping_joins_columns_and_translates_codes(world):
    layout = services.find_layout("portal-sample")
    head = "申請番号,申請受付日時,申請者区分,申請者氏名（姓）,申請者氏名（名）,申請者カナ（姓）,申請者カナ（名）,生年月日,災害の種類,被災した家屋の所在地"
    done = world.take(
        world.file("7,2026/11/20 10:15,本人,髙橋,花子,タカハシ,ハナコ,1970-01-02,台風,西町5", head=head), layout=layout
    )
    assert done.problems == []
    row = Application.objects.get()
    assert (row.name, row.cause, row.applicant, row.copies) == ("髙橋　花子", "wind", "resident", 1)
    with pytest.raises(Refused, match="必要な列がありません：受付番号（申請番号）"):
        world.take(world.file(head=head.replace("申請番号", "番号")), layout=layout)


CONSENT = "受付番号,申請日,氏名,罹災原因,被災した所在地,写真による判定への同意,同意した日"


@pytest.mark.parametrize(
    ("yes", "day", "kept"),
    [
        ("1", "", date(2026, 11, 20)),
        ("同意する", "R8.11.21", date(2026, 11, 21)),
        ("はい", "2026-11-21 09:10", date(2026, 11, 21)),
        ("", "", None),
        ("同意しない", "", None),
        ("0", "", None),
    ],
)
def test_the_consent_to_be_judged_by_photographs_comes_in_with_its_day(world, sign_in, yes, day, kept):
    path = world.file(f"A-1,R8.11.20,髙橋 花子,地震,大浜市西町5番地,{yes},{day}", head=CONSENT)
    dry, done = world.take(path, dry=True), world.take(path)
    assert done.problems == []
    assert dry.consents == done.consents == (kept is not None)
    row = Application.objects.get()
    assert row.photo_consent_on == kept
    page = sign_in(world.clerk).get(reverse("applications:page", args=[row.pk])).content.decode()
    assert ("同意あり" in page, "同意の記録なし" in page) == (kept is not None, kept is None)
    assert world.take(path).consents == 0


@pytest.mark.parametrize(
    ("yes", "day", "column", "why"),
    [
        ("たぶん", "", "写真による判定への同意", "1（同意する）か空"),
        ("1", "いつか", "同意した日", "日付として"),
        ("1", "令和8年11月", "同意した日", "年・月・日"),
        ("", "R8.11.21", "同意した日", "「1（同意する）」ではありません"),
        ("1", "R8.11.1", "同意した日", "発災の日より前か、今日より後"),
        ("1", "R8.12.1", "同意した日", "発災の日より前か、今日より後"),
    ],
)
def test_a_consent_that_cannot_be_read_is_named_and_the_row_is_not_taken(world, yes, day, column, why):
    path = world.file(f"A-1,R8.11.20,髙橋 花子,地震,大浜市西町5番地,{yes},{day}", head=CONSENT)
    done = world.take(path)
    assert [(one.line, one.column, one.taken) for one in done.problems] == [(2, column, False)]
    assert why in done.problems[0].why
    assert not Application.objects.exists()


def test_a_file_without_the_column_consents_for_nobody_and_a_mapping_gives_it_its_name(world):
    assert world.take(world.file(GOOD)).consents == 0
    layout = services.parse(
        "columns: {番号: 受付番号, 日: 申請日, 名: 氏名, 災: 罹災原因, 所: 被災した所在地, 写真: 写真による判定への同意}\n"
        "values: {写真による判定への同意: {Y: 同意する, N: 同意しない}}",
        "写真",
    )
    head = "番号,日,名,災,所,写真"
    rows = [f"B-{n},R8.11.20,髙橋 花子,地震,大浜市西町{n}番地,{said}" for n, said in enumerate("YN", 1)]
    done = world.take(world.file(*rows, head=head), layout=layout)
    assert (done.taken, done.consents, done.problems) == (2, 1, [])


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "中身がありません"),
        ("a: [", "YAML"),
        ("columns: {番号: 受付番号}", "必要な項目がありません：申請日"),
        ("columns: {番号: 番号}", "という項目はありません"),
        ("columns: {個人番号: 受付番号, b: 申請日, c: 氏名, d: 罹災原因, e: 被災した所在地}", "個人番号"),
        ("columns: {a: 受付番号, b: 受付番号}", "二度"),
        ("built: {氏名: 姓}", "from"),
        ("constants: {写真による判定への同意: 同意する}", "一人ずつ"),
        ("colums: {}", "知らない項目"),
        ("columns: 3", "書き方"),
    ],
)
def test_a_wrong_mapping_is_refused_with_the_reason(text, why):
    with pytest.raises(Refused, match=why):
        services.parse(text, "x")


def test_attachments_out_of_a_zip_and_nothing_beside_the_folder(world, tmp_path):
    packed = tmp_path / "files.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("2026/a.jpg", picture())
        archive.writestr("委任状.png", b"%PDF-1.7")
    done = world.take(world.file(GOOD), attachments=packed)
    assert (done.taken, done.attached) == (1, 1)
    assert "委任状.png：中身はPDFですが、名前が「.png」で終わっています" in done.problems[0].why
    (tmp_path / "secret.jpg").write_bytes(picture())
    out = world.take(world.file(GOOD.replace("A-1", "A-2").replace("a.jpg", "../secret.jpg")))
    assert "../secret.jpg：このファイルが添付のフォルダーにありません" in out.problems[0].why
    packed.write_bytes(b"no zip")
    with pytest.raises(Refused, match="ZIPを読めません"):
        world.take(world.file(GOOD), attachments=packed)


def test_a_pdf_comes_in_as_the_mandate_or_a_paper_and_what_is_wrong_with_one_is_said(world):
    pdf = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
    locked = pdf.replace(b"/Root", b"/Encrypt 2 0 R /Root")
    for name, data in (
        ("委任状.pdf", pdf),
        ("申請書.pdf", pdf[:-6] + b"%%EOF"),
        ("b.pdf", locked),
        ("c.pdf", pdf[:40]),
    ):
        (world.folder / name).write_bytes(data)
    names = "委任状.pdf;申請書.pdf;b.pdf;c.pdf;a.jpg"
    path = world.file(GOOD.replace("a.jpg;委任状.png", names))
    dry = world.take(path, dry=True)
    done = world.take(path)
    assert (dry.attached, dry.problems) == (3, done.problems)
    assert (done.taken, done.attached, done.set_aside) == (1, 3, 0)
    assert [(one.why.split("：")[0], one.taken) for one in done.problems] == [("b.pdf", True), ("c.pdf", True)]
    assert "パスワード" in done.problems[0].why
    assert "途中で切れ" in done.problems[1].why
    kept = attaching.of_application(Application.objects.get())
    assert {(one.about, one.what, one.kind) for one in kept} == {
        ("委任状.pdf", "mandate", "pdf"), ("申請書.pdf", "paper", "pdf"), ("a.jpg", "photo", "jpeg"),
    }  # fmt: skip
    assert world.take(path).attached == 0


def test_a_torn_file_is_refused_as_a_whole(world, staff):
    with pytest.raises(Refused):
        world.take(world.file(GOOD, 'A-2,"torn'))
    with pytest.raises(Refused, match="二度"):
        world.take(world.file(GOOD, head=HEAD.replace("メモ", "氏名")))
    assert not Application.objects.exists()
    with pytest.raises(Forbidden):
        services.take(by=staff("welfare"), disaster=world.event, path=world.file(GOOD), source="見本", layout=rules.OWN)


def test_the_command_and_the_page(world, sign_in, capsys):
    path = world.file(GOOD, encoding="utf-8")
    how = {"disaster": world.event.code, "source": "見本", "by": world.clerk.username, "attachments": world.folder}
    call_command("import_applications", str(path), check=True, **how)
    assert not Application.objects.exists()
    desk, url = sign_in(world.clerk), reverse("application_imports:index")
    assert "被災した所在地" in desk.get(url).content.decode()
    typed = {"source": "見本", "layout": "tasuki", "file": SimpleUploadedFile("a.csv", path.read_bytes())}
    page = desk.post(url, typed | {"check": "on"}).content.decode()
    assert "写真による判定への同意があるもの" not in page
    assert "何も受け付けていません" in page
    assert "添付のフォルダーかZIPを指定してください" in page
    assert not Application.objects.exists()
    typed["file"] = SimpleUploadedFile("a.csv", path.read_bytes())
    assert "1件を受け付けました" in desk.post(url, typed).content.decode()
    call_command("import_applications", str(path), **how)
    assert ImportedApplication.objects.get().application.files.count() == 2
    wrong = desk.post(url, typed | {"file": SimpleUploadedFile("a.csv", b"a,b\n")})
    assert wrong.status_code == 422
    consents = world.file("C-1,R8.11.20,髙橋 花子,地震,大浜市西町5番地,1,", head=CONSENT).read_bytes()
    shown = desk.post(url, typed | {"file": SimpleUploadedFile("c.csv", consents), "check": "on"}).content.decode()
    assert "新しい申請のうち、写真による判定への同意があるもの 1件" in shown
    with pytest.raises(SystemExit):
        call_command("import_applications", str(path), **{**how, "by": "nobody"})
