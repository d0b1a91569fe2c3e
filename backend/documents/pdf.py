"""From frozen content to PDF/A: the same content and printing give the same bytes, every time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.conf import settings

from backend.characters import faces

from . import fonts, qr, settling
from .rules import texts
from .settling import Whose
from .tokens import grouped

TEMPLATES = Path(__file__).with_name("typst")
# Stands in content for programs, not for readers: passed to the typesetter as it is, or not at all.
PLAIN = {
    "form",
    "verify_url",
    "token",
    "persons",
    "characters",
    "proof",
    "qr",
    "seal",
    "damage_code",
    "house",
    "judgement",
}

# What stands on papers and is nobody's name or address, and written by no applicant: in the light font, like the labels. A
# glyph there weighs half as much as one of the font for names; every paper that is a file of its own carries those of both.
WORDS = {
    *("statement", "note", "definition", "department", "number", "household_number", "issued_on"),
    *("disaster", "cause", "occurred", "birth", "relationship"),
}


@dataclass(frozen=True)
class Paper:
    """One printed form: its template, its fixed words, and what its fields are called when a character is missing."""

    template: str
    labels: dict[str, str]
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Posted:
    """A paper and to whom it is posted: `postal`, `lines`, `name`, `code` (under the address), and what a covering page
    says: `about`, `text`. `copies`: how many of it lie behind one covering page."""

    content: dict[str, Any]
    to: dict[str, Any] = field(default_factory=dict)
    copies: int = 1


# Words that every form has.
COMMON = {
    "seal": "公印",
    "department": "担当",
    "check": "この証明書が本物で有効かどうかは、右の二次元コードを携帯電話などで読み取るか、次のページで確認番号を入力して確かめられます。",
    "check_typed": "この証明書が本物で有効かどうかは、次のページで確認番号を入力して確かめられます。",
    "sama": "様",
    "token": "確認番号",
    "copy": "再交付",
    "copy_of": "通目",
    "page": "ページ",
    "void": "失効",
    "continued": "（続き）",
}
PAPERS = {
    "hisai/1": Paper(
        template="hisai.typ",
        labels={
            **COMMON,
            "head": "世帯主",
            "name": "氏名",
            "address": "住所",
            "household_number": "り災番号",
            "disaster": "災害",
            "occurred": "発災年月日",
            "place": "被災場所",
            "members": "世帯員",
            "relationship": "続柄",
            "birth": "生年月日",
            "purpose": "使用目的",
        },
        names={
            "head.name": "世帯主の氏名",
            "head.address": "世帯主の住所",
            "disaster": "災害の名称",
            "place": "被災場所",
            "purpose": "使用目的",
            "members.*.name": "世帯員{n}の氏名",
            "members.*.relationship": "世帯員{n}の続柄",
            "mayor": "市町村長の氏名",
        },
    ),
    "risai/1": Paper(
        template="risai.typ",
        labels={
            **COMMON,
            "head_address": "世帯主住所",
            "head_name": "世帯主氏名",
            "members": "世帯構成員",
            "count_open": "（",
            "count_close": "人）",
            "cause": "罹災原因",
            "place": "被災住家の所在地",
            "damage": "住家の被害の程度",
            "extra_1": "追加記載事項欄①",
            "extra_2": "追加記載事項欄②",
            "extra_3": "追加記載事項欄③",
        },
        names={
            "head.name": "世帯主の氏名",
            "head.address": "世帯主の住所",
            "members.*.name": "世帯員{n}の氏名",
            "members.*.relationship": "世帯員{n}の続柄",
            "cause": "罹災原因",
            "place": "被災住家の所在地",
            "about_house": "追加記載事項欄②",
            "about_others": "追加記載事項欄③",
            "purpose": "使用目的",
            "mayor": "市町村長の氏名",
        },
    ),
    "todokede/1": Paper(
        template="todokede.typ",
        labels={
            **COMMON,
            "head": "届出者",
            "name": "氏名",
            "address": "住所",
            "household_number": "り災番号",
            "disaster": "災害",
            "occurred": "発災年月日",
            "declared_on": "届出年月日",
            "what": "届出の対象",
            "place": "被災した場所",
            "said": "届出の内容",
            "purpose": "使用目的",
        },
        names={
            "head.name": "届出者の氏名",
            "head.address": "届出者の住所",
            "disaster": "災害の名称",
            "place": "被災した場所",
            "said": "届出の内容",
            "purpose": "使用目的",
            "mayor": "市町村長の氏名",
        },
    ),
}


def check(content: dict[str, Any]) -> None:
    """Raises `fonts.Held` if anything on the paper can't be printed exactly, or as it was settled when it was issued."""
    ways = content.get("characters", {})
    fonts.hold((label(content["form"], path), text, ways.get(path, {})) for path, text in texts(printed(content)))


