"""Applications as another system exports them: whose column is whose, and what a row says. Plain values only.

A mapping file is written as those of the register are (docs/formats.md, 1): `columns`, `built`, `values`, `constants`.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backend.core.dates import parse_date
from backend.damage.applications.rules import APPLICANTS, WHAT, Place, Said
from backend.damage.surveys.rules import CAUSES

CONSENT = "写真による判定への同意"
# Our columns, in the order of the form.
COLUMNS = {
    "受付番号": "number",
    "申請日": "applied_on",
    "申請者の区分": "applicant",
    "氏名": "name",
    "かな": "kana",
    "生年月日": "birth",
    "連絡先の住所": "address",
    "電話番号": "telephone",
    "関係": "relation",
    "世帯主の氏名": "head_name",
    "世帯主の住所": "head_address",
    "罹災原因": "cause",
    "被災した所在地": "place",
    "種類": "what",
    "部数": "copies",
    "使用目的": "purpose",
    "秘匿": "secret",
    CONSENT: "photo_consent",
    "同意した日": "photo_consent_on",
    "被害の様子": "damage",
    "添付": "files",
}
TITLES = {name: title for title, name in COLUMNS.items()} | {"places": "被災した所在地"}
REQUIRED = ("受付番号", "申請日", "氏名", "罹災原因", "被災した所在地")
LONGEST = {
    "number": 100, "name": 200, "kana": 300, "address": 300, "telephone": 40, "relation": 100, "head_name": 200,
    "head_address": 300, "purpose": 100, "damage": 280,
}  # fmt: skip
DEFAULTS = {"applicant": "resident", "what": "dwelling", "copies": "1"}
MY_NUMBER = re.compile(r"個人番号|マイナンバー|mynumber", re.IGNORECASE)
YES = ("1", "はい", "有", "あり", "希望する", "同意する", "true")
NO = ("", "0", "2", "いいえ", "無", "なし", "希望しない", "同意しない", "false")
YES_WORDS = {"秘匿": "希望する", CONSENT: "同意する"}
_SEVERAL = re.compile(r"[|｜;；\n]")
_TIME = re.compile(r"[\sT　]+[0-9]{1,2}[:時].*")  # exports write the hour behind the day
_KNOWN = {"layout", "title", "note", "columns", "built", "values", "constants", "dropped"}


class Wrong(ValueError):
    """A mapping or a header can't be used; the message says why, in Japanese."""


@dataclass(frozen=True)
class Source:
    """How one of our columns is made: of their columns, joined; what their codes mean; or always the same."""

    theirs: tuple[str, ...] = ()
    between: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    constant: str = ""

    @property
    def title(self) -> str:
        return "・".join(self.theirs)


@dataclass(frozen=True)
class Layout:
    title: str
    sources: Mapping[str, Source]


OWN = Layout("標準の並び", {title: Source((title,)) for title in COLUMNS})


def read_layout(said: Any, name: str = "") -> Layout:
    """A mapping from what its file says."""
    if not isinstance(said, dict) or not said:
        raise Wrong("対応表の中身がありません。")
    unknown = sorted(str(key) for key in set(said) - _KNOWN)
    if unknown:
        raise Wrong(f"対応表に知らない項目があります：{'、'.join(unknown)}")
    values = {_ours(key): _table(said, "values", key) for key in _table(said, "values")}
    sources = {_ours(key): Source(constant=str(value)) for key, value in _table(said, "constants").items()}
    for theirs, title in _table(said, "columns").items():
        ours = _ours(title)
        if ours in sources:
            raise Wrong(f"「{ours}」が二度書かれています。")
        sources[ours] = Source((str(theirs),), "", values.get(ours, {}))
    for title, how in _table(said, "built").items():
        ours = _ours(title)
        if ours in sources or not isinstance(how, dict) or not isinstance(how.get("from"), list) or not how["from"]:
            raise Wrong(f"built の「{title}」は、from に列の一覧を、一度だけ書いてください。")
        sources[ours] = Source(tuple(str(one) for one in how["from"]), str(how.get("with", "")), values.get(ours, {}))
    if any(MY_NUMBER.search(name) for source in sources.values() for name in source.theirs):
        raise Wrong("個人番号の列は、対応表に入れられません。")
    if CONSENT in sources and sources[CONSENT].constant:
        raise Wrong(f"「{CONSENT}」は、一人ずつの列から読みます。いつも同じ値にはできません。")
    missing = [title for title in REQUIRED if title not in sources]
    if missing:
        raise Wrong(f"対応表に、必要な項目がありません：{'、'.join(missing)}")
    return Layout(str(said.get("title") or name), sources)


