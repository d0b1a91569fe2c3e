"""A USB stick on the pages of headquarters: what it brought, what waits for an earlier one, and the file to carry back."""

from __future__ import annotations

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from backend.accounts.models import AccessLog
from backend.core.clock import frozen, now
from backend.journal import bodies, queries, sticks, terminals
from backend.journal.content import sha256
from backend.journal.models import Device, Entry
from backend.shelters import queries as shelters

from .pen import SECRET, Pen


@pytest.fixture(autouse=True)
def own_folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture
def desk(staff, sign_in):
    return sign_in(staff("shelter"))


def bring(desk: Client, data: bytes) -> str:
    """Choose the file and press the button; the words of the page that follows."""
    file = BytesIO(data)
    file.name = "there.tasuki"
    answer = desk.post(reverse("journal:stick"), {"file": file})
    return words(answer.content.decode())


def words(page: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", page).split())


def test_the_page_says_what_a_stick_brought_and_gives_the_file_to_carry_back(desk, laptop, stick, opening):
    terminal, pen = laptop
    data = stick([pen.arrive(opening, "0001"), pen.arrive(opening, "0002")])
    page = bring(desk, data)
    assert "「西町小学校 1号」のファイルを受け取りました" in page
    assert "受け付けた記録 2件 すでに届いていた記録 0件" in page
    assert "受け付けなかった記録（本部の確認待ち） 0件 前の部分を待っている記録 0件" in page
    assert "前の部分を待っています" not in page
    assert shelters.head_count(opening).people == 2
    back = desk.get(reverse("journal:stick_back", args=[terminal.pk]))
    assert back["Content-Disposition"] == f'attachment; filename="back-{terminal.pk}.tasuki"'
    opened = sticks.opened(sticks.key_of(sha256(SECRET.encode())), back.content)
    assert bodies.unpack(opened, "stick.answer").head["answers"] == ["accepted", "accepted"]
    # That it was made, with how many entries, and each time it is fetched.
    assert AccessLog.objects.filter(what="export", subject=f"terminal:{terminal.pk}").count() == 2
    assert "受け付けた記録 0件 すでに届いていた記録 2件" in bring(desk, data)


def test_what_can_not_be_believed_is_counted_and_leads_to_where_it_is_decided(desk, laptop, stick, opening):
    _, pen = laptop
    pen.arrive(opening, "0001")
    bring(desk, stick(pen.lines))
    copy = Pen(pen.device)
    copy.arrive(opening, "0002")
    page = bring(desk, stick(copy.lines))
    assert "受け付けた記録 0件" in page
    assert "受け付けなかった記録（本部の確認待ち） 1件" in page
    assert queries.waiting_refused().count() == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空"),
        (b"x" * 50, "Tasuki の書出しファイルではありません"),
        (b'{"is": "tasuki-stick", "what": "back"}\n', "逆向き"),
    ],
)
def test_a_file_that_is_none_is_refused_on_the_page(desk, data, said):
    assert said in bring(desk, data)
    assert Entry.objects.filter(kind="stay.arrived").count() == 0


def test_only_who_settles_takes_a_stick_or_its_answer(staff, sign_in, laptop, stick):
    other = sign_in(staff("publicity"))
    assert other.post(reverse("journal:stick"), {}).status_code == 403
    assert other.get(reverse("journal:stick_back", args=[laptop[0].pk])).status_code == 403
    assert sign_in(staff("shelter")).get(reverse("journal:stick_back", args=[laptop[0].pk])).status_code == 404


@pytest.fixture
def out_of_order(laptop, stick, opening):
    """Two sticks of a laptop, of which the later one comes first: (the earlier, the later), three entries and two."""
    _, pen = laptop
    for number in range(5):
        pen.arrive(opening, f"{number:04}")
    return stick(pen.lines[:3]), stick(pen.lines[3:])


def test_a_stick_before_its_turn_waits_for_the_earlier_one_and_headquarters_sees_it(
    desk, laptop, out_of_order, opening
):
    earlier, later = out_of_order
    page = bring(desk, later)
    assert "2件は前の部分を待っています" in page
    assert "先に書き出した USB メモリーがまだ届いていません。" in page
    assert "受け付けた記録 0件" in page
    assert "前の部分を待っている記録 2件" in page
    for name in ("journal:index", "centre:headquarters"):
        seen = words(desk.get(reverse(name)).content.decode())
        assert "西町小学校 1号 2件は前の部分を待っています" in seen
        assert "この端末の記録の1番から3番が届いていません。先に書き出した USB メモリーを受け取ってから" in seen
    assert shelters.head_count(opening).people in (None, 0)
    assert "受け付けた記録 3件" in bring(desk, earlier)
    seen = words(desk.get(reverse("journal:index")).content.decode())
    assert "2件は前の部分を待っています" in seen
    assert "前の部分は届きました。あとの USB メモリーをもう一度受け取るか" in seen
    assert "受け付けた記録 2件" in bring(desk, later)
    assert "前の部分" not in words(desk.get(reverse("journal:index")).content.decode())
    assert shelters.head_count(opening).people == 5


def test_the_command_says_it_too(laptop, out_of_order, tmp_path, capsys):
    earlier, later = tmp_path / "earlier", tmp_path / "later"
    earlier.write_bytes(out_of_order[0])
    later.write_bytes(out_of_order[1])
    for path, said in ((later, "前の部分を待つ記録 2件"), (earlier, "記録 3件を受け付けました")):
        call_command("take_stick", path, output=tmp_path / "back")
        assert said in capsys.readouterr().out


def test_it_waits_since_the_first_of_them_came_and_no_more_once_the_line_brought_all(laptop, opening, push):
    terminal, pen = laptop
    for number in range(6):
        pen.arrive(opening, f"{number:04}")
    with frozen(now() - timedelta(hours=3)):
        began = now()
        assert push(terminal, pen.lines[3:4]) == ["retry"]
    assert push(terminal, pen.lines[2:]) == ["retry"] * 4
    [gap] = queries.gaps()
    assert (gap.terminal, gap.waiting, gap.lacking, gap.since) == (terminal, 4, (1, 2), began)
    push(terminal, pen.lines[:1])
    assert queries.gaps()[0].lacking == (2, 2)
    assert "この端末の記録の2番が届いていません" in queries.gaps()[0].to_do
    assert push(terminal, pen.lines) == ["duplicate"] + ["accepted"] * 5
    assert queries.gaps() == []
    # What waits afterwards is another gap, since then.
    pen.arrive(opening, "0007")
    assert push(terminal, [pen.arrive(opening, "0008")]) == ["retry"]
    [gap] = queries.gaps()
    assert (gap.waiting, gap.lacking, gap.since > began) == (1, (7, 7), True)


def test_a_laptop_cut_off_or_gone_on_in_another_chain_has_no_gap(joined, opening, push):
    (lost, one), (again, two) = joined(), joined()
    for terminal, pen in ((lost, one), (again, two)):
        pen.arrive(opening, "0001")
        assert push(terminal, [pen.arrive(opening, "0002")]) == ["retry"]
    assert {gap.terminal for gap in queries.gaps()} == {lost, again}
    terminals.revoke(by=None, terminal=lost)
    terminals.take_chain(again, Pen().device)
    assert queries.gaps() == []


def test_nobody_makes_another_laptop_wait(joined, opening, push):
    (_, pen), (other, _) = joined(), joined()
    pen.arrive(opening, "0001")
    assert push(other, [pen.arrive(opening, "0002")]) == ["refused:device"]
    assert not Device.objects.exclude(waiting_upto=None).exists()
