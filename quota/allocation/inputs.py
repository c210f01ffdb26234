"""What an allocation is computed from (DOMAIN 26 to 31). Every object checks itself when it is made.

Emissions in tCO2e, outputs in the unit they name, electricity in MWh, heat in GJ, factors and shares as fractions of
one. Each number is exact; none is negative, save a score adjustment.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar

from quota.allocation.checks import (
    check_decimal,
    check_finite,
    check_name,
    check_positive,
    check_unit,
    check_year,
    check_years,
)
from quota.identifiers import check_identifier
from quota.refusals import refuse
from quota.units import check_units, exactly

LEAST_INTENSITY = Decimal("0.001")
"""tCO2e per unit of output. A benchmark of 6 places is too coarse for less: name a larger unit of output."""


class Method(StrEnum):
    """How a free share is computed."""

    GRANDFATHERING = "grandfathering"
    INTENSITY = "historical-intensity"
    POWER = "power-benchmark"
    INDUSTRY = "industry-benchmark"


class UnitClass(StrEnum):
    """The classes of generating units of the national allocation plans."""

    COAL_LARGE = "coal-large"
    COAL_SMALL = "coal-small"
    COAL_UNCONVENTIONAL = "coal-unconventional"
    GAS = "gas"

    @property
    def conventional_coal(self) -> bool:
        """Whether the correction for load applies (DOMAIN 28)."""
        return self in {UnitClass.COAL_LARGE, UnitClass.COAL_SMALL}


@dataclass(frozen=True, slots=True)
class BaseYear:
    """Emissions of a base year, tCO2e."""

    year: int
    emissions: Decimal

    def __post_init__(self) -> None:
        check_year(self.year, "base_years")
        check_decimal(self.emissions, f"base_years.{self.year}.emissions")


@dataclass(frozen=True, slots=True)
class BaseOutput:
    """Emissions (tCO2e) and output of a base year; the output is above zero, in the unit of the allocation."""

    year: int
    emissions: Decimal
    output: Decimal

    def __post_init__(self) -> None:
        check_year(self.year, "base_years")
        check_decimal(self.emissions, f"base_years.{self.year}.emissions")
        check_positive(self.output, f"base_years.{self.year}.output")


_Base = TypeVar("_Base", BaseYear, BaseOutput)


def _ordered(years: tuple[_Base, ...]) -> tuple[_Base, ...]:
    # One order for one set of inputs: those that mean the same are equal.
    return tuple(sorted(years, key=lambda base: base.year))


@dataclass(frozen=True, slots=True)
class GrandfatheringInputs:
    """Base years and the reduction factor of DOMAIN 26."""

    base_years: tuple[BaseYear, ...]
    factor: Decimal

    def __post_init__(self) -> None:
        check_years((base.year for base in self.base_years), "base_years")
        object.__setattr__(self, "base_years", _ordered(self.base_years))
        check_decimal(self.factor, "factor")


@dataclass(frozen=True, slots=True)
class IntensityInputs:
    """Output of the year in `unit`, base years in the same unit, reduction factor (DOMAIN 27)."""

    output: Decimal
    unit: str
    base_years: tuple[BaseOutput, ...]
    factor: Decimal

    def __post_init__(self) -> None:
        check_decimal(self.output, "output")
        check_unit(self.unit, "unit")
        check_years((base.year for base in self.base_years), "base_years")
        object.__setattr__(self, "base_years", _ordered(self.base_years))
        check_decimal(self.factor, "factor")


@dataclass(frozen=True, slots=True)
class PowerUnit:
    """A generating unit: gross electricity (MWh), heat (GJ), benchmarks (tCO2/MWh, tCO2/GJ), verified emissions (tCO2)
    and, of conventional coal, the load: a fraction from 0 to 1."""

    name: str
    unit_class: UnitClass
    electricity: Decimal
    heat: Decimal
    power_benchmark: Decimal
    heat_benchmark: Decimal
    emissions: Decimal
    load: Decimal | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "units.name")
        for member in ("electricity", "heat", "power_benchmark", "heat_benchmark", "emissions"):
            check_decimal(getattr(self, member), f"units.{self.name}.{member}")
        place = f"units.{self.name}.load"
        if (self.load is None) == self.unit_class.conventional_coal:
            found = "none" if self.load is None else f"a load of a {self.unit_class} unit"
            raise refuse("allocation.load_of_class", found, at=place)
        if self.load is not None and check_decimal(self.load, place) > 1:
            raise refuse("allocation.load", self.load, at=place)


@dataclass(frozen=True, slots=True)
class PowerInputs:
    """The generating units of an enterprise, each name once (DOMAIN 28)."""

    units: tuple[PowerUnit, ...]

    def __post_init__(self) -> None:
        names = sorted(unit.name for unit in self.units)
        if not names:
            raise refuse("allocation.empty", "no generating unit", at="units")
        for one, other in pairwise(names):
            if one == other:
                raise refuse("allocation.twice", one, at="units")
        object.__setattr__(self, "units", tuple(sorted(self.units, key=lambda unit: unit.name)))


@dataclass(frozen=True, slots=True)
class IndustryInputs:
    """Verified emissions (tCO2) and output of the year; enterprises of one sector share the unit (DOMAIN 29)."""

    sector: str
    emissions: Decimal
    output: Decimal
    unit: str

    def __post_init__(self) -> None:
        check_name(self.sector, "sector")
        check_decimal(self.emissions, "emissions")
        check_unit(self.unit, "unit")
        check_positive(self.output, "output")
        if exactly(self.emissions, "emissions") / exactly(self.output, "output") < exactly(LEAST_INTENSITY, "least"):
            raise refuse("allocation.intensity_too_small", f"{self.emissions} tCO2 over {self.output} {self.unit}")


MethodInputs = GrandfatheringInputs | IntensityInputs | PowerInputs | IndustryInputs

_INPUTS_OF: dict[Method, type[MethodInputs]] = {
    Method.GRANDFATHERING: GrandfatheringInputs,
    Method.INTENSITY: IntensityInputs,
    Method.POWER: PowerInputs,
    Method.INDUSTRY: IndustryInputs,
}


@dataclass(frozen=True, slots=True)
class AllocationInput:
    """An enterprise of a run.

    `relief`: tonnes added to the method's result. `score_adjustment`: the fraction by which both are changed, within
    the rules' limit. `owed`: units of earlier years that could not be returned, deducted from this share (DOMAIN 31).
    `cut`: 0, or the fraction from 0.5 to 1 that falsified data or a refused correction costs (DOMAIN 7).
    """

    identifier: str
    method: Method
    inputs: MethodInputs
    relief: Decimal = Decimal(0)
    score_adjustment: Decimal = Decimal(0)
    owed: int = 0
    cut: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        check_identifier(self.identifier)
        if type(self.inputs) is not _INPUTS_OF[self.method]:
            found, wanted = type(self.inputs).__name__, f"inputs of {self.method}"
            wanted_zh = f"{self.method} 方法的输入"
            raise refuse("allocation.inputs_of_method", found, wanted, at=self.identifier, expected_zh=wanted_zh)
        check_decimal(self.relief, f"{self.identifier}.relief")
        place = f"{self.identifier}.score_adjustment"
        check_decimal(check_finite(self.score_adjustment, place).copy_abs(), place)
        check_units(self.owed, f"{self.identifier}.owed")
        cut = check_decimal(self.cut, f"{self.identifier}.cut")
        if cut and not Decimal("0.5") <= cut <= 1:
            raise refuse("allocation.cut", cut, at=f"{self.identifier}.cut")


@dataclass(frozen=True, slots=True)
class AllocationRules:
    """The parameters of a year's run: `cap` and `reserve` in units, the share that is allocated ahead, the limit of a
    score adjustment (fraction), and benchmarks of sectors where somebody published them (tCO2 per unit of output)."""

    year: int
    cap: int
    reserve: int
    pre_share: Decimal = Decimal("0.70")
    score_limit: Decimal = Decimal("0.02")
    sector_benchmarks: tuple[tuple[str, Decimal], ...] = ()

    def __post_init__(self) -> None:
        check_year(self.year, "rules.year")
        check_units(self.cap, "rules.cap")
        check_units(self.reserve, "rules.reserve")
        if self.reserve > self.cap:
            wanted, wanted_zh = f"at most the cap of {self.cap}", f"不超过总量 {self.cap}"
            raise refuse("allocation.reserve", self.reserve, wanted, at="rules.reserve", expected_zh=wanted_zh)
        for member in ("pre_share", "score_limit"):
            if check_decimal(getattr(self, member), f"rules.{member}") > 1:
                raise refuse("allocation.share", getattr(self, member), at=f"rules.{member}")
        names = [name for name, _ in self.sector_benchmarks]
        for name, benchmark in self.sector_benchmarks:
            check_name(name, "rules.sector_benchmarks")
            check_positive(benchmark, f"rules.sector_benchmarks.{name}")
        for one, other in pairwise(sorted(names)):
            if one == other:
                raise refuse("allocation.twice", one, at="rules.sector_benchmarks")

    @property
    def available(self) -> int:
        """What free shares may sum to: cap less reserve."""
        return self.cap - self.reserve
