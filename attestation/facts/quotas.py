"""What verification asks of the park's own arithmetic: allocations and scores, recomputed (DOMAIN 26 to 31, 49)."""

from __future__ import annotations

from typing import Protocol


class QuotaFacts(Protocol):
    """Part of ``attestation.context.Context``."""
