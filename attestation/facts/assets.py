"""What verification asks of the chain as it was read: holdings, obligations, terms (DOMAIN 2 to 7, 22, 23)."""

from __future__ import annotations

from typing import Protocol


class AssetFacts(Protocol):
    """Part of ``attestation.context.Context``."""
