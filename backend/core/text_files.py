"""Text files as they come from other systems: which encoding, whether readable at all, and their CSV records.

Files are read in pieces, so that their size does not matter. What can't be read is refused with a sentence that a
clerk understands and the place where reading fails.
"""

import codecs
import csv
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

PIECE = 1 << 20
LONGEST_LINE = 1 << 20

_MAGIC = (
    (b"PK\x03\x04", "ZIPまたはExcel(xlsx)のファイルです。CSVで書き出してください。"),
    (b"PK\x05\x06", "空のZIPファイルです。CSVで書き出してください。"),
    (b"%PDF-", "PDFのファイルです。CSVで書き出してください。"),
    (b"\xd0\xcf\x11\xe0", "Excel(xls)などのファイルです。CSVで書き出してください。"),
    (b"\x1f\x8b", "圧縮されたファイル(gzip)です。展開してください。"),
    (b"\xff\xfe", "文字コードがUTF-16です。UTF-8またはShift_JISで書き出してください。"),
    (b"\xfe\xff", "文字コードがUTF-16です。UTF-8またはShift_JISで書き出してください。"),
)
_NAMES = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp932": "Shift_JIS"}
# Single bytes that the codec lets through, but that are no characters in Shift_JIS.
_CP932_STRAY = re.compile("[\x80\xa0\uf8f0-\uf8f3]")
# Bytes that Shift_JIS kanji have and EUC-JP never has.
_NOT_EUC = bytes(set(range(0x81, 0xA0)) - {0x8E, 0x8F})
_CLUSTER = re.compile("[^\ufe00-\ufe0f\U000e0100-\U000e01ef][\ufe00-\ufe0f\U000e0100-\U000e01ef]*|.", re.DOTALL)


class UnreadableFile(ValueError):
    """The file can't be read as text; the message says why and where, in Japanese."""


def sniff_encoding(path: str | os.PathLike[str]) -> str:
    """`utf-8`, `utf-8-sig` (with a byte order mark) or `cp932`, after looking at the whole file.

    Raises UnreadableFile for an empty file, ZIP/XLSX, PDF, XLS, gzip, binary data, UTF-16, JIS, EUC-JP, a line of more
    than 1 MB, and for what is neither UTF-8 nor Shift_JIS.
    """
    with Path(path).open("rb") as file:
        start = file.read(8)
        _refuse_by_start(start)
        if start.startswith(codecs.BOM_UTF8):
            failure = _failure(file, "utf-8")
            if failure is not None:
                raise UnreadableFile(f"UTF-8として読めない文字があります({_place(file, failure)})。")
            return "utf-8-sig"
        as_utf8 = _failure(file, "utf-8")
        if as_utf8 is None:
            return "utf-8"
        if _is_euc(file):
            raise UnreadableFile("文字コードがEUC-JPです。UTF-8またはShift_JISで書き出してください。")
        as_cp932 = _failure(file, "cp932")
        if as_cp932 is not None:
            raise UnreadableFile(
                "文字コードがUTF-8でもShift_JISでもありません"
                f"(UTF-8としては{_place(file, as_utf8)}、Shift_JISとしては{_place(file, as_cp932)}で読めません)。"
            )
        return "cp932"


def open_text(path: str | os.PathLike[str], encoding: str) -> TextIO:
    """The file as text with its line ends untouched, as the csv module wants it; close it after use."""
    return Path(path).open(encoding=encoding, newline="")


def csv_rows(path: str | os.PathLike[str], encoding: str, max_field: int = 100_000) -> Iterator[tuple[int, list[str]]]:
    """The records of a CSV file (RFC 4180), each with the line (from 1) on which it starts; empty lines are passed over.

    Raises UnreadableFile with the line for a torn quote, a field longer than `max_field` characters, and bytes that are
    not of the encoding.
    """
    limit = csv.field_size_limit(max_field)
    try:
        with open_text(path, encoding) as file:
            yield from _records(csv.reader(file, strict=True), max_field)
    except UnicodeDecodeError as error:
        with Path(path).open("rb") as raw:
            failure = _failure(raw, encoding.removesuffix("-sig"))
            place = _place(raw, failure) if failure is not None else "途中"
        name = _NAMES.get(encoding, encoding)
        raise UnreadableFile(f"{name}として読めない文字があります({place})。") from error
    finally:
        csv.field_size_limit(limit)


