"""What only this server can have said: marks made with its key, which a copy of its database can check."""

from __future__ import annotations

import hmac
from hashlib import sha256

from django.conf import settings


def mark(text: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), sha256).hexdigest()


def receipt_of(sha: str) -> str:
    """This server's word that it has taken these bytes."""
    return mark(f"receipt:{sha}")[:32]
