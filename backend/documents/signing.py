"""Keys that sign proofs: made by a command, one at a time in use; their public halves are published for ever.

The private half lies in the database, so that every backup has it, sealed with a key that is derived from SECRET_KEY,
which no backup has (docs/decisions/0018).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.core.clock import now, tokyo_date
from backend.core.errors import Refused

from . import proofs
from .models import SigningKey
from .offers import tell_offers_changed

Sign = Callable[[proofs.Claims, str, str], str]


def _sealing() -> AESGCM:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"tasuki signing keys")
    return AESGCM(derived.derive(settings.SECRET_KEY.encode()))


@transaction.atomic
def make_key(*, by: Staff | None, reason: str, lost: bool = False) -> SigningKey:
    """A new key, used from now on. The one before it ends: papers signed with it stay provable; if it was `lost` to
    somebody, verifiers are told to trust it no more and to ask online."""
    if not reason.strip():
        raise Refused("鍵を作る理由を書いてください。")
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    name = hashlib.sha256(public).hexdigest()[:8]
    old = SigningKey.objects.select_for_update().filter(ended_at=None)
    old.update(ended_at=now(), ended_reason=reason.strip(), lost=lost)
    nonce = secrets.token_bytes(12)
    new = SigningKey.objects.create(
        key=name,
        public=public.hex(),
        sealed=(nonce + _sealing().encrypt(nonce, private.private_bytes_raw(), name.encode())).hex(),
        made_by=by,
    )
    audit(by=by, act="documents.signing_key", subject=f"signing_key:{name}", lost=lost)
    transaction.on_commit(tell_offers_changed, robust=True)
    return new


def signer() -> Sign | None:
    """What signs with the key in use; None when there is none. `Refused` when SECRET_KEY is not the one it was made under."""
    row = SigningKey.objects.filter(ended_at=None).first()
    if row is None:
        return None
    held = bytes.fromhex(row.sealed)
    try:
        private = Ed25519PrivateKey.from_private_bytes(_sealing().decrypt(held[:12], held[12:], row.key.encode()))
    except InvalidTag as error:
        raise Refused(
            "署名の鍵を開けません（SECRET_KEY が鍵を作ったときと違います）。元に戻すか、make_signing_key で新しい鍵を作ってください。"
        ) from error

    def sign(claims: proofs.Claims, name: str, address: str) -> str:
        salt = secrets.token_urlsafe(8)
        text = proofs.unsigned(claims, key=row.key, salt=salt, name=name, address=address)
        return f"{text}.{proofs.encoded(private.sign(proofs.signed_bytes(text)))}"

    return sign


def public_keys() -> Iterator[dict[str, Any]]:
    """What is published: every key ever used, with the days on which it was, and whether it may be trusted."""
    for row in SigningKey.objects.order_by("made_at"):
        yield {
            "key": row.key,
            "public": row.public,
            "since": tokyo_date(row.made_at).isoformat(),
            "until": tokyo_date(row.ended_at).isoformat() if row.ended_at else "",
            "state": "lost" if row.lost else "ended" if row.ended_at else "in_use",
        }
