"""Output and value added, as a report states them: what intensities are per (DOMAIN 40)."""

from __future__ import annotations

from decimal import Decimal

from attestation.accounting.evidence import activity_from_citations, stated_sums
from attestation.accounting.intensity import per_output, per_value_added
from attestation.accounting.lines import LINE_LIMIT_FACTOR
from attestation.accounting.refusals import decimal_at, recomputation_refusal, schema_refusal
from attestation.accounting.totals import VALUE_ADDED
from attestation.bodies.reports import Report
from attestation.decimals import decimal_places, format_decimal, parse_decimal
from attestation.units import VALUE_ADDED_UNIT, parse_unit

OUTPUT_PLACES = {"MWh": 3}
_PLACES = 2
_NOTHING = Decimal(0)
# CNY 10^13: more than any enterprise's value added of a year; the same number in CNY lies beyond for most.
_MOST_VALUE_ADDED = Decimal(1_000_000_000)


def output_places(unit: str) -> int:
    """Places of an output in `unit`: as of an activity (DOMAIN 36)."""
    return OUTPUT_PLACES.get(unit, _PLACES)


def check_outputs(report: Report) -> None:
    """Refuse output or value added that nothing can be divided by (step 9).

    Raises SchemaRefused: `output.repeated`, `output.places`, `output.absurd`, `intensity.output_zero`,
    `intensity.value_added_zero`, `unit.unknown`, `decimal.grammar`.
    """
    seen = {VALUE_ADDED}
    for output in report.output or ():
        where = f"output {output.product}"
        if output.product in seen:
            raise schema_refusal("output.repeated", where, output.product, "each product once", "产品重复")
        seen.add(output.product)
        parse_unit(output.unit)
        quantity, places = decimal_at(output.quantity, where), output_places(output.unit)
        if decimal_places(quantity) > places:
            raise schema_refusal(
                "output.places",
                where,
                output.quantity,
                f"an output rounded once to {places} decimal places",
                f"产量须一次修约至{places}位小数",
            )
        _check_size(where, quantity, output.unit, parse_unit(output.unit).reading_limit * LINE_LIMIT_FACTOR)
        per_output(_NOTHING, "tCO2", quantity, output.unit)
    if report.value_added is not None:
        value = decimal_at(report.value_added, VALUE_ADDED)
        _check_size(VALUE_ADDED, value, VALUE_ADDED_UNIT, _MOST_VALUE_ADDED)
        per_value_added(_NOTHING, "tCO2", value)


def _check_size(where: str, quantity: Decimal, unit: str, limit: Decimal) -> None:
    # What is divided by a number without bound is 0.0000 of everything.
    if quantity > limit:
        raise schema_refusal(
            "output.absurd",
            where,
            f"{format_decimal(quantity)} {unit}",
            f"at most {format_decimal(limit)} {unit}",
            "产量或增加值超出合理上限",
        )


def check_measured_outputs(report: Report) -> None:
    """Refuse an output that is not what its evidence adds up to, less an uncalibrated meter's rated accuracy (DOMAIN
    39): RecomputationRefused (`output.evidence`)."""
    for output in report.output or ():
        if not output.evidence:
            continue
        given = activity_from_citations(output.evidence, output.unit, output_places(output.unit), lowers=True)
        if parse_decimal(output.quantity) != given:
            raise recomputation_refusal(
                "output.evidence",
                line=f"output {output.product}",
                claimed=output.quantity,
                recomputed=format_decimal(given),
                what=f"the output is not what its evidence adds up to ({stated_sums(output.evidence)})",
                zh="产量与引用读数之和不符",
            )
