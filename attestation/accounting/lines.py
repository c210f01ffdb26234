"""One line of a report: the rules its quantity keeps, and its recomputed result with the trace.

Places and order of rounding are DOMAIN 36 (steel guideline CETS-AG-03.01-V01-2024): readings are summed exactly and
converted, the activity is rounded once (fuel 2 places, MWh 3, GJ 2), multiplied, and the line is rounded to 2 places.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from attestation.accounting.coal_equivalent import EnergyAmount
from attestation.accounting.greenhouse_gases import Gas
from attestation.accounting.kinds import ACTIVITY_PLACES, LineKind
from attestation.accounting.refusals import recomputation_refusal, schema_refusal
from attestation.accounting.trace import Step, Term, rounded, unrounded
from attestation.decimals import decimal_places, format_decimal
from attestation.units import UNITS

EMISSIONS_PLACES = 2
"""Places of a line's emissions in tCO2 and of the sums of such lines (DOMAIN 36)."""

LINE_LIMIT_FACTOR = 100
"""One line may claim at most this many times what one reading may (`Unit.reading_limit`)."""

MASS_LIMIT_T = UNITS["t"].reading_limit * LINE_LIMIT_FACTOR
"""Tonnes that one line, or one source of an inventory, may claim at most."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A stable id, the expression in the symbols of a line's terms, and the standard and section that it is from."""

    id: str
    expression: str
    source: str


@dataclass(frozen=True, slots=True)
class RecomputedLine:
    """A line's result and how it came about.

    `unrounded` is the result at 50 digits and `emissions` its half-up value at 2 places, both in tCO2 (tCO2e of another
    gas). `name` is the fuel's or factor's, else the kind's. `steps` lead from the terms to the emissions. `gas` is one
    of the seven; `market` the market-based emissions where green certificates lower them; `energy` what the line adds
    to the energy in tce, where it is energy.
    """

    id: str
    kind: LineKind
    name: str
    formula: Formula
    terms: tuple[Term, ...]
    steps: tuple[Step, ...]
    unrounded: Decimal
    emissions: Decimal
    gas: Gas = Gas.CO2
    market: Decimal | None = None
    energy: EnergyAmount | None = None

    @property
    def expression(self) -> str:
        return self.formula.expression

    def as_dict(self) -> dict[str, object]:
        """The trace as JSON-ready members, every number a plain decimal string."""
        trace: dict[str, object] = {
            "id": self.id,
            "kind": self.kind.value,
            "name": self.name,
            "formula": self.formula.id,
            "expression": self.formula.expression,
            "source": self.formula.source,
            "terms": [term.as_dict() for term in self.terms],
            "steps": [step.as_dict() for step in self.steps],
            "unrounded": format_decimal(self.unrounded),
            "emissions": format_decimal(self.emissions),
            "unit": "tCO2" if self.gas is Gas.CO2 else "tCO2e",
        }
        if self.market is not None:
            trace["market"] = format_decimal(self.market)
        if self.energy is not None:
            trace["energy"] = self.energy.as_dict()
        return trace


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
    line_id: str, kind: LineKind, name: str, formula: Formula, *, terms: Iterable[Term], steps: Iterable[Step]
) -> RecomputedLine:
    """The line whose last step gives its emissions, rounded half-up to 2 places after everything else (DOMAIN 36)."""
    *before, last = steps
    exact = replace(last, symbol=unrounded(last.symbol))
    final = rounded(last.symbol, last.unit, last.value, EMISSIONS_PLACES)
    return RecomputedLine(line_id, kind, name, formula, tuple(terms), (*before, exact, final), last.value, final.value)
