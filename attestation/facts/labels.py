"""What verification asks about carbon efficiency codes (DOMAIN 48)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from attestation.context import EntryRef


class LabelFacts(Protocol):
    """Part of ``attestation.context.Context``."""

    def standing_label(self, enterprise: str, year: int, /) -> EntryRef | None:
        """The label of that enterprise and year that no other one supersedes."""
