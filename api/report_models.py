"""Answers about reports: how well the readings that one cites cover it (DOMAIN 42, 43)."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Literal, Self

from pydantic import Field

from api.models import HASH, Answer
from attestation.decimals import format_decimal
from ledger import view
from ledger.coverage_findings import Finding
from ledger.coverage_shares import Marked, Number
from ledger.report_coverage import CoveredLine


class Shares(Answer):
    """Decimal strings by how something came; the four parts are the whole."""

    device: str = Field(description="By the meter, accepted at most 40 days after its period.")
    backfilled: str = Field(description="By the meter, accepted later than that.")
    manual: str = Field(description="By hand of the enterprise.")
    stated: str = Field(description="Without a cited reading.")

    @classmethod
    def of(cls, marked: Marked) -> Self:
        """From the log's view."""
        return cls(**{name: format_decimal(value) for name, value in asdict(marked).items()})


class CoveredSeconds(Answer):
    """Hours of meters, in seconds."""

    device: int
    backfilled: int
    manual: int
    gap: int = Field(description="Of the meters' service within the report's period, without a cited reading.")


class CoveredNumber(Answer):
    """One number of a line, in `unit`, by mark; multiplier and uncalibrated accuracy counted in."""

    part: str | None = Field(description="A flow's id, a batch, or `own`; null: the line's quantity.")
    unit: str
    quantity: Shares

    @classmethod
    def told(cls, number: Number) -> Self:
        """From the log's view."""
        return cls(part=number.part, unit=number.unit, quantity=Shares.of(number.quantity))


class CitedReadings(Answer):
    """A cited range and what was read there; `quantity` is the sum before the multiplier."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    device: str | None = Field(description="The meter: the signer, or whom the readings by hand name.")
    start: int
    end: int
    readings: int
    quantity: str
    unit: str


class ReportLineCoverage(Answer):
    """A line, or an output (`kind` `output`, without emissions)."""

    id: str
    kind: str
    emissions: str | None
    share: Shares = Field(description="In percent, two decimals.")
    numbers: list[CoveredNumber]
    seconds: CoveredSeconds
    readings: int
    ranges: list[CitedReadings]

    @classmethod
    def told(cls, line: CoveredLine) -> Self:
        """From the log's view."""
        ranges = [
            CitedReadings.model_validate({**asdict(one), "quantity": format_decimal(one.quantity)})
            for one in line.ranges
        ]
        return cls(
            id=line.id,
            kind=line.kind,
            emissions=None if line.emissions is None else format_decimal(line.emissions),
            share=Shares.of(line.share),
            numbers=[CoveredNumber.told(number) for number in line.numbers],
            seconds=CoveredSeconds(**asdict(line.seconds)),
            readings=line.readings,
            ranges=ranges,
        )


class CoverageFinding(Answer):
    """Something that whoever verifies should look at; nothing is refused for it."""

    kind: Literal["gap", "overlap", "reset", "jump", "register", "term"]
    line: str
    device: str | None
    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    start: int
    end: int
    found: str
    expected: str

    @classmethod
    def of(cls, finding: Finding) -> Self:
        """From the log's view."""
        return cls.model_validate({**asdict(finding), "kind": finding.kind.value})


class FindingCounts(Answer):
    """How many findings there are of each kind, named or not."""

    gap: int
    overlap: int
    reset: int
    jump: int
    register_: int = Field(alias="register")
    term: int


class ReportCoverage(Answer):
    """How well a report is covered. Every cited reading was read again and compared with its leaf hash."""

    index: int
    statement_id: str = HASH
    issuer: str
    year: int
    start: int
    end: int
    readings: int
    share: Shares = Field(description="Of the lines' emissions, in percent, two decimals.")
    backed: str = Field(description="Percent that is not `stated`.")
    seconds: CoveredSeconds
    lines: list[ReportLineCoverage]
    outputs: list[ReportLineCoverage]
    findings: list[CoverageFinding] = Field(description="At most 1,000 are named; `counts` has all.")
    counts: FindingCounts

    @classmethod
    def of(cls, found: view.ReportCoverage) -> Self:
        """From the log's view."""
        return cls(
            index=found.index,
            statement_id=found.statement_id.hex(),
            issuer=found.issuer,
            year=found.year,
            start=found.start,
            end=found.end,
            readings=found.readings,
            share=Shares.of(found.share),
            backed=format_decimal(found.backed),
            seconds=CoveredSeconds(**asdict(found.seconds)),
            lines=[ReportLineCoverage.told(line) for line in found.lines],
            outputs=[ReportLineCoverage.told(line) for line in found.outputs],
            findings=[CoverageFinding.of(finding) for finding in found.findings],
            counts=FindingCounts.model_validate({kind.value: count for kind, count in found.counts.items()}),
        )


def plain(value: Decimal | None) -> str | None:
    """A decimal as its text."""
    return None if value is None else format_decimal(value)
