"""Keys and field classes that every room shares."""

import uuid

from uuid6 import uuid7 as _uuid7


def uuid7() -> uuid.UUID:
    """A new UUIDv7 (RFC 9562): sortable by the time it was made."""
    return uuid.UUID(int=_uuid7().int)
