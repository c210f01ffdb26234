"""From cited readings to a line's quantity (DOMAIN 36, 39): sum exactly, convert, round once.

The service sums each cited range from the log itself; here the cited sums become the line's quantity, each times its
meter's multiplier, and more (or, where the number lowers emissions or is an output, less) by the rated accuracy of a
meter whose calibration has run out. A line that cites readings states exactly what they add up to; what no meter
measured goes into a line of its own.
"""

from __future__ import annotations

import dataclasses
import decimal
import itertools
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal

from attestation.accounting.kinds import ACTIVITY_PLACES, LineKind
from attestation.accounting.refusals import decimal_at, schema_refusal
from attestation.accounting.trace import Step, Term, add, multiply, rounded, unrounded
from attestation.bodies.report_lines import Citation, ReportLine
from attestation.bodies.reports import Report
from attestation.decimals import (
    exact_context,
    exact_sum,
    format_decimal,
    parse_decimal,
    round_half_up,
)
from attestation.units import UNITS, convert

MAX_CITED = 10_000_000
"""Most readings that one report cites: a year of quarters of an hour of 285 meters. More goes into several reports."""

MAX_MULTIPLIER = Decimal(10_000_000)
_PERCENT = Decimal(100)


def citations_of(report: Report) -> Iterator[tuple[str, Citation]]:
    """Every citation of a report with where it stands: `line <id>` or `output <product>`."""
    for line in report.lines:
        for citation in line.evidence:
            yield f"line {line.id}", citation
    for output in report.output or ():
        for citation in output.evidence or ():
            yield f"output {output.product}", citation


def activity_from_sums(sums: Iterable[tuple[Decimal, str]], unit: str, kind: LineKind) -> Decimal:
    """The quantity in `unit` of exact sums given as (quantity, unit), rounded once to the places of `kind`.

    Raises SchemaRefused (`unit.unknown`, `unit.dimension`).
    """
    total = exact_sum(convert(quantity, source, unit) for quantity, source in sums)
    return round_half_up(total, ACTIVITY_PLACES[kind])


def activity_steps(
    symbol: str,
    citations: Sequence[Citation],
    unit: str,
    places: int,
    *,
    lowers: bool = False,
    numbers: Sequence[int] | None = None,
) -> tuple[Step, ...]:
    """The steps from the citations of one number to it, in `unit` at `places`; the last one's value is the number.

    `numbers` are those by which the citations are called in the trace: by default their places, from 1. Of citation 1
    `reading[1]` is the cited sum (`cited_terms`), `metered[1]` that times multiplier and correction, `converted[1]` the
    same in `unit`: within a line one name is one value.
    `lowers` says that the number lowers emissions or is an output: then the rated accuracy of an uncalibrated meter is
    taken off instead of added (DOMAIN 39). Raises SchemaRefused (`unit.unknown`, `unit.dimension`, `evidence.digits`).
    """
    try:
        steps, parts = _converted(zip(numbers or range(1, len(citations) + 1), citations, strict=True), unit, lowers)
        if len(parts) > 1:
            steps.append(add(unrounded(symbol), unit, parts))
        total = exact_sum(parts)
    except decimal.Inexact as error:
        raise schema_refusal(
            "evidence.digits", symbol, stated_sums(citations), "sums of at most 50 digits", "读数之和位数过多"
        ) from error
    return (*steps, rounded(symbol, unit, total, places))


def _converted(citations: Iterable[tuple[int, Citation]], unit: str, lowers: bool) -> tuple[list[Step], list[Decimal]]:
    steps: list[Step] = []
    parts: list[Decimal] = []
    for number, citation in citations:
        value = parse_decimal(citation.quantity)
        factors = _corrections(citation, lowers)
        if factors:
            steps.append(multiply(f"metered[{number}]", citation.unit, [value, *factors], exact=True))
            value = steps[-1].value
        exact = convert(value, citation.unit, unit)
        if citation.unit != unit:
            with decimal.localcontext(exact_context()):
                up = UNITS[citation.unit].base / UNITS[unit].base
                by, over = ([value, up], []) if up >= 1 else ([value], [1 / up])
            # The same number as `convert` gives; it also writes no zeros that the division would.
            step = multiply(f"converted[{number}]", unit, by, over, exact=True)
            steps.append(dataclasses.replace(step, value=exact))
        parts.append(exact)
    return steps, parts


def _corrections(citation: Citation, lowers: bool) -> list[Decimal]:
    factors = []
    if citation.multiplier is not None:
        factors.append(parse_decimal(citation.multiplier))
    if citation.accuracy_percent is not None:
        share = parse_decimal(citation.accuracy_percent)
        with decimal.localcontext(exact_context()):
            factors.append((_PERCENT - share if lowers else _PERCENT + share) / _PERCENT)
    return factors


def cited_terms(citations: Sequence[Citation], lowering: Collection[str | None] = ()) -> tuple[Term, ...]:
    """The cited sums by the numbers that the trace calls them by, each with whose readings they are, its multiplier and
    the correction for an uncalibrated meter. `lowering` are the parts that lower emissions."""
    terms: list[Term] = []
    for number, cited in enumerate(citations, 1):
        whose = f"{cited.issuer}#{cited.stream}:{cited.first_seq}-{cited.last_seq}"
        terms.append(Term(f"reading[{number}]", parse_decimal(cited.quantity), cited.unit, whose))
        factors = _corrections(cited, cited.part in lowering)
        if cited.multiplier is not None:
            terms.append(Term(f"multiplier[{number}]", factors[0], "1", "the meter's term of service"))
        if cited.accuracy_percent is not None:
            source = f"calibration has run out, rated accuracy {cited.accuracy_percent} %"
            terms.append(Term(f"correction[{number}]", factors[-1], "1", source))
    return tuple(terms)


