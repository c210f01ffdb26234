"""What verification asks about published parameters as of a date, and what was decided by them (DOMAIN 2, 11)."""

from __future__ import annotations

from typing import Protocol


class PolicyFacts(Protocol):
    """Part of ``attestation.context.Context``."""
