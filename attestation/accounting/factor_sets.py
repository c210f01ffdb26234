"""Factor sets: the versioned numbers that turn an activity into emissions, each with its source.

Document (JSON; every number is a decimal string by `docs/design.md` §2; members not named here are refused):

    id, version, title, source,
    fuels       {name: {ncv, ncv_unit, carbon_content, carbon_content_unit, oxidation, source}},
    electricity {name: {factor, unit, source}},
    heat        {name: {factor, unit, source}},
    biomass?    {name: as of fuels},
    process?    {name: {factor, unit, source}},
    carbon?     {name: {factor, unit, source}},
    gwp?        {name: {value, source}}

The units are fixed, because a factor in another unit is the commonest error of all (DOMAIN 37): `ncv_unit` is `GJ/t`
or `GJ/1e4Nm3`, carbon content is in `tC/GJ` (never `tC/TJ`), oxidation is a fraction (never per cent), electricity
is `tCO2/MWh` (which equals kg/kWh), heat is `tCO2/GJ`, process is `tCO2/t`, carbon of a mass balance `tC/t` or
`tC/1e4Nm3`. Precision follows DOMAIN 36: NCV 3 places, carbon content 5.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from attestation.accounting import factor_members as members

NCV_UNITS: Mapping[str, str] = MappingProxyType({"GJ/t": "t", "GJ/1e4Nm3": "1e4Nm3"})
"""Unit of a net calorific value → unit in which that fuel's quantity is stated."""

CARBON_UNITS: Mapping[str, str] = MappingProxyType({"tC/t": "t", "tC/1e4Nm3": "1e4Nm3"})
"""Unit of a material's carbon content → unit in which that material's quantity is stated."""

CARBON_CONTENT_UNIT = "tC/GJ"
ELECTRICITY_UNIT = "tCO2/MWh"
HEAT_UNIT = "tCO2/GJ"
PROCESS_UNIT = "tCO2/t"

MAX_FACTORS = 256
"""Most names in one family of one set."""

# Above hydrogen (120 GJ/t) and butane vapour (about 1150 GJ/1e4Nm3): a value in kJ/kg or kcal/kg lies far beyond.
_NCV_BOUNDS = {"GJ/t": members.Range(above="0", up_to="150", places=3), "GJ/1e4Nm3": members.Range("0", "1500", 3)}
# Blast furnace gas, whose CO2 is already burnt, is highest at 0.0708; in tC/TJ it is a thousand times that.
_CARBON_CONTENT = members.Range(above="0", up_to="0.2", places=5)
_OXIDATION = members.Range(above="0", up_to="1", places=4)
_ELECTRICITY = members.Range(above="0", up_to="2", places=6)
_HEAT = members.Range(above="0", up_to="1", places=6)
# Pure carbon gives 44/12 tCO2/t and holds 1 tC/t; a gas of three carbon atoms 15 tC/1e4Nm3 (20 °C, 101.325 kPa).
_PROCESS = members.Range(above="0", up_to="4", places=6)
_CARBON = {"tC/t": members.Range("0", "1", 6), "tC/1e4Nm3": members.Range("0", "20", 6)}
_GWP = members.Range(above="0", up_to="30000", places=3)


@dataclass(frozen=True, slots=True)
class FuelFactor:
    """What one fuel's combustion needs (DOMAIN 32).

    `ncv` in `ncv_unit`, `carbon_content` in tC/GJ, `oxidation` a fraction in (0, 1]. `quantity_unit` is the unit a
    report states this fuel in: `t`, or `1e4Nm3` for gases.
    """

    name: str
    ncv: Decimal
    ncv_unit: str
    carbon_content: Decimal
    carbon_content_unit: str
    oxidation: Decimal
    source: str

    @property
    def quantity_unit(self) -> str:
        return NCV_UNITS[self.ncv_unit]


