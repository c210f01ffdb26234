"""Answers ``attestation.facts.devices`` from the tables."""

from __future__ import annotations


class DeviceAnswers:
    """Part of ``ledger.context.LedgerContext``."""
