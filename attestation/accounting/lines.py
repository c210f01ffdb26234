"""One line of a report: its kind, the rules its quantity keeps, and its recomputed result with the trace.

Places and order of rounding are DOMAIN 36 (steel guideline CETS-AG-03.01-V01-2024): readings are summed exactly and
converted, the activity is rounded once (fuel 2 places, MWh 3, GJ 2), multiplied, and the line is rounded to 2 places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from attestation.accounting.refusals import recomputation_refusal, schema_refusal
from attestation.decimals import decimal_places, format_decimal, round_half_up
from attestation.units import UNITS

EMISSIONS_PLACES = 2
"""Places of a line's emissions in tCO2 and of the sums of such lines (DOMAIN 36)."""

LINE_LIMIT_FACTOR = 100
"""One line may claim at most this many times what one reading may (`Unit.reading_limit`)."""


class LineKind(StrEnum):
    """What a line accounts for; combustion is scope 1, the two others are scope 2."""

    COMBUSTION = "combustion"
    ELECTRICITY = "electricity"
    HEAT = "heat"


ACTIVITY_PLACES: Mapping[LineKind, int] = MappingProxyType(
    {LineKind.COMBUSTION: 2, LineKind.ELECTRICITY: 3, LineKind.HEAT: 2}
)
"""Places to which the activity is rounded, once: t or 1e4Nm3, MWh, GJ (DOMAIN 36)."""


@dataclass(frozen=True, slots=True)
class Term:
    """One number of a formula: the symbol it stands for, its value and unit, and where it is from."""

    symbol: str
    value: Decimal
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class RecomputedLine:
    """A line's result and how it came about.

    `formula` is a stable id, `expression` the formula in the symbols of `terms`; `unrounded` is the product at 50
    digits and `emissions` its half-up value at 2 places, both in tCO2. `name` is the fuel's or factor's.
    """

    id: str
    kind: LineKind
    name: str
    formula: str
    expression: str
    terms: tuple[Term, ...]
    unrounded: Decimal
    emissions: Decimal

    def as_dict(self) -> dict[str, object]:
        """The trace as JSON-ready members, every number a plain decimal string."""
        return {
            "id": self.id,
            "kind": self.kind.value,
            "name": self.name,
            "formula": self.formula,
            "expression": self.expression,
            "terms": [
                {"symbol": t.symbol, "value": format_decimal(t.value), "unit": t.unit, "source": t.source}
                for t in self.terms
            ],
            "unrounded": format_decimal(self.unrounded),
            "emissions": format_decimal(self.emissions),
            "unit": "tCO2",
        }


def check_quantity(line_id: str, kind: LineKind, quantity: Decimal, unit: str) -> None:
    """Refuse a quantity that no line of this kind may state.

    Raises SchemaRefused: `line.quantity.negative`, `line.quantity.places` (not rounded once to the places of
    DOMAIN 36), `line.unit.unknown`, `line.quantity.absurd`.
    """
    where = f"line {line_id}"
    known = UNITS.get(unit)
    if known is None:
        raise schema_refusal("line.unit.unknown", where, unit, "one of " + ", ".join(UNITS), "未知的计量单位")
    if not quantity.is_finite() or quantity < 0:
        raise schema_refusal("line.quantity.negative", where, quantity, "a quantity from 0 up", "数量不得为负")
    places = ACTIVITY_PLACES[kind]
    if decimal_places(quantity) > places:
        raise schema_refusal(
            "line.quantity.places",
            where,
            format_decimal(quantity),
            f"a {kind.value} quantity rounded once to {places} decimal places",
            f"活动数据须一次修约至{places}位小数",
        )
    limit = known.reading_limit * LINE_LIMIT_FACTOR
    if quantity > limit:
        raise schema_refusal(
            "line.quantity.absurd",
            where,
            f"{format_decimal(quantity)} {unit}",
            f"at most {format_decimal(limit)} {unit} in one line",
            "数量超出合理上限",
        )


def check_unit(line_id: str, name: str, unit: str, expected: str) -> None:
    """Refuse a line whose unit is not the one its factor is per: RecomputationRefused (`line.unit`).

    No conversion here: it would be a second rounding (DOMAIN 36), and t for gas is a mistake to be named.
    """
    if unit != expected:
        raise recomputation_refusal(
            "line.unit",
            line=line_id,
            claimed=unit,
            recomputed=expected,
            what=f"the quantity of {name} is stated in another unit than its factor",
            zh=f"{name} 的计量单位与排放因子不符",
        )


def rounded_line(
    line_id: str,
    kind: LineKind,
    name: str,
    *,
    formula: str,
    expression: str,
    terms: tuple[Term, ...],
    unrounded: Decimal,
) -> RecomputedLine:
    """The line with its emissions rounded half-up to 2 places, after everything else (DOMAIN 36)."""
    emissions = round_half_up(unrounded, EMISSIONS_PLACES)
    return RecomputedLine(line_id, kind, name, formula, expression, terms, unrounded, emissions)
