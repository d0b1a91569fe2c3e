"""The canonical layout of a register file: which Japanese column is which of ours, and what its values may be."""

from __future__ import annotations

import re

# Japanese header -> our column, in the order in which an export writes them.
COLUMNS: dict[str, str] = {
    "宛名番号": "atena_no",
    "世帯番号": "household_no",
    "氏名": "name",
    "氏名カナ": "kana",
    "通称": "alias",
    "生年月日": "birth",
    "性別": "sex",
    "続柄": "relationship",
    "郵便番号": "postal_code",
    "住所": "address",
    "方書": "building",
    "住民となった日": "resident_since",
    "国籍区分": "nationality",
    "支援措置": "protection",
    "支援措置期限": "protection_until",
    "異動事由": "reason",
    "異動年月日": "effective",
    "届出年月日": "notified",
    "処理日時": "processed_at",
    "処理連番": "sequence",
}
JAPANESE = {ours: header for header, ours in COLUMNS.items()}

# What a row says of the person (the rest says when and why).
PERSON_COLUMNS = tuple(COLUMNS.values())[:15]

REQUIRED = {
    "full": ("宛名番号", "世帯番号", "氏名", "住所"),
    "change": ("宛名番号", "世帯番号", "氏名", "住所", "異動事由", "異動年月日", "処理日時"),
}
SET_ASIDE_COLUMNS = ("行番号", "理由", "元ファイルの指紋")

# Looked for in a header's name without spaces and marks, after NFKC (番号法 第2条第5項: 個人番号).
MY_NUMBER = re.compile(r"個人番号|マイナンバー|個番|my(?:number|no\b|num\b)|kojinbango", re.IGNORECASE)

MAX_LENGTH = {
    "name": 200,
    "kana": 300,
    "alias": 200,
    "relationship": 40,
    "postal_code": 10,
    "address": 300,
    "building": 200,
    "sequence": 20,
}

# 性別: ISO/IEC 5218. 国籍区分 1 Japanese 2 foreign. 支援措置 1 protected.
CODES: dict[str, dict[str, str]] = {
    "sex": {"1": "1", "2": "2", "0": "", "9": "", "": "", "男": "1", "女": "2", "不明": ""},
    "nationality": {"1": "1", "2": "2", "": "", "日本人": "1", "外国人": "2"},
    "protection": {"1": "1", "0": "", "": ""},
}
# 続柄 is text; of the numeric codes only these are certain, others are kept as they came.
RELATIONSHIP_CODES = {"2": "世帯主", "02": "世帯主"}

HEAD = "世帯主"

ODD_CHARACTERS, NO_SEX, NO_BIRTH, UNKNOWN_TOWN, NO_ADDRESS = 1, 2, 4, 8, 16
ROW_FLAGS = {
    ODD_CHARACTERS: "odd_characters",
    NO_SEX: "no_sex",
    NO_BIRTH: "no_birth_date",
    UNKNOWN_TOWN: "unknown_town",
    NO_ADDRESS: "no_address",
}

# Of rows of change that were found by comparing two exports.
DAY_BY_COMPARING, NOT_IN_EXPORT = 256, 512
COMPARED_FLAGS = {DAY_BY_COMPARING: "day_by_comparing", NOT_IN_EXPORT: "not_in_export"}

# Every flag of an as-of register, in the words of the page that lists them.
FLAG_LABELS = {
    "base_after": "基準日より後の全件ファイルから作成（要確認）",
    "late": "さかのぼる異動が後から処理された",
    "differs_under_other_reason": "異動事由と関係のない項目が変わっている",
    "correction_without_change": "何も変わらない職権修正",
    "left_on_day": "発災日当日の転出・消除（在籍として扱う）",
    "died_on_day": "発災日当日の死亡（在籍として扱う）",
    "death_day_unknown": "死亡日の一部が不詳で、発災日の可能性がある（在籍として扱う）",
    "arrived_on_day": "発災日当日の転入・出生（在籍として扱う）",
    "household_change_on_day": "発災日に死亡のあった世帯の当日の世帯変更（反映しない）",
    "cancelled_removal_in_base": "全件ファイルでは消除済みだが、後で取り消されたか、日付が訂正された",
    "equal_to_before": "異動後の値が異動前と同じ（日付の訂正の可能性）",
    "entered_late": "発災後に届け出られた出生・転入で、家族の発災時の世帯・住所に合わせた",
    "entered_late_unsure": "発災後に届け出られた出生・転入で、世帯員の異動と前後している",
    "household_undecided": "世帯未定（家族が複数の世帯に分かれている）",
    "not_in_base": "異動はあるが、全件ファイルに記載がない",
    "never_explained": "保留（全件にも転入・出生にもない人の異動）",
    "resident_since_unknown": "住民となった日が不詳（在籍として扱う）",
    "removed_before_base": "発災日以後に消除され、全件ファイルに記載がない（異動の行から補った）",
    "day_by_comparing": "全件どうしを比べて見つけた異動で、異動年月日が分からない（後の全件の日とした）",
    "not_in_export": "後の全件に記載がない（職権消除として扱う）",
    "no_head": "世帯主がいない世帯",
    "two_heads": "世帯主が二人以上の世帯",
    "odd_characters": "外字・不明な文字を含む",
    "no_sex": "性別の記載がない",
    "no_birth_date": "生年月日の記載がない",
    "unknown_town": "町字一覧にない住所",
    "no_address": "住所の記載がない",
}