def settle(content: dict[str, Any], whose: Mapping[str, Whose], **paper: Any) -> dict[str, dict[str, Any]]:
    """How characters are printed that aren't printed as they stand: path -> code points -> way. Raises `fonts.Held`.

    `whose` says of which person or household, and from which source, the text at a path is; `paper` (kind, disaster,
    household) goes with what has to wait.
    """
    labelled = [(path, label(content["form"], path), text) for path, text in texts(printed(content))]
    return settling.settle(labelled, whose, **paper)


def printed(content: dict[str, Any]) -> dict[str, Any]:
    """The part of the content that a reader sees."""
    return {key: value for key, value in content.items() if key not in PLAIN}


def render(
    content: dict[str, Any],
    *,
    at: datetime,
    copy: int = 1,
    copied_on: str = "",
    void: bool = False,
    seals: Mapping[str, bytes] | None = None,
) -> bytes:
    """The paper as PDF/A-2u. `at` is the time of this printing; `copy` from 2 on is marked as 再交付, `void` as 失効.

    Same arguments and same fonts give the same bytes. Raises `fonts.Held` if a character can't be printed.
    """
    check(content)
    return _compile([sheet(content, copy=copy, copied_on=copied_on, void=void)], content["form"], at=at, seals=seals)[0]


def render_many(
    papers: Sequence[Posted],
    *,
    at: datetime,
    post: str = "",
    title: str = "",
    seals: Mapping[str, bytes] | None = None,
) -> tuple[bytes, list[int]]:
    """Many papers of one form in one file; on which page each begins (its address page, where it has one), and at the
    end the page after the last.

    What was checked when it was issued is not checked again: these are taken as they are frozen.
    """
    sheets = [
        sheet(paper.content, to=paper.to if post else None, post=post) | {"copies": paper.copies} for paper in papers
    ]
    form = papers[0].content["form"]
    how: dict[str, Any] = {"at": at, "post": post, "title": title, "plain": True, "seals": seals}
    data, first = _compile(sheets, form, **how)
    if first is None:  # something took more room than it should: ask the typesetter where each begins
        data, first = _compile([one | {"long": True} for one in sheets], form, **how)
    if first is None:
        raise RuntimeError("pages can't be counted")
    return data, first


def sheet(
    content: dict[str, Any],
    *,
    copy: int = 1,
    copied_on: str = "",
    void: bool = False,
    to: Mapping[str, Any] | None = None,
    post: str = "",
) -> dict[str, Any]:
    """What the typesetter is given of one paper."""
    labels = PAPERS[content["form"]].labels
    found: dict[str, Any] = {
        "t": _dressed(printed(content), content.get("characters", {})),
        "token": _dressed(grouped(content["token"]), prefer_last=True),
        "verify_page": _dressed(content["verify_url"].rpartition("/")[0] + "/", prefer_last=True),
        "qr": list(qr.png(code_of(content))) if content.get("qr", True) else [],
        "void": void,
        "seal": content.get("seal", ""),
        "long": _may_be_long(content, post),
        "meta": f"{content['title']} {content['number']}",
    }
    if copy > 1:
        found["copy_line"] = _dressed(f"{labels['copy']}　{copy}{labels['copy_of']}　{copied_on}")
    if to:
        found["to"] = _dressed(dict(to), _Everywhere(ways_of(content)))
    return found


