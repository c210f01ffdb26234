"""What a line of a report can account for: its total, the places of its quantity, and the members that it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class LineKind(StrEnum):
    """What a line accounts for, and by which formula."""

    COMBUSTION = "combustion"
    ELECTRICITY = "electricity"
    HEAT = "heat"
    COMBUSTION_MEASURED = "combustion-measured"
    PROCESS = "process"
    MASS_BALANCE = "mass-balance"
    CEMS = "cems"
    GAS = "gas"
    BIOGENIC = "biogenic"
    REMOVAL = "removal"


class Share(StrEnum):
    """Which total a line belongs to; each line to exactly one (DOMAIN 35: nothing is counted twice)."""

    SCOPE1 = "scope1"
    SCOPE2 = "scope2"
    BIOGENIC = "biogenic"
    REMOVALS = "removals"


@dataclass(frozen=True, slots=True)
class KindRules:
    """`named` is `fuel`, `factor` or None: what of the factor set a line of the kind names. `needs` and `may` are the
    members that it must and can have besides, `places` those of its quantity (DOMAIN 36)."""

    share: Share
    places: int
    named: str | None
    needs: tuple[str, ...] = ("quantity", "unit")
    may: tuple[str, ...] = ()


_QUANTITY = ("quantity", "unit")

# Fuel 2, MWh 3, GJ 2: DOMAIN 36. Materials and carbon flows as fuel. Gases in grams: a kilogram of SF6 counts 23.5 t.
KINDS: Mapping[LineKind, KindRules] = MappingProxyType(
    {
        LineKind.COMBUSTION: KindRules(Share.SCOPE1, 2, "fuel"),
        LineKind.ELECTRICITY: KindRules(Share.SCOPE2, 3, "factor", may=("own", "certificates")),
        LineKind.HEAT: KindRules(Share.SCOPE2, 2, "factor"),
        LineKind.COMBUSTION_MEASURED: KindRules(Share.SCOPE1, 2, "fuel", (*_QUANTITY, "weighings", "laboratory")),
        LineKind.PROCESS: KindRules(Share.SCOPE1, 2, "factor"),
        LineKind.MASS_BALANCE: KindRules(Share.SCOPE1, 2, None, ("flows",)),
        LineKind.CEMS: KindRules(Share.SCOPE1, 2, None, (*_QUANTITY, "blocks")),
        LineKind.GAS: KindRules(Share.SCOPE1, 6, "factor"),
        LineKind.BIOGENIC: KindRules(Share.BIOGENIC, 2, "fuel"),
        LineKind.REMOVAL: KindRules(Share.REMOVALS, 2, None),
    }
)
"""The rules of each kind."""

ACTIVITY_PLACES: Mapping[LineKind, int] = MappingProxyType({kind: rules.places for kind, rules in KINDS.items()})
"""Places to which the activity is rounded, once, by kind (DOMAIN 36)."""