def activity_from_citations(citations: Sequence[Citation], unit: str, places: int, *, lowers: bool = False) -> Decimal:
    """The number that the citations give; see `activity_steps`."""
    return activity_steps("AD", citations, unit, places, lowers=lowers)[-1].value


def check_citations(report: Report) -> None:
    """Refuse malformed citations, and any reading that a report counts twice (DOMAIN 35).

    Raises SchemaRefused: `evidence.range`, `evidence.unit` (unknown, or it measures something else than its line),
    `evidence.part` (it measures nothing that the line has), `evidence.multiplier`, `evidence.accuracy`,
    `evidence.counted_twice`, `evidence.many`, `decimal.grammar`.
    """
    for line in report.lines:
        units = part_units(line)
        for citation in line.evidence:
            _check_citation(f"line {line.id}", units, citation)
    for output in report.output or ():
        for citation in output.evidence or ():
            _check_citation(f"output {output.product}", {None: output.unit}, citation)
    cited = sum(citation.last_seq - citation.first_seq + 1 for _, citation in citations_of(report))
    if cited > MAX_CITED:
        raise schema_refusal(
            "evidence.many", "report", f"{cited} readings", f"at most {MAX_CITED}", "报告引用的读数过多"
        )
    # What is made may be what a line balances (DOMAIN 34): lines and outputs are apart, each counts a reading once.
    _check_counted_once((f"line {line.id}", line.evidence) for line in report.lines)
    _check_counted_once((f"output {made.product}", made.evidence or ()) for made in report.output or ())


def _check_counted_once(cited: Iterable[tuple[str, Sequence[Citation]]]) -> None:
    seen: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    for where, citations in cited:
        for citation in citations:
            key = (citation.issuer, citation.stream)
            seen.setdefault(key, []).append((citation.first_seq, citation.last_seq, where))
    for (issuer, stream), ranges in seen.items():
        ranges.sort()
        for (first, last, other), (next_first, next_last, where) in itertools.pairwise(ranges):
            if next_first <= last:
                raise schema_refusal(
                    "evidence.counted_twice",
                    where,
                    f"{issuer} {stream} {next_first}-{next_last}",
                    f"no reading that {other} counts already ({first}-{last})",
                    "同一读数被重复计入",
                )


def part_units(line: ReportLine) -> dict[str | None, str]:
    """What the citations of a line can measure, each with its unit: None is the line's own quantity; a mass balance has
    its flows instead, measured combustion its batches, electricity its `own` besides (DOMAIN 40, 41)."""
    if line.flows is not None:
        return {flow.id: flow.unit for flow in line.flows}
    unit = line.unit or ""
    if line.weighings is not None:
        return {weighing.batch: unit for weighing in line.weighings}
    return {None: unit} if line.own is None else {None: unit, "own": unit}


def _check_citation(where: str, units: dict[str | None, str], citation: Citation) -> None:
    place = f"{where}, evidence {citation.issuer} {citation.stream}"
    if not 1 <= citation.first_seq <= citation.last_seq:
        raise schema_refusal(
            "evidence.range",
            place,
            f"{citation.first_seq}-{citation.last_seq}",
            "1 <= first_seq <= last_seq",
            "引用的序号范围不合法",
        )
    if citation.part not in units:
        known = ", ".join(f"part {part}" if part else "no part" for part in units)
        raise schema_refusal("evidence.part", place, f"part {citation.part}", known, "所引读数不对应该条目的任何部分")
    cited, stated = UNITS.get(citation.unit), UNITS.get(units[citation.part])
    if cited is None or stated is None or cited.dimension is not stated.dimension:
        raise schema_refusal(
            "evidence.unit",
            place,
            citation.unit,
            f"a unit that converts into {units[citation.part]}",
            "引用读数的单位量纲不符",
        )
    decimal_at(citation.quantity, place)
    if citation.multiplier is not None:
        multiplier = decimal_at(citation.multiplier, place)
        if not 0 < multiplier <= MAX_MULTIPLIER:
            raise schema_refusal(
                "evidence.multiplier",
                place,
                citation.multiplier,
                f"above 0, at most {MAX_MULTIPLIER}",
                "倍率不合法",
            )
    if citation.accuracy_percent is not None:
        percent = decimal_at(citation.accuracy_percent, place)
        if not 0 < percent < _PERCENT:
            raise schema_refusal(
                "evidence.accuracy",
                place,
                citation.accuracy_percent,
                "per cent above 0 and below 100",
                "准确度等级须为零至一百之间的百分数",
            )


def stated_sums(citations: Sequence[Citation]) -> str:
    """The cited sums as text, for a refusal: `959640.31 kWh + 12.00 kWh × 40 + 1 %`."""
    texts = []
    for citation in citations:
        text = f"{format_decimal(parse_decimal(citation.quantity))} {citation.unit}"
        if citation.multiplier is not None:
            text += f" × {citation.multiplier}"
        if citation.accuracy_percent is not None:
            text += f" at {citation.accuracy_percent} % accuracy"
        texts.append(text)
    return " + ".join(texts)
