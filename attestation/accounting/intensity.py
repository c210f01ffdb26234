"""Emissions or energy per output and per value added (DOMAIN 36: 4 places; DOMAIN 40).

    I = amount / output            tCO2 or tce per unit of a product
    I = amount / value added       tCO2 or tce per CNY 10,000 (1e4CNY)

A divisor of 0 has no intensity: it is refused by name and never divided by.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal

from attestation.accounting.refusals import schema_refusal
from attestation.decimals import calculation_context, format_decimal, round_half_up
from attestation.units import VALUE_ADDED_UNIT

INTENSITY_PLACES = 4


@dataclass(frozen=True, slots=True)
class Intensity:
    """`amount` (in `amount_unit`, tCO2 or tce) over `divisor` (in `divisor_unit`): `unrounded` at 50 digits, `value` at
    4 places half-up."""

    amount: Decimal
    amount_unit: str
    divisor: Decimal
    divisor_unit: str
    unrounded: Decimal
    value: Decimal

    @property
    def unit(self) -> str:
        return f"{self.amount_unit}/{self.divisor_unit}"

    def as_dict(self) -> dict[str, object]:
        """The trace as JSON-ready members, every number a plain decimal string."""
        return {
            "expression": "amount / divisor",
            "amount": format_decimal(self.amount),
            "amount_unit": self.amount_unit,
            "divisor": format_decimal(self.divisor),
            "divisor_unit": self.divisor_unit,
            "unrounded": format_decimal(self.unrounded),
            "value": format_decimal(self.value),
            "unit": self.unit,
        }


def per_output(amount: Decimal, amount_unit: str, output: Decimal, output_unit: str) -> Intensity:
    """The intensity per unit of output. Raises SchemaRefused: `intensity.output_zero`, `intensity.negative`."""
    if output.is_zero():
        raise schema_refusal(
            "intensity.output_zero",
            "output",
            f"{format_decimal(output)} {output_unit}",
            "an output above 0: nothing is divided by zero",
            "产量为零，无法计算强度",
        )
    return _divide(amount, amount_unit, output, output_unit)


def per_value_added(amount: Decimal, amount_unit: str, value_added: Decimal) -> Intensity:
    """The intensity per CNY 10,000 of `value_added` (in 1e4CNY).

    Raises SchemaRefused: `intensity.value_added_zero`, `intensity.negative`.
    """
    if value_added.is_zero():
        raise schema_refusal(
            "intensity.value_added_zero",
            "value added",
            f"{format_decimal(value_added)} {VALUE_ADDED_UNIT}",
            "a value added above 0: nothing is divided by zero",
            "增加值为零，无法计算强度",
        )
    return _divide(amount, amount_unit, value_added, VALUE_ADDED_UNIT)


def _divide(amount: Decimal, amount_unit: str, divisor: Decimal, divisor_unit: str) -> Intensity:
    for name, value in ((amount_unit, amount), (divisor_unit, divisor)):
        if not value.is_finite() or value < 0:
            raise schema_refusal(
                "intensity.negative", "intensity", f"{value} {name}", "figures from 0 up", "数值不得为负"
            )
    with decimal.localcontext(calculation_context()):
        unrounded = amount / divisor
    return Intensity(amount, amount_unit, divisor, divisor_unit, unrounded, round_half_up(unrounded, INTENSITY_PLACES))
