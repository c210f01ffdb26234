"""Build the body of a report that `check_report` accepts."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from attestation.accounting.evidence import activity_from_citations, activity_from_sums
from attestation.accounting.factor_sets import FactorSet
from attestation.accounting.lines import LineKind
from attestation.accounting.refusals import recomputation_refusal, schema_refusal
from attestation.accounting.report import Recomputed, check_report, recompute
from attestation.decimals import format_decimal


@dataclass(frozen=True, slots=True)
class CitedRange:
    """Readings `first_seq` to `last_seq` of one stream whose exact sum is `quantity` (decimal string) in `unit`."""

    issuer: str
    stream: str
    first_seq: int
    last_seq: int
    quantity: str
    unit: str


@dataclass(frozen=True, slots=True)
class Activity:
    """One line to be: what was burnt or bought, before conversion and rounding.

    `name` is the fuel's or factor's name in the factor set. `quantity` with `unit` is in any unit of the right
    dimension; both are left out where `evidence` gives the quantity.
    """

    id: str
    kind: LineKind
    name: str
    quantity: Decimal | None = None
    unit: str | None = None
    evidence: tuple[CitedRange, ...] = ()

    def __post_init__(self) -> None:
        # A kind by its name is the kind; an unknown name raises here, not as a missing fuel later.
        object.__setattr__(self, "kind", LineKind(self.kind))


@dataclass(frozen=True, slots=True)
class BuiltReport:
    """`body` is the report's JSON-ready body; `recomputed` the trace of how each figure came about."""

    body: dict[str, object]
    recomputed: Recomputed


@dataclass(frozen=True, slots=True)
class _FactorSetRef:
    id: str
    version: str


@dataclass(frozen=True, slots=True)
class _Line:
    id: str
    kind: str
    quantity: str
    unit: str
    fuel: str | None
    factor: str | None
    emissions: str
    evidence: tuple[CitedRange, ...]


@dataclass(frozen=True, slots=True)
class _Totals:
    scope1: str
    scope2: str
    obligation_base: str
    obligation_tonnes: int


@dataclass(frozen=True, slots=True)
class _Report:
    factor_set: _FactorSetRef
    lines: tuple[_Line, ...]
    totals: _Totals


def build_report(
    *,
    year: int,
    period_from: str,
    period_to: str,
    activities: Sequence[Activity],
    factor_set: FactorSet,
    obligation_base: str,
    supersedes: str | None = None,
) -> BuiltReport:
    """The report of `activities` for `year` over the RFC 3339 period `[period_from, period_to)`.

    Each quantity is converted to the unit its factor is per and rounded once (DOMAIN 36). Raises what `check_report`
    raises, and SchemaRefused `activity.quantity` where neither or half of quantity and unit is given without evidence,
    `unit.dimension` for gas in tonnes and the like.
    """
    drafts = tuple(_draft(activity, factor_set) for activity in activities)
    reference = _FactorSetRef(factor_set.id, factor_set.version)
    draft = _Report(reference, drafts, _Totals("0.00", "0.00", obligation_base, 0))
    recomputed = recompute(draft, factor_set, obligation_base)
    lines = tuple(
        dataclasses.replace(line, emissions=format_decimal(result.emissions))
        for line, result in zip(drafts, recomputed.lines, strict=True)
    )
    found = recomputed.totals
    totals = _Totals(
        format_decimal(found.scope1), format_decimal(found.scope2), found.obligation_base.value, found.obligation_tonnes
    )
    checked = check_report(_Report(reference, lines, totals), factor_set, obligation_base)
    body: dict[str, object] = {
        "year": year,
        "period": {"from": period_from, "to": period_to},
        "factor_set": {"id": factor_set.id, "version": factor_set.version},
        "lines": [_line_body(line) for line in lines],
        "totals": found.as_dict(),
    }
    if supersedes is not None:
        body["supersedes"] = supersedes
    return BuiltReport(body, checked)


def _draft(activity: Activity, factor_set: FactorSet) -> _Line:
    unit = _unit_of(activity, factor_set)
    burns = activity.kind is LineKind.COMBUSTION
    return _Line(
        id=activity.id,
        kind=activity.kind.value,
        quantity=format_decimal(_quantity(activity, unit)),
        unit=unit,
        fuel=activity.name if burns else None,
        factor=None if burns else activity.name,
        emissions="0.00",
        evidence=activity.evidence,
    )


def _unit_of(activity: Activity, factor_set: FactorSet) -> str:
    if activity.kind is LineKind.ELECTRICITY:
        return "MWh"
    if activity.kind is LineKind.HEAT:
        return "GJ"
    fuel = factor_set.fuels.get(activity.name)
    if fuel is None:
        raise recomputation_refusal(
            "line.fuel.unknown",
            line=activity.id,
            claimed=activity.name,
            recomputed="one of " + ", ".join(factor_set.fuels),
            what="the factor set has no fuel of that name",
            zh="排放因子集中没有该燃料",
        )
    return fuel.quantity_unit


def _quantity(activity: Activity, unit: str) -> Decimal:
    if activity.quantity is not None and activity.unit is not None:
        if not activity.quantity.is_finite() or activity.quantity < 0:
            raise schema_refusal(
                "line.quantity.negative",
                f"line {activity.id}",
                activity.quantity,
                "a quantity from 0 up",
                "数量不得为负",
            )
        return activity_from_sums([(activity.quantity, activity.unit)], unit, activity.kind)
    if activity.quantity is None and activity.unit is None and activity.evidence:
        return activity_from_citations(activity.evidence, unit, activity.kind)
    raise schema_refusal(
        "activity.quantity",
        f"line {activity.id}",
        f"quantity {activity.quantity}, unit {activity.unit}, {len(activity.evidence)} citations",
        "quantity and unit together, or evidence that gives them",
        "须同时给出数量与单位，或给出可汇总的读数",
    )


def _line_body(line: _Line) -> dict[str, object]:
    members = {name: value for name, value in dataclasses.asdict(line).items() if value is not None}
    return members | {"evidence": [dataclasses.asdict(cited) for cited in line.evidence]}
