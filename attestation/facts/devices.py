"""What verification asks about meters: terms of service, multiplier, accuracy, calibration (DOMAIN 39, 42)."""

from __future__ import annotations

from typing import Protocol


class DeviceFacts(Protocol):
    """Part of ``attestation.context.Context``."""
