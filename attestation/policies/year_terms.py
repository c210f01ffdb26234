"""The terms of a compliance year that hold unless a park decides otherwise (DOMAIN 2, 3, 5, 6, 7, 11)."""

from __future__ import annotations

from collections.abc import Mapping

from attestation.instants import format_instant
from attestation.policies.calendar import Calendar, Deadline

OFFSET_CAP_BPS = 500
"""5 % of the obligation (DOMAIN 3)."""
CARRY_BASE_BPS = 500
"""5 % of the own obligation, the park's default (DOMAIN 6)."""
CARRY_MULTIPLE_BPS = 15_000
"""1.5 times what was sold less bought (DOMAIN 6)."""
CHARGE_MULTIPLE_BPS = 50_000
"""Five times the price (DOMAIN 7)."""
AMENDMENT_DAYS = 30
"""For the difference of an amendment up (DOMAIN 2)."""


def default_terms(calendar: Calendar) -> Mapping[str, object]:
    """The members of ``compliance`` with action ``terms`` that follow from a year's calendar and the defaults: all but
    ``op_id``, ``document_hash``, ``reason`` and ``approvals``. A compressed calendar's days are as short here."""
    return {
        "year": calendar.year,
        "offset_cap_bps": OFFSET_CAP_BPS,
        "surrender_deadline": format_instant(calendar.deadline(Deadline.SURRENDER)),
        "carry_over_until": format_instant(calendar.deadline(Deadline.CARRY_OVER)),
        "closes_at": format_instant(calendar.deadline(Deadline.CLOSE)),
        "carry_base_bps": CARRY_BASE_BPS,
        "carry_multiple_bps": CARRY_MULTIPLE_BPS,
        "charge_multiple_bps": CHARGE_MULTIPLE_BPS,
        "amendment_seconds": AMENDMENT_DAYS * calendar.day_seconds,
        "earlier_vintages": False,
    }
