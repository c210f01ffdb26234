"""What verification asks about who was admitted: codes, accreditation, ties (DOMAIN 24, 47)."""

from __future__ import annotations

from typing import Protocol


class AdmissionFacts(Protocol):
    """Part of ``attestation.context.Context``."""