@dataclass(frozen=True, slots=True)
class EnergyFactor:
    """Emissions per purchased MWh of electricity (`tCO2/MWh`) or GJ of heat (`tCO2/GJ`) (DOMAIN 33), per tonne of a
    material (`tCO2/t`), or carbon per unit of one (`tC/t`, `tC/1e4Nm3`; DOMAIN 34)."""

    name: str
    factor: Decimal
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class GlobalWarmingPotential:
    """tCO2e per tonne of a gas over 100 years."""

    name: str
    value: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class FactorSet:
    """One version of a set of factors. Make it with `from_document`; it cannot change afterwards."""

    id: str
    version: str
    title: str
    source: str
    fuels: Mapping[str, FuelFactor] = field(hash=False)
    electricity: Mapping[str, EnergyFactor] = field(hash=False)
    heat: Mapping[str, EnergyFactor] = field(hash=False)
    biomass: Mapping[str, FuelFactor] = field(hash=False)
    process: Mapping[str, EnergyFactor] = field(hash=False)
    carbon: Mapping[str, EnergyFactor] = field(hash=False)
    gwp: Mapping[str, GlobalWarmingPotential] = field(hash=False)
    canonical: bytes = field(repr=False)

    @classmethod
    def from_document(cls, document: object) -> FactorSet:
        """The set that `document` (a JSON object, form above) describes.

        Raises SchemaRefused, whose `rule` is one of `factor_set.type`, `.members`, `.name`, `.text`, `.size`, `.empty`,
        `.biomass` (a name that is a fuel's too), `factor.unit`, `factor.range`, `factor.places`, `decimal.grammar`; the
        message says at which member.
        """
        top = members.read_object(
            document,
            "",
            required=("id", "version", "title", "source", "fuels", "electricity", "heat"),
            optional=("biomass", "process", "carbon", "gwp"),
        )
        fuels = {name: _fuel(name, entry, "fuels") for name, entry in _family(top, "fuels")}
        biomass = {name: _fuel(name, entry, "biomass") for name, entry in _family(top, "biomass")}
        electricity = {
            name: _energy(name, entry, "electricity", {ELECTRICITY_UNIT: _ELECTRICITY})
            for name, entry in _family(top, "electricity")
        }
        heat = {name: _energy(name, entry, "heat", {HEAT_UNIT: _HEAT}) for name, entry in _family(top, "heat")}
        process = {
            name: _energy(name, entry, "process", {PROCESS_UNIT: _PROCESS}) for name, entry in _family(top, "process")
        }
        carbon = {name: _energy(name, entry, "carbon", _CARBON) for name, entry in _family(top, "carbon")}
        gwp = {name: _gwp(name, entry) for name, entry in _family(top, "gwp")}
        for name in sorted(fuels.keys() & biomass.keys()):
            # Else whoever burns it chooses whether its CO2 is owed.
            raise members.refusal(
                "factor_set.biomass",
                f"biomass.{name}",
                name,
                "a name that is not among the fuels",
                "名称与化石燃料重复",
            )
        if not (fuels or electricity or heat or biomass or process or carbon or gwp):
            raise members.refusal("factor_set.empty", "", "no factor at all", "at least one factor", "没有任何排放因子")
        return cls(
            id=members.read_name(top["id"], "id"),
            version=members.read_name(top["version"], "version"),
            title=members.read_text(top["title"], "title"),
            source=members.read_text(top["source"], "source"),
            fuels=MappingProxyType(fuels),
            electricity=MappingProxyType(electricity),
            heat=MappingProxyType(heat),
            biomass=MappingProxyType(biomass),
            process=MappingProxyType(process),
            carbon=MappingProxyType(carbon),
            gwp=MappingProxyType(gwp),
            canonical=_canonical(top),
        )

    def document(self) -> dict[str, object]:
        """A fresh copy of the document this set was made from; a policy statement carries it."""
        copy: dict[str, object] = json.loads(self.canonical)
        return copy

    def document_hash(self) -> bytes:
        """SHA-256 (32 bytes) of the document's canonical JSON: sorted names, no blanks, UTF-8.

        The document holds only objects and strings with ASCII names, for which this is RFC 8785.
        """
        return hashlib.sha256(self.canonical).digest()


def _canonical(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _family(top: Mapping[str, object], family: str) -> list[tuple[str, object]]:
    entries = members.read_mapping(top.get(family, {}), family)
    if len(entries) > MAX_FACTORS:
        raise members.refusal(
            "factor_set.size", family, str(len(entries)), f"at most {MAX_FACTORS} names", "排放因子数量过多"
        )
    for name in entries:
        members.read_name(name, family)
    return list(entries.items())


def _fuel(name: str, entry: object, family: str) -> FuelFactor:
    where = f"{family}.{name}"
    fuel = members.read_object(
        entry,
        where,
        required=("ncv", "ncv_unit", "carbon_content", "carbon_content_unit", "oxidation", "source"),
    )
    ncv_unit = members.read_unit(fuel["ncv_unit"], f"{where}.ncv_unit", tuple(NCV_UNITS))
    return FuelFactor(
        name=name,
        ncv=members.read_number(fuel["ncv"], f"{where}.ncv", _NCV_BOUNDS[ncv_unit]),
        ncv_unit=ncv_unit,
        carbon_content_unit=members.read_unit(
            fuel["carbon_content_unit"], f"{where}.carbon_content_unit", (CARBON_CONTENT_UNIT,)
        ),
        carbon_content=members.read_number(fuel["carbon_content"], f"{where}.carbon_content", _CARBON_CONTENT),
        oxidation=members.read_number(fuel["oxidation"], f"{where}.oxidation", _OXIDATION),
        source=members.read_text(fuel["source"], f"{where}.source"),
    )


def _energy(name: str, entry: object, family: str, bounds: Mapping[str, members.Range]) -> EnergyFactor:
    where = f"{family}.{name}"
    factor = members.read_object(entry, where, required=("factor", "unit", "source"))
    unit = members.read_unit(factor["unit"], f"{where}.unit", tuple(bounds))
    return EnergyFactor(
        name=name,
        unit=unit,
        factor=members.read_number(factor["factor"], f"{where}.factor", bounds[unit]),
        source=members.read_text(factor["source"], f"{where}.source"),
    )


def _gwp(name: str, entry: object) -> GlobalWarmingPotential:
    where = f"gwp.{name}"
    gas = members.read_object(entry, where, required=("value", "source"))
    value = members.read_number(gas["value"], f"{where}.value", _GWP)
    if name == "CO2" and value != 1:
        raise members.refusal("factor.range", f"{where}.value", gas["value"], "1: by definition", "二氧化碳的值恒为一")
    return GlobalWarmingPotential(
        name=name,
        value=value,
        source=members.read_text(gas["source"], f"{where}.source"),
    )
