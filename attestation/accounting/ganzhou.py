"""Check value: the published totals of the Ganzhou economic and technological development zone (DOMAIN 38).

Wang Zhong et al., Southern Energy Construction 2024, no. 5, tables 4-6. Only the inputs and the published totals are
data (`ganzhou.json`, with sources); what this module returns is computed from them. The study prints the gas share
only as "about 12 %", which is why its totals are met to 0.1 % and not to the last digit.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from types import MappingProxyType

from attestation.accounting.bundled import load_bundled
from attestation.accounting.park import CoalEquivalents, EnergyMix, MixFactors, park_energy_mix
from attestation.accounting.refusals import schema_refusal
from attestation.accounting.trace import Step, Term, add, multiply, rounded
from attestation.decimals import exact_sum, format_decimal, parse_decimal

_TOTAL_UNIT = "10^4 tCO2"
_DEVIATION_PLACES = 2
_QUANTITY = "energy × 10^7 × share ÷ 100 ÷ coal equivalent, converted to the carrier's unit"


@dataclass(frozen=True, slots=True)
class Study:
    """Where the numbers are from: title, source, what the study leaves open, and its factor set (id, version)."""

    title: str
    source: str
    note: str
    factor_set: tuple[str, str]


@dataclass(frozen=True, slots=True)
class GanzhouYear:
    """One year: the computed mix with the published `terms` that it is from, and the total that the study published in
    10^4 t."""

    year: int
    mix: EnergyMix
    published_10kt: Decimal
    study: Study
    terms: tuple[Term, ...]

    @property
    def computed_10kt(self) -> Decimal:
        """The total in 10^4 tCO2 at 2 places."""
        return self.mix.total_10kt

    @property
    def deviation(self) -> Step:
        """Computed less published, in per cent of the published total, at 50 digits."""
        difference = exact_sum((self.computed_10kt, -self.published_10kt))
        return multiply("deviation in per cent", "%", [difference, Decimal(100)], over=[self.published_10kt])

    @property
    def deviation_percent(self) -> Decimal:
        """The value of `deviation`."""
        return self.deviation.value

    def as_dict(self) -> dict[str, object]:
        """The year as JSON-ready members with the trace of every figure, every number a plain decimal string."""
        difference = add("difference", _TOTAL_UNIT, [self.computed_10kt], [self.published_10kt])
        deviation = rounded("deviation", "%", self.deviation_percent, _DEVIATION_PLACES)
        steps = (*self.mix.steps, difference, self.deviation, deviation)
        return {
            "park": self.study.title,
            "year": self.year,
            "use": "comparison with a published total, never an obligation",
            "use_zh": "仅用于与公布值比较，绝不作为清缴依据",
            "source": self.study.source,
            "note": self.study.note,
            "factor_set": dict(zip(("id", "version"), self.study.factor_set, strict=True)),
            "expression": _QUANTITY,
            "terms": [term.as_dict() for term in self.terms],
            "quantities": [step.as_dict() for step in self.mix.quantities],
            "lines": [line.as_dict() for line in self.mix.lines],
            "steps": [step.as_dict() for step in steps],
            "scopes": {"scope1": format_decimal(self.mix.scope1), "scope2": format_decimal(self.mix.scope2)},
            "total_10kt": format_decimal(self.computed_10kt),
            "published_10kt": format_decimal(self.published_10kt),
            "deviation_percent": format_decimal(deviation.value),
        }


def ganzhou_year(year: int) -> GanzhouYear:
    """One of the computed years. Raises SchemaRefused (`park.check_value`) for a year that the study does not have."""
    found = ganzhou_totals().get(year)
    if found is None:
        known = "one of " + ", ".join(map(str, ganzhou_totals()))
        raise schema_refusal("park.check_value", "ganzhou", year, known, "该研究没有这一年份")
    return found


@functools.cache
def ganzhou_totals() -> Mapping[int, GanzhouYear]:
    """The computed years by number, in order."""
    folder = resources.files("attestation.accounting")
    data = json.loads(folder.joinpath("ganzhou.json").read_text(encoding="utf-8"))
    study = Study(
        data["title"], data["source"], data["note"], (data["factor_set"]["id"], data["factor_set"]["version"])
    )
    factor_set = load_bundled(*study.factor_set)
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
        terms = (
            Term("energy", parse_decimal(row["energy_10ktce"]), "10^4 tce", study.source),
            Term("electricity share", parse_decimal(row["electricity_share_percent"]), "%", study.source),
            Term("gas share", parse_decimal(row["gas_share_percent"]), "%", study.note),
            *(
                Term(f"coal equivalent[{name}]", coal[name], entry["unit"], entry["source"])
                for name, entry in data["coal_equivalents"].items()
            ),
        )
        published = parse_decimal(row["published_emissions_10kt"])
        years[row["year"]] = GanzhouYear(row["year"], mix, published, study, terms)
    return MappingProxyType(years)
