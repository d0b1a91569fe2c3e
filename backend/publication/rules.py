"""What of the shelters is told to everybody, and in which words. Plain values only; nobody's name gets this far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.core.clock import TOKYO
from backend.shelters.curve.rules import Heads

OPEN = "開設"  # EEI 避難所「開設状況」: 未開設・開設・閉鎖・不明・常設

LICENCE = "CC BY 4.0"
LICENCE_NAME = "クリエイティブ・コモンズ 表示 4.0 国際"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/deed.ja"

# Name of a column, type in the Frictionless sense, what stands in it. The names are those of EEI 災害対応基本共有情報
# (避難所) and, for what describes the place, of the 自治体標準オープンデータセット.
COLUMNS = (
    ("全国地方公共団体コード", "string", "6桁。検査数字を含みます。"),
    ("市区町村名", "string", "公表している市区町村の名称。"),
    ("ID", "string", "指定緊急避難場所一覧のID。一覧にない避難所では空欄です。"),
    ("名称", "string", "避難所の名称。"),
    ("名称_カナ", "string", "名称の読み（全角カタカナ）。読みが登録されていないときは空欄です。"),
    ("避難所種別", "string", "指定避難所、福祉避難所などの別。"),
    ("所在地_連結表記", "string", "所在地。"),
    ("緯度", "number", "十進の度（世界測地系）。"),
    ("経度", "number", "十進の度（世界測地系）。"),
    ("電話番号", "string", "施設の電話番号。"),
    ("開設状況", "string", "「開設」だけが載ります。閉鎖した避難所は載りません。"),
    ("開設日時", "datetime", "開設した日時。"),
    ("避難者数(総数)", "integer", "避難所の中にいる人の数。分からないときは空欄です（0ではありません）。"),
    ("避難世帯数", "integer", "避難している世帯の数。分からないときは空欄です。"),
    (
        "人数の出所",
        "string",
        "「報告」は避難所からの人数の報告、「報告と名簿」は報告にその後の名簿の出入りを加えたもの、「名簿」は受付の名簿だけによるもの。",
    ),
    ("確認日時", "datetime", "人数を確認した日時。「名簿」では最後に記入があった日時です。"),
    ("想定収容人数", "integer", "屋内に入れる人の目安。登録がないときは空欄です。"),
    (
        "空き状況",
        "string",
        "想定収容人数に対する避難者数の割合から出した目安：「空きあり」は8割未満、「残りわずか」は8割以上、「満員」は10割以上。分からないときは「不明」です。",
    ),
    ("時点", "datetime", "このデータの時点。"),
    ("備考", "string", "訓練または見本のデータであれば、そのことを書きます。"),
)


@dataclass(frozen=True)
class Line:
    """One open shelter as everybody may know it."""

    id: str
    name: str
    kana: str
    kind: str
    address: str
    latitude: str
    longitude: str
    phone: str
    opened_at: datetime
    count: Heads
    capacity: int | None
    room: str


def room(people: int | None, capacity: int | None) -> str:
    """空き状況: how full a shelter is by its planned capacity; 不明 when one of the two is not known."""
    if people is None or not capacity:
        return "不明"
    if people >= capacity:
        return "満員"
    return "残りわずか" if people * 10 >= capacity * 8 else "空きあり"


def may_appear(*, active: bool, published: bool) -> bool:
    """A place out of use, or one that is to stay hidden (a refuge from violence), is neither listed nor counted."""
    return active and published


def as_of_text(at: datetime) -> str:
    """2026年11月21日 18時00分 現在: the year is always there, because a picture travels."""
    local = at.astimezone(TOKYO)
    return f"{local.year}年{local.month}月{local.day}日 {local.hour}時{local.minute:02}分 現在"


def moment(at: datetime | None) -> str:
    """ISO 8601 to the second with the offset of Japan, as open data wants it; empty for None."""
    return at.astimezone(TOKYO).isoformat(timespec="seconds") if at else ""


def record(line: Line, *, code: str, municipality: str, as_of: datetime, note: str) -> list[str]:
    """One line of the CSV, in the order of COLUMNS. What is not known is empty."""
    return [
        code,
        municipality,
        line.id,
        line.name,
        line.kana,
        line.kind,
        line.address,
        line.latitude,
        line.longitude,
        line.phone,
        OPEN,
        moment(line.opened_at),
        _number(line.count.people),
        _number(line.count.households),
        line.count.source,
        moment(line.count.at),
        _number(line.capacity),
        line.room,
        moment(as_of),
        note,
    ]


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
