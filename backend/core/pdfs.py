"""PDFs that come in, told by what is in them and never by their name. They are kept as they came; nothing of them is run or drawn here.

ISO 32000-2, 7.5: a file begins with `%PDF-` and its version, and ends with `startxref`, a place in it, and `%%EOF`. One that
can't be read without a password names an `Encrypt` dictionary in its trailer, which is never encrypted or compressed itself.
"""

from __future__ import annotations

import re
from pathlib import PurePath

_HEAD = re.compile(rb"%PDF-[12]\.[0-9]")
_END = re.compile(rb"startxref\s+([0-9]{1,10})\s+%%EOF[\s\0]*\Z")
_TAIL = 2048  # bytes in which the end is looked for
_ENCRYPTED = re.compile(rb"/Encrypt\s*(?:<<|[0-9]{1,10}\s+[0-9]{1,5}\s+R)")
_ENDING = re.compile(r"\.[a-z][a-z0-9]{1,4}")  # 「ver1.2」 ends in nothing that names a kind of file
TORN = "PDFが途中で切れているか、壊れています。もう一度送ってもらうか、スキャンし直してください。"
LOCKED = "パスワードか制限の付いたPDFは使えません。付けずに保存し直したものを送ってもらってください。"


class NoPdf(ValueError):
    """This file is not taken; the message says why, and what to do."""


def means_pdf(data: bytes, name: str = "") -> bool:
    """Whether it is a PDF or says that it is one."""
    return data.startswith(b"%PDF-") or PurePath(name).suffix.lower() == ".pdf"


def require_pdf(data: bytes, name: str = "", *, largest: int) -> None:
    """Raises `NoPdf` for what is none, torn, locked, too large, or called something else than it is."""
    if len(data) > largest:
        most = largest // 1024 // 1024
        raise NoPdf(f"PDFが大きすぎます（{most}MBまで）。ページを分けるか、解像度を下げてください。")
    if not _HEAD.match(data):
        raise NoPdf("名前は .pdf ですが、中身はPDFではありません。送った人に確かめてください。")
    ending = PurePath(name).suffix.lower()
    if ending != ".pdf" and _ENDING.fullmatch(ending):
        raise NoPdf(
            f"中身はPDFですが、名前が「{ending}」で終わっています。送った人に確かめ、正しければ名前を .pdf に直してください。"
        )
    end = _END.search(data[-_TAIL:])
    if end is None or not 0 < int(end[1]) < len(data):
        raise NoPdf(TORN)
    if _ENCRYPTED.search(data):
        raise NoPdf(LOCKED)
