"""``report``: what an enterprise says it emitted, and what it rests that on."""

from __future__ import annotations

from typing import Annotated

from msgspec import field

from attestation.bodies.report_lines import Citation, ReportLine
from attestation.bodies.texts import (
    BaseText,
    Count,
    DecimalText,
    EmissionsText,
    IdentifierText,
    InstantText,
    NameText,
    Part,
    ReasonText,
    StatementIdText,
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


class Output(Part, frozen=True, kw_only=True):
    """How much of a product was made in the period; never 0 (DOMAIN 40)."""

    product: NameText
    quantity: DecimalText
    unit: UnitText
    evidence: tuple[Citation, ...] | None = None


class GasTotal(Part, frozen=True, kw_only=True):
    """What one of the seven gases adds to scope 1, in tCO2e."""

    gas: Annotated[str, published(enum=["CO2", "CH4", "N2O", "HFCs", "PFCs", "SF6", "NF3"])]
    emissions: EmissionsText


class Intensity(Part, frozen=True, kw_only=True):
    """Scope 1 and 2 per unit of output, four decimals (DOMAIN 36, 40); ``per`` is a product, or ``value_added`` for
    10^4 CNY."""

    per: NameText
    value: DecimalText
    unit: NameText


class Totals(Part, frozen=True, kw_only=True):
    """Sums of the lines in tCO2 with two decimals; ``obligation_base`` is ``direct`` or ``direct+energy``,
    ``obligation_tonnes`` whole tonnes, half-up (DOMAIN 1, 2, 36). Totals that stand apart are absent where the report
    has nothing of their kind: ``scope2_market`` (green certificates), ``biogenic``, ``removals``, ``by_gas`` (scope 1),
    ``energy_tce`` and ``intensities`` (where output or value added is stated)."""

    scope1: EmissionsText
    scope2: EmissionsText
    scope2_market: EmissionsText | None = None
    biogenic: EmissionsText | None = None
    removals: EmissionsText | None = None
    by_gas: tuple[GasTotal, ...] | None = None
    energy_tce: DecimalText | None = None
    intensities: tuple[Intensity, ...] | None = None
    obligation_base: BaseText
    obligation_tonnes: Count


class Report(Part, frozen=True, kw_only=True):
    """Body of ``report``: an enterprise's emissions of a period. ``supersedes`` is the statement id (64
    lowercase hex digits) of the report that this one replaces, ``reason`` why; ``plan`` that of the monitoring plan;
    ``compiled_by`` who compiled it and therefore may not verify it (DOMAIN 8). ``value_added`` is in 10^4 CNY."""

    year: YearNumber
    period: ReportPeriod
    factor_set: FactorSetRef
    lines: Annotated[tuple[ReportLine, ...], published(minItems=1)]
    output: tuple[Output, ...] | None = None
    value_added: DecimalText | None = None
    totals: Totals
    plan: StatementIdText | None = None
    compiled_by: IdentifierText | None = None
    supersedes: StatementIdText | None = None
    reason: ReasonText | None = None
