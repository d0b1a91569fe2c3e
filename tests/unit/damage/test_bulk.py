import csv
import shutil

import pypdf
import pytest

from backend.accounts.models import AccessLog
from backend.core.errors import Conflict, Forbidden, Refused
from backend.damage.certificates import services
from backend.damage.certificates.bulk import rules
from backend.damage.certificates.bulk.services import issue_all
from backend.damage.models import BulkFile, BulkHeld
from backend.documents.models import HeldCharacter, Issue
from backend.ledger.fact_services import put_fact
from backend.ledger.models import Person
from backend.ledger.services import ask_protection


@pytest.fixture
def town(disaster, household):
    event = disaster()
    homes = {
        "ten": household(event, [{"name": "石川 十郎"}], address="大浜市西町10番地", postal_code="9990001"),
        "two": household(
            event, [{"name": "髙﨑 二郎"}, {"name": "髙﨑 花子"}], address="大浜市西町2番地", postal_code="9990001"
        ),
        "port": household(event, [{"name": "港 三郎"}], address="大浜市港町1番地", postal_code="9990000"),
        "none": household(event, [{"name": "宛先 不明"}], address=""),
        "dead": household(event, [{"name": "故人 太郎"}]),
        "gaiji": household(event, [{"name": "山\ue123 一"}]),
        "shielded": household(event, [{"name": "秘密 花子"}, {"name": "秘密 次郎"}]),
    }
    Person.objects.filter(household=homes["none"]).update(address="")
    return event, homes


@pytest.fixture
def ready(town, staff):
    event, homes = town
    clerk = staff("register")
    ask_protection(by=clerk, person=Person.objects.get(name="秘密 花子"))
    put_fact(
        by=clerk,
        disaster=event,
        room="ledger",
        kind="life_status",
        person=Person.objects.get(name="故人 太郎"),
        value={"status": "dead"},
    )
    return event, homes


def rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_everybody_gets_one_in_the_order_of_the_post_and_the_others_are_listed(ready, staff, tmp_path):
    event, homes = ready
    done = issue_all(by=staff("tax"), disaster=event, folder=tmp_path, pages_a_file=4, workers=1)
    assert (done.certificates, done.files, done.pages) == (3, 2, 6)
    by_number = list(Issue.objects.order_by("number").values_list("number", "household"))
    assert by_number == [(1, homes["port"].pk), (2, homes["two"].pk), (3, homes["ten"].pk)]
    listed = rows(tmp_path / "manifest.csv")
    assert [(row["り災番号"], row["ページ"]) for row in listed] == [
        (homes["port"].disaster_number, "1"),
        (homes["two"].disaster_number, "3"),
        (homes["ten"].disaster_number, "1"),
    ]
    assert not any("髙﨑" in (tmp_path / name).read_text("utf-8-sig") for name in ("manifest.csv", "control.csv"))
    first = pypdf.PdfReader(tmp_path / listed[0]["ファイル"])
    assert len(first.pages) == 4
    assert "港三郎様" in first.pages[0].extract_text().replace(" ", "").replace("　", "")
    assert "被災証明書" in first.pages[3].extract_text().replace(" ", "")
    assert AccessLog.objects.filter(what="export", hits=3).exists()


def test_who_is_left_out_is_named_with_the_reason_but_for_the_protected(ready, staff, tmp_path):
    event, homes = ready
    done = issue_all(by=staff("tax"), disaster=event, folder=tmp_path, workers=1)
    assert dict(done.held) == {"protected": 1, "deceased": 1, "address": 1, "characters": 1}
    listed = {row["理由"]: row for row in rows(tmp_path / "left-out.csv")}
    assert listed["送付先がない"]["り災番号"] == homes["none"].disaster_number
    assert set(listed["秘匿の方がいる"].values()) == {"", "秘匿の方がいる"}
    assert homes["shielded"].disaster_number not in (tmp_path / "left-out.csv").read_text("utf-8-sig")
    assert set(HeldCharacter.objects.values_list("household", flat=True)) == {homes["gaiji"].pk}
    assert not Issue.objects.filter(household=homes["shielded"].pk).exists()


def test_a_second_run_issues_only_what_is_missing(ready, household, staff, tmp_path):
    event, _ = ready
    clerk = staff("tax")
    issue_all(by=clerk, disaster=event, folder=tmp_path / "one", workers=1)
    assert issue_all(by=clerk, disaster=event, folder=tmp_path / "two", workers=1).certificates == 0
    late = household(
        event, [{"name": f"後から 来た{place}"} for place in "一二三四五六七八九十百千" * 2]
    )  # on two pages
    done = issue_all(by=clerk, disaster=event, folder=tmp_path / "three", workers=1, post="none", split=True)
    assert (done.certificates, done.pages) == (2, 3)  # with the one that had nowhere to be posted to
    listed = rows(tmp_path / "three" / "manifest.csv")
    assert [row["ページ"] for row in listed] == ["1", "1"]
    assert all((tmp_path / "three" / row["ファイル"]).is_file() for row in listed)
    assert [row["ページ数"] for row in rows(tmp_path / "three" / "control.csv")][:2] == ["3", "3"]
    assert Issue.objects.filter(household=late.pk).exists()
    [folder] = [path for path in (tmp_path / "three").iterdir() if path.is_dir()]
    assert sorted(paper.name for paper in folder.iterdir()) == ["hisai-2026-000004.pdf", "hisai-2026-000005.pdf"]
    made = {len(pypdf.PdfReader(paper).pages): paper.stat().st_size for paper in folder.iterdir()}
    assert set(made) == {1, 2}
    assert made[1] <= 60_000, made


