"""QR codes (JIS X 0510, ISO/IEC 18004), made by the thousand: bytes, error correction M, one mask.

The library `qrcode` is right but tries eight masks over single modules, which takes twenty times as long as the typesetter
needs for the page. Its tables and its patterns are used once a version; what remains for each code are the code words
and their places. A code here is, module by module, the one that the library makes with the same mask (tested).
"""

from __future__ import annotations

import struct
import zlib
from functools import cache
from operator import itemgetter
from typing import Any

import qrcode
from qrcode import base, constants, util

LEVEL = constants.ERROR_CORRECT_M
MASK = 2  # any of the eight is a valid code; stripes of three columns stand well against the fixed patterns
QUIET = 4  # modules of white around a code


def modules(text: str) -> list[str]:
    """The rows of the code, dark modules `1`, without the quiet zone. ValueError for more than 2,331 bytes."""
    data = text.encode()
    version = _version(len(data))
    words = _words(data, version)
    gather, size, count, mask = _places(version)
    flat = "".join(gather(format((int.from_bytes(words, "big") << count) ^ mask, f"0{len(words) * 8 + count}b") + "01"))
    return [flat[start : start + size] for start in range(0, size * size, size)]


def png(text: str) -> bytes:
    """The code with its quiet zone as a picture of one bit a module."""
    rows = modules(text)
    size = len(rows) + 2 * QUIET
    width = (size + 7) // 8
    white = b"\x00" + b"\xff" * width
    left, right = "1" * QUIET, "1" * (8 * width - len(rows) - QUIET)
    light = str.maketrans("01", "10")
    lines = [b"\x00" + int(left + row.translate(light) + right, 2).to_bytes(width, "big") for row in rows]
    picture = zlib.compress(white * QUIET + b"".join(lines) + white * QUIET, 6)
    head = struct.pack(">IIBBBBB", size, size, 1, 0, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", picture), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


@cache
def _version(length: int) -> int:
    for version in range(1, 41):
        if 4 + (8 if version < 10 else 16) + 8 * length <= _capacity(version) * 8:
            return version
    raise ValueError("too long for a QR code")


def _capacity(version: int) -> int:
    return sum(block.data_count for block in base.rs_blocks(version, LEVEL))


def _words(data: bytes, version: int) -> bytes:
    """Code words: mode, length, data, padding; in their blocks with error correction, and interleaved."""
    capacity = _capacity(version)
    head = 8 if version < 10 else 16
    bits = (((0b0100 << head) | len(data)) << (8 * len(data))) | int.from_bytes(data, "big")
    length = 4 + head + 8 * len(data)
    room = min(4, capacity * 8 - length)
    bits, length = bits << room, length + room
    rest = -length % 8
    bits, length = bits << rest, length + rest
    filled = bits.to_bytes(length // 8, "big")
    filled += (b"\xec\x11" * capacity)[: capacity - len(filled)]
    blocks, corrections, start = [], [], 0
    for block in base.rs_blocks(version, LEVEL):
        part = filled[start : start + block.data_count]
        start += block.data_count
        blocks.append(part)
        corrections.append(_correction(part, block.total_count - block.data_count))
    longest = max(map(len, blocks))
    interleaved = bytes(part[i] for i in range(longest) for part in blocks if i < len(part))
    return interleaved + bytes(part[i] for i in range(len(corrections[0])) for part in corrections)


def _correction(part: bytes, count: int) -> bytes:
    """The remainder of a block by its generator: one shift and one look-up for each byte."""
    table, shift, rest = _multiples(count), 8 * (count - 1), 0
    kept = (1 << (8 * count)) - 1
    for byte in part:
        rest = ((rest << 8) & kept) ^ table[(rest >> shift) ^ byte]
    return rest.to_bytes(count, "big")


@cache
def _multiples(count: int) -> list[int]:
    """Each byte times the generator polynomial of that many correction words (without its leading term)."""
    generator = base.Polynomial([1], 0)
    for power in range(count):
        generator = generator * base.Polynomial([1, base.gexp(power)], 0)
    terms = [generator[i] for i in range(1, count + 1)]

    def times(byte: int) -> int:
        if not byte:
            return 0
        return int.from_bytes(bytes(base.gexp(base.glog(term) + base.glog(byte)) for term in terms), "big")

    return [times(byte) for byte in range(256)]


@cache
def _places(version: int) -> tuple[Any, int, int, int]:
    """Where in `words + remainder + "01"` each module is found; size; remainder bits; the mask over words and remainder."""
    code = qrcode.QRCode(version=version, error_correction=LEVEL, mask_pattern=MASK)
    size = code.modules_count = version * 4 + 17
    code.modules = [[None] * size for _ in range(size)]
    code.setup_position_probe_pattern(0, 0)
    code.setup_position_probe_pattern(size - 7, 0)
    code.setup_position_probe_pattern(0, size - 7)
    code.setup_position_adjust_pattern()
    code.setup_timing_pattern()
    code.setup_type_info(False, MASK)
    if version >= 7:
        code.setup_type_number(False)
    order = [
        (row, column - side)
        for column in (*range(size - 1, 6, -2), *range(5, 0, -2))
        for row in (range(size - 1, -1, -1) if _upwards(column, size) else range(size))
        for side in (0, 1)
        if code.modules[row][column - side] is None
    ]
    place = {module: index for index, module in enumerate(order)}
    masked = util.mask_func(MASK)
    mask = int("".join("1" if masked(row, column) else "0" for row, column in order), 2)
    words = sum(block.total_count for block in base.rs_blocks(version, LEVEL)) * 8
    dark = len(order)
    where = [
        place[row, column] if (row, column) in place else dark + int(bool(code.modules[row][column]))
        for row in range(size)
        for column in range(size)
    ]
    return itemgetter(*where), size, len(order) - words, mask


def _upwards(column: int, size: int) -> bool:
    """Whether a pair of columns, named by its right one, is filled from the bottom up."""
    right = column if column > 6 else column + 1
    return (size - 1 - right) // 2 % 2 == 0
