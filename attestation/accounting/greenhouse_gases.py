"""The seven greenhouse gases of an inventory, and their global warming potentials over 100 years (DOMAIN 32, 46).

The seven are CO2, CH4, N2O, SF6, NF3 and two families, HFCs and PFCs, whose members are named one by one: a family has
no potential of its own. Potentials are of IPCC AR5 (WG1, table 8.A.1) and AR6 (WG1, table 7.15); an inventory uses one
edition throughout.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Mapping
from enum import StrEnum
from importlib import resources
from types import MappingProxyType

from attestation.accounting.factor_sets import GlobalWarmingPotential
from attestation.accounting.refusals import schema_refusal
from attestation.decimals import parse_decimal


class Gas(StrEnum):
    """The seven of the Kyoto protocol with its Doha amendment, in the order in which they are reported."""

    CO2 = "CO2"
    CH4 = "CH4"
    N2O = "N2O"
    HFCS = "HFCs"
    PFCS = "PFCs"
    SF6 = "SF6"
    NF3 = "NF3"


class Edition(StrEnum):
    """Whose potentials."""

    AR5 = "ar5"
    AR6 = "ar6"


SOURCES: Mapping[Edition, str] = MappingProxyType(
    {Edition.AR5: "IPCC AR5, WG1, table 8.A.1, GWP100", Edition.AR6: "IPCC AR6, WG1, table 7.15, GWP100"}
)

_SINGLE = frozenset({Gas.CO2, Gas.CH4, Gas.N2O, Gas.SF6, Gas.NF3})
_HFC = re.compile(r"HFC-[0-9]{2,4}[a-z]{0,3}")
_PFC = re.compile(r"PFC-[0-9]{2,4}|(c-)?C[0-9]{0,2}F[0-9]{1,2}")


def gas_of(name: str) -> Gas:
    """Which of the seven a gas by its name is: ``HFC-134a`` is of the HFCs, ``CF4`` of the PFCs.

    Raises SchemaRefused (`gas.unknown`), for the names of the two families too.
    """
    if name in _SINGLE:
        return Gas(name)
    if _HFC.fullmatch(name) is not None:
        return Gas.HFCS
    if _PFC.fullmatch(name) is not None:
        return Gas.PFCS
    raise schema_refusal(
        "gas.unknown",
        "greenhouse gas",
        name,
        "CO2, CH4, N2O, SF6, NF3, or one of the HFCs or PFCs by its own name",
        "不是七种温室气体之一，或未写明具体气体名称",
    )


@functools.cache
def potentials(edition: Edition) -> Mapping[str, GlobalWarmingPotential]:
    """The edition's potentials by the gas's name, in tCO2e per tonne."""
    text = resources.files("attestation.accounting").joinpath("tables", "gwp100_ipcc.csv").read_text(encoding="utf-8")
    return MappingProxyType(
        {
            row["gas"]: GlobalWarmingPotential(row["gas"], parse_decimal(row[edition.value]), SOURCES[edition])
            for row in csv.DictReader(text.splitlines())
        }
    )


def potential(name: str, edition: Edition) -> GlobalWarmingPotential:
    """The potential of a gas. Raises SchemaRefused (`gas.unknown`, `gas.potential` where the table lacks it)."""
    gas_of(name)
    found = potentials(edition).get(name)
    if found is None:
        expected = "one of " + ", ".join(potentials(edition))
        raise schema_refusal(
            "gas.potential", f"GWP table {edition.value}", name, expected, "全球变暖潜势表中没有该气体"
        )
    return found
