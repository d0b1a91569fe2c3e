"""A good register file made bad in every way that a file goes bad on its way from one system to another; seeded."""

from __future__ import annotations

import random
from collections.abc import Callable

Rows = list[list[str]]
Mutation = Callable[[random.Random, Rows], None]
FORMULAS = [
    '=HYPERLINK("http://example.invalid/","見る")',
    "=1+1",
    "+81",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "＝１＋１",
    "'=1",
    "=cmd|' /C calc'!A0",
]
ODD = [
    "",
    " ",
    "　",
    "0",
    "00000000000000000000",
    "１２３",
    "NULL",
    "\ufeff",
    "\ue000",
    "𠮷",
    "\u200b",
    "\x7f",
    "\x0b",
    "\u2028",
    "\x85",
    "x" * 350,
    "名" * 3000,
    "9" * 100_001,
]
ENCODINGS = ["utf-8", "utf-8-sig", "cp932", "euc-jp", "iso-2022-jp", "utf-16", "utf-16-le", "utf-8"]


def mutated(seed: int, good: Rows) -> bytes:
    """The same bytes for the same seed."""
    chance = random.Random(seed)
    rows = [list(row) for row in good]
    for _ in range(chance.randint(0, 3)):
        chance.choice(IN_CELLS)(chance, rows)
    encoding = chance.choice(ENCODINGS) if chance.random() < 0.3 else chance.choice(["utf-8", "cp932"])
    content = written(chance, rows).encode(encoding, "replace")
    for _ in range(chance.choice([0, 0, 0, 1, 1, 2, 3])):
        content = chance.choice(IN_BYTES)(chance, content)
    return content


def written(chance: random.Random, rows: Rows) -> str:
    """As CSV, with the quotes that it needs, or (seldom) without them, or with one that is never closed."""
    end = chance.choice(["\r\n", "\r\n", "\n", "\n", "\r"])
    careless = chance.random() < 0.1
    torn = chance.random() < 0.08
    lines = [",".join(cell if careless else quoted(cell) for cell in row) for row in rows]
    text = end.join(lines) + (end if chance.random() < 0.8 else "")
    if torn:
        at = chance.randrange(len(text))
        text = text[:at] + '"' + text[at:]
    return text


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in '",\r\n') else cell


def put_something(cells: list[str]) -> Mutation:
    def put(chance: random.Random, rows: Rows) -> None:
        row = chance.choice(rows)
        if row:
            row[chance.randrange(len(row))] = chance.choice(cells)

    return put


def swap_columns(chance: random.Random, rows: Rows) -> None:
    one, other = (chance.randrange(len(rows[0])) for _ in range(2))
    for row in rows if chance.random() < 0.5 else rows[1:]:
        if max(one, other) < len(row):
            row[one], row[other] = row[other], row[one]


def lose_or_gain_a_cell(chance: random.Random, rows: Rows) -> None:
    row = chance.choice(rows)
    if row and chance.random() < 0.5:
        del row[chance.randrange(len(row))]
    else:
        row.insert(chance.randint(0, len(row)), chance.choice(["", "余分", "123456789018"]))


def lose_a_column(chance: random.Random, rows: Rows) -> None:
    at = chance.randrange(len(rows[0])) if rows[0] else 0
    for row in rows:
        del row[at : at + 1]


def shuffle_rows(chance: random.Random, rows: Rows) -> None:
    chance.shuffle(rows)


def repeat_a_row(chance: random.Random, rows: Rows) -> None:
    rows.insert(chance.randint(0, len(rows)), list(chance.choice(rows)))


def break_a_line(chance: random.Random, rows: Rows) -> None:
    row = chance.choice(rows)
    if row:
        at = chance.randrange(len(row))
        row[at] = row[at][:1] + chance.choice(["\n", "\r", "\r\n", ",", '"']) + row[at][1:]


def flip(chance: random.Random, content: bytes) -> bytes:
    found = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        if found:
            found[chance.randrange(len(found))] = chance.randrange(256)
    return bytes(found)


def cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randint(0, len(content))]


def lose(chance: random.Random, content: bytes) -> bytes:
    at = chance.randint(0, len(content))
    return content[:at] + content[at + chance.randint(1, 30) :]


def mix(chance: random.Random, content: bytes) -> bytes:
    """The tail of a file of another encoding behind the head of this one."""
    other = "氏名,髙橋　一郎,西町１番地\r\n".encode(chance.choice(ENCODINGS), "replace")
    at = chance.randint(0, len(content))
    return content[:at] + other + content[at:]


def insert_bytes(chance: random.Random, content: bytes) -> bytes:
    at = chance.randint(0, len(content))
    return (
        content[:at]
        + chance.choice([b"\0", b"\x1b$B", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"\r", b"\x80"])
        + content[at:]
    )


IN_CELLS: list[Mutation] = [
    put_something(FORMULAS),
    put_something(FORMULAS),
    put_something(ODD),
    swap_columns,
    lose_or_gain_a_cell,
    lose_a_column,
    shuffle_rows,
    repeat_a_row,
    break_a_line,
]
IN_BYTES: list[Callable[[random.Random, bytes], bytes]] = [flip, flip, cut, lose, mix, insert_bytes]
