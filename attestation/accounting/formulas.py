"""From a line of a report to its recomputed result: the formula of its kind, and the steps from its evidence."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar

from attestation.accounting.cems import CemsRules, measured_stack
from attestation.accounting.combustion import burn, burn_biogenic
from attestation.accounting.energy import purchased_electricity, purchased_heat
from attestation.accounting.evidence import activity_steps, cited_terms, stated_sums
from attestation.accounting.factor_sets import FactorSet
from attestation.accounting.gases import released_gas
from attestation.accounting.kinds import ACTIVITY_PLACES, LineKind
from attestation.accounting.lines import RecomputedLine
from attestation.accounting.mass_balance import balance_carbon
from attestation.accounting.measured_carbon import burn_measured
from attestation.accounting.process import process_emissions
from attestation.accounting.refusals import recomputation_refusal
from attestation.accounting.removals import removed
from attestation.accounting.shape import factor_name, parse_kind
from attestation.accounting.trace import Step
from attestation.bodies.report_lines import ReportLine
from attestation.decimals import format_decimal, parse_decimal

_Factor = TypeVar("_Factor")


def recompute_line(line: ReportLine, factor_set: FactorSet, rules: CemsRules) -> RecomputedLine:
    """The line's result with its whole trace: the steps from its evidence first, then those of its formula.

    Its shape is checked before (`check_shape`). Raises RecomputationRefused: `line.fuel.unknown`,
    `line.factor.unknown`, `line.unit`, `line.quantity.evidence` (a number of the line is not what its evidence adds up
    to), and what the formula of its kind raises.
    """
    result = _FORMULAS[parse_kind(line)](line, factor_set, rules)
    steps: list[Step] = []
    for number in line_numbers(line):
        steps += _evidence_steps(line, number)
    if not line.evidence:
        return result
    lowering = {number.part for number in line_numbers(line) if number.lowers}
    terms = (*result.terms, *cited_terms(line.evidence, lowering))
    return dataclasses.replace(result, terms=terms, steps=(*steps, *result.steps))


def _quantity(line: ReportLine) -> Decimal:
    return parse_decimal(line.quantity or "")


def _unit(line: ReportLine) -> str:
    return line.unit or ""


def _electricity(line: ReportLine, factors: FactorSet, _: CemsRules) -> RecomputedLine:
    factor = _named(line, factors.electricity)
    certificates = line.certificates or ()
    return purchased_electricity(line.id, _quantity(line), _unit(line), factor, own=line.own, certificates=certificates)


def _measured(line: ReportLine, factors: FactorSet, _: CemsRules) -> RecomputedLine:
    fuel, batches = _named(line, factors.fuels), (line.weighings or (), line.laboratory or ())
    return burn_measured(line.id, _quantity(line), _unit(line), fuel, weighings=batches[0], laboratory=batches[1])


def _named(line: ReportLine, factors: Mapping[str, _Factor]) -> _Factor:
    name = factor_name(line)
    factor = factors.get(name)
    if factor is None:
        raise recomputation_refusal(
            "line.fuel.unknown" if line.fuel is not None else "line.factor.unknown",
            line=line.id,
            claimed=name,
            recomputed="one of " + ", ".join(factors) if factors else "none of this kind",
            what=f"the factor set has no {line.kind} factors of that name",
            zh="排放因子集中没有该名称",
        )
    return factor


_FORMULAS: Mapping[LineKind, Callable[[ReportLine, FactorSet, CemsRules], RecomputedLine]] = MappingProxyType(
    {
        LineKind.COMBUSTION: lambda line, factors, _: burn(
            line.id, _quantity(line), _unit(line), _named(line, factors.fuels)
        ),
        LineKind.COMBUSTION_MEASURED: _measured,
        LineKind.BIOGENIC: lambda line, factors, _: burn_biogenic(
            line.id, _quantity(line), _unit(line), _named(line, factors.biomass)
        ),
        LineKind.ELECTRICITY: _electricity,
        LineKind.HEAT: lambda line, factors, _: purchased_heat(
            line.id, _quantity(line), _unit(line), _named(line, factors.heat)
        ),
        LineKind.PROCESS: lambda line, factors, _: process_emissions(
            line.id, _quantity(line), _unit(line), _named(line, factors.process)
        ),
        LineKind.GAS: lambda line, factors, _: released_gas(
            line.id, _quantity(line), _unit(line), _named(line, factors.gwp)
        ),
        LineKind.MASS_BALANCE: lambda line, factors, _: balance_carbon(line.id, line.flows or (), factors),
        LineKind.CEMS: lambda line, _, rules: measured_stack(
            line.id, _quantity(line), _unit(line), line.blocks or (), rules
        ),
        LineKind.REMOVAL: lambda line, *_: removed(line.id, _quantity(line), _unit(line)),
    }
)


@dataclasses.dataclass(frozen=True, slots=True)
class LineNumber:
    """A number of a line that readings can give: `part` as citations name it, its `symbol` in the trace, what it is
    worth, and whether it `lowers` the emissions (then an uncalibrated meter's accuracy is taken off, DOMAIN 39)."""

    part: str | None
    symbol: str
    quantity: Decimal
    unit: str
    lowers: bool = False


def line_numbers(line: ReportLine) -> Iterator[LineNumber]:
    """The numbers of a line that its citations may measure."""
    unit = line.unit or ""
    if line.flows is not None:
        for flow in line.flows:
            # In brackets, so that a flow called E is not taken for the emissions.
            symbol = f"{flow.direction}[{flow.id}]"
            yield LineNumber(flow.id, symbol, parse_decimal(flow.quantity), flow.unit, flow.direction == "out")
    elif line.weighings is not None:
        for weighing in line.weighings:
            yield LineNumber(weighing.batch, f"FC[{weighing.batch}]", parse_decimal(weighing.quantity), unit)
    else:
        yield LineNumber(None, "activity", _quantity(line), unit, parse_kind(line) is LineKind.REMOVAL)
        if line.own is not None:
            yield LineNumber("own", "own", parse_decimal(line.own), unit, lowers=True)


def _evidence_steps(line: ReportLine, number: LineNumber) -> tuple[Step, ...]:
    found = [(place, one) for place, one in enumerate(line.evidence, 1) if one.part == number.part]
    if not found:
        return ()
    numbers, cited = [place for place, _ in found], [one for _, one in found]
    places, part = ACTIVITY_PLACES[parse_kind(line)], "" if number.part is None else f" of {number.part}"
    steps = activity_steps(number.symbol, cited, number.unit, places, lowers=number.lowers, numbers=numbers)
    if steps[-1].value != number.quantity:
        raise recomputation_refusal(
            "line.quantity.evidence",
            line=line.id,
            claimed=format_decimal(number.quantity),
            recomputed=format_decimal(steps[-1].value),
            what=f"the quantity{part} is not what its evidence adds up to ({stated_sums(cited)})",
            zh="活动数据与引用读数之和不符",
        )
    return steps
