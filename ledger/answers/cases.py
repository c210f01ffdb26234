"""Answers ``attestation.facts.cases`` from the tables."""

from __future__ import annotations


class CaseAnswers:
    """Part of ``ledger.context.LedgerContext``."""
