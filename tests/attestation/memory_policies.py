"""The part of the log in memory that answers `attestation.facts.policies`."""

from __future__ import annotations


class MemoryPolicyFacts:
    """Recomputes every answer from the entries."""
