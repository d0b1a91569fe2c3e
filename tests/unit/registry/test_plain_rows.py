"""The quick way through a full export says what the checker says, or leaves the row to it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from backend.registry import layout
from backend.registry.plain_rows import PlainBlock, PlainRows
from backend.registry.reading import CheckedRow, Checker, Header

DATES = [
    "",
    "1970-01-02",
    "19700102",
    "S45.1.2",
    "昭和45年1月2日",
    "1970-00-00",
    "00000000",
    "1970-02-30",
    " ",
    "いつか",
]
NUMBERS = ["1001", "0007", "1" * 15, "1" * 16, "", " 12 ", "１２", "12A", "²"]
TEXTS = [
    "",
    "高橋 一郎",
    "髙󠄀橋　花",
    " ",
    "〓田 清",
    "あ" * 41,
    "あ" * 401,
    "ﾀｶﾊｼ ｲﾁﾛｳ",
    "=1+1",
    "東町2\n3",
    "高\x1f橋",
]
POOLS = {
    "宛名番号": NUMBERS,
    "世帯番号": NUMBERS,
    "生年月日": DATES,
    "住民となった日": DATES,
    "支援措置期限": DATES,
    "異動年月日": DATES,
    "性別": ["1", "2", "0", "9", "", "男", "3", " 1", "女"],
    "国籍区分": ["1", "2", "", "日本人", "X"],
    "支援措置": ["1", "0", "", "はい", " 1"],
    "続柄": ["世帯主", "妻", "02", "2", "", " 子", "あ" * 41],
    "郵便番号": ["", "0000001", "000-0001", "1" * 11],
}
NAMES = [*layout.COLUMNS, "備考"]


@st.composite
def files(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """A header with the required columns and some others, and rows of good and bad values."""
    kept = draw(st.sets(st.sampled_from(NAMES))) | set(layout.REQUIRED["full"])
    names = draw(st.permutations(sorted(kept)))
    good = st.tuples(*(st.sampled_from(POOLS.get(name, TEXTS)[:2]) for name in names))
    any_ = st.tuples(*(st.sampled_from(POOLS.get(name, TEXTS)) for name in names))
    rows = draw(st.lists(st.one_of(good, good, any_, any_.map(lambda row: row[1:])), min_size=1, max_size=12))
    return list(names), [list(row) for row in rows]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(files())
def test_the_quick_way_says_what_the_checker_says(file):
    names, rows = file
    columns = [layout.COLUMNS.get(name) for name in names]
    towns = frozenset({"東町"})
    quick, slow = (Checker(Header(columns, ["備考"] * ("備考" in names), []), "full", towns) for _ in range(2))
    quick.names = slow.names = names
    stated = [column for column in layout.PERSON_COLUMNS if column in columns]
    taken = 0
    for piece in PlainRows(quick)(iter(enumerate(rows, 2))):
        if not isinstance(piece, PlainBlock):
            continue
        for i, (line, said) in enumerate(zip(piece.lines, piece.rows("1"), strict=True)):
            checked = slow.check(line, rows[line - 2])
            assert isinstance(checked, CheckedRow), checked.reasons
            alone = checked.as_block(stated, with_extra="備考" in names)
            assert said == next(alone.rows("1"))
            assert piece.flags[i] == alone.flags[0]
            taken += 1
    assert taken <= len(rows)


def pieces(count: int, broken: set[int]) -> list[list[int]]:
    """The lines that come out together of a file of `count` rows, those at `broken` without a name."""
    names = list(layout.REQUIRED["full"])
    checker = Checker(Header([layout.COLUMNS[name] for name in names], [], []), "full")
    checker.names = names
    rows = [[str(n), "501", "" if n in broken else "高橋 一郎", "西町1"] for n in range(1, count + 1)]
    found = PlainRows(checker)(iter(enumerate(rows, 1)))
    return [list(p.lines) if isinstance(p, PlainBlock) else [p[0]] for p in found]


def test_rows_come_in_their_order_and_none_is_lost_whatever_is_broken():
    for broken in (set(), {1}, {700}, {1, 2, 499, 500, 501, 1300}, set(range(1, 1301))):
        assert [line for piece in pieces(1300, broken) for line in piece] == list(range(1, 1301))


def test_one_broken_row_leaves_the_others_of_its_block_together():
    assert len(pieces(100, set())) == 1
    assert len(pieces(100, {50})) < 10


def test_a_plain_row_takes_the_quick_way():
    names = list(layout.COLUMNS)[:15]
    checker = Checker(Header([layout.COLUMNS[name] for name in names], [], []), "full")
    checker.names = names
    row = [
        "1001",
        "501",
        "高橋 一郎",
        "ﾀｶﾊｼ ｲﾁﾛｳ",
        "",
        "S45.1.2",
        "1",
        "世帯主",
        "0000001",
        "西町1",
        "",
        "1990-04-01",
        "1",
        "",
        "",
    ]
    (block,) = PlainRows(checker)(iter([(2, row)]))
    assert isinstance(block, PlainBlock)
    assert block.columns[3] == ("タカハシ イチロウ",)
