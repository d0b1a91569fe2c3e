"""The token of an issued paper: it says nothing, can't be guessed, and can be read aloud and typed.

28 characters of an alphabet of 32 without I, L, O and U (Crockford's base 32): 140 random bits.
"""

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 28


def new_token() -> str:
    return "".join([ALPHABET[byte & 31] for byte in secrets.token_bytes(LENGTH)])


def grouped(token: str) -> str:
    """As printed under the QR code: `7K2M-…`, groups of four."""
    return "-".join(token[i : i + 4] for i in range(0, len(token), 4))


def token_hash(token: str) -> str:
    """What the outside keeps instead of the token: SHA-256, 64 hex digits."""
    return hashlib.sha256(token.encode()).hexdigest()
