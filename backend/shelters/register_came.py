"""What shelters wrote before the register came under a ledger finds its people in it. Part of the room's services."""

from __future__ import annotations

from backend.ledger.models import Disaster

from .help_first.services import look_again
from .whereabouts import catch_up


def find_people(disaster: Disaster) -> None:
    """Called when a ledger was filled: where those are whom entries named by number, and who those of the list are who had
    none."""
    look_again()
    catch_up(disaster)
