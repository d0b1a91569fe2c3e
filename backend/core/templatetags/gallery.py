"""Example data for the component gallery. Every person here is invented."""

from __future__ import annotations

from datetime import datetime

from django import forms, template
from django.core.paginator import Paginator

from backend.core import plots
from backend.core.clock import TOKYO

register = template.Library()

NOW = datetime(2026, 11, 21, 18, 0, tzinfo=TOKYO)
MORNING = datetime(2026, 11, 19, 6, 42, tzinfo=TOKYO)

PIECES = [
    {"kind": "lost", "text": "〓", "codes": "U+E000", "note": "MJ000001"},
    {
        "kind": "drawn",
        "text": "\ue001",
        "codes": "U+E001",
        "drawing": {"path": "M100 0V700H800V0ZM200 100H700V600H200Z", "width": 900, "em": 1000, "top": 880},
    },
    {"kind": "near", "text": "田\U000e01ef", "codes": "U+7530 U+E01EF", "note": "似た字形で表示しています"},
    {"kind": "text", "text": "　一郎"},
]

MEMBERS = [
    {
        "name": "髙𣘺 太郎",
        "kana": "タカハシ タロウ",
        "relationship": "世帯主",
        "sex": "男",
        "birth": "昭和45年1月2日",
        "age": 56,
        "last_change": "平成12年4月1日 転入",
    },
    {
        "name": "髙𣘺 花子",
        "kana": "タカハシ ハナコ",
        "relationship": "妻",
        "sex": "女",
        "birth": "昭和47年11月30日",
        "age": 53,
        "last_change": "平成12年4月1日 転入",
        "marks": [{"text": "要配慮者", "kind": "warning"}],
    },
    {
        "name": "髙𣘺 ウメ",
        "kana": "タカハシ ウメ",
        "relationship": "母",
        "sex": "女",
        "birth": "昭和18年（月日不詳）",
        "age": "82から83",
        "last_change": "令和8年11月19日 死亡",
        "dead": True,
    },
    {
        "name": "グエン ティ ラン",
        "kana": "グエン ティ ラン",
        "relationship": "同居人",
        "sex": "女",
        "birth": "平成10年7月7日",
        "age": 28,
        "last_change": "令和7年9月1日 転入",
    },
]

DESCENT = [
    {
        "origin": {"number": "2026-0000012-45", "url": "#", "kind": "住民"},
        "household": {"number": "2026-0000311-07", "kind": "発災後の世帯", "current": True},
        "title": "世帯の分離",
        "text": "令和8年11月25日から　2人",
    },
]
TIMELINE = [
    {
        "at": NOW,
        "title": "被災証明書を交付",
        "text": "1通　大浜市 2026-000123",
        "by": "税務課　山田",
        "url": "#timeline",
    },
    {
        "at": datetime(2026, 11, 20, 9, 5, tzinfo=NOW.tzinfo),
        "title": "避難所へ入所（3人）",
        "text": "大浜中学校 体育館",
        "by": "避難所班　佐々木",
    },
    {
        "at": datetime(2026, 11, 19, 21, 30, tzinfo=NOW.tzinfo),
        "title": "避難所へ入所（4人）",
        "text": "人数の誤りにより取り消し",
        "by": "避難所班　佐々木",
        "kind": "void",
    },
    {"at": MORNING, "title": "死亡の届出", "text": "1人", "by": "住民登録", "kind": "danger"},
    {"at": MORNING, "title": "災害発生", "text": "台帳の基準時点", "kind": "warning"},
]


