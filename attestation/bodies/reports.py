"""``report``: what an enterprise says it emitted, and the readings that it cites."""

from __future__ import annotations

from typing import Annotated

from msgspec import field

from attestation.bodies.texts import (
    BaseText,
    Count,
    DecimalText,
    EmissionsText,
    IdentifierText,
    InstantText,
    LineKindText,
    NameText,
    Part,
    SeqNumber,
    StatementIdText,
    StreamText,
    UnitText,
    YearNumber,
    published,
)


class ReportPeriod(Part, frozen=True, kw_only=True):
    """The period ``[from, to)`` of a report."""

    start: InstantText = field(name="from")
    end: InstantText = field(name="to")


class FactorSetRef(Part, frozen=True, kw_only=True):
    """Which factor set a report was computed with."""

    id: NameText
    version: NameText


class Citation(Part, frozen=True, kw_only=True):
    """Readings ``first_seq`` to ``last_seq`` of one stream, and their exact sum in their own unit."""

    issuer: IdentifierText
    stream: StreamText
    first_seq: SeqNumber
    last_seq: SeqNumber
    quantity: DecimalText
    unit: UnitText


class ReportLine(Part, frozen=True, kw_only=True):
    """One activity. ``kind`` is ``combustion`` (with ``fuel``), ``electricity`` or ``heat`` (with
    ``factor``); ``quantity`` is rounded once (DOMAIN 36); ``emissions`` is tCO2 with two decimals."""

    id: NameText
    kind: LineKindText
    quantity: DecimalText
    unit: UnitText
    fuel: NameText | None = None
    factor: NameText | None = None
    emissions: EmissionsText
    evidence: tuple[Citation, ...]


class Totals(Part, frozen=True, kw_only=True):
    """Sums of the lines in tCO2 with two decimals; ``obligation_base`` is ``direct`` or ``direct+energy``,
    ``obligation_tonnes`` whole tonnes, half-up (DOMAIN 1, 2, 36)."""

    scope1: EmissionsText
    scope2: EmissionsText
    obligation_base: BaseText
    obligation_tonnes: Count


class Report(Part, frozen=True, kw_only=True):
    """Body of ``report``: an enterprise's emissions of a period. ``supersedes`` is the statement id (64
    lowercase hex digits) of the report that this one replaces."""

    year: YearNumber
    period: ReportPeriod
    factor_set: FactorSetRef
    lines: Annotated[tuple[ReportLine, ...], published(minItems=1)]
    totals: Totals
    supersedes: StatementIdText | None = None
