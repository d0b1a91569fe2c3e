"""What a laptop carries beside entries: the rooms give their parts, and the laptop's own rooms take them.

An AppConfig may have `laptop_pack`: `give` and `take` as dotted paths of `give(facility=, area=) -> rows` and `take(rows)`;
`sealed` parts can be opened only with a key that the server gives out on the day, or with the code from an envelope.

The key follows from the server's secret and the terminal, so that no table holds it and a restored server has it too.
"""

from __future__ import annotations

import base64
import gzip
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

from backend.core.clock import now
from backend.core.errors import Refused

from . import bodies
from .models import Terminal

# No characters that are read as another one when they stand on paper.
_LEGIBLE = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_SCRYPT = {"length": 32, "n": 2**14, "r": 8, "p": 1}


class WrongCode(Refused):
    """This code opens nothing here."""

    code = "wrong_code"


def _derived(terminal: Terminal, purpose: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), f"{purpose}:{terminal.pk}".encode(), sha256).digest()


def key_of(terminal: Terminal) -> str:
    """The key of the sealed parts, as text."""
    return base64.b64encode(_derived(terminal, "pack-key")).decode()


def envelope_code(terminal: Terminal) -> str:
    """The code for the sealed envelope: four groups of five, good to read and to type."""
    digest = _derived(terminal, "pack-envelope")
    letters = "".join(_LEGIBLE[byte % len(_LEGIBLE)] for byte in digest[:20])
    return "-".join(letters[start : start + 5] for start in range(0, 20, 5))


def _plain(code: str) -> bytes:
    return "".join(letter for letter in code.upper() if letter.isalnum()).encode()


def _parts() -> Iterable[tuple[str, dict[str, Any]]]:
    for config in apps.get_app_configs():
        part = getattr(config, "laptop_pack", None)
        if part:
            yield config.label, part


def answer(terminal: Terminal, data: bytes) -> bytes:
    """The pack of this laptop."""
    body = bodies.unpack(data, "pack")
    if terminal.revoked_at is not None:
        raise Refused("この端末は失効しています。")
    return bodies.pack("pack.answer", {"to": body.head.get("nonce"), **bodies.whose()}, lines_for(terminal))


def lines_for(terminal: Terminal) -> list[bytes]:
    """One line a part; sealed ones as what nobody can read, with the envelope that holds their key."""
    lines = []
    for name, part in _parts():
        rows = list(import_string(part["give"])(facility=terminal.facility, area=terminal.area))
        said: dict[str, Any] = {"part": name, "made_at": now().isoformat()}
        if part.get("sealed"):
            key = _derived(terminal, "pack-key")
            said |= {"sealed": _seal(key, gzip.compress(_json(rows), mtime=0)), "envelope": _envelope(terminal, key)}
            said["rows"] = len(rows)
        else:
            said["rows"] = rows
        lines.append(_json(said))
    return lines


def sealed_people(terminal: Terminal) -> int:
    """How many rows its sealed parts would have now: nobody, where a town is not called so."""
    parts = [part for _, part in _parts() if part.get("sealed")]
    return sum(len(list(import_string(p["give"])(facility=terminal.facility, area=terminal.area))) for p in parts)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _seal(key: bytes, plain: bytes) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(12)
    return base64.b64encode(nonce + AESGCM(key).encrypt(nonce, plain, b"tasuki-pack")).decode()


def _open(key: bytes, sealed: str) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    data = base64.b64decode(sealed)
    try:
        return AESGCM(key).decrypt(data[:12], data[12:], b"tasuki-pack")
    except (InvalidTag, ValueError) as error:
        raise WrongCode("名簿の写しを開けません。封筒の文字をもう一度確かめてください。") from error


def _envelope(terminal: Terminal, key: bytes) -> dict[str, str]:
    salt = secrets.token_bytes(16)
    return {
        "salt": base64.b64encode(salt).decode(),
        "key": _seal(_stretched(_plain(envelope_code(terminal)), salt), key),
    }


def _stretched(code: bytes, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, **_SCRYPT).derive(code)


# On the laptop ------------------------------------------------------------------------------------------------------------


def take(lines: list[bytes]) -> list[bytes]:
    """Put the open parts into the rooms' tables; return the sealed ones, to be kept as they are."""
    known, sealed = dict(_parts()), []
    for line in lines:
        said = json.loads(line)
        part = known.get(said["part"])
        if part is None:
            continue
        if "sealed" in said:
            sealed.append(line)
        else:
            import_string(part["take"])(said["rows"])
    return sealed


def unseal(lines: Iterable[bytes], *, key: str = "", code: str = "") -> int:
    """Open the sealed parts with the server's key or the envelope's code; how many rows came out. `WrongCode`."""
    known, count = dict(_parts()), 0
    for line in lines:
        said = json.loads(line)
        if key:
            opener = base64.b64decode(key)
        else:
            envelope = said["envelope"]
            opener = _open(_stretched(_plain(code), base64.b64decode(envelope["salt"])), envelope["key"])
        rows = json.loads(gzip.decompress(_open(opener, said["sealed"])))
        import_string(known[said["part"]]["take"])(rows)
        count += len(rows)
    return count