class ExampleForm(forms.Form):
    kana = forms.CharField(label="かな氏名", help_text="姓だけ、空白なしでも探せます。")
    birth = forms.CharField(label="生年月日", help_text="例：3 45 1 2、S45.1.2、1970-01-02", required=False)
    shelter = forms.ChoiceField(
        label="避難所", choices=[("", "選んでください"), ("1", "大浜中学校 体育館"), ("2", "港公民館")]
    )
    consent = forms.ChoiceField(
        label="安否の問い合わせに答えてよいですか",
        choices=[("no", "いいえ"), ("yes", "はい")],
        widget=forms.RadioSelect,
        initial="no",
        help_text="ご本人に確かめてください。",
    )
    needs = forms.MultipleChoiceField(
        label="必要なもの",
        choices=[("w", "車いす"), ("m", "薬"), ("b", "乳児用品")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.BooleanField(label="名簿への掲載に同意する", required=False)
    reason = forms.CharField(
        label="理由", widget=forms.Textarea(attrs={"rows": 3}), help_text="あとから見た人に分かるように。"
    )
    file = forms.FileField(label="住民記録の CSV", required=False, help_text="UTF-8 または Shift_JIS。")
    fixed = forms.CharField(label="り災番号", disabled=True, required=False, initial="2026-0001234-56")


class SearchForm(forms.Form):
    kana = forms.CharField(label="かな氏名", required=False)
    birth = forms.CharField(label="生年月日", required=False, help_text="例：3 45 1 2")
    name = forms.CharField(label="漢字氏名", required=False)
    address = forms.CharField(label="住所の一部", required=False)
    number = forms.CharField(
        label="番号・QRコード",
        required=False,
        help_text="り災番号、世帯番号、宛名番号",
        widget=forms.TextInput(attrs={"data-scanner": True}),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label="取り消す理由", max_length=200, help_text="記録に残ります。")


@register.simple_tag
def gallery() -> dict[str, object]:
    """Everything that the gallery's components need, in one dictionary."""
    wrong = ExampleForm({"wrong-birth": "昭和65年1月2日", "wrong-consent": "no"}, prefix="wrong")
    wrong.add_error("birth", "昭和は64年1月7日までです。")
    wrong.add_error(None, "この世帯は別の職員が先に変更しました。")
    pages = Paginator(range(12_345), 50)
    return {
        "now": NOW,
        "form": ExampleForm(prefix="ok"),
        "wrong": wrong,
        "search": SearchForm(prefix="search"),
        "reason": ReasonForm(prefix="reason"),
        "members": MEMBERS,
        "timeline": TIMELINE,
        "pieces": PIECES,
        "descent": DESCENT,
        "page_first": pages.page(1),
        "page_middle": pages.page(7),
        "page_only": Paginator(range(3), 50).page(1),
        "crumbs": [
            {"label": "災害対策本部", "url": "#breadcrumb"},
            {"label": "避難所", "url": "#breadcrumb"},
            {"label": "大浜中学校"},
        ],
        "facts": [
            {"label": "り災番号", "value": "2026-0001234-56", "kind": "code"},
            {"label": "世帯主", "value": "髙𣘺 太郎", "kana": "タカハシ タロウ", "kind": "name"},
            {"label": "住所", "value": "大浜市港町二丁目3番4号"},
            {"label": "郵送先", "value": "大浜市緑が丘一丁目10番1号 101", "note": "11月20日に本人の申し出で変更"},
            {"label": "電話", "value": ""},
        ],
        "columns": [
            {"label": "避難所", "url": "#table", "sorted": "ascending"},
            {"label": "状態"},
            {"label": "人数", "number": True, "url": "#table"},
            {"label": "世帯", "number": True, "url": "#table"},
            {"label": "最終報告"},
        ],
        "rows": [
            {
                "cells": [
                    {"text": "大浜中学校 体育館", "url": "#table"},
                    {"text": "開設中", "badge": "success"},
                    "1,204",
                    "431",
                    NOW,
                ]
            },
            {
                "cells": [
                    {"text": "港公民館", "url": "#table"},
                    {"text": "報告待ち", "badge": "warning"},
                    "87",
                    "35",
                    MORNING,
                ]
            },
            {
                "muted": True,
                "cells": [
                    {"text": "緑が丘集会所", "url": "#table"},
                    {"text": "閉鎖", "badge": "neutral"},
                    "0",
                    "0",
                    MORNING,
                ],
            },
        ],
        "totals": ["合計", "", "1,291", "466", ""],
        "plot": plots.plot([MORNING, NOW], [("合計", [1188, 1291]), ("大浜中学校", [1101, 1204])]),
        "bars": plots.bars([("全壊", 12), ("中規模半壊", 48), ("準半壊に至らない", 131)]),
        "cards": [
            {"label": "避難者", "value": 1291, "unit": "人", "note": "前回 18日 20:00 から +103人"},
            {"label": "開設中の避難所", "value": 12, "unit": "か所", "kind": "success"},
            {"label": "報告待ち", "value": 3, "unit": "か所", "kind": "warning", "url": "#cards"},
            {"label": "安否の確認が取れない人", "value": 48, "unit": "人", "kind": "danger", "url": "#cards"},
        ],
        "doors": [
            {"label": "避難所", "url": "#doors", "count": 3, "unit": "人", "note": "大浜中学校 体育館"},
            {"label": "被災証明書", "url": "#doors", "count": 1, "unit": "通", "current": True},
            {"label": "住家の被害", "url": "#doors", "count": 0, "unit": "棟", "note": "まだ申請がありません"},
            {"label": "生活再建の相談", "reason": "福祉課だけが開けます"},
        ],
        "steps": [
            {"label": "ファイルを選ぶ", "state": "done", "url": "#steps"},
            {"label": "先頭の行を確かめる", "state": "current"},
            {"label": "取り込む", "state": "todo"},
        ],
        "candidates": [
            {"label": "2026-0001234-56", "value": "2026-0001234-56"},
            {"label": "2026-0001243-29", "value": "2026-0001243-29"},
        ],
        "nav": [
            {"label": "本部", "url": "#nav", "current": True},
            {"label": "世帯を探す", "url": "#nav"},
            {"label": "避難所", "url": "#nav"},
            {"label": "証明書", "url": "#nav"},
        ],
    }
