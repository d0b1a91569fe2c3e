"""Where somebody of the register is registered today: the rules of a register as of a day, asked for this one.

Moves are notified up to 14 days late and may be planned (住民基本台帳法 第22条 to 第24条), so that a row says from its
異動年月日 on where somebody is, whenever it was processed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from .rules import PLACE, REGISTERED, Base, Row, stand


@dataclass(frozen=True, slots=True)
class Today:
    """`registered` no: gone from the municipality by `reason` since that day. Else the address, and by which row.

    `reason` empty: as the export has it, no row says anything of the place.
    """

    registered: bool
    postal_code: str = ""
    address: str = ""
    building: str = ""
    since: date | None = None
    reason: str = ""


def today_of(atena_no: str, base: Base, rows: list[Row], day: date) -> Today:
    """How somebody is registered at the end of `day`, by the export and all their rows."""
    # Nobody leaves on the day that is asked for; asked for the next one, who left on this one has left.
    standing = stand(atena_no, base, rows, day + timedelta(days=1))
    statements = standing.statements
    if not standing.registered:
        gone = [s for s in statements.get(REGISTERED, ()) if not s.value and s.force <= day]
        return Today(False, since=_known(gone[-1].force), reason=gone[-1].reason) if gone else Today(False)
    said = [s for column in PLACE for s in statements.get(column, ()) if s.force <= day and not s.known]
    last = max(said, key=lambda s: (s.force, s.index), default=None)
    place = {column: standing.value_at(column, day) for column in PLACE}
    return Today(True, **place, since=last and _known(last.force), reason=last.reason if last else "")


def _known(day: date) -> date | None:
    return None if day in (date.min, date.max) else day