def cp932_losses(text: str) -> list[str]:
    """The characters (with their variation selector) that Shift_JIS (CP932) can't carry, each once, in order."""
    if _fits_cp932(text):
        return []
    return [cluster for cluster in dict.fromkeys(_CLUSTER.findall(text)) if not _fits_cp932(cluster)]


def _fits_cp932(text: str) -> bool:
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


# Generic over the reader, since csv names no type for it.
def _records(reader: "csv._reader", max_field: int) -> Iterator[tuple[int, list[str]]]:  # type: ignore[name-defined]
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        if "field limit" in str(error) or "field larger" in str(error):
            reason = f'一つの項目が{max_field:,}文字を超えています。引用符(")が閉じていないおそれがあります'
        else:
            reason = '引用符(")の使い方が正しくないか、閉じていません'
        raise UnreadableFile(f"{line}行目から始まる行がCSVとして読めません: {reason}。") from error


def _refuse_by_start(start: bytes) -> None:
    if not start or start == codecs.BOM_UTF8:
        raise UnreadableFile("ファイルが空です。")
    for magic, reason in _MAGIC:
        if start.startswith(magic):
            raise UnreadableFile(reason)


def _failure(file: BinaryIO, encoding: str) -> int | None:
    """Where (bytes from the start) the file stops being text of this encoding; None if it never does.

    Refuses on the way what is no text in any encoding.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    offset = pending = run = 0
    while True:
        piece = file.read(PIECE)
        if piece:
            run = _look(file, piece, offset, run)
        try:
            text = decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            return offset - pending + error.start
        if encoding == "cp932" and (stray := _CP932_STRAY.search(text)):
            return offset - pending + len(text[: stray.start()].encode("cp932", "replace"))
        if not piece:
            return None
        offset += len(piece)
        pending = len(decoder.getstate()[0])


def _look(file: BinaryIO, piece: bytes, offset: int, run: int) -> int:
    """Refuses binary data and endless lines; returns how long the line at the end of the piece is so far."""
    nul = piece.find(b"\0")
    if nul >= 0:
        if _is_utf16(piece):
            raise UnreadableFile("文字コードがUTF-16のようです。UTF-8またはShift_JISで書き出してください。")
        raise UnreadableFile(f"文字ではないデータ(NUL)があります({_place(file, offset + nul)})。")
    if b"\x1b$" in piece:
        raise UnreadableFile("文字コードがJIS(ISO-2022-JP)です。UTF-8またはShift_JISで書き出してください。")
    first, last = _ends(piece)
    # Pieces are no longer than the longest line, so only lines that cross from one piece to the next can be too long.
    if run + first > LONGEST_LINE:
        raise UnreadableFile(f"改行のない長すぎる行があります({_place(file, offset - run)}から1MBを超えます)。")
    return run + len(piece) if last < 0 else len(piece) - last - 1


def _ends(piece: bytes) -> tuple[int, int]:
    """The place of the first line end (or the length) and of the last (or -1), LF or CR."""
    first, last = piece.find(b"\n"), piece.rfind(b"\n")
    if first < 0:
        first, last = piece.find(b"\r"), piece.rfind(b"\r")
    return (len(piece) if first < 0 else first), last


def _is_utf16(piece: bytes) -> bool:
    """Whether data with NULs is UTF-16 without a byte order mark: then it has commas or line ends, and no NUL."""
    for encoding in ("utf-16-le", "utf-16-be"):
        text = piece[:4096].decode(encoding, "ignore")
        if "\0" not in text and any(mark in text for mark in ",\n\r\t"):
            return True
    return False


def _is_euc(file: BinaryIO) -> bool:
    """Whether a file that is no UTF-8 is EUC-JP: some would pass as Shift_JIS and come out as half-width kana.

    A Shift_JIS file of nothing but half-width kana can look the same; with one kanji in it (a header will do) it does
    not.
    """
    decoder = codecs.getincrementaldecoder("euc_jp")()
    file.seek(0)
    while piece := file.read(PIECE):
        if len(piece.translate(None, _NOT_EUC)) != len(piece):
            return False
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            return False
    return True


def _place(file: BinaryIO, offset: int) -> str:
    """`N行目、先頭からMバイト目` of a place in the file, both counted from 1."""
    file.seek(0)
    line, left = 1, offset
    while left and (piece := file.read(min(PIECE, left))):
        line += piece.count(b"\n")
        left -= len(piece)
    return f"{line}行目、先頭から{offset + 1}バイト目"
