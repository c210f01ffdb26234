"""What verification asks about the case of an enterprise and year: who is assigned, what was found, said and registered
(DOMAIN 8, 10, 44)."""

from __future__ import annotations

from typing import Protocol


class CaseFacts(Protocol):
    """Part of ``attestation.context.Context``."""
