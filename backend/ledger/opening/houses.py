"""Houses out of the house roll: the one passage from the tax rolls into the ledger. What a house is taxed on stays there."""

from __future__ import annotations

from backend.accounts.models import Staff
from backend.accounts.services import audit
from backend.ledger.houses import filling, linking, outlines
from backend.ledger.models import Disaster
from backend.registry.rolls import queries as rolls


def after_roll_file(kind: str, by: Staff | None) -> None:
    """A roll was taken: its houses come into the ledger, and into every ledger that has people. Inside its transaction."""
    if kind != "house":
        return
    made, followed = filling.fill(rolls.current_houses(), by=by)
    if not made and not followed:
        return
    audit(by=by, act="ledger.fill_houses", houses=made, followed=followed)
    outlines.match_again()
    link_everywhere(by=by)


def link_everywhere(*, by: Staff | None) -> None:
    """Link the houses again to the households of every ledger, since houses, tables or outlines have changed."""
    for disaster in Disaster.objects.order_by("occurred_at"):
        linking.link(disaster, by=by)
