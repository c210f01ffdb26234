"""``opening``: what an enterprise brings from before the log (DOMAIN 24)."""

from __future__ import annotations

from typing import Annotated

from attestation.bodies.admissions import Sha256Text
from attestation.bodies.keys import APPROVALS, Approval
from attestation.bodies.texts import (
    Count,
    DecimalText,
    IdentifierText,
    NameText,
    Part,
    ReasonText,
    UnitText,
    YearNumber,
    published,
)

BASE_YEARS_LIMIT = 20
"""How many base years one opening carries at most."""


class BaseOutput(Part, frozen=True, kw_only=True):
    """What the enterprise made in a base year, for intensities (DOMAIN 27)."""

    product: NameText
    quantity: DecimalText
    unit: UnitText


class BaseYear(Part, frozen=True, kw_only=True):
    """The emissions of a year before the log, in whole tonnes of CO2e (DOMAIN 1)."""

    year: YearNumber
    tonnes: Count
    output: BaseOutput | None = None


class Opening(Part, frozen=True, kw_only=True):
    """Body of ``opening``: base years carried in, not proved here, as the document of that SHA-256 says and as two
    persons of two bodies agree to. Once per enterprise."""

    enterprise: IdentifierText
    base_years: Annotated[tuple[BaseYear, ...], published(minItems=1, maxItems=BASE_YEARS_LIMIT)]
    document_hash: Sha256Text
    reason: ReasonText
    approvals: Annotated[tuple[Approval, ...], published(minItems=APPROVALS, maxItems=APPROVALS)]
