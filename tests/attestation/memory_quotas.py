"""The part of the log in memory that answers `attestation.facts.quotas`."""

from __future__ import annotations


class MemoryQuotaFacts:
    """Recomputes every answer from the entries."""
