"""Judgements in the words of the pages."""

from __future__ import annotations

from typing import Any

from backend.accounts.permissions import may
from backend.damage.models import Judgement
from backend.damage.surveys import queries

from . import rules as judging
from .services import why_not

BADGES = {"waiting": "warning", "holds": "success", "past": "neutral", "rejected": "danger"}


def judgement(row: Judgement, staff: Any) -> dict[str, Any]:
    state = row.state
    blocked = why_not(row, staff) if state == "waiting" else ""
    own = row.made_by_id == staff.pk
    return {
        "row": row,
        "label": queries.class_label(row.damage_class, row.survey),
        "state": judging.STATES[state],
        "badge": BADGES[state],
        "method": row.survey.get_method_display(),
        "stage": row.survey.get_stage_display(),
        "edition": queries.edition_title(row.survey.edition),
        "blocked": blocked,
        "may_confirm": state == "waiting" and not blocked and may(staff, "judgements.confirm"),
        "may_reject": state == "waiting" and may(staff, "judgements.make" if own else "judgements.confirm"),
        "own": own,
    }