def code_of(content: Mapping[str, Any]) -> str:
    """What the QR code says: the address to ask, and after `#`, which no server sees, the signed proof."""
    return "#".join(part for part in (content["verify_url"], content.get("proof", "")) if part)


def ways_of(content: Mapping[str, Any]) -> dict[str, Any]:
    """How the characters of the head's name and address were settled, wherever else these are written."""
    settled = content.get("characters", {})
    return {**settled.get("head.address", {}), **settled.get("head.name", {})}


class _Everywhere(dict[str, Any]):
    """The same ways at every path."""

    def get(self, key: str, default: Any = None) -> Any:
        return dict(self)


def _may_be_long(content: dict[str, Any], post: str) -> bool:
    """Whether a paper may need a second page: then it counts its pages, which takes the typesetter longer."""
    members = len(content.get("members", ()))
    longest = max((len(text) for path, text in texts(printed(content)) if "." in path or path == "place"), default=0)
    return members > (5 if post == "block" else 8) or longest > 60


_COUNT = re.compile(rb"/Type\s*/Pages\b[^>]*?/Count (\d+)|/Count (\d+)[^>]*?/Type\s*/Pages\b")


def _compile(
    sheets: list[dict[str, Any]],
    form: str,
    *,
    at: datetime,
    post: str = "",
    title: str = "",
    plain: bool = False,
    seals: Mapping[str, bytes] | None = None,
) -> tuple[bytes, list[int] | None]:
    """The file, and where each paper begins; None when the pages are not as many as expected."""
    paper, chain = PAPERS[form], faces.chain()
    data = {
        "families": chain.families,
        "meta": title or sheets[0]["meta"],
        "l": _dressed(paper.labels, prefer_last=True) | {"sama": _dressed(paper.labels["sama"])},
        "papers": sheets,
        "post": post,
        "window": settings.ENVELOPE_WINDOW,
        "plain": plain,
        "seals": {key: list(image) for key, image in (seals or {}).items()},
    }
    compiler = typst.Compiler(
        str(TEMPLATES / paper.template),
        root=str(TEMPLATES),
        font_paths=chain.fonts,
        sys_inputs={"d": json.dumps(data, ensure_ascii=False)},
    )
    made = compiler.compile(pdf_standards=["a-2u"], timestamp=int(at.timestamp()))
    cover = 1 if post == "page" else 0
    count = max((int(one or other) for one, other in _COUNT.findall(made)), default=0)
    if len(sheets) == 1:
        return made, [1, 1 + count] if count else None
    taken = [one.get("copies", 1) for one in sheets]
    if any(one["long"] for one in sheets):
        for found in json.loads(compiler.query("<pages>", field="value")):
            place, first, last = found
            taken[place] += last - first  # one page of each copy is counted
    begins = [1]
    for pages in taken:
        begins.append(begins[-1] + pages + cover)
    return made, begins if count == begins[-1] - 1 else None


def _dressed(
    value: Any, ways: Mapping[str, fonts.Ways] | None = None, path: str = "", *, prefer_last: bool = False
) -> Any:
    """Every text replaced by its runs; the shape stays. `prefer_last`: in the last font of the chain that has all of it."""
    if isinstance(value, str):
        settled = (ways or {}).get(path)
        return fonts.plain_run(value) if prefer_last and not settled else fonts.runs(value, settled)
    below = f"{path}." if path else ""
    if isinstance(value, dict):
        return {
            key: _dressed(inner, ways, f"{below}{key}", prefer_last=prefer_last or key in WORDS)
            for key, inner in value.items()
        }
    return [_dressed(inner, ways, f"{below}{place}") for place, inner in enumerate(value)]


def label(form: str, path: str) -> str:
    """What the field at a path of the content is called: `世帯員2の氏名`."""
    pattern = re.sub(r"\.\d+(?=\.|$)", ".*", path)
    place = re.search(r"\.(\d+)(?=\.|$)", path)
    return PAPERS[form].names.get(pattern, "文書の文").format(n=int(place[1]) + 1 if place else "")
