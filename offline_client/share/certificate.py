"""The laptop's own certificate: made here, kept in the encrypted database, the same as long as it lasts.

Nobody has signed it, so a phone warns once; people compare the fingerprint with the laptop's screen. It stays the same
when the laptop's address changes, and holds more than a year before and after the laptop's date: a phone's clock may be wrong.
"""

from __future__ import annotations

import os
import secrets
import ssl
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from backend.core.clock import now
from offline_client.models import Certificate

HOLDS = timedelta(days=400)  # each way; phones take no certificate of more than 825 days
RENEWED_BEFORE = timedelta(days=30)


def current() -> Certificate:
    """The one in use; a new one when there is none, or when it does not hold long enough."""
    kept = Certificate.objects.first()
    if kept is None or not kept.holds_from <= now() <= kept.holds_until - RENEWED_BEFORE:
        kept, _ = Certificate.objects.update_or_create(pk=1, defaults=_made(now()))
    return kept


def _made(moment: datetime) -> dict[str, object]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tasuki shelter")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(moment - HOLDS)
        .not_valid_after(moment + HOLDS)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("tasuki-shelter.local")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {
        "certificate": made.public_bytes(serialization.Encoding.PEM).decode(),
        "key": plain,
        "sha256": made.fingerprint(hashes.SHA256()).hex(),
        "holds_from": moment - HOLDS,
        "holds_until": moment + HOLDS,
    }


def printed(sha256: str) -> list[str]:
    """The fingerprint as browsers show it, in four lines."""
    pairs = [sha256[at : at + 2].upper() for at in range(0, 64, 2)]
    return [" ".join(pairs[at : at + 8]) for at in range(0, 32, 8)]


def context(kept: Certificate) -> ssl.SSLContext:
    """For the server's side of TLS 1.2 and later. The key is on the disk for a moment, sealed with a word that is nowhere."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_der_private_key(bytes(kept.key), password=None)
    word = secrets.token_hex(32)
    sealed = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(word.encode()),
    )
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    place, name = tempfile.mkstemp(suffix=".pem")
    try:
        with os.fdopen(place, "wb") as file:
            file.write(kept.certificate.encode() + sealed)
        made.load_cert_chain(name, password=word)
    finally:
        Path(name).unlink()
    return made
