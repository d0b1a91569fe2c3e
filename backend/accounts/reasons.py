"""業務の理由: why somebody uses the ledger today. Asked at log-in, kept in the session, written with every look.

The choices follow the uses for which a mayor may use the ledger inside the town hall (災害対策基本法 第90条の4 第1項),
in the words of the divisions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

REASONS = [
    ("shelter", "避難所の運営（入退所の受付・名簿の確認）"),
    ("certificate", "被災証明書・罹災証明書の受付と交付"),
    ("ledger", "被災者台帳の作成・内容の確認"),
    ("safety", "安否の確認"),
    ("welfare", "要配慮者への支援"),
    ("support", "支援制度の相談・申請の受付"),
    ("register", "住民記録の取込と確認"),
    ("goods", "物資の受払い"),
    ("publicity", "公表資料の作成"),
    ("system", "システムの管理"),
    ("audit", "記録の監査"),
    ("other", "その他（下の欄に具体的に書く）"),
]
OTHER = "other"
SESSION_KEY = "reason"
LONGEST = 200

_session: ContextVar[Any] = ContextVar("session", default=None)


def in_words(code: str, note: str = "") -> str:
    """What is written into the log: the choice, and the free text behind it. KeyError for an unknown choice."""
    label = "その他" if code == OTHER else dict(REASONS)[code]
    return f"{label}：{note}"[:LONGEST] if note else label


def keep(session: Any, code: str, note: str = "") -> None:
    """Keep today's reason in the session."""
    session[SESSION_KEY] = {"code": code, "note": note, "text": in_words(code, note)}


def kept(session: Any) -> dict[str, str]:
    """`code`, `note` and `text` of the reason in this session; empty when there is none yet."""
    return session.get(SESSION_KEY) or {}


@contextmanager
def of_session(session: Any) -> Iterator[None]:
    """Within this block, looks are logged with the reason of this session."""
    token = _session.set(session)
    try:
        yield
    finally:
        _session.reset(token)


def current() -> str:
    """The reason of the person whose request is being answered; empty outside of a request."""
    session = _session.get()
    return kept(session).get("text", "") if session is not None else ""
