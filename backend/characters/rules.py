"""How a vendor's 外字 map is read: rows of a file become code points with their meaning, or a reason why not.

Private-use code points have no meaning of their own (The Unicode Standard, chapter 23.5): only who gave them says what
they are. Shift_JIS machines number them F040 to F9FC, which CP932 carries to U+E000 to U+E757 one by one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

# What the columns may be called; the first word is ours.
COLUMNS = {
    "code": ("コード", "外字コード", "Unicode", "code"),
    "sjis": ("Shift_JIS", "SJIS", "シフトJIS", "sjis"),
    "text": ("文字", "対応文字", "text"),
    "mj": ("MJ文字図形名", "MJ番号", "mj"),
    "font": ("書体", "フォント", "font"),
    "note": ("備考", "note"),
}
LONGEST_NOTE = 200
_CODE = re.compile(r"(?:U\+|0x|u)?([0-9A-Fa-f]{4,6})")
_MJ = re.compile(r"MJ\d{6}")
_WRITTEN = re.compile(r"(?:U\+|<)?([0-9A-Fa-f]{4,6})(?:[ _,\u3000]+(?:U\+)?([0-9A-Fa-f]{4,6}))?>?")
_SELECTOR = "\ufe00-\ufe0d\U000e0100-\U000e01ef"
_ONE = re.compile(f"[^{_SELECTOR}][{_SELECTOR}]?")


class Unreadable(ValueError):
    """A row that can't be taken; the message says why, in Japanese."""


@dataclass(frozen=True)
class Meaning:
    """What a code point stands for. Nothing but a note: it is known as a picture only."""

    code: int
    text: str = ""
    mj: str = ""
    font: str = ""
    note: str = ""


def is_private(code: int) -> bool:
    return 0xE000 <= code <= 0xF8FF or 0xF0000 <= code <= 0xFFFFD or 0x100000 <= code <= 0x10FFFD


def read_header(names: Iterable[str]) -> dict[str, str]:
    """Our name of each column that is known, by theirs. `Unreadable` if there is none of the code point."""
    known = {theirs.casefold(): ours for ours, all_theirs in COLUMNS.items() for theirs in all_theirs}
    found = {
        name: known[key] for name in names if (key := unicodedata.normalize("NFKC", name).strip().casefold()) in known
    }
    if not {"code", "sjis"} & set(found.values()):
        raise Unreadable("「コード」（U+E000 など）または「Shift_JIS」（F040 など）の列がありません")
    if not {"text", "mj", "font", "note"} & set(found.values()):
        raise Unreadable("「文字」「MJ文字図形名」「書体」「備考」のどの列もありません")
    return found


def read_row(values: Mapping[str, str]) -> Meaning:
    """One row, by our names of its columns."""
    code = _code(values.get("code", "").strip(), values.get("sjis", "").strip())
    text = _text(values.get("text", ""))
    mj = unicodedata.normalize("NFKC", values.get("mj", "")).strip().upper()
    if mj and not _MJ.fullmatch(mj):
        raise Unreadable(f"MJ文字図形名は MJ と数字6桁です：{mj[:20]}")
    font, note = values.get("font", "").strip(), values.get("note", "").strip()
    if len(font) > 100 or len(note) > LONGEST_NOTE:
        raise Unreadable("書体は100文字、備考は200文字までです")
    return Meaning(code, text, mj, font, note)


def _code(written: str, sjis: str) -> int:
    if written:
        # An editor may show the character itself.
        if len(written) == 1 and is_private(ord(written)):
            return ord(written)
        found = _CODE.fullmatch(unicodedata.normalize("NFKC", written))
        if not found:
            raise Unreadable(f"コードとして読めません：{written[:20]}")
        code = int(found[1], 16)
    else:
        code = _from_sjis(sjis)
    if not is_private(code):
        raise Unreadable(f"U+{code:04X} は外字の領域（U+E000～U+F8FF、U+F0000～）ではありません")
    return code


def _from_sjis(written: str) -> int:
    found = _CODE.fullmatch(unicodedata.normalize("NFKC", written)) if written else None
    try:
        return ord(bytes.fromhex(found[1]).decode("cp932")) if found else _refuse(written)
    except (UnicodeDecodeError, TypeError, ValueError) as error:
        raise Unreadable(f"Shift_JISの外字コードとして読めません：{written[:20]}") from error


def _refuse(written: str) -> int:
    raise Unreadable("コードがありません" if not written else f"Shift_JISの外字コードとして読めません：{written[:20]}")


def _text(written: str) -> str:
    """The character itself, or its code points as `U+845B U+E0100`, `845B_E0100`, `<845B,E0100>`."""
    text = written.strip(" \t\u3000")
    found = _WRITTEN.fullmatch(text)
    if found and not _ONE.fullmatch(text):
        numbers = [int(part, 16) for part in found.groups() if part]
        if any(number > 0x10FFFF or 0xD800 <= number <= 0xDFFF for number in numbers):
            raise Unreadable(f"文字のコードがUnicodeにありません：{text[:30]}")
        text = "".join(map(chr, numbers))
    if not text:
        return ""
    if not _ONE.fullmatch(text):
        raise Unreadable(f"文字は1文字（異体字セレクターを付けてもよい）で書いてください：{text[:20]}")
    if is_private(ord(text[0])) or text[0] in "〓\ufffd" or unicodedata.category(text[0]) in {"Cc", "Cn", "Cs", "Zs"}:
        raise Unreadable("文字の欄が外字、〓、または読めない文字です")
    return text


def read_rows(rows: Iterable[tuple[int, Mapping[str, str]]]) -> tuple[list[Meaning], list[str]]:
    """All rows, and the reasons of those that can't be taken, with their lines."""
    taken: dict[int, Meaning] = {}
    problems = []
    for line, values in rows:
        if not any(value.strip() for value in values.values()):
            continue
        try:
            meaning = read_row(values)
            if meaning.code in taken:
                raise Unreadable(f"U+{meaning.code:04X} が2度出ています")
        except Unreadable as error:
            problems.append(f"{line}行目：{error}")
            continue
        taken[meaning.code] = meaning
    return list(taken.values()), problems
