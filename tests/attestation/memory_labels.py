"""The part of the log in memory that answers `attestation.facts.labels`."""

from __future__ import annotations

from attestation.bodies import Label
from attestation.context import EntryRef


class MemoryLabelFacts:
    """Recomputes every answer from the entries."""

    def standing_label(self, enterprise: str, year: int, /) -> EntryRef | None:
        labels = [logged for logged, body in self._of(Label) if (body.enterprise, body.year) == (enterprise, year)]
        return labels[-1].ref if labels else None
