"""What stands on a 罹災証明書, from plain values. The fields are those of the unified form: 内閣府（防災担当）通知「罹災証明書の様式の統一化
について」府政防第737号（令和2年3月30日）. Neither the ratio nor the parts of the house are on it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.core.dates import era

FORM = "risai/1"
# The wording of the form's footnote was not at hand in its original: to be compared with it before first use.
DEFINITION = "※住家とは、現実に居住（世帯が生活の本拠として日常的に使用していることをいう。）のために使用している建物のことをいう。"


@dataclass(frozen=True)
class Boxes:
    """Which of the three boxes for additions a municipality uses: members; the house; anything else."""

    members: bool = True
    house: bool = True
    others: bool = True


def body(
    *,
    household_number: str,
    head_name: str,
    head_address: str,
    struck_on: date,
    cause: str,
    house_place: str,
    damage_code: str,
    damage: str,
    members: Sequence[tuple[str, str]] = (),
    persons: Sequence[str] = (),
    about_house: str = "",
    about_others: str = "",
    boxes: Boxes = Boxes(),
) -> dict[str, Any]:
    """The words of the paper. `damage` is the class as it is certified, `damage_code` goes into the signed proof.

    ValueError where a field is empty that makes it a 罹災証明書: without the degree of damage it is another paper.
    """
    required = {
        "世帯主の氏名": head_name,
        "世帯主の住所": head_address,
        "罹災原因": cause,
        "被災住家の所在地": house_place,
        "住家の被害の程度": damage,
    }
    missing = [label for label, text in required.items() if not text.strip()]
    if missing:
        raise ValueError(f"罹災証明書に必要な項目がありません：{'、'.join(missing)}。")
    if "%" in damage or "％" in damage:
        raise ValueError("罹災証明書には、損害割合を記載しません。")
    return {
        "household_number": household_number,
        "head": {"name": head_name, "address": head_address},
        "cause": f"{era(struck_on)}の{cause}による",
        "place": house_place,
        "damage": damage,
        "damage_code": damage_code,
        "members": [{"name": name, "relationship": kin} for name, kin in members] if boxes.members else [],
        "about_house": about_house if boxes.house else "",
        "about_others": about_others if boxes.others else "",
        "definition": DEFINITION,
        "persons": list(persons),
    }


def facts(body: Mapping[str, Any]) -> list[dict[str, object]]:
    """The fields in the order of the form, with their labels, for a page."""
    members = body["members"]
    names = "、".join(f"{member['name']}（{member['relationship']}）" for member in members)
    fields: list[tuple[str, str]] = [
        ("世帯主住所", body["head"]["address"]),
        ("世帯主氏名", body["head"]["name"]),
        ("追加記載事項欄①（世帯構成員）", names),
        ("罹災原因", body["cause"]),
        ("被災住家の所在地", body["place"]),
        ("住家の被害の程度", body["damage"]),
        ("追加記載事項欄②", body["about_house"]),
        ("追加記載事項欄③", body["about_others"]),
        ("使用目的（印字しません）", body.get("purpose", "")),
        ("交付日", body.get("issued_on", "")),
    ]
    return [{"label": label, "value": text} for label, text in fields if text]
