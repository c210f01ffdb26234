"""``registration`` and ``determination``: the figure of a year that people pay for (DOMAIN 2, 10)."""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.keys import APPROVALS, Approval
from attestation.bodies.texts import (
    Count,
    IdentifierText,
    NameText,
    Part,
    ReasonText,
    SignatureHexText,
    StatementIdText,
    YearNumber,
    published,
)
from attestation.bodies.words import DigestText

CAUSES = ("no-report", "undelivered-verification")


class Registration(Part, frozen=True, kw_only=True):
    """Body of ``registration``: verified tonnes become the year's. ``revision`` counts the registered versions of the
    case from 1; ``signature`` is the verifier's over EIP-712 ``VerifiedEmissions`` (64 bytes, EIP-2098, in hex)."""

    verification: StatementIdText
    enterprise: IdentifierText
    year: YearNumber
    tonnes: Count
    revision: Count
    signature: SignatureHexText


class Determination(Part, frozen=True, kw_only=True):
    """Body of ``determination`` (DOMAIN 10): a conservative figure by two persons, where no report or no verdict came.

    ``method`` names how it was estimated, ``document_hash`` is the SHA-256 of the document that shows it. The approvals
    sign EIP-712 ``EmissionsDetermination``.
    """

    enterprise: IdentifierText
    year: YearNumber
    tonnes: Count
    revision: Count
    cause: Annotated[str, published(enum=list(CAUSES))]
    method: NameText
    document_hash: DigestText
    reason: ReasonText
    approvals: Annotated[tuple[Approval, ...], published(minItems=APPROVALS, maxItems=APPROVALS)]
