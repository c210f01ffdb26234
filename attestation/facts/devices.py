"""What verification asks about meters: terms of service, multiplier, accuracy, calibration (DOMAIN 39, 42)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from attestation.terms import Term


class DeviceFacts(Protocol):
    """Part of ``attestation.context.Context``."""

    def device_terms(self, device: str, /) -> Sequence[Term]:
        """The device's terms of service in the order of their events; none for a device without events."""
