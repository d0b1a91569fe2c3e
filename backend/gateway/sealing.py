"""Sealing for inside: whoever has the public half can close, and only who has the private half can open.

X25519 with a key made for this one message, HKDF-SHA256, AES-256-GCM (RFC 7748, RFC 5869, NIST SP 800-38D). The sealer's own
half is thrown away, so that nobody outside, we included, can open again what was closed. `about` is what the message belongs to.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_HALF = 32  # bytes of a public key
_NONCE = bytes(12)  # the key is used once


class NotOurs(ValueError):
    """What is sealed was altered, torn, or closed for another key."""


def new_pair() -> tuple[bytes, str]:
    """A private half, and its public one as text."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw().hex()


def seal(public: str, data: bytes, about: str) -> bytes:
    once = X25519PrivateKey.generate()
    theirs = bytes.fromhex(public)
    mine = once.public_key().public_bytes_raw()
    shared = once.exchange(X25519PublicKey.from_public_bytes(theirs))
    return mine + _cipher(shared, mine, theirs).encrypt(_NONCE, data, about.encode())


def unseal(private: bytes, sealed: bytes, about: str) -> bytes:
    """What was closed for this key and about this. Raises `NotOurs`."""
    key = X25519PrivateKey.from_private_bytes(private)
    once = sealed[:_HALF]
    try:
        shared = key.exchange(X25519PublicKey.from_public_bytes(once))
        return _cipher(shared, once, key.public_key().public_bytes_raw()).decrypt(
            _NONCE, sealed[_HALF:], about.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise NotOurs("封を開けません。") from error


def _cipher(shared: bytes, once: bytes, theirs: bytes) -> AESGCM:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=once + theirs, info=b"tasuki sealed form 1")
    return AESGCM(derived.derive(shared))
