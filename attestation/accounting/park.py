"""A park's emissions from its energy total and the shares of its carriers.

For parks that publish only coal equivalents (DOMAIN 38): energy × share / coal equivalent gives each carrier's
quantity, which then goes through the same lines as an enterprise's, roundings included (DOMAIN 36). The result adds
scope 1 and scope 2 and is for inventories and comparison only: it is never an obligation (DOMAIN 35).
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal

from attestation.accounting.combustion import burn
from attestation.accounting.energy import purchased_electricity
from attestation.accounting.factor_sets import EnergyFactor, FuelFactor
from attestation.accounting.kinds import ACTIVITY_PLACES, LineKind
from attestation.accounting.lines import RecomputedLine
from attestation.accounting.trace import Step, add, multiply, rounded, unrounded
from attestation.decimals import calculation_context

_KGCE_PER_10KTCE = Decimal(10_000_000)
_TONNES_PER_10KT = Decimal(10_000)
_TOTAL_PLACES = 2
_WHOLE_PERCENT = Decimal(100)


@dataclass(frozen=True, slots=True)
class CoalEquivalents:
    """Standard coal per unit of carrier (GB/T 2589): kgce/kWh, kgce/Nm3, kgce/kg."""

    electricity: Decimal
    gas: Decimal
    oil: Decimal


@dataclass(frozen=True, slots=True)
class MixFactors:
    """The factors of the three carriers; gas per 1e4Nm3, oil per t."""

    electricity: EnergyFactor
    gas: FuelFactor
    oil: FuelFactor


@dataclass(frozen=True, slots=True)
class EnergyMix:
    """Lines with their traces, `scope1` (gas and oil) and `scope2` (electricity) in tCO2, and their sum in 10^4 t.

    `unrounded_10kt` is the same sum without any intermediate rounding: how much the roundings moved the result.
    `quantities` are the steps from the energy to each carrier's quantity, `steps` those from the lines to the total.
    """

    quantities: tuple[Step, ...]
    lines: tuple[RecomputedLine, ...]
    steps: tuple[Step, ...]
    scope1: Decimal
    scope2: Decimal
    total_10kt: Decimal
    unrounded_10kt: Decimal


def park_energy_mix(
    energy_10ktce: Decimal,
    *,
    electricity_share_percent: Decimal,
    gas_share_percent: Decimal,
    coal: CoalEquivalents,
    factors: MixFactors,
) -> EnergyMix:
    """Emissions of `energy_10ktce` (10^4 tce) of which the two shares are electricity and gas, and the rest oil.

    Raises ValueError for negative energy, shares below 0 or together above 100 %, and coal equivalents not above 0;
    and what the lines raise.
    """
    rest = add("oil share", "%", [_WHOLE_PERCENT], [electricity_share_percent, gas_share_percent])
    oil_share_percent = rest.value
    if energy_10ktce < 0 or min(electricity_share_percent, gas_share_percent, oil_share_percent) < 0:
        msg = f"out of range: {energy_10ktce} x 10^4 tce, {electricity_share_percent} %, {gas_share_percent} %"
        raise ValueError(msg)
    if min(coal.electricity, coal.gas, coal.oil) <= 0:
        msg = f"coal equivalents must be above 0: {coal}"
        raise ValueError(msg)
    places = ACTIVITY_PLACES[LineKind.COMBUSTION]

    def quantity(carrier: str, unit: str, share: Decimal, equivalent: Decimal, per_unit: int) -> Step:
        over = [_WHOLE_PERCENT, equivalent, Decimal(per_unit)]
        return multiply(unrounded(carrier), unit, [energy_10ktce, _KGCE_PER_10KTCE, share], over=over)

    mwh = quantity("electricity", "MWh", electricity_share_percent, coal.electricity, 1_000)
    gas_1e4nm3 = quantity("gas", "1e4Nm3", gas_share_percent, coal.gas, 10_000)
    oil_t = quantity("oil", "t", oil_share_percent, coal.oil, 1_000)
    mwh_rounded = rounded("electricity", "MWh", mwh.value, ACTIVITY_PLACES[LineKind.ELECTRICITY])
    gas_rounded, oil_rounded = (
        rounded("gas", "1e4Nm3", gas_1e4nm3.value, places),
        rounded("oil", "t", oil_t.value, places),
    )
    electricity = purchased_electricity("electricity", mwh_rounded.value, "MWh", factors.electricity)
    gas, oil = burn("gas", gas_rounded.value, "1e4Nm3", factors.gas), burn("oil", oil_rounded.value, "t", factors.oil)
    scope1, scope2 = (
        add("scope1", "tCO2", [gas.emissions, oil.emissions]),
        add("scope2", "tCO2", [electricity.emissions]),
    )
    both = add("scope1 + scope2", "tCO2", [scope1.value, scope2.value])
    in_10kt = multiply(unrounded("total"), "10^4 tCO2", [both.value], over=[_TONNES_PER_10KT])
    total = rounded("total", "10^4 tCO2", in_10kt.value, _TOTAL_PLACES)
    with decimal.localcontext(calculation_context()):
        exact = (
            mwh.value * factors.electricity.factor
            + (_carbon(gas_1e4nm3.value, factors.gas) + _carbon(oil_t.value, factors.oil)) * 44 / 12
        ) / _TONNES_PER_10KT
    return EnergyMix(
        quantities=(rest, mwh, mwh_rounded, gas_1e4nm3, gas_rounded, oil_t, oil_rounded),
        lines=(electricity, gas, oil),
        steps=(scope1, scope2, both, in_10kt, total),
        scope1=scope1.value,
        scope2=scope2.value,
        total_10kt=total.value,
        unrounded_10kt=exact,
    )


def _carbon(quantity: Decimal, fuel: FuelFactor) -> Decimal:
    return quantity * fuel.ncv * fuel.carbon_content * fuel.oxidation
