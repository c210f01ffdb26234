"""Energy in tonnes of standard coal (GB/T 2589-2020, DOMAIN 37 and 40).

    tce = Q × e / 1000            carriers of the standard's tables: e in kgce per kg, Nm3, kWh, MJ
    tce = Q × NCV / 29.3076       fuels that the tables do not have, by their net calorific value in GJ

One kilogram of standard coal is 7000 kcal of 4.1868 kJ: 29,307.6 kJ. kgce per kg, Nm3, kWh and MJ against tce is a
factor of a thousand that trips people (DOMAIN 37): the table's unit is the only one that its coefficient is ever
multiplied in, and the division by 1000 stands in one place.
"""

from __future__ import annotations

import csv
import decimal
import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from types import MappingProxyType

from attestation.accounting.factor_sets import FuelFactor
from attestation.accounting.refusals import schema_refusal
from attestation.decimals import calculation_context, exact_sum, format_decimal, parse_decimal, round_half_up
from attestation.errors import AttestationError
from attestation.units import UNITS, convert

TCE_PLACES = 2
"""Places of one carrier's tce; a total is the sum of rounded ones, as of emissions (DOMAIN 36)."""

ELECTRICITY = "electricity"
HEAT = "heat"
GJ_PER_TCE = Decimal("29.3076")
SOURCE = "GB/T 2589-2020, reference coal equivalents (equal-heat value)"
NCV_SOURCE = "GB/T 2589-2020, standard coal of 29.3076 GJ/t; net calorific value: "

_TABLE = "coal_equivalent_gbt2589_2020.csv"
_KG_PER_TONNE = 1000


@dataclass(frozen=True, slots=True)
class CoalEquivalent:
    """`kgce` kilograms of standard coal per one `unit` (kg, Nm3, kWh, MJ) of a carrier."""

    carrier: str
    unit: str
    kgce: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class EnergyAmount:
    """A carrier's energy and how it came about: `quantity` in `unit`, times `factor` in `factor_unit`, is `unrounded`
    tce at 50 digits and `tce` at 2 places."""

    carrier: str
    quantity: Decimal
    unit: str
    factor: Decimal
    factor_unit: str
    expression: str
    source: str
    unrounded: Decimal
    tce: Decimal

    def as_dict(self) -> dict[str, object]:
        """The trace as JSON-ready members, every number a plain decimal string."""
        return {
            "carrier": self.carrier,
            "quantity": format_decimal(self.quantity),
            "unit": self.unit,
            "factor": format_decimal(self.factor),
            "factor_unit": self.factor_unit,
            "expression": self.expression,
            "source": self.source,
            "unrounded": format_decimal(self.unrounded),
            "tce": format_decimal(self.tce),
        }


@functools.cache
def coal_equivalents() -> Mapping[str, CoalEquivalent]:
    """The table of GB/T 2589-2020 by carrier: raw_coal, coke, …, natural_gas, electricity, heat."""
    text = resources.files("attestation.accounting").joinpath("tables", _TABLE).read_text(encoding="utf-8")
    return MappingProxyType(
        {
            row["energy"]: CoalEquivalent(row["energy"], row["unit"], parse_decimal(row["kgce_per_unit"]), SOURCE)
            for row in csv.DictReader(text.splitlines())
        }
    )


def carrier_energy(carrier: str, quantity: Decimal, unit: str) -> EnergyAmount:
    """`quantity` (from 0 up, in any unit of the carrier's dimension) of a carrier of the table, in tce.

    Raises SchemaRefused: `energy.carrier` (the table does not have it), `energy.negative`, `energy.unit`.
    """
    found = coal_equivalents().get(carrier)
    if found is None:
        expected = "one of " + ", ".join(coal_equivalents())
        raise schema_refusal("energy.carrier", "energy", carrier, expected, "折标系数表中没有该能源品种")
    _check_quantity(carrier, quantity)
    amount = _convert(carrier, quantity, unit, found.unit)
    with decimal.localcontext(calculation_context()):
        unrounded = amount * found.kgce / _KG_PER_TONNE
    return EnergyAmount(
        carrier=carrier,
        quantity=amount,
        unit=found.unit,
        factor=found.kgce,
        factor_unit=f"kgce/{found.unit}",
        expression="Q × e / 1000",
        source=found.source,
        unrounded=unrounded,
        tce=round_half_up(unrounded, TCE_PLACES),
    )


def fuel_energy(fuel: FuelFactor, quantity: Decimal, unit: str) -> EnergyAmount:
    """`quantity` of a fuel of a factor set, in tce: by the table where the table has a carrier of that name and
    dimension, else by the fuel's net calorific value.

    Raises SchemaRefused: `energy.negative`, `energy.unit`.
    """
    listed = coal_equivalents().get(fuel.name)
    if listed is not None and UNITS[listed.unit].dimension is UNITS[fuel.quantity_unit].dimension:
        return carrier_energy(fuel.name, quantity, unit)
    _check_quantity(fuel.name, quantity)
    amount = _convert(fuel.name, quantity, unit, fuel.quantity_unit)
    with decimal.localcontext(calculation_context()):
        unrounded = amount * fuel.ncv / GJ_PER_TCE
    return EnergyAmount(
        carrier=fuel.name,
        quantity=amount,
        unit=fuel.quantity_unit,
        factor=fuel.ncv,
        factor_unit=fuel.ncv_unit,
        expression="Q × NCV / 29.3076",
        source=NCV_SOURCE + fuel.source,
        unrounded=unrounded,
        tce=round_half_up(unrounded, TCE_PLACES),
    )


def total_energy(amounts: Iterable[EnergyAmount]) -> Decimal:
    """The sum in tce of the carriers' rounded amounts, at 2 places."""
    return round_half_up(exact_sum(amount.tce for amount in amounts), TCE_PLACES)


def _check_quantity(carrier: str, quantity: Decimal) -> None:
    if not quantity.is_finite() or quantity < 0:
        raise schema_refusal(
            "energy.negative", f"energy, {carrier}", quantity, "a quantity from 0 up", "能源消费量不得为负"
        )


def _convert(carrier: str, quantity: Decimal, unit: str, target: str) -> Decimal:
    try:
        return convert(quantity, unit, target)
    except AttestationError as error:
        raise schema_refusal(
            "energy.unit", f"energy, {carrier}", unit, f"a unit that converts into {target}", "能源计量单位量纲不符"
        ) from error
