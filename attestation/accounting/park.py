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
from attestation.decimals import calculation_context, exact_sum, round_half_up

_KGCE_PER_10KTCE = Decimal(10_000_000)
_TONNES_PER_10KT = Decimal(10_000)
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
    """

    lines: tuple[RecomputedLine, ...]
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
    oil_share_percent = _WHOLE_PERCENT - electricity_share_percent - gas_share_percent
    if energy_10ktce < 0 or min(electricity_share_percent, gas_share_percent, oil_share_percent) < 0:
        msg = f"out of range: {energy_10ktce} x 10^4 tce, {electricity_share_percent} %, {gas_share_percent} %"
        raise ValueError(msg)
    if min(coal.electricity, coal.gas, coal.oil) <= 0:
        msg = f"coal equivalents must be above 0: {coal}"
        raise ValueError(msg)
    with decimal.localcontext(calculation_context()):
        kgce_per_percent = energy_10ktce * _KGCE_PER_10KTCE / _WHOLE_PERCENT
        mwh = kgce_per_percent * electricity_share_percent / coal.electricity / 1_000
        gas_1e4nm3 = kgce_per_percent * gas_share_percent / coal.gas / 10_000
        oil_t = kgce_per_percent * oil_share_percent / coal.oil / 1_000
    electricity = purchased_electricity(
        "electricity", round_half_up(mwh, ACTIVITY_PLACES[LineKind.ELECTRICITY]), "MWh", factors.electricity
    )
    fuel_places = ACTIVITY_PLACES[LineKind.COMBUSTION]
    gas = burn("gas", round_half_up(gas_1e4nm3, fuel_places), "1e4Nm3", factors.gas)
    oil = burn("oil", round_half_up(oil_t, fuel_places), "t", factors.oil)
    scope1, scope2 = exact_sum((gas.emissions, oil.emissions)), electricity.emissions
    with decimal.localcontext(calculation_context()):
        total = (scope1 + scope2) / _TONNES_PER_10KT
        unrounded = (
            mwh * factors.electricity.factor
            + (_carbon(gas_1e4nm3, factors.gas) + _carbon(oil_t, factors.oil)) * 44 / 12
        ) / _TONNES_PER_10KT
    return EnergyMix((electricity, gas, oil), scope1, scope2, round_half_up(total, 2), unrounded)


def _carbon(quantity: Decimal, fuel: FuelFactor) -> Decimal:
    return quantity * fuel.ncv * fuel.carbon_content * fuel.oxidation
