"""Answers ``attestation.facts.admissions`` from the tables."""

from __future__ import annotations


class AdmissionAnswers:
    """Part of ``ledger.context.LedgerContext``."""
