"""On which register a ledger stands."""

from __future__ import annotations

from backend.core.clock import now, tokyo_date
from backend.ledger.models import Disaster
from backend.registry import queries as registry
from backend.registry.models import AsOfRevision, RegisterFile


def emergency(disaster: Disaster) -> bool:
    """Whether it still stands on the emergency register."""
    revision = AsOfRevision.objects.select_related("base").filter(pk=disaster.register_revision).first()
    return revision is not None and registry.has_own_numbers(revision.base)


def real_register(disaster: Disaster) -> RegisterFile | None:
    """The export of the town's own system that it would stand on now, if there is one."""
    found = registry.base_export(tokyo_date(disaster.occurred_at), now())
    return None if found is None or registry.has_own_numbers(found[0]) else found[0]
