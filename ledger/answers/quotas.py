"""Answers ``attestation.facts.quotas`` by ``quota`` over what the log holds."""

from __future__ import annotations


class QuotaAnswers:
    """Part of ``ledger.context.LedgerContext``."""
