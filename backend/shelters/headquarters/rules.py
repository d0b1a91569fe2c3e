"""What headquarters does about a contradiction: its name, what to find out, and the ways to settle it.

Nobody edits history: each way is an entry of its own, and the contradiction is closed by one, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

KEEP, VOID, MOVE, ARRIVE, ELSEWHERE = "keep", "void", "move", "arrive", "elsewhere"
THIS, THAT = "this", "that"


@dataclass(frozen=True)
class Guide:
    """What a contradiction is called, what to do, and its ways: (act, words with {here} and {there})."""

    title: str
    do: str
    ways: tuple[tuple[str, str], ...]


_OTHER = Guide(
    "そのほかの食い違い",
    "記録を開いて確かめ、必要なら名簿で直してください。",
    ((KEEP, "このままでよい"), (VOID, "届いた記録を取り消す")),
)

GUIDES = {
    "in_two_shelters": Guide(
        "一人が二つの避難所にいます",
        "どちらにいるかを、両方の避難所に電話で確かめてください。",
        ((MOVE, "{here}にいる（{there}から移動した）"), (VOID, "{there}にいる（{here}の到着を取り消す）")),
    ),
    "left_without_arriving": Guide(
        "到着の記録がない人が退所しました",
        "{here}に居たかどうかを、避難所に確かめてください。",
        (
            (ARRIVE, "{here}に居た（到着を補う）"),
            (ELSEWHERE, "{there}から退所した（退所を付け替える）"),
            (VOID, "退所していない（退所を取り消す）"),
        ),
    ),
    "moved_from_elsewhere": Guide(
        "移動元にいない人が移動しました",
        "いまどこにいるかを、移動先の避難所に確かめてください。",
        ((KEEP, "{here}にいる（記録のままでよい）"), (VOID, "移動していない（移動を取り消す）")),
    ),
    "opening_unknown": Guide(
        "開設の記録がない避難所の記録です",
        "その避難所の端末から開設の記録が届くのを待つか、避難所を開設してください。",
        ((KEEP, "開設の記録が届いた"), (VOID, "届いた記録を取り消す")),
    ),
    "same_id_other_bytes": Guide(
        "同じ番号で内容の違う記録が届きました",
        "「受け付けなかった記録」でもう一方の内容を確かめてください。どちらも残っています。",
        ((KEEP, "受け付けた方が正しい"),),
    ),
    "correction_of_nothing": Guide(
        "訂正する相手の記録がありません",
        "相手の記録が届くのを待つか、名簿で直してください。",
        ((KEEP, "このままでよい"),),
    ),
    "corrected_apart": Guide(
        "同じ方の記載が、別々に訂正されました",
        "どちらが正しいかを、ご本人か、書いた人に確かめてください。どちらの訂正も、もう一方を知らずに書かれています。",
        ((THIS, "届いた記録のとおりにする"), (THAT, "もう一方の記録のとおりにする")),
    ),
    "merged_twice": Guide(
        "一つにした記録が食い違っています",
        "避難者の画面で、同じ方の記録を確かめてください。",
        ((KEEP, "確かめた"), (VOID, "一つにするのを取り消す")),
    ),
}


def guide(code: str, *, there: bool, both: bool = True) -> Guide:
    """`there`: whether another shelter is known in which the person was; without it nothing can be said of it. `both`:
    whether two corrections still stand against each other."""
    found = GUIDES.get(code, _OTHER)
    if code == "corrected_apart" and not both:
        return Guide(found.title, "一方はもう取り消されています。", ((KEEP, "このままでよい"),))
    ways = tuple(way for way in found.ways if there or "{there}" not in way[1])
    return Guide(found.title, found.do, ways or found.ways[-1:])


SILENT_AFTER = timedelta(hours=6)


def is_silent(heard_at: datetime | None, at: datetime) -> bool:
    """Whether somebody should call: nothing was heard of a shelter for so long."""
    return heard_at is None or at - heard_at >= SILENT_AFTER
