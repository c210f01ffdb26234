"""Emissions of purchased electricity and heat, scope 2 (DOMAIN 33, 40).

    E = AD × EF        AD in MWh and EF in tCO2/MWh, or AD in GJ and EF in tCO2/GJ

Where `own` is stated, the quantity is the electricity that was used, and AD is what remains after the plant's own
photovoltaic power. Green certificates never lower E: they lower the market-based figure, which stands apart.
National liability leaves scope 2 out since 2025; a park's inventory has it: see `totals`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from decimal import Decimal

from attestation.accounting.coal_equivalent import ELECTRICITY, HEAT, carrier_energy
from attestation.accounting.factor_sets import EnergyFactor
from attestation.accounting.kinds import ACTIVITY_PLACES, LineKind
from attestation.accounting.lines import (
    EMISSIONS_PLACES,
    Formula,
    RecomputedLine,
    check_quantity,
    check_unit,
    rounded_line,
)
from attestation.accounting.refusals import decimal_at, schema_refusal
from attestation.accounting.serials import check_serials
from attestation.accounting.trace import Step, Term, add, multiply, rounded, unrounded
from attestation.bodies.report_lines import Certificate
from attestation.decimals import decimal_places, exact_sum, format_decimal, parse_decimal

_STEEL = "CETS-AG-03.01-V01-2024, purchased"
ELECTRIC = Formula("electricity.purchased", "AD × EF", f"{_STEEL} electricity")
ELECTRIC_WITH_OWN = Formula(
    "electricity.own", "(used − own) × EF", f"{_STEEL} electricity; own photovoltaic power is not purchased"
)
HEATED = Formula("heat.purchased", "AD × EF", f"{_STEEL} heat")


def check_own(line_id: str, quantity: Decimal, own: str | None, certificates: Sequence[Certificate]) -> None:
    """Refuse own power above what was used, and certificates beyond what was bought (step 9).

    Raises SchemaRefused: `line.own` (more than the line uses, or not rounded to 3 places), `line.certificates`
    (more MWh than were purchased, 0 MWh, or not whole kWh), those of `check_serials`, `decimal.grammar`.
    """
    where = f"line {line_id}"
    places = ACTIVITY_PLACES[LineKind.ELECTRICITY]
    made = Decimal(0) if own is None else decimal_at(own, f"{where}, own")
    if made > quantity or decimal_places(made) > places:
        raise schema_refusal(
            "line.own",
            where,
            own,
            f"at most the {format_decimal(quantity)} MWh that were used, {places} decimal places",
            "自发自用电量不得超过用电量",
        )
    check_serials([(line_id, certificates)])
    for certificate in certificates:
        mwh = decimal_at(certificate.mwh, f"{where}, certificate {certificate.serial}")
        if not mwh or decimal_places(mwh) > places:
            raise schema_refusal(
                "line.certificates",
                f"{where}, certificate {certificate.serial}",
                certificate.mwh,
                f"MWh above 0 with at most {places} decimal places",
                "绿证电量须大于零",
            )
    green = exact_sum(parse_decimal(certificate.mwh) for certificate in certificates)
    if green > quantity - made:
        raise schema_refusal(
            "line.certificates",
            where,
            f"{format_decimal(green)} MWh",
            f"at most the {format_decimal(quantity - made)} MWh that were purchased",
            "绿证电量不得超过外购电量",
        )


def purchased_electricity(
    line_id: str,
    quantity: Decimal,
    unit: str,
    factor: EnergyFactor,
    *,
    own: str | None = None,
    certificates: Sequence[Certificate] = (),
) -> RecomputedLine:
    """The line for `quantity` MWh of electricity, at most 3 places; with `own`, the MWh of it that the plant made.

    Raises SchemaRefused (see `check_quantity`, `check_own`) and RecomputationRefused (`line.unit`).
    """
    check_quantity(line_id, LineKind.ELECTRICITY, quantity, unit)
    check_unit(line_id, factor.name, unit, "MWh")
    check_own(line_id, quantity, own, certificates)
    emission_factor = Term("EF", factor.factor, factor.unit, factor.source, factor=True)
    steps: tuple[Step, ...] = ()
    if own is None:
        bought, formula = quantity, ELECTRIC
        terms: tuple[Term, ...] = (Term("AD", quantity, unit, "activity"), emission_factor)
    else:
        less = add("AD", "MWh", [quantity], [parse_decimal(own)])
        bought, steps, formula = less.value, (less,), ELECTRIC_WITH_OWN
        terms = (
            Term("used", quantity, unit, "activity"),
            Term("own", parse_decimal(own), unit, "own photovoltaic power, used"),
            emission_factor,
        )
    line = rounded_line(
        line_id,
        LineKind.ELECTRICITY,
        factor.name,
        formula,
        terms=terms,
        steps=(*steps, multiply("E", "tCO2", [bought, factor.factor])),
    )
    line = dataclasses.replace(line, energy=carrier_energy(ELECTRICITY, bought, unit))
    return _with_market(line, bought, factor, certificates) if certificates else line


def purchased_heat(line_id: str, quantity: Decimal, unit: str, factor: EnergyFactor) -> RecomputedLine:
    """The line for `quantity` GJ of purchased heat, at most 2 places; refusals as for electricity."""
    check_quantity(line_id, LineKind.HEAT, quantity, unit)
    check_unit(line_id, factor.name, unit, "GJ")
    line = rounded_line(
        line_id,
        LineKind.HEAT,
        factor.name,
        HEATED,
        terms=(
            Term("AD", quantity, unit, "activity"),
            Term("EF", factor.factor, factor.unit, factor.source, factor=True),
        ),
        steps=(multiply("E", "tCO2", [quantity, factor.factor]),),
    )
    return dataclasses.replace(line, energy=carrier_energy(HEAT, quantity, unit))


def _with_market(
    line: RecomputedLine, bought: Decimal, factor: EnergyFactor, certificates: Sequence[Certificate]
) -> RecomputedLine:
    # GHG Protocol Scope 2 Guidance (2015), ch. 6: certified power counts nothing, the rest by the grid's factor.
    green = tuple(
        Term(f"green[{one.serial}]", parse_decimal(one.mwh), "MWh", f"green certificate {one.serial}")
        for one in certificates
    )
    rest = add("AD_market", "MWh", [bought], (term.value for term in green))
    product = multiply(unrounded("E_market"), "tCO2", [rest.value, factor.factor])
    final = rounded("E_market", "tCO2", product.value, EMISSIONS_PLACES)
    added: tuple[Step, ...] = (rest, product, final)
    return dataclasses.replace(line, terms=(*line.terms, *green), steps=(*line.steps, *added), market=final.value)
