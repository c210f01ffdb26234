"""The part of the log in memory that answers `attestation.facts.assets`."""

from __future__ import annotations


class MemoryAssetFacts:
    """Answers what a test set."""
