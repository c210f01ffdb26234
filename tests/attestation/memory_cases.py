"""The part of the log in memory that answers `attestation.facts.cases`."""

from __future__ import annotations


class MemoryCaseFacts:
    """Recomputes every answer from the entries."""
