"""Answers ``attestation.facts.policies`` from the tables."""

from __future__ import annotations


class PolicyAnswers:
    """Part of ``ledger.context.LedgerContext``."""
