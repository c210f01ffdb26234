"""HTTP servers in the foreground: what slow, broken and silent clients may not do, and an end in good order."""

from __future__ import annotations

from ledger.serving.bodies import BodyEnded, BodyPatience, BodyTooSlow, ServiceStopping
from ledger.serving.connection import LINGERING, Allowance, Refusal
from ledger.serving.server import Server
from ledger.serving.stopping import stop_signals

__all__ = [
    "LINGERING",
    "Allowance",
    "BodyEnded",
    "BodyPatience",
    "BodyTooSlow",
    "Refusal",
    "Server",
    "ServiceStopping",
    "stop_signals",
]
