"""The exchange by USB stick: a file to headquarters, and the file that comes back."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db import transaction

from backend.core import clock
from backend.core.errors import Refused
from backend.journal import bodies, sticks
from backend.journal.content import sha256
from backend.journal.models import Entry
from backend.journal.services import own_device
from backend.journal.taking_over import NotForHere, OtherHistory, own_entries, take_given

from . import pictures, sync
from .models import State


def name() -> str:
    """What the file to headquarters is called where nobody gave it a name."""
    return f"there-{sync.state().terminal}.tasuki"


def made() -> tuple[bytes, int]:
    """The file: everything that headquarters has not answered for, sealed; and how many entries."""
    kept, own = sync.state(), own_device()
    rows = list(own_entries(kept.answered_seq))
    head: dict[str, Any] = {
        "nonce": "",
        "municipality": kept.municipality,
        "device": str(own.pk),
        "seq": own.last_seq,
        "cursor": kept.cursor,
        "unsent": len(rows),
        "clock": clock.device_now().isoformat(),
        "version": sync.VERSION,
    }
    head |= pictures.for_stick()
    body = bodies.pack("push", head, [bytes(row.raw) for row in rows])
    said = {"what": "there", "terminal": str(kept.terminal), "municipality": kept.municipality}
    return sticks.seal(_key(kept), said, body), len(rows)


def write(path: Path) -> int:
    """Write the file, or a file of `name` into a folder; how many entries. It is whole or not there."""
    data, count = made()
    path = path / name() if path.is_dir() else path
    fresh = path.with_name(path.name + ".part")
    try:
        with fresh.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())  # a stick is pulled out as soon as the screen says so
        fresh.replace(path)
    except OSError as error:
        with suppress(OSError):
            fresh.unlink()
        raise Refused(
            "書き出せませんでした。USB メモリーの空きが足りないか、抜けています。空きのある USB メモリーで、もう一度書き出してください。"
        ) from error
    return count


def _key(kept: State) -> bytes:
    return sticks.key_of(sha256(kept.secret.encode()))


def read(path: Path) -> sync.Result:
    """Take the file that headquarters wrote, or the one for this laptop out of a folder, as `take` does."""
    if path.is_dir():
        path = path / f"back-{sync.state().terminal}.tasuki"
        if not path.exists():
            raise Refused(f"このフォルダーに、この端末へのファイル（{path.name}）がありません。")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Refused("ファイルを読めません。USB メモリーとファイルの名前を確かめてください。") from error
    return take(data)


def take(data: bytes) -> sync.Result:
    """Take what headquarters wrote. Doing it twice changes nothing. Raises `Refused`, `sync.Stopped`."""
    head = sticks.head_of(data, "back")
    kept = sync.state()
    if head.get("municipality") != kept.municipality:
        raise Refused("ほかの市区町村のファイルです。この端末では受け取れません。")
    if head.get("terminal") != str(kept.terminal):
        raise Refused("ほかの端末へのファイルです。その端末で受け取ってください。")
    body = bodies.unpack(sticks.opened(_key(kept), data), "stick.answer")
    result = sync.Result()
    try:
        _take(body, result)
    except NotForHere as problem:
        raise Refused(sync.TOO_OLD) from problem
    pictures.take_from_stick(body.head)
    return result


@transaction.atomic
def _take(body: bodies.Body, result: sync.Result) -> None:
    head, kept = body.head, sync.state()
    standing = head["standing"]
    State.objects.update(revoked=bool(standing["revoked"]), **({"key": standing["key"]} if "key" in standing else {}))
    _answers(head["hashes"], head["answers"], result)
    if standing["revoked"]:
        return
    today = standing["device"] == str(own_device().pk)  # the file may be of a chain of before
    forked = today and sync.is_forked(standing)
    count = head["entries"]
    lines, pack = body.lines[:count], body.lines[count:]
    sync.take_pack(pack)
    if forked:
        # Headquarters keeps what we sent; to go on in a new chain takes a question and its answer.
        return
    if not standing["cursor_ok"]:
        if today:
            State.objects.update(answered_seq=min(kept.answered_seq, standing["seq"]))
        result.carried += sync.take_anew(lines, head["receipts"], head["devices"], None, head["cursor"])
        result.received, result.anew = len(lines), True
        return
    try:
        with transaction.atomic():
            result.received += take_given(lines=lines, receipts=head["receipts"], names=head["devices"])
    except OtherHistory:
        return  # at the next contact over the line all is taken anew
    if _is_newer(head["cursor"], kept.cursor):
        State.objects.update(cursor=head["cursor"])
    if today and standing["seq"] < sync.state().answered_seq:
        State.objects.update(answered_seq=standing["seq"])


def _is_newer(cursor: str, than: str) -> bool:
    """An older file may be read after a newer one: what it brings is here already, and the place stays."""
    return int(cursor.partition(".")[0]) >= int(than.partition(".")[0] or 0)


def _answers(hashes: Sequence[str], answers: Sequence[str], result: sync.Result) -> None:
    """By what was in the file, not by its order here: entries have been written since."""
    said = dict(zip(hashes, answers, strict=True))
    rows: list[Entry] = []
    for row in own_entries(sync.state().answered_seq):
        if row.sha256 not in said:
            break
        rows.append(row)
    sync.take_answers(rows, [said[row.sha256] for row in rows], result)
