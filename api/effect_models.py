"""Answers about what a mistake touches: entries in doubt by a key, reports judged by a version of a policy."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field

from api.models import Answer
from ledger import policy_views
from ledger.flagged import FlaggedEntry


class TouchedEntry(Answer):
    """An entry that is touched."""

    index: int
    type: str
    issuer: str
    stream: str | None = Field(description="Of what a key puts in doubt.")
    seq: int | None
    year: int | None = Field(description="Of a report that a policy judged.")
    why: Literal["direct", "derived", "citing", "resting", "judged"] = Field(
        description="The key signed it; a key signed it that this one brought; a report cites such readings; it rests "
        "on a policy, report, verdict or admission in doubt; a report was judged by the version."
    )
    superseded_by: int | None = Field(description="Log position of the report that takes its place.")

    @classmethod
    def flagged(cls, found: FlaggedEntry) -> Self:
        """From the log's view."""
        return cls(
            index=found.index,
            type=found.type,
            issuer=found.issuer,
            stream=found.stream,
            seq=found.seq,
            year=None,
            why=found.why.value,
            superseded_by=None,
        )

    @classmethod
    def judged(cls, found: policy_views.TouchedReport) -> Self:
        """From the log's view."""
        return cls(
            index=found.index,
            type="report",
            issuer=found.issuer,
            stream=None,
            seq=None,
            year=found.year,
            why="judged",
            superseded_by=found.superseded_by,
        )


class Effects(Answer):
    """What is touched, in log order."""

    compromised_since: int | None = Field(
        description="Of a key: its entries from this log position on are flagged; null where it was not declared "
        "compromised, and of a policy."
    )
    entries: list[TouchedEntry]
    next: int | None = Field(description="Ask with `after` set to it for more, if not null.")
