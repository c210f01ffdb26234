"""Answers ``attestation.facts.assets`` from what was read of the chain and what is on its way there."""

from __future__ import annotations


class AssetAnswers:
    """Part of ``ledger.context.LedgerContext``."""
