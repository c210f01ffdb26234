"""The part of the log in memory that answers `attestation.facts.devices`."""

from __future__ import annotations


class MemoryDeviceFacts:
    """Recomputes every answer from the entries."""
