"""``compliance``: terms and price of a year, and what the registrar settles after it (DOMAIN 2 to 7, 11)."""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.assets import Action, ApprovalPair, OperationText
from attestation.bodies.texts import MAX_SEQ, IdentifierText, InstantText, ReasonText, YearNumber, integer, published
from attestation.bodies.words import DigestText

ALL_BPS = 10_000
MOST_CARRY_BPS = 2**32 - 1
ACCOUNTS_LIMIT = 64
"""How many accounts one entry closes."""

Share = Annotated[int, integer(0, ALL_BPS)]
Multiple = Annotated[int, integer(0, MOST_CARRY_BPS)]


class ComplianceAction(Action, frozen=True, kw_only=True):
    """What every body of ``compliance`` is."""


class SetTerms(ComplianceAction, frozen=True, kw_only=True, tag="terms"):
    """How a year is met. Shares and multiples are basis points (10,000 is one); instants are those before which
    something is in time.

    ``offset_cap_bps`` is of the obligation (DOMAIN 3). Carry-over: ``carry_base_bps`` of the obligation and
    ``carry_multiple_bps`` of what was sold less bought (6). ``charge_multiple_bps`` is k (7). ``amendment_seconds``:
    how long the difference of an amendment is due (2). ``earlier_vintages``: whether those serve the year too (5).
    """

    op_id: OperationText
    year: YearNumber
    offset_cap_bps: Share
    surrender_deadline: InstantText
    carry_over_until: InstantText
    closes_at: InstantText
    carry_base_bps: Share
    carry_multiple_bps: Multiple
    charge_multiple_bps: Multiple
    amendment_seconds: Multiple
    earlier_vintages: bool
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class SetPrice(ComplianceAction, frozen=True, kw_only=True, tag="price"):
    """The price of a year's shortfall, in fen a tonne, by two persons (DOMAIN 7, 23)."""

    op_id: OperationText
    year: YearNumber
    fen_per_tonne: Annotated[int, integer(1, MAX_SEQ)]
    document_hash: DigestText
    reason: ReasonText
    approvals: ApprovalPair


class AssessYear(ComplianceAction, frozen=True, kw_only=True, tag="assess"):
    """After the deadline: what an enterprise missed, and the charge, are fixed (DOMAIN 7)."""

    enterprise: IdentifierText
    year: YearNumber


class CreditExcess(ComplianceAction, frozen=True, kw_only=True, tag="credit"):
    """After an amendment down: the quota above the obligation counts for the next year's (DOMAIN 2)."""

    enterprise: IdentifierText
    year: YearNumber


class CloseYear(ComplianceAction, frozen=True, kw_only=True, tag="close"):
    """After the year's close: what these accounts still hold of its vintage freely is cancelled (DOMAIN 6, 11).
    The accounts stand in the order of their bytes."""

    year: YearNumber
    accounts: Annotated[tuple[IdentifierText, ...], published(minItems=1, maxItems=ACCOUNTS_LIMIT, uniqueItems=True)]


Compliance = SetTerms | SetPrice | AssessYear | CreditExcess | CloseYear
"""Body of ``compliance``: one of the actions."""
