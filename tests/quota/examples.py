"""Inputs that several tests start from."""

from __future__ import annotations

import random
from decimal import Decimal

from quota.allocation import (
    AllocationInput,
    BaseOutput,
    BaseYear,
    GrandfatheringInputs,
    IndustryInputs,
    IntensityInputs,
    Method,
    MethodInputs,
    PowerInputs,
    PowerUnit,
    UnitClass,
)

PARK_YEAR = {"A": 40_123, "B": 28_004, "C": 18_007, "D": 9_001, "E": 4_999}
"""Means of the base years of five enterprises, t."""


def inherited(identifier: str, tonnes: object, factor: str = "1", **more: object) -> AllocationInput:
    """A grandfathered enterprise of one base year."""
    inputs = GrandfatheringInputs((BaseYear(2023, Decimal(str(tonnes))),), Decimal(factor))
    return AllocationInput(identifier, Method.GRANDFATHERING, inputs, **more)  # type: ignore[arg-type]  # members by name


def coal(name: str = "u1", **changes: object) -> PowerUnit:
    """DOMAIN 28's unit: class I of 2024."""
    members: dict[str, object] = {
        "name": name,
        "unit_class": UnitClass.COAL_LARGE,
        "electricity": Decimal(3_000_000),
        "heat": Decimal(1_000_000),
        "power_benchmark": Decimal("0.7910"),
        "heat_benchmark": Decimal("0.1033"),
        "emissions": Decimal(2_600_000),
        "load": Decimal("0.60"),
        **changes,
    }
    return PowerUnit(**members)  # type: ignore[arg-type]  # members by name


def works(sector: str, emissions: str, output: str, unit: str = "t") -> IndustryInputs:
    """A works of a benchmarked industry."""
    return IndustryInputs(sector, Decimal(emissions), Decimal(output), unit)


def any_inputs(chance: random.Random) -> tuple[Method, MethodInputs]:
    """Inputs of any method, seeded."""
    method = chance.choice(list(Method))
    factor = Decimal(chance.randrange(500, 1_200)).scaleb(-3)
    years = range(2023 - chance.randrange(4), 2024)
    if method is Method.GRANDFATHERING:
        return method, GrandfatheringInputs(tuple(BaseYear(year, _amount(chance)) for year in years), factor)
    if method is Method.INTENSITY:
        bases = tuple(BaseOutput(year, _amount(chance), _amount(chance) + 1) for year in years)
        return method, IntensityInputs(_amount(chance), "t", bases, factor)
    if method is Method.INDUSTRY:
        output = Decimal(chance.randrange(1, 10**6))
        return method, IndustryInputs(chance.choice(("steel", "cement")), output * factor, output, "t")
    gas = chance.random() < 0.5
    unit = PowerUnit(
        "u1",
        UnitClass.GAS if gas else UnitClass.COAL_SMALL,
        _amount(chance),
        _amount(chance),
        Decimal("0.8049"),
        Decimal("0.1033"),
        _amount(chance),
        None if gas else Decimal(chance.randrange(10_001)).scaleb(-4),
    )
    return method, PowerInputs((unit,))


def _amount(chance: random.Random) -> Decimal:
    return Decimal(chance.randrange(10**8)).scaleb(-chance.randrange(4))
