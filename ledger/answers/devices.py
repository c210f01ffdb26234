"""Answers ``attestation.facts.devices`` from the tables."""

from __future__ import annotations

from collections.abc import Sequence

from attestation.terms import Term
from ledger.db.devices import DeviceRepository


class DeviceAnswers:
    """Part of ``ledger.context.LedgerContext``."""

    devices: DeviceRepository

    def device_terms(self, device: str, /) -> Sequence[Term]:
        """See ``Context``. Events are sent when they are recorded: what is asked here includes the lines before."""
        return self.devices.terms(device)
