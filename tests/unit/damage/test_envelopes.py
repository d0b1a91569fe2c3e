"""Where the address of a certificate is printed: inside the window of the envelope, on a page of its own or on the paper."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from pypdf import PdfReader, mult

from backend.damage.certificates import risai_form
from backend.damage.certificates.bulk import rules
from backend.documents import pdf
from tests.unit.documents.conftest import body as hisai_body
from tests.unit.documents.conftest import issue  # noqa: F401

MM = 72 / 25.4
A4 = 297.0
RISAI = {
    "household_number": "2026-0000001-81", "head_name": "髙﨑 一郎", "head_address": "大浜市西町１番地",
    "struck_on": date(2026, 11, 18), "cause": "大浜沖地震", "house_place": "大浜市港町５番地", "damage_code": "5",
    "damage": "大規模半壊", "members": [(f"髙﨑 {n}郎", "子") for n in "一二三四"],
}  # fmt: skip
SHORT = ("〒999-0001　大浜市西町１番地", "髙﨑 一郎")
LONG = (
    "〒999-0001　大浜市大字奥大浜字上ノ原東一丁目１２３４番地５６　グランドパークレジデンス大浜海岸通りイーストタワー２号棟１２０３号室",
    "マリア・アレハンドラ・ロドリゲス・フェルナンデス・デ・ラ・クルス",
)
WINDOWS = {
    "as it comes": {"left": 22.0, "top": 20.0, "width": 80.0, "height": 38.0},
    "another": {"left": 15.0, "top": 48.0, "width": 90.0, "height": 45.0},
}


@dataclass(frozen=True)
class Run:
    """A piece of text on a page and the most room it can take, in millimetres from the upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    def is_inside(self, window):
        right, bottom = window["left"] + window["width"], window["top"] + window["height"]
        return (
            window["left"] <= self.left and self.right <= right and window["top"] <= self.top and self.bottom <= bottom
        )

    def touches(self, window):
        right, bottom = window["left"] + window["width"], window["top"] + window["height"]
        return self.left < right and self.right > window["left"] and self.top < bottom and self.bottom > window["top"]


def runs(page):
    found = []

    def seen(text, cm, tm, font, size):
        if not text.strip():
            return
        at = mult(tm, cm)
        size *= abs(at[3]) / MM
        wide = sum(1.0 if ord(one) > 0x7F else 0.62 for one in text.strip())
        left, line = at[4] / MM, A4 - at[5] / MM
        found.append(Run(text.strip(), left, line - 0.88 * size, left + wide * size, line + 0.12 * size))

    page.extract_text(visitor_text=seen)
    return found


def printed(issued, where, name, post):
    to = rules.window(rules.place(where)) | {
        "name": name,
        "code": "2026-0000001-81",
        "about": "送付",
        "text": "送ります",
    }
    data, begins = pdf.render_many(
        [pdf.Posted(issued.content, to)], at=datetime(2026, 11, 25, tzinfo=UTC), post=post, title="送付"
    )
    pages = PdfReader(io.BytesIO(data)).pages
    assert len(pages) == begins[-1] - 1
    return pages


@pytest.fixture
def paper(issue):  # noqa: F811
    def make(kind):
        if kind == "hisai":
            return issue(body=hisai_body("髙﨑 一郎", "髙﨑 花子"))
        return issue(kind="risai", form=risai_form.FORM, body=risai_form.body(**RISAI))

    return make


@pytest.mark.parametrize("window", WINDOWS.values(), ids=WINDOWS)
@pytest.mark.parametrize("to", [SHORT, LONG], ids=["short", "long"])
@pytest.mark.parametrize("post", ["page", "block"])
@pytest.mark.parametrize("kind", ["hisai", "risai"])
def test_the_address_and_nothing_else_is_in_the_window(paper, settings, kind, post, to, window):
    settings.ENVELOPE_WINDOW = window
    issued, (where, name) = paper(kind), to
    pages = printed(issued, where, name, post)
    first = runs(pages[0])
    inside = [run for run in first if run.touches(window)]
    assert [run for run in inside if not run.is_inside(window)] == []
    said = "".join("".join(run.text for run in inside).split())
    wanted = "〒999-0001" + where.partition("　")[2] + name + "様" + "2026-0000001-81"
    assert said == "".join(wanted.split())
    title = "".join("".join(run.text for run in first).split())
    if post == "page":
        assert len(pages) == 2
        assert issued.content["statement"] not in title
        assert [run for run in runs(pages[1]) if run.text == "様"] == []
    else:
        assert len(pages) == 1 or window["top"] > 40, "with the address the paper still is one page"
        assert issued.content["title"] in title
        assert issued.content["statement"] in "".join("".join(page.extract_text() for page in pages).split())


def test_without_post_nobody_is_named_above_the_paper(paper):
    [page] = printed(paper("hisai"), *SHORT, "")
    assert "様" not in page.extract_text()
