"""One enterprise of an allocation as JSON, in and out (docs/quota.md, section 3)."""

from __future__ import annotations

from decimal import Decimal

from quota.allocation.checks import FIRST_YEAR, LAST_YEAR
from quota.allocation.inputs import (
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
from quota.errors import QuotaError
from quota.reading import Member
from quota.refusals import refuse
from quota.trace import show

MOST_YEARS = 100
MOST_UNITS = 1_000
ELECTRICITY, HEAT = "MWh", "GJ"

_INPUT = ("identifier", "method", "inputs", "relief", "score_adjustment", "owed", "cut")
_UNIT = ("name", "class", "electricity", "heat", "power_benchmark", "heat_benchmark", "emissions")


def input_as_document(one: AllocationInput) -> dict[str, object]:
    """The enterprise as JSON; years and units sorted, decimals without trailing zeros."""
    return {
        "identifier": one.identifier,
        "method": one.method.value,
        "inputs": _inputs(one.inputs),
        "relief": show(one.relief),
        "score_adjustment": show(one.score_adjustment),
        "owed": str(one.owed),
        "cut": show(one.cut),
    }


def read_input(member: Member) -> AllocationInput:
    """The enterprise of a document. Raises AllocationRefused, AmountRefused, IdentifierRefused, all with its path."""
    try:
        return _read(member)
    except QuotaError as error:
        raise error.below(member.at) from error


def _read(member: Member) -> AllocationInput:
    members = member.members(_INPUT)
    method = members["method"].text()
    if method not in set(Method):
        raise refuse("allocation.method", method, at=members["method"].at)
    return AllocationInput(
        identifier=members["identifier"].text(),
        method=Method(method),
        inputs=_read_inputs(Method(method), members["inputs"]),
        relief=members["relief"].decimal(),
        score_adjustment=members["score_adjustment"].decimal(signed=True),
        owed=members["owed"].units(),
        cut=members["cut"].decimal(),
    )


def _inputs(inputs: MethodInputs) -> dict[str, object]:
    if isinstance(inputs, GrandfatheringInputs):
        return {
            "base_years": [{"year": base.year, "emissions": show(base.emissions)} for base in inputs.base_years],
            "factor": show(inputs.factor),
        }
    if isinstance(inputs, IntensityInputs):
        return {
            "output": _quantity(inputs.output, inputs.unit),
            "base_years": [
                {
                    "year": base.year,
                    "emissions": show(base.emissions),
                    "output": _quantity(base.output, inputs.unit),
                }
                for base in inputs.base_years
            ],
            "factor": show(inputs.factor),
        }
    if isinstance(inputs, IndustryInputs):
        return {
            "sector": inputs.sector,
            "emissions": show(inputs.emissions),
            "output": _quantity(inputs.output, inputs.unit),
        }
    return {"units": [_power_unit(unit) for unit in inputs.units]}


def _power_unit(unit: PowerUnit) -> dict[str, object]:
    members: dict[str, object] = {
        "name": unit.name,
        "class": unit.unit_class.value,
        "electricity": _quantity(unit.electricity, ELECTRICITY),
        "heat": _quantity(unit.heat, HEAT),
        "power_benchmark": show(unit.power_benchmark),
        "heat_benchmark": show(unit.heat_benchmark),
        "emissions": show(unit.emissions),
    }
    return members if unit.load is None else {**members, "load": show(unit.load)}


def _quantity(value: Decimal, unit: str) -> dict[str, object]:
    return {"quantity": show(value), "unit": unit}


def _read_inputs(method: Method, member: Member) -> MethodInputs:
    if method is Method.GRANDFATHERING:
        members = member.members(("base_years", "factor"))
        return GrandfatheringInputs(
            tuple(_read_base_year(one) for one in members["base_years"].items(MOST_YEARS)), members["factor"].decimal()
        )
    if method is Method.INTENSITY:
        members = member.members(("output", "base_years", "factor"))
        output, unit = _read_quantity(members["output"])
        years = tuple(_read_base_output(one, unit) for one in members["base_years"].items(MOST_YEARS))
        return IntensityInputs(output, unit, years, members["factor"].decimal())
    if method is Method.INDUSTRY:
        members = member.members(("sector", "emissions", "output"))
        output, unit = _read_quantity(members["output"])
        return IndustryInputs(members["sector"].text(), members["emissions"].decimal(), output, unit)
    units = member.members(("units",))["units"]
    return PowerInputs(tuple(_read_power_unit(one) for one in units.items(MOST_UNITS)))


def _read_base_year(member: Member) -> BaseYear:
    members = member.members(("year", "emissions"))
    return BaseYear(members["year"].integer(FIRST_YEAR, LAST_YEAR), members["emissions"].decimal())


def _read_base_output(member: Member, unit: str) -> BaseOutput:
    members = member.members(("year", "emissions", "output"))
    output, own = _read_quantity(members["output"])
    if own != unit:
        raise refuse("allocation.unit_of_inputs", own, unit, at=f"{members['output'].at}.unit")
    return BaseOutput(members["year"].integer(FIRST_YEAR, LAST_YEAR), members["emissions"].decimal(), output)


def _read_power_unit(member: Member) -> PowerUnit:
    members = member.members(_UNIT, ("load",))
    name = members["class"].text()
    if name not in set(UnitClass):
        raise members["class"].refusal(name, ", ".join(UnitClass))
    return PowerUnit(
        name=members["name"].text(),
        unit_class=UnitClass(name),
        electricity=_read_in(members["electricity"], ELECTRICITY),
        heat=_read_in(members["heat"], HEAT),
        power_benchmark=members["power_benchmark"].decimal(),
        heat_benchmark=members["heat_benchmark"].decimal(),
        emissions=members["emissions"].decimal(),
        load=members["load"].decimal() if "load" in members else None,
    )


def _read_quantity(member: Member) -> tuple[Decimal, str]:
    members = member.members(("quantity", "unit"))
    return members["quantity"].decimal(), members["unit"].text()


def _read_in(member: Member, unit: str) -> Decimal:
    members = member.members(("quantity", "unit"))
    members["unit"].constant(unit)
    return members["quantity"].decimal()
