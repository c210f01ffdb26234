"""Grandfathering and historical intensity (DOMAIN 26, 27): exact results, nothing is rounded here.

grandfathering         A = mean(E over base years) * factor
historical intensity   A = output * mean(E / output over base years) * factor
"""

from __future__ import annotations

from quota.allocation.inputs import GrandfatheringInputs, IntensityInputs
from quota.trace import Step, add, multiply


def grandfathering(inputs: GrandfatheringInputs) -> tuple[Step, ...]:
    """The steps of DOMAIN 26; the last one's value is the result, tCO2e."""
    total = add("ΣE", "tCO2e", (base.emissions for base in inputs.base_years), source="base years")
    result = multiply("A", "tCO2e", (total.value, inputs.factor), (len(inputs.base_years),), source="DOMAIN 26")
    return (total, result)


def historical_intensity(inputs: IntensityInputs) -> tuple[Step, ...]:
    """The steps of DOMAIN 27; the last one's value is the result, tCO2e. Each base year weighs the same."""
    unit = f"tCO2e/{inputs.unit}"
    years = [
        multiply(f"I({base.year})", unit, (base.emissions,), (base.output,), source=f"base year {base.year}")
        for base in inputs.base_years
    ]
    total = add("ΣI", unit, (step.value for step in years))
    factors = (inputs.output, total.value, inputs.factor)
    return (*years, total, multiply("A", "tCO2e", factors, (len(years),), source="DOMAIN 27"))
