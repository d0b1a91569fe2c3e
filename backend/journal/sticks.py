"""The conversation carried on a USB stick: one file there, one file back, each readable only by the two who speak.

A file is a line of JSON that says whose it is, and the sealed rest. The key follows from the laptop's secret, of which
headquarters holds the hash; a file that was torn or altered opens for nobody.
"""

from __future__ import annotations

import hmac
import json
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.permissions import require
from backend.accounts.services import audit
from backend.core.clock import now
from backend.core.errors import NotFound, Refused

from . import bodies, exchange, files, packs
from .circle import names, part_for, start_of
from .marks import receipt_of
from .models import Terminal
from .receiving import Given, receive

IS = "tasuki-stick"
EARLIER_FIRST = (
    "先に書き出した USB メモリーがまだ届いていません。それを受け取ってから、この USB メモリーをもう一度受け取るか、"
    "端末を回線につないでください。待っている記録は、端末に残っています。"
)
KEPT_SECONDS = 24 * 3600
LARGEST = 200 * 1024 * 1024
TORN = "ファイルが途中で切れているか、書き換えられています。もう一度書き出して、運び直してください。"


@dataclass(frozen=True)
class Brought:
    """What a stick brought, and the file to carry back."""

    terminal: Terminal
    accepted: int
    duplicate: int
    refused: int
    retry: int
    given: int
    answer: bytes


def key_of(secret_sha256: str) -> bytes:
    return hmac.new(secret_sha256.encode(), b"tasuki-stick", sha256).digest()


def seal(key: bytes, head: dict[str, Any], body: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    first = json.dumps({"is": IS, "v": 1, **head}, ensure_ascii=False).encode()
    nonce = os.urandom(12)
    return first + b"\n" + nonce + AESGCM(key).encrypt(nonce, body, first)


def opened(key: bytes, data: bytes) -> bytes:
    """The sealed rest. `Refused` when the file was torn, altered, or sealed for somebody else."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    first, _, rest = data.partition(b"\n")
    try:
        return AESGCM(key).decrypt(rest[:12], rest[12:], first)
    except (InvalidTag, ValueError) as error:
        raise Refused(TORN) from error


def head_of(data: bytes, what: str) -> dict[str, Any]:
    """What the file says of itself before it is opened."""
    first = data[: 64 * 1024].partition(b"\n")[0]
    try:
        head = json.loads(first)
    except ValueError as error:
        raise Refused("Tasuki の書出しファイルではありません。") from error
    if not isinstance(head, dict) or head.get("is") != IS:
        raise Refused("Tasuki の書出しファイルではありません。")
    if head.get("what") != what:
        wrong = {"there": "本部へ運ぶファイルです。", "back": "端末へ運ぶファイルです。"}
        raise Refused("逆向きのファイルです。これは" + wrong.get(str(head.get("what")), "別のファイルです。"))
    return head


@transaction.atomic
def take_stick(*, by: Staff | None, data: bytes) -> Brought:
    """Take what a laptop sent on a stick, and make the file that goes back. Taking it twice adds nothing."""
    if by is not None:
        require(by, "journal.settle")
    head = head_of(data, "there")
    if head.get("municipality") != settings.MUNICIPALITY_CODE:
        name = head.get("municipality_name") or "ほかの市区町村"
        raise Refused(f"{name}の端末のファイルです。このサーバーでは受け取れません。")
    terminal = _terminal(head)
    key = key_of(terminal.secret_sha256)
    push = bodies.unpack(opened(key, data), "push")
    standing = exchange.standing_of(terminal, push.head)
    answers = receive(Given(push.lines, terminal))
    counts = {verdict: sum(a.verdict == verdict for a in answers) for verdict in VERDICTS}
    said = {"answers": [a.verdict if not a.reason else f"{a.verdict}:{a.reason}" for a in answers]}
    said |= {"hashes": [sha256(line).hexdigest() for line in push.lines], "made_at": now().isoformat()}
    said |= files.brought_by(terminal, push.head)
    said["standing"] = exchange.standing_of(terminal, push.head) | {"cursor_ok": standing["cursor_ok"]}
    body, given = _part(terminal, push.head, said)
    answer = seal(key, {"what": "back", "terminal": str(terminal.pk), **bodies.whose()}, body)
    audit(by=by, act="journal.import_bundle", subject=f"terminal:{terminal.pk}", **counts)
    return Brought(terminal, **counts, given=given, answer=answer)


def keep_answer(brought: Brought) -> None:
    """Keep the file to carry back for a day, or until the next stick of that laptop comes. Nobody else can read it."""
    path = _answer_of(brought.terminal.pk)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(brought.answer)
    fresh.replace(path)


def kept_answer(terminal: UUID) -> bytes:
    """The file to carry back that was made last. `NotFound` when there is none, when it is of yesterday (who is hidden
    since is in it still), and for a laptop that was cut off."""
    path = _answer_of(terminal)
    try:
        old = now().timestamp() - path.stat().st_mtime > KEPT_SECONDS
        if old or Terminal.objects.filter(pk=terminal, revoked_at__isnull=False).exists():
            path.unlink()
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound("端末へ運ぶファイルがありません。USB メモリーのファイルをもう一度受け取ってください。") from None


def _answer_of(terminal: UUID) -> Path:
    return Path(settings.DATA_DIR) / "sticks" / f"back-{terminal}.tasuki"


VERDICTS = ("accepted", "duplicate", "refused", "retry")


def _terminal(head: dict[str, Any]) -> Terminal:
    try:
        terminal = Terminal.objects.filter(pk=UUID(str(head.get("terminal"))), joined_at__isnull=False).first()
    except ValueError:
        terminal = None
    if terminal is None:
        raise Refused("登録のない端末のファイルです。端末を登録したサーバーで受け取ってください。")
    return terminal


def _part(terminal: Terminal, head: dict[str, Any], said: dict[str, Any]) -> tuple[bytes, int]:
    """All that the laptop is to know after its cursor, in one body, and the places and staff of today."""
    if terminal.revoked_at is not None:
        return bodies.pack("stick.answer", {**said, "entries": 0}), 0
    start = start_of(str(head.get("cursor") or "")) or 0
    part = part_for(terminal, start, page=10**9)
    lines = [bytes(entry.raw) for entry in part.entries]
    said |= {
        "entries": len(lines),
        "cursor": part.cursor,
        "receipts": [receipt_of(entry.sha256) for entry in part.entries],
        "devices": names(part.entries),
    }
    return bodies.pack("stick.answer", said, [*lines, *packs.lines_for(terminal)]), len(lines)
