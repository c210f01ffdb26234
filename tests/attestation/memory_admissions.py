"""The part of the log in memory that answers `attestation.facts.admissions`."""

from __future__ import annotations


class MemoryAdmissionFacts:
    """Recomputes every answer from the entries."""
