"""Terms that nobody decided otherwise (DOMAIN 2, 3, 5, 6, 7, 11)."""

from __future__ import annotations

from attestation.bodies import SetTerms
from attestation.policies import default_calendar, read_calendar
from attestation.policies.calendar import default_document
from attestation.policies.year_terms import default_terms

SIGNED = {"op_id": "01" * 32, "document_hash": "02" * 32, "reason": "as the rules have it", "approvals": ()}


def test_a_default_year_is_met_by_the_last_day_of_december() -> None:
    """31 December is in time, and so is 31 January (DOMAIN 11), in the park's own zone."""
    terms = SetTerms(**default_terms(default_calendar(2025)), **SIGNED)
    assert terms.surrender_deadline == "2026-12-31T16:00:00Z"
    assert terms.carry_over_until == terms.closes_at == "2027-01-31T16:00:00Z"
    assert (terms.offset_cap_bps, terms.carry_base_bps) == (500, 500)
    assert (terms.carry_multiple_bps, terms.charge_multiple_bps) == (15_000, 50_000)
    assert terms.amendment_seconds == 30 * 86_400
    assert terms.earlier_vintages is False


def test_a_compressed_year_has_short_days() -> None:
    calendar = read_calendar({"year": 2025, **default_document(), "day_seconds": 2})
    assert default_terms(calendar)["amendment_seconds"] == 60
