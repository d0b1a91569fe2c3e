"""Pictures that entries name by their SHA-256: kept whole beside the journal, and exchanged after the entries, in pieces.

A kind of entry that names files has `files` (dotted path of a function: payload -> [(sha256, bytes)]). An entry is a fact also where its file
has not come yet; pages say so. Only what an accepted entry names is taken or given, and to a laptop nothing on which an
entry found somebody who is hidden.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Length

from backend.core.clock import now
from backend.core.errors import NotFound, Refused
from backend.core.pictures import LARGEST
from backend.facilities.models import Opening

from . import bodies, circle
from .kinds import all_kinds
from .models import Attachment, Entry, Terminal, Topic

PIECE = 192 * 1024  # of one question; a slow line carries it in a few seconds
CARRIED = 20 * 1024 * 1024  # of one stick, there or back; the rest goes with the next


def keep(data: bytes) -> str:
    """Keep a whole file; return its hash. The caller holds the transaction."""
    sha = hashlib.sha256(data).hexdigest()
    if content(sha) is None:
        Attachment.objects.update_or_create(sha256=sha, defaults={"data": data, "size": len(data), "kept_at": now()})
    return sha


def content(sha: str) -> bytes | None:
    """A file, where all of it is here."""
    row = Attachment.objects.filter(pk=sha).first()
    return bytes(row.data) if row is not None and len(row.data) == row.size else None


def held(shas: Iterable[str]) -> set[str]:
    """Of these files those that are here whole."""
    rows = Attachment.objects.filter(pk__in=list(shas)).annotate(so_far=Length("data"))
    return set(rows.filter(so_far=F("size")).values_list("sha256", flat=True))


def _naming() -> dict[tuple[str, int], Any]:
    return {key: kind.files for key, kind in all_kinds().items() if kind.files}


def _entries() -> Any:
    names = {name for name, _ in _naming()}
    return Entry.objects.filter(kind__in=names, verdict=Entry.Verdict.ACCEPTED).defer("raw")


def named(entries: Iterable[Entry]) -> dict[str, int]:
    """The files that these entries name: hash -> bytes. None that is larger than what is taken at all."""
    naming = _naming()
    found: dict[str, int] = {}
    for entry in entries:
        files = naming.get((entry.kind, entry.v or 0))
        found |= dict(files(entry.payload or {})) if files else {}
    return {sha: size for sha, size in found.items() if 0 < size <= LARGEST}


def named_here() -> dict[str, int]:
    """All that entries of this database name."""
    return named(_entries())


def _of(terminal: Terminal) -> dict[str, int]:
    """What a laptop's own entries name: it may bring these."""
    return named(_entries().filter(device__terminal=terminal))


def _for(terminal: Terminal, wanted: Iterable[str]) -> dict[str, int]:
    """Of these files what a laptop may have: those that entries of its shelter name, where nobody on them is hidden.

    Who a file shows follows from all entries that name it: to name it once more gives nobody a right to it.
    """
    asked = set(wanted)
    rows = [entry for entry in _entries().select_related("device") if asked & named([entry]).keys()]
    hiding = {sha for entry in rows if _tells_of_the_hidden(entry) for sha in named([entry])}
    openings = Opening.objects.filter(facility=terminal.facility).values("opening")
    there = set(
        Topic.objects.filter(topic__in=openings, received_no__in=[entry.pk for entry in rows]).values_list(
            "received_no", flat=True
        )
    )
    shown = named(circle.visible([entry for entry in rows if entry.pk in there], terminal))
    return {sha: size for sha, size in shown.items() if sha not in hiding}


def _tells_of_the_hidden(entry: Entry) -> bool:
    speaking = Topic.objects.filter(of=Topic.Of.ENTRY, topic=entry.uuid).values("received_no")
    people = Topic.objects.filter(of=Topic.Of.PERSON, received_no__in=speaking).values_list("topic", flat=True)
    return bool(circle.hidden_people({UUID(str(pk)) for pk in people}))


# The question "file": which of these do you lack; here is a piece; give me a piece. ------------------------------------------


