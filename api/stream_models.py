"""Answers about streams: where one stands, what is open or lost in it, how well it is covered (DOMAIN 43)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Literal, Self

from pydantic import Field

from api.models import Answer, Gap
from ledger import view


class Coverage(Answer):
    """What stands at the numbers `first_seq` to `last_seq`. All but `late` add up to the range."""

    first_seq: int
    last_seq: int
    device: int = Field(description="Readings by the meter, accepted at most 40 days after their period.")
    backfilled: int = Field(description="Readings by the meter, accepted later than that.")
    manual: int = Field(description="Readings by an enterprise or a person.")
    other: int = Field(description="Statements that are no readings.")
    open: int = Field(description="Numbers that are neither logged nor declared lost.")
    lost: int = Field(description="Numbers that were declared lost.")
    late: int = Field(description="Of the readings, those that a higher statement of the stream came before.")

    @classmethod
    def of(cls, coverage: view.Coverage) -> Self:
        """From the log's view."""
        return cls(**asdict(coverage))


class GapRange(Answer):
    """Numbers of a stream, both ends included, that are not logged."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    state: Literal["open", "lost"]
    entry_index: int | None = Field(description="Of a lost range: log position of the statement that says so.")
    reason: str | None = Field(description="Of a lost range: why, in that statement's words.")

    @classmethod
    def of(cls, gap: view.GapView) -> Self:
        """From the log's view."""
        return cls.model_validate({**asdict(gap), "state": gap.state.value})


class Gaps(Answer):
    """Open and lost ranges by issuer, stream and number."""

    issuer: str
    gaps: list[GapRange]
    next: str | None = Field(description="Ask with `after` set to it for more, if not null.")


class CoveredRange(Coverage):
    """The coverage of a range of a stream."""

    issuer: str
    stream: str
    ranges: list[GapRange] = Field(
        description="Open and lost ranges that meet it, whole even where they reach beyond; at most 1,000 are named."
    )

    @classmethod
    def told(cls, found: view.CoveredRange) -> Self:
        """From the log's view."""
        return cls(
            issuer=found.issuer,
            stream=found.stream,
            ranges=[GapRange.of(one) for one in found.ranges],
            **asdict(found.coverage),
        )


class StreamStand(Answer):
    """Where a stream stands."""

    issuer: str
    stream: str
    last_seq: int
    count: int
    missing: int = Field(description="How many numbers are open: as `coverage.open`.")
    closed_seq: int = Field(description="Number of the last close; 0: never closed.")
    closed_until: int = Field(description="End of the last closed period; 0: never closed.")
    coverage: Coverage = Field(description="Of all numbers up to `last_seq`.")


class Stream(StreamStand):
    """Where a stream stands, and its open ranges."""

    gaps: list[Gap] = Field(description="Open ranges, first and last; at most 1,000 are named.")

    @classmethod
    def of(cls, found: view.StreamView) -> Self:
        """From the log's view."""
        return cls.model_validate({**_stand(found), "gaps": list(found.gaps)})


class Streams(Answer):
    """Streams of an issuer and of its devices, by issuer and name."""

    issuer: str
    streams: list[StreamStand]
    next: str | None = Field(description="Ask with `after` set to it for more, if not null.")

    @classmethod
    def of(cls, issuer: str, found: list[view.StreamView], following: str | None) -> Self:
        """A page from the log's view."""
        return cls(issuer=issuer, streams=[StreamStand.model_validate(_stand(one)) for one in found], next=following)


def _stand(found: view.StreamView) -> dict[str, object]:
    return {name: getattr(found, name) for name in StreamStand.model_fields if name != "coverage"} | {
        "coverage": Coverage.of(found.coverage)
    }