def _ours(title: Any) -> str:
    if title not in COLUMNS:
        raise Wrong(f"「{title}」という項目はありません。使える項目：{'、'.join(COLUMNS)}")
    return str(title)


def _table(said: Mapping[str, Any], key: str, below: Any = None) -> dict[str, Any]:
    found = said.get(key) or {}
    found = found if below is None else found.get(below)
    if not isinstance(found, dict):
        raise Wrong(f"対応表の「{key}」の書き方が正しくありません。")
    return {str(one): value for one, value in found.items()} if below is None else {
        plain(str(one)): str(value) for one, value in found.items()
    }  # fmt: skip


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


@dataclass(frozen=True)
class Header:
    """The first line of a file: where each of their columns stands, what is dropped, and what nobody asked for."""

    at: Mapping[str, int]
    width: int
    dropped: tuple[str, ...]
    unused: tuple[str, ...]


def read_header(names: Sequence[str], layout: Layout) -> Header:
    names = [name.strip() for name in names]
    at: dict[str, int] = {}
    for place, name in enumerate(names):
        if name and name in at:
            raise Wrong(f"見出し「{name}」が二度あります。")
        at[name] = place
    missing = [
        f"{title}（{source.title}）" if source.title != title else title
        for title, source in layout.sources.items()
        if title in REQUIRED and not source.constant and not set(source.theirs) <= set(at)
    ]
    if missing:
        raise Wrong(f"必要な列がありません：{'、'.join(missing)}。見出しか対応表を確かめてください。")
    used = {name for source in layout.sources.values() for name in source.theirs}
    dropped = tuple(name for name in names if MY_NUMBER.search(name))
    return Header(at, len(names), dropped, tuple(n for n in names if n and n not in used and n not in dropped))


@dataclass(frozen=True)
class Row:
    """What a line says: their number, the application, and the names of its files."""

    number: str
    said: Said
    files: tuple[str, ...]
    digest: str


def read_row(record: Sequence[str], header: Header, layout: Layout) -> tuple[Row | None, list[tuple[str, str]]]:
    """The row, or (column, what is wrong and what to do) of everything that is wrong in it."""
    if len(record) != header.width:
        return None, [("", f"列の数が見出しと違います（見出し {header.width}、この行 {len(record)}）。")]
    reader = _Reader({title: _value(source, record, header) for title, source in layout.sources.items()}, layout)
    said = reader.said()
    if said is None:
        return None, reader.wrong
    return Row(reader.text("受付番号"), said, reader.several("添付"), reader.digest), []


def _value(source: Source, record: Sequence[str], header: Header) -> str:
    if source.constant:
        return source.constant
    parts = [record[header.at[name]].strip() for name in source.theirs if name in header.at]
    text = source.between.join(part for part in parts if part)
    return source.values.get(plain(text), text)


def _no_day(error: ValueError) -> str:
    text = str(error)
    return text if text.startswith("日付として") else f"日付として読めません：{text}"


