"""``allocation``: who is given how much of a year's quota, with everything that it follows from (DOMAIN 26 to 31)."""

from __future__ import annotations

from typing import Annotated, Any

from attestation.bodies.assets import ApprovalPair, OperationText
from attestation.bodies.texts import Count, IdentifierText, InstantText, Part, YearNumber, published
from attestation.bodies.words import DigestText

ROUNDS = ("pre", "final")
"""Ahead of the final allocation, and the final one (DOMAIN 31)."""
TABLE_LIMIT = 1_000
"""Rows of a table; an entry's own size allows about three hundred with their inputs."""
ITEMS_OF_A_PART = 64
"""Rows that one call of the contract carries out."""


class AllocationShare(Part, frozen=True, kw_only=True):
    """What an enterprise is ``granted``, what of an earlier grant it ``owes`` back, and what of an older debt this
    allocation ``settles`` (DOMAIN 31). Whole tonnes."""

    identifier: IdentifierText
    granted: Count
    owes: Count
    settles: Count


class Allocation(Part, frozen=True, kw_only=True):
    """Body of ``allocation``. ``document``: rules and inputs (docs/quota.md), of which ``input_root`` is the SHA-256;
    ``table``: what they give, by the bytes of the identifiers; ``tonnes``: all that is granted, out of the account
    ``reserve``; ``return_due``: until when what is owed comes back. Two persons of two bodies approve the contract's
    message."""

    op_id: OperationText
    year: YearNumber
    round: Annotated[str, published(enum=list(ROUNDS))]
    reserve: IdentifierText
    document: dict[str, Any]
    input_root: DigestText
    table: Annotated[tuple[AllocationShare, ...], published(minItems=1, maxItems=TABLE_LIMIT)]
    tonnes: Count
    return_due: InstantText
    approvals: ApprovalPair