def test_what_the_counter_has_issued_is_not_issued_again(ready, staff, tmp_path):
    event, homes = ready
    clerk = staff("tax")
    services.issue_hisai(by=clerk, household_id=homes["two"].pk, purpose="保険", id_checked="licence")
    assert issue_all(by=clerk, disaster=event, folder=tmp_path, workers=1).certificates == 2
    assert Issue.objects.filter(household=homes["two"].pk).count() == 1


def test_what_was_numbered_and_not_written_is_written_without_those_void_or_hidden_since(
    ready, staff, tmp_path, monkeypatch
):
    event, homes = ready
    clerk = staff("tax")
    from backend.damage.certificates.bulk import services as bulk

    def cut(*_args, **_named):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(bulk, "_written", cut)
        with pytest.raises(KeyboardInterrupt):
            issue_all(by=clerk, disaster=event, folder=tmp_path, workers=1, post="block")
    shutil.rmtree(tmp_path)
    assert BulkFile.objects.get().written_at is None
    services.withdraw_hisai(by=clerk, issue_id=Issue.objects.get(household=homes["two"].pk).pk, reason="記載の誤り")
    ask_protection(by=clerk, person=Person.objects.get(name="港 三郎"))
    done = issue_all(by=clerk, disaster=event, folder=tmp_path, workers=1)
    said = {row["文書番号"][-5:-1]: (row["ページ"], row["備考"]) for row in rows(tmp_path / "manifest.csv")}
    assert said["0001"] == ("", "採番の後に秘匿の対象となった")
    assert said["0002"] == ("", "採番の後に失効")
    assert said["0003"] == ("1", "")
    assert done.certificates == 2  # the third of the first file, and the void one's household anew
    assert Issue.objects.filter(status="valid").count() == 3


def test_the_same_frozen_papers_make_the_same_file(ready, staff, tmp_path):
    from backend.damage.certificates.bulk import sheets
    from backend.documents import press

    event, _ = ready
    issue_all(by=staff("tax"), disaster=event, folder=tmp_path, workers=1)
    file = BulkFile.objects.get()
    before = (tmp_path / file.name).read_bytes()
    press.work(sheets.job(file, tmp_path))
    assert (tmp_path / file.name).read_bytes() == before


def test_a_household_of_many_takes_a_second_page_and_the_list_knows(disaster, household, staff, tmp_path):
    event = disaster()
    household(event, [{"name": f"大勢 {n}郎"} for n in range(30)], address="大浜市西町1番地")
    household(event, [{"name": "次 一郎"}], address="大浜市西町2番地")
    done = issue_all(by=staff("tax"), disaster=event, folder=tmp_path, workers=1)
    assert [row["ページ"] for row in rows(tmp_path / "manifest.csv")] == ["1", "4"]
    text = pypdf.PdfReader(tmp_path / BulkFile.objects.get().name).pages[1].extract_text()
    assert "1/2" in text.replace(" ", "")
    assert done.pages == 5


def test_only_who_may_issue_and_one_at_a_time(ready, staff, tmp_path):
    event, _ = ready
    with pytest.raises(Forbidden):
        issue_all(by=staff("welfare"), disaster=event, folder=tmp_path)
    with pytest.raises(Refused, match="使用目的"):
        issue_all(by=staff("tax"), disaster=event, folder=tmp_path, purpose=" ")
    from backend.damage.certificates.bulk import sheets

    with sheets.only_one(event.pk), pytest.raises(Conflict):
        issue_all(by=staff("tax"), disaster=event, folder=tmp_path)
    assert not BulkHeld.objects.exists()


def test_an_empty_disaster_makes_lists_and_no_file(disaster, staff, tmp_path):
    done = issue_all(by=staff("tax"), disaster=disaster(), folder=tmp_path, workers=1)
    assert (done.certificates, done.files) == (0, 0)
    assert rows(tmp_path / "manifest.csv") == []


def test_the_order_is_by_postal_code_then_town_then_number_as_a_number():
    said = [
        "大浜市西町2番地",
        "〒999-0002　大浜市港町1番地",
        "〒999-0001　大浜市西町10番地",
        "〒９９９－０００１　大浜市西町２番地　コーポ１０１",
        "〒999-0001　大浜市西町2番地",
    ]
    assert [said.index(text) for text in sorted(said, key=lambda text: rules.post_key(rules.place(text)))] == [
        4, 3, 2, 1, 0
    ]  # fmt: skip


def test_a_long_address_is_folded_inside_the_window_and_keeps_its_selectors():
    window = rules.window(rules.place("〒999-0001　" + "大" * 18 + "葛\U000e0100飾　ハイツ"))
    assert window == {"postal": "〒999-0001", "lines": ["大" * 18 + "葛\U000e0100", "飾", "ハイツ"]}