class _Reader:
    """Reads the values of one line, and notes what is wrong with which column."""

    def __init__(self, values: Mapping[str, str], layout: Layout) -> None:
        self.values, self.layout = values, layout
        self.wrong: list[tuple[str, str]] = []

    @property
    def digest(self) -> str:
        """Of what the line says, but for its files: these may come later."""
        told = sorted((title, value) for title, value in self.values.items() if value and title != "添付")
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def note(self, title: str, why: str) -> None:
        source = self.layout.sources.get(title)
        self.wrong.append((source.title if source and source.theirs else title, why))

    def text(self, title: str) -> str:
        text = self.values.get(title, "") or DEFAULTS.get(COLUMNS[title], "")
        most = LONGEST.get(COLUMNS[title])
        if "\0" in text:
            self.note(title, "使えない文字が入っています。")
        if most and len(text) > most:
            self.note(title, f"長すぎます（{len(text)}文字）。{most}文字以内にしてください。")
        if not text and title in REQUIRED:
            self.note(title, "空です。")
        return text

    def several(self, title: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in _SEVERAL.split(self.text(title)) if part.strip())

    def choice(self, title: str, known: Mapping[str, str]) -> str:
        return self._one_of(title, self.text(title), known)

    def _one_of(self, title: str, text: str, known: Mapping[str, str]) -> str:
        found = {plain(word): code for code, label in known.items() for word in (code, label)}.get(plain(text))
        if found is None and text:
            self.note(
                title,
                f"「{text[:30]}」は使えません。{'、'.join(known.values())}のどれかにするか、対応表に加えてください。",
            )
        return found or ""

    def day(self, title: str) -> date | None:
        """None where the cell is empty, or can't be read: then that is noted."""
        text = self.text(title)
        try:
            found = parse_date(_TIME.sub("", text)).date if text else None
        except ValueError as error:
            self.note(title, _no_day(error))
            return None
        if text and found is None:
            self.note(title, "年・月・日のすべてが要ります。")
        return found

    def birth(self) -> str:
        try:
            return parse_date(self.text("生年月日")).iso
        except ValueError as error:
            self.note("生年月日", _no_day(error))
            return ""

    def number(self, title: str) -> int:
        text = unicodedata.normalize("NFKC", self.text(title))
        if not re.fullmatch(r"[0-9]{1,3}", text):
            self.note(title, "数字で書いてください。")
            return 1
        return int(text)

    def flag(self, title: str) -> bool:
        text = plain(self.text(title))
        if text not in (*YES, *NO):
            self.note(title, f"「{text[:30]}」は使えません。1（{YES_WORDS[title]}）か空にしてください。")
        return text in YES

    def consent(self, applied: date | None) -> date | None:
        """The day on which the applicant consented to be judged by their photographs: that of the application where no
        other is told. None where they did not, which nobody takes for granted."""
        agreed, told = self.flag(CONSENT), self.day("同意した日")
        if told and not agreed:
            self.note("同意した日", f"同意した日がありますが、{CONSENT}が「1（同意する）」ではありません。")
        return (told or applied) if agreed else None

    def places(self) -> list[Place]:
        kinds = self.several("種類") or ("dwelling",)
        codes = [self._one_of("種類", kind, WHAT) or "dwelling" for kind in kinds]
        places = self.several("被災した所在地")
        return [Place(place[:300], codes[min(n, len(codes) - 1)]) for n, place in enumerate(places)]

    def said(self) -> Said | None:
        applied = self.day("申請日")
        damage = " ".join(self.text("被害の様子").split())
        plain_ones = ("氏名", "かな", "連絡先の住所", "電話番号", "関係", "世帯主の氏名", "世帯主の住所", "使用目的")
        told = {COLUMNS[title]: self.text(title) for title in plain_ones}
        choices = {"applicant": self.choice("申請者の区分", APPLICANTS), "cause": self.choice("罹災原因", CAUSES)}
        rest = {"birth": self.birth(), "copies": self.number("部数"), "secret": self.flag("秘匿")}
        rest["photo_consent_on"] = self.consent(applied)
        places = self.places()
        self.text("受付番号")
        if self.wrong or applied is None:
            return None
        note = f"被害の様子：{damage}" if damage else ""
        return Said(channel="online", applied_on=applied, places=places, note=note, **told, **choices, **rest)  # type: ignore[arg-type]
