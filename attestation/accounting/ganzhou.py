"""Check value: the published totals of the Ganzhou economic and technological development zone (DOMAIN 38).

Wang Zhong et al., Southern Energy Construction 2024, no. 5, tables 4-6. Only the inputs and the published totals are
data (`ganzhou.json`, with sources); what this module returns is computed from them. The study prints the gas share
only as "about 12 %", which is why its totals are met to 0.1 % and not to the last digit.
"""

from __future__ import annotations

import decimal
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from types import MappingProxyType

from attestation.accounting.bundled import load_bundled
from attestation.accounting.park import CoalEquivalents, EnergyMix, MixFactors, park_energy_mix
from attestation.decimals import calculation_context, parse_decimal


@dataclass(frozen=True, slots=True)
class GanzhouYear:
    """One year: the computed mix, and the total that the study published in 10^4 t."""

    year: int
    mix: EnergyMix
    published_10kt: Decimal

    @property
    def computed_10kt(self) -> Decimal:
        """The total in 10^4 tCO2 at 2 places."""
        return self.mix.total_10kt

    @property
    def deviation_percent(self) -> Decimal:
        """Computed less published, in per cent of the published total."""
        with decimal.localcontext(calculation_context()):
            return (self.computed_10kt - self.published_10kt) * 100 / self.published_10kt


@functools.cache
def ganzhou_totals() -> Mapping[int, GanzhouYear]:
    """The computed years by number, in order."""
    folder = resources.files("attestation.accounting")
    data = json.loads(folder.joinpath("ganzhou.json").read_text(encoding="utf-8"))
    factor_set = load_bundled(data["factor_set"]["id"], data["factor_set"]["version"])
    coal = {name: parse_decimal(entry["value"]) for name, entry in data["coal_equivalents"].items()}
    factors = MixFactors(
        electricity=factor_set.electricity["purchased"],
        gas=factor_set.fuels["natural_gas"],
        oil=factor_set.fuels["oil_products"],
    )
    years = {}
    for row in data["years"]:
        mix = park_energy_mix(
            parse_decimal(row["energy_10ktce"]),
            electricity_share_percent=parse_decimal(row["electricity_share_percent"]),
            gas_share_percent=parse_decimal(row["gas_share_percent"]),
            coal=CoalEquivalents(coal["electricity"], coal["gas"], coal["oil"]),
            factors=factors,
        )
        years[row["year"]] = GanzhouYear(row["year"], mix, parse_decimal(row["published_emissions_10kt"]))
    return MappingProxyType(years)
