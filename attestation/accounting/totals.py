"""Scope 1, scope 2 and the obligation: three figures that are never mixed (DOMAIN 1, 2, 33, 36); and what stands apart:
biogenic CO2, removals, the market-based figure, energy and intensities (DOMAIN 40)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from attestation.accounting.greenhouse_gases import Gas
from attestation.accounting.intensity import Intensity, per_output, per_value_added
from attestation.accounting.kinds import KINDS, LineKind, Share
from attestation.accounting.lines import EMISSIONS_PLACES, RecomputedLine
from attestation.accounting.refusals import schema_refusal
from attestation.bodies.reports import Output
from attestation.decimals import exact_sum, format_decimal, parse_decimal, round_half_up

VALUE_ADDED = "value_added"
"""What an intensity per CNY 10,000 of value added is called among those per product."""


class ObligationBase(StrEnum):
    """On what the obligation of a year is levied; a parameter of the year's policy (DOMAIN 2)."""

    DIRECT = "direct"
    DIRECT_AND_ENERGY = "direct+energy"


@dataclass(frozen=True, slots=True)
class Totals:
    """`scope1` and `scope2` in tCO2 at 2 places; `obligation_tonnes` whole tonnes on `obligation_base`.

    What the report has nothing of is None: `scope2_market` (with green certificates), `biogenic`, `removals`, `by_gas`
    (scope 1 by gas, where another gas than CO2 is stated), `energy_tce` and `intensities` by what they are per (where
    output or value added is stated).
    """

    scope1: Decimal
    scope2: Decimal
    obligation_base: ObligationBase
    obligation_tonnes: int
    scope2_market: Decimal | None = None
    biogenic: Decimal | None = None
    removals: Decimal | None = None
    by_gas: tuple[tuple[str, Decimal], ...] | None = None
    energy_tce: Decimal | None = None
    intensities: tuple[tuple[str, Intensity], ...] | None = None

    def as_dict(self) -> dict[str, object]:
        """The totals as a report states them."""
        stated: dict[str, object] = {"scope1": format_decimal(self.scope1), "scope2": format_decimal(self.scope2)}
        for name, value in (
            ("scope2_market", self.scope2_market),
            ("biogenic", self.biogenic),
            ("removals", self.removals),
        ):
            if value is not None:
                stated[name] = format_decimal(value)
        if self.by_gas is not None:
            stated["by_gas"] = [{"gas": gas, "emissions": format_decimal(value)} for gas, value in self.by_gas]
        if self.energy_tce is not None:
            stated["energy_tce"] = format_decimal(self.energy_tce)
        if self.intensities is not None:
            stated["intensities"] = [
                {"per": per, "value": format_decimal(found.value), "unit": found.unit}
                for per, found in self.intensities
            ]
        return stated | {"obligation_base": self.obligation_base.value, "obligation_tonnes": self.obligation_tonnes}


def parse_base(text: str) -> ObligationBase:
    """The obligation base of that name. Raises SchemaRefused (`obligation_base.unknown`)."""
    try:
        return ObligationBase(text)
    except ValueError:
        expected = " or ".join(base.value for base in ObligationBase)
        raise schema_refusal("obligation_base.unknown", "obligation base", text, expected, "未知的应清缴口径") from None


def sum_up(
    lines: Iterable[RecomputedLine],
    base: ObligationBase,
    *,
    output: Sequence[Output] = (),
    value_added: str | None = None,
) -> Totals:
    """The totals of rounded lines: add the lines, then round the enterprise's total half-up to whole tonnes.

    Raises SchemaRefused: `intensity.output_zero`, `intensity.value_added_zero`.
    """
    rows = list(lines)
    scope1, scope2 = _sum(rows, Share.SCOPE1), _sum(rows, Share.SCOPE2)
    both = exact_sum((scope1, scope2))
    owed = scope1 if base is ObligationBase.DIRECT else both
    shares = {KINDS[row.kind].share for row in rows}
    energy = intensities = None
    if output or value_added is not None:
        energy = _rounded(row.energy.tce for row in rows if row.energy is not None)
        intensities = _intensities(both, energy, output, value_added)
    return Totals(
        scope1,
        scope2,
        base,
        int(round_half_up(owed, 0)),
        scope2_market=_market(rows),
        biogenic=_sum(rows, Share.BIOGENIC) if Share.BIOGENIC in shares else None,
        removals=_sum(rows, Share.REMOVALS) if Share.REMOVALS in shares else None,
        by_gas=_by_gas(rows),
        energy_tce=energy,
        intensities=intensities,
    )


def _sum(rows: Iterable[RecomputedLine], share: Share) -> Decimal:
    return _rounded(row.emissions for row in rows if KINDS[row.kind].share is share)


def _rounded(values: Iterable[Decimal]) -> Decimal:
    # Exact already: every line has two places. This only writes an empty sum as 0.00.
    return round_half_up(exact_sum(values), EMISSIONS_PLACES)


def _market(rows: Sequence[RecomputedLine]) -> Decimal | None:
    if all(row.market is None for row in rows):
        return None
    energy = (row for row in rows if KINDS[row.kind].share is Share.SCOPE2)
    return _rounded(row.emissions if row.market is None else row.market for row in energy)


def _by_gas(rows: Sequence[RecomputedLine]) -> tuple[tuple[str, Decimal], ...] | None:
    if all(row.kind is not LineKind.GAS for row in rows):
        return None
    direct = [row for row in rows if KINDS[row.kind].share is Share.SCOPE1]
    present = {row.gas for row in direct}
    return tuple(
        (gas.value, _rounded(row.emissions for row in direct if row.gas == gas)) for gas in Gas if gas in present
    )


def _intensities(
    emissions: Decimal, energy: Decimal, output: Sequence[Output], value_added: str | None
) -> tuple[tuple[str, Intensity], ...]:
    found: list[tuple[str, Intensity]] = []
    for amount, unit in ((emissions, "tCO2"), (energy, "tce")):
        found += [(made.product, per_output(amount, unit, parse_decimal(made.quantity), made.unit)) for made in output]
        if value_added is not None:
            found.append((VALUE_ADDED, per_value_added(amount, unit, parse_decimal(value_added))))
    return tuple(found)
