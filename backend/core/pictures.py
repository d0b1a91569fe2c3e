"""Photographs that come in: only what shows the picture is kept. Nothing is decoded, so no library is needed on a laptop.

Of a JPEG (ITU-T T.81) the segments that the decoder needs stay, and of Exif only which way up it is; of a PNG (ISO/IEC 15948) the
chunks that show it. Place, time, camera, thumbnails and comments go, and whatever stands behind the end of the picture.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

LARGEST = 5 * 1024 * 1024
JPEG, PNG = "jpeg", "png"
MOST_PIXELS = {JPEG: 89_000_000, PNG: 30_000_000}  # where it is reduced: a JPEG is read at an eighth of its size then
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"IDAT", b"IEND"}
_APP0, _APP1, _APP14, _COM = 0xE0, 0xE1, 0xEE, 0xFE
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_ALONE = {0x01, *range(0xD0, 0xD8)}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
TORN = "写真のファイルが途中で切れているか、壊れています。撮り直すか、別のファイルを選んでください。"


class NoPicture(ValueError):
    """This file is not taken; the message says why, and what to do."""


@dataclass(frozen=True)
class Picture:
    kind: str
    data: bytes


def cleaned(data: bytes, *, largest: int = LARGEST) -> Picture:
    """The picture without anything else. Raises `NoPicture`."""
    if len(data) > largest:
        most = largest // 1024 // 1024
        raise NoPicture(f"写真が大きすぎます（{most}MBまで）。写真の大きさを小さくして撮り直してください。")
    if data.startswith(b"\xff\xd8"):
        return Picture(JPEG, _jpeg(data))
    if data.startswith(_PNG_HEAD):
        return Picture(PNG, _png(data))
    if data[4:12] in (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1"):
        raise NoPicture("HEIC の写真は使えません。カメラの設定を「互換性優先（JPEG）」にして撮り直してください。")
    raise NoPicture("JPEG か PNG の写真を選んでください。")


def _jpeg(data: bytes) -> bytes:
    out, at, frame, scans = [b"\xff\xd8"], 2, False, False
    turned = 1
    while True:
        marker, at = _marker(data, at)
        if marker == _EOI:
            break
        if marker in _ALONE:
            continue
        segment = data[at : at + 2]
        if len(segment) < 2 or marker in (0x00, _SOI):
            raise NoPicture(TORN)
        length = struct.unpack(">H", segment)[0]
        body = data[at + 2 : at + length]
        if length < 2 or len(body) != length - 2:
            raise NoPicture(TORN)
        at += length
        if marker == _APP1 and body.startswith(b"Exif\0\0"):
            turned = _orientation(body[6:]) or turned
        elif marker == _APP0 and body.startswith(b"JFIF\0"):
            out.append(_segment(marker, body[:12] + b"\0\0"))  # what follows there is a thumbnail
        elif marker == _APP14 or not (_APP0 <= marker <= 0xEF or marker == _COM):
            out.append(_segment(marker, body))
        frame = frame or marker in _FRAMES
        if marker == _SOS:
            end = _end_of_scan(data, at)
            out.append(data[at:end])
            at, scans = end, True
    if not (frame and scans):
        raise NoPicture(TORN)
    if turned != 1:
        out.insert(1, _upright(turned))
    return b"".join([*out, b"\xff\xd9"])


def _segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _marker(data: bytes, at: int) -> tuple[int, int]:
    if data[at : at + 1] != b"\xff":
        raise NoPicture(TORN)
    while data[at : at + 1] == b"\xff":
        at += 1
    if at >= len(data):
        raise NoPicture(TORN)
    return data[at], at + 1


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker stands that is no part of the compressed picture."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] != 0x00 and not 0xD0 <= data[at + 1] <= 0xD7 and data[at + 1] != 0xFF:
            return at
        at += 1 if data[at + 1] == 0xFF else 2
    raise NoPicture(TORN)


def _orientation(tiff: bytes) -> int | None:
    """Tag 0x0112 of the first directory: 1 to 8. None where there is none that can be read."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 8:
        return None
    start = struct.unpack(order + "I", tiff[4:8])[0]
    if start + 2 > len(tiff):
        return None
    count = struct.unpack(order + "H", tiff[start : start + 2])[0]
    for at in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind = struct.unpack(order + "HH", tiff[at : at + 4])
        if tag == 0x0112 and kind == 3:
            value = struct.unpack(order + "H", tiff[at + 8 : at + 10])[0]
            return value if 1 <= value <= 8 else None
    return None


def _upright(turned: int) -> bytes:
    """An Exif segment that says nothing but which way up the picture is."""
    tiff = b"MM\0*\0\0\0\x08\0\x01" + struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0) + b"\0\0\0\0"
    body = b"Exif\0\0" + tiff
    return _segment(_APP1, body)


def _png(data: bytes) -> bytes:
    out, at, seen = [_PNG_HEAD], len(_PNG_HEAD), set()
    while b"IEND" not in seen:
        if len(data) < at + 12:
            raise NoPicture(TORN)
        length, name = struct.unpack(">I4s", data[at : at + 8])
        chunk = data[at : at + 12 + length]
        if len(chunk) != 12 + length or zlib.crc32(chunk[4:-4]) != struct.unpack(">I", chunk[-4:])[0]:
            raise NoPicture(TORN)
        if name in _PNG_KEPT:
            out.append(chunk)
        elif not name[:1].islower():  # an essential chunk that we do not know: the picture can't be shown without it
            raise NoPicture("この PNG は使えません。JPEG で撮り直してください。")
        seen.add(name)
        at += 12 + length
    if not {b"IHDR", b"IDAT"} <= seen:
        raise NoPicture(TORN)
    return b"".join(out)
