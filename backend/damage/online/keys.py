"""The private halves, closed under SECRET_KEY as those that sign certificates are (docs/decisions/0018)."""

from __future__ import annotations

import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from backend.core.errors import Refused
from backend.gateway.sealing import new_pair


def _sealing() -> AESGCM:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"tasuki online desk keys")
    return AESGCM(derived.derive(settings.SECRET_KEY.encode()))


def make() -> dict[str, str]:
    """A new key: its number, its public half, and its private one closed."""
    private, public = new_pair()
    name = hashlib.sha256(bytes.fromhex(public)).hexdigest()[:8]
    nonce = secrets.token_bytes(12)
    return {"key": name, "public": public, "sealed": (nonce + _sealing().encrypt(nonce, private, name.encode())).hex()}


def private_of(key: str, sealed: str) -> bytes:
    held = bytes.fromhex(sealed)
    try:
        return _sealing().decrypt(held[:12], held[12:], key.encode())
    except InvalidTag as error:
        raise Refused(
            "オンライン申請の鍵を開けません（SECRET_KEY が受付を始めたときと違います）。元の SECRET_KEY に戻してください。"
        ) from error
