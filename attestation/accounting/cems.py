"""Emissions measured in the stack (DOMAIN 34).

    E = Σ flow × concentration × hours / 10^6        Nm3/h, g CO2/Nm3, h in operation; t

Blocks tile the report's period. A block without a valid measurement is substituted by the year's rule, and its numbers
are exactly those that the rule gives; below the year's completeness the stack counts by another method.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from attestation.accounting.kinds import LineKind
from attestation.accounting.lines import EMISSIONS_PLACES, Formula, RecomputedLine, check_quantity, check_unit
from attestation.accounting.refusals import decimal_at, recomputation_refusal, schema_refusal
from attestation.accounting.trace import Step, Term, add, multiply, rounded
from attestation.bodies.report_lines import CemsBlock
from attestation.decimals import (
    calculation_context,
    decimal_places,
    exact_sum,
    format_decimal,
    parse_decimal,
    round_half_up,
)
from attestation.instants import format_instant, parse_instant

FORMULA = Formula(
    "cems.mass",
    "Σ(flow × concentration × hours) / 1000000",
    "Regulation (EU) 2018/2066, Annex VIII, section 3, equation 1; completeness by HJ 75-2017",
)

STATUSES = ("measured", "substituted")
SUBSTITUTIONS = ("maximum", "mean")

_GRAMS_PER_TONNE = Decimal(1_000_000)
_SECONDS_PER_HOUR = 3600
# Hours to a tenth of a second's share, flow to a litre an hour, concentration to 0.1 mg/Nm3: finer than any analyser.
_PLACES = {"hours": 4, "flow": 3, "concentration": 4}
# The largest stacks carry about 5e6 Nm3/h; pure CO2 at 20 °C weighs 1829.6 g/Nm3.
_MOST = {"flow": Decimal(10_000_000), "concentration": Decimal(1840)}


@dataclass(frozen=True, slots=True)
class CemsRules:
    """The year's rules: the least share of hours in operation with valid measurements, and how the others are filled:
    `maximum` (the valid block that emits most per hour) or `mean` (of the valid blocks, weighted by their hours)."""

    completeness: Decimal = Decimal("0.75")
    substitution: str = "maximum"

    def __post_init__(self) -> None:
        if self.substitution not in SUBSTITUTIONS:
            msg = f"unknown substitution: {self.substitution}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class _Block:
    number: int
    hours: Decimal
    flow: Decimal
    concentration: Decimal
    measured: bool


def check_blocks(line_id: str, blocks: Sequence[CemsBlock], period: tuple[int, int]) -> None:
    """Refuse blocks that are not well formed (step 9); `period` is the report's, in unix seconds.

    Raises SchemaRefused: `line.blocks` (a hole, an overlap, an end outside the period, more hours than the block has,
    an unknown status, numbers beyond what a stack can carry or finer than it is measured), `decimal.grammar`,
    `instant.format`.
    """
    at = period[0]
    for number, block in enumerate(blocks, 1):
        where = f"line {line_id}, block {number}"
        start, end = parse_instant(block.start), parse_instant(block.end)
        if start != at or end <= start:
            raise schema_refusal(
                "line.blocks",
                where,
                f"{block.start} to {block.end}",
                "blocks that follow each other without hole or overlap, from the start of the report's period",
                "时段须首尾相接并自报告期起点开始",
            )
        at = end
        if block.status not in STATUSES:
            raise schema_refusal("line.blocks", where, block.status, "measured or substituted", "未知的数据状态")
        with decimal.localcontext(calculation_context()):
            most = {**_MOST, "hours": Decimal(end - start) / _SECONDS_PER_HOUR}
        for name, text in (("hours", block.hours), ("flow", block.flow), ("concentration", block.concentration)):
            value = decimal_at(text, f"{where}, {name}")
            if value > most[name] or decimal_places(value) > _PLACES[name]:
                raise schema_refusal(
                    "line.blocks",
                    f"{where}, {name}",
                    text,
                    f"0 to {format_decimal(round_half_up(most[name], 4))}, at most {_PLACES[name]} decimal places",
                    "数值超出范围或小数位数过多",
                )
    if at != period[1]:
        raise schema_refusal(
            "line.blocks",
            f"line {line_id}",
            f"blocks until {format_instant(at)}",
            f"blocks until the end of the report's period, {format_instant(period[1])}",
            "时段须覆盖整个报告期",
        )


def measured_stack(
    line_id: str, quantity: Decimal, unit: str, blocks: Sequence[CemsBlock], rules: CemsRules
) -> RecomputedLine:
    """The line of a stack; `quantity` is the mass of CO2 in t that the blocks give, rounded once to 2 places.

    Raises SchemaRefused (see `check_quantity`) and RecomputationRefused: `line.unit`, `line.cems.completeness`,
    `line.cems.substitution`, `line.cems.mass`.
    """
    check_quantity(line_id, LineKind.CEMS, quantity, unit)
    check_unit(line_id, "measured CO2", unit, "t")
    read = [
        _Block(n, parse_decimal(b.hours), parse_decimal(b.flow), parse_decimal(b.concentration), b.status == "measured")
        for n, b in enumerate(blocks, 1)
    ]
    valid = _check_completeness(line_id, read, rules)
    for block in read:
        # Where nothing operated there is nothing to fill.
        if block.measured or not block.hours:
            continue
        flow, concentration = substitute(valid, rules)
        if (block.flow, block.concentration) != (flow, concentration):
            raise recomputation_refusal(
                "line.cems.substitution",
                line=line_id,
                claimed=f"block {block.number}: {block.flow} Nm3/h, {block.concentration} g/Nm3",
                recomputed=f"{format_decimal(flow)} Nm3/h, {format_decimal(concentration)} g/Nm3",
                what=f"the block is not substituted by the year's rule ({rules.substitution})",
                zh="替代数据与当年规则所得不符",
            )
    line = _line(line_id, read, rules)
    if quantity != line.emissions:
        raise recomputation_refusal(
            "line.cems.mass",
            line=line_id,
            claimed=format_decimal(quantity),
            recomputed=format_decimal(line.emissions),
            what="the mass of CO2 is not what the blocks give",
            zh="二氧化碳质量与各时段重算结果不符",
        )
    return line


def mass_of(blocks: Sequence[CemsBlock]) -> Decimal:
    """Σ flow × concentration × hours in t, rounded once to 2 places: the quantity of a line of these blocks."""
    with decimal.localcontext(calculation_context()):
        grams = (parse_decimal(b.flow) * parse_decimal(b.concentration) * parse_decimal(b.hours) for b in blocks)
        return round_half_up(exact_sum(grams) / _GRAMS_PER_TONNE, EMISSIONS_PLACES)


def substitute(valid: Sequence[_Block], rules: CemsRules) -> tuple[Decimal, Decimal]:
    """Flow (Nm3/h) and concentration (g/Nm3) of a block without a valid measurement, from the valid ones."""
    if rules.substitution == "maximum":
        # Of equals the earliest, so that everybody names the same block.
        most = max(valid, key=lambda block: (block.flow * block.concentration, -block.number))
        return most.flow, most.concentration
    with decimal.localcontext(calculation_context()):
        hours = exact_sum(block.hours for block in valid)
        volume = exact_sum(block.flow * block.hours for block in valid)
        mass = exact_sum(block.flow * block.concentration * block.hours for block in valid)
        flow = round_half_up(volume / hours, _PLACES["flow"])
        return flow, round_half_up(mass / volume if volume else Decimal(0), _PLACES["concentration"])


def _check_completeness(line_id: str, blocks: Iterable[_Block], rules: CemsRules) -> list[_Block]:
    operated = [block for block in blocks if block.hours > 0]
    valid = [block for block in operated if block.measured]
    hours, measured = exact_sum(b.hours for b in operated), exact_sum(b.hours for b in valid)
    with decimal.localcontext(calculation_context()):
        # Without any valid hour there is nothing to fill the others with, whatever the year allows.
        enough = not hours or (measured > 0 and measured >= rules.completeness * hours)
        share = round_half_up(measured * 100 / hours, 2) if hours else Decimal(0)
    if not enough:
        raise recomputation_refusal(
            "line.cems.completeness",
            line=line_id,
            claimed=f"{format_decimal(measured)} of {format_decimal(hours)} h ({share} %)",
            recomputed=f"at least {format_decimal((rules.completeness * 100).normalize())} % of the hours in operation",
            what="too few hours are measured",
            zh="有效监测时数不足",
        )
    return valid


def _line(line_id: str, blocks: Sequence[_Block], rules: CemsRules) -> RecomputedLine:
    terms: list[Term] = []
    steps: list[Step] = []
    for block in blocks:
        source = "measured" if block.measured else f"substituted: {rules.substitution}"
        terms += [
            Term(f"flow[{block.number}]", block.flow, "Nm3/h", source),
            Term(f"concentration[{block.number}]", block.concentration, "g/Nm3", source),
            Term(f"hours[{block.number}]", block.hours, "h", "activity"),
        ]
        steps.append(multiply(f"m[{block.number}]", "g", [block.flow, block.concentration, block.hours]))
    steps.append(add("m in g", "g", (step.value for step in steps)))
    mass = multiply("m", "t", [steps[-1].value], over=[_GRAMS_PER_TONNE])
    final = rounded("E", "tCO2", mass.value, EMISSIONS_PLACES)
    return RecomputedLine(
        line_id,
        LineKind.CEMS,
        LineKind.CEMS.value,
        FORMULA,
        tuple(terms),
        (*steps, mass, final),
        mass.value,
        final.value,
    )
