"""From cited readings to a line's quantity (DOMAIN 36): sum exactly, convert, round once.

The service sums each cited range from the log itself; here the cited sums become the line's quantity. A line that
cites readings states exactly what they add up to; what no meter measured goes into a line of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from decimal import Decimal

from attestation.accounting.body import CitationBody, LineBody
from attestation.accounting.lines import ACTIVITY_PLACES, LineKind
from attestation.accounting.refusals import decimal_at, schema_refusal
from attestation.decimals import exact_sum, format_decimal, parse_decimal, round_half_up
from attestation.units import UNITS, convert

MAX_CITED = 10_000_000
"""Most readings that one report cites: a year of quarters of an hour of 285 meters. More goes into several reports."""


def activity_from_sums(sums: Iterable[tuple[Decimal, str]], unit: str, kind: LineKind) -> Decimal:
    """The quantity in `unit` of exact sums given as (quantity, unit), rounded once to the places of `kind`.

    Raises SchemaRefused (`unit.unknown`, `unit.dimension`).
    """
    total = exact_sum(convert(quantity, source, unit) for quantity, source in sums)
    return round_half_up(total, ACTIVITY_PLACES[kind])


def activity_from_citations(citations: Sequence[CitationBody], unit: str, kind: LineKind) -> Decimal:
    """As `activity_from_sums`, from the citations of a report line."""
    return activity_from_sums(((parse_decimal(c.quantity), c.unit) for c in citations), unit, kind)


def check_citations(lines: Iterable[LineBody]) -> None:
    """Refuse malformed citations, and any reading that a report counts twice (DOMAIN 35).

    Raises SchemaRefused: `evidence.range`, `evidence.unit` (unknown, or it measures something else than its line),
    `evidence.counted_twice`, `evidence.many`, `decimal.grammar`.
    """
    cited = 0
    seen: dict[tuple[str, str], list[tuple[int, int, str]]] = {}
    for line in lines:
        for citation in line.evidence:
            _check_citation(line, citation)
            cited += citation.last_seq - citation.first_seq + 1
            key = (citation.issuer, citation.stream)
            seen.setdefault(key, []).append((citation.first_seq, citation.last_seq, line.id))
    if cited > MAX_CITED:
        raise schema_refusal(
            "evidence.many", "report", f"{cited} readings", f"at most {MAX_CITED}", "报告引用的读数过多"
        )
    for (issuer, stream), ranges in seen.items():
        ranges.sort()
        for (first, last, line_id), (next_first, next_last, next_id) in itertools.pairwise(ranges):
            if next_first <= last:
                raise schema_refusal(
                    "evidence.counted_twice",
                    f"line {next_id}",
                    f"{issuer} {stream} {next_first}-{next_last}",
                    f"no reading that line {line_id} counts already ({first}-{last})",
                    "同一读数被重复计入",
                )


def _check_citation(line: LineBody, citation: CitationBody) -> None:
    where = f"line {line.id}, evidence {citation.issuer} {citation.stream}"
    if not 1 <= citation.first_seq <= citation.last_seq:
        raise schema_refusal(
            "evidence.range",
            where,
            f"{citation.first_seq}-{citation.last_seq}",
            "1 <= first_seq <= last_seq",
            "引用的序号范围不合法",
        )
    cited, stated = UNITS.get(citation.unit), UNITS.get(line.unit)
    if cited is None or stated is None or cited.dimension is not stated.dimension:
        raise schema_refusal(
            "evidence.unit", where, citation.unit, f"a unit that converts into {line.unit}", "引用读数的单位量纲不符"
        )
    decimal_at(citation.quantity, where)


def stated_sums(citations: Sequence[CitationBody]) -> str:
    """The cited sums as text, for a refusal: `959640.31 kWh + 12.00 kWh`."""
    return " + ".join(f"{format_decimal(parse_decimal(c.quantity))} {c.unit}" for c in citations)