def answer(terminal: Terminal, data: bytes) -> bytes:
    body = bodies.unpack(data, "file")
    if terminal.revoked_at is not None:
        raise Refused("この端末は失効しています。")
    head: dict[str, Any] = {"to": body.head.get("nonce")}
    lines: list[bytes] = []
    if isinstance(body.head.get("ask"), list):
        head["lacking"] = lacking(terminal, body.head["ask"])
    elif "put" in body.head and len(body.lines) == 1:
        sha, start = _piece(body.head, "put")
        size = _of(terminal).get(sha)
        if size is None:
            raise NotFound("この写真の記録がありません。")
        head["have"] = take_piece(sha, size, start, body.lines[0])
    elif "get" in body.head:
        sha, start = _piece(body.head, "get")
        whole = content(sha) if sha in _for(terminal, [sha]) else None
        if whole is None:
            raise NotFound("この写真は、ここにはまだありません。")
        head["size"] = len(whole)
        lines = [base64.b64encode(whole[start : start + PIECE])]
    else:
        raise bodies.Unusable("やり取りの形式ではありません。")
    return bodies.pack("file.answer", head, lines)


def _piece(head: Mapping[str, Any], what: str) -> tuple[str, int]:
    start = head.get("start")
    if not isinstance(head[what], str) or not isinstance(start, int) or not 0 <= start <= LARGEST:
        raise bodies.Unusable("やり取りの形式ではありません。")
    return head[what], start


def lacking(terminal: Terminal, asked: list[Any]) -> dict[str, int]:
    """Of a laptop's files those that are not whole here, each with how many bytes of it are."""
    known = _of(terminal)
    wanted = [sha for sha in asked if isinstance(sha, str) and sha in known]
    begun = Attachment.objects.filter(pk__in=wanted).annotate(so_far=Length("data"))
    have = dict(begun.values_list("sha256", "so_far"))
    return {sha: have.get(sha, 0) for sha in wanted if have.get(sha, 0) < known[sha]}


@transaction.atomic
def take_piece(sha: str, size: int, start: int, line: bytes) -> int:
    """Add a piece; how many bytes are here now. What does not follow on what is here changes nothing; a whole that is not
    what its hash says is thrown away, and begins anew."""
    row, _ = Attachment.objects.select_for_update().get_or_create(sha256=sha, defaults={"data": b"", "size": size})
    have = bytes(row.data)
    if start != len(have) or len(have) >= size:
        return len(have)
    try:
        have += base64.b64decode(line, validate=True)
    except binascii.Error as error:
        raise bodies.Unusable("途中で切れています。もう一度送ってください。") from error
    if len(have) > size or (len(have) == size and hashlib.sha256(have).hexdigest() != sha):
        have = b""
    row.data, row.kept_at = have, now()
    row.save(update_fields=["data", "kept_at"])
    return len(have)


# On a stick: whole files in the head of the body, which a version that knows nothing of them passes over. -----------------


def carried(shas: Iterable[str]) -> dict[str, str]:
    """Whole files for a stick, as many as it takes."""
    found: dict[str, str] = {}
    room = CARRIED
    for sha in shas:
        whole = content(sha)
        if whole is not None and len(whole) <= room:
            found[sha] = base64.b64encode(whole).decode()
            room -= len(whole)
    return found


def take_carried(files: Any, allowed: Mapping[str, int]) -> list[str]:
    """Keep what came on a stick; the hashes of what is here whole now."""
    brought = files if isinstance(files, dict) else {}
    for sha, text in brought.items():
        if sha in allowed and isinstance(text, str) and sha not in held([sha]):
            Attachment.objects.filter(pk=sha).delete()
            take_piece(sha, allowed[sha], 0, text.encode())
    return sorted(held(sha for sha in brought if sha in allowed))


def brought_by(terminal: Terminal, head: Mapping[str, Any]) -> dict[str, Any]:
    """What a stick brought from a laptop, and what goes back to it."""
    said = {"have": take_carried(head.get("files"), _of(terminal))}
    asked = head.get("lacking")
    if not isinstance(asked, list) or not asked or terminal.revoked_at is not None:
        return said
    may = _for(terminal, [sha for sha in asked if isinstance(sha, str)])
    return said | {"files": carried(sha for sha in asked if isinstance(sha, str) and sha in may)}
