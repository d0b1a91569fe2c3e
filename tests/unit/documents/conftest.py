"""Something to issue, without a ledger under it. All people are invented."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from backend.core.clock import now
from backend.core.fields import uuid7
from tests.fonts import build_font, load

__all__ = ["build_font", "load"]

DISASTER = UUID("018f0000-0000-7000-8000-000000000001")


def body(*names: str, **fields: Any) -> dict[str, Any]:
    members = [{"name": n, "relationship": "世帯主", "birth": "昭和45年1月2日"} for n in names or ("髙﨑 一郎",)]
    return {
        "household_number": "2026-0000001-00",
        "disaster": "大浜沖地震",
        "occurred": "令和8年11月18日",
        "head": {"name": members[0]["name"], "address": "大浜市西町１番地"},
        "place": "大浜市西町１番地",
        "purpose": "保険金の請求",
        "members": members,
        "persons": [],
        **fields,
    }


@pytest.fixture
def issue(staff: Callable) -> Callable[..., Any]:
    """`issue()` a certificate for a new household; `issue(household=…, body=…)`."""
    from backend.documents import services

    clerk = staff("tax")

    def make(**fields: Any) -> Any:
        values = {
            "by": clerk,
            "kind": "hisai",
            "form": "hisai/1",
            "disaster": DISASTER,
            "household": uuid7(),
            "body": body(),
            "as_of": now(),
            "reason": "新規交付",
            "receiver": "member",
            "id_checked": "licence",
        }
        return services.issue(**(values | fields))

    return make
