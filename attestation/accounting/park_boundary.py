"""The inventory of a whole park by the park guide's boundary (DOMAIN 35).

    park = electricity and heat + enterprises + public facilities + new infrastructure + transport
           − fixed − sinks − CCUS
    enterprises        = fuel + electricity and heat + materials + process + product use
    public facilities  = equipment + waste
    new infrastructure = base stations + servers + cooling
    transport          = in the park + of materials + of products + commuting

Alliance of Industrial Internet, park guide (2021), formulas 3 to 7. The sum mixes scopes and its parts overlap: so each
source says its scope and names the meters, streams and documents that it counts; nothing is counted twice, neither
itself nor below a main meter; and scopes 1, 2 and 3 stay apart. It is for inventories and comparison: nothing here has
an obligation, and nothing takes one from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import TypeVar

from attestation.accounting.counted import Claim, Counted, check_counted_once, path_of
from attestation.accounting.lines import EMISSIONS_PLACES, MASS_LIMIT_T
from attestation.accounting.refusals import schema_refusal
from attestation.accounting.trace import Step, add
from attestation.decimals import decimal_places, format_decimal, round_half_up

UNIT = "tCO2e"

_Key = TypeVar("_Key")


class Part(StrEnum):
    """The terms of formula 3."""

    ENERGY = "energy"
    ENTERPRISES = "enterprises"
    PUBLIC = "public"
    INFRASTRUCTURE = "infrastructure"
    TRANSPORT = "transport"
    FIXED = "fixed"
    SINKS = "sinks"
    CCUS = "ccus"


CATEGORIES: Mapping[str, tuple[Part, tuple[int, ...]]] = MappingProxyType(
    {
        "energy.electricity": (Part.ENERGY, (2,)),
        "energy.heat": (Part.ENERGY, (2,)),
        "enterprises.fuel": (Part.ENTERPRISES, (1,)),
        "enterprises.electricity": (Part.ENTERPRISES, (2,)),
        "enterprises.heat": (Part.ENTERPRISES, (2,)),
        "enterprises.materials": (Part.ENTERPRISES, (3,)),
        "enterprises.process": (Part.ENTERPRISES, (1,)),
        "enterprises.product_use": (Part.ENTERPRISES, (3,)),
        "public.equipment": (Part.PUBLIC, (1, 2)),
        "public.waste": (Part.PUBLIC, (1, 3)),
        "infrastructure.base_stations": (Part.INFRASTRUCTURE, (2,)),
        "infrastructure.servers": (Part.INFRASTRUCTURE, (2,)),
        "infrastructure.cooling": (Part.INFRASTRUCTURE, (1, 2)),
        "transport.in_park": (Part.TRANSPORT, (1, 2, 3)),
        "transport.materials": (Part.TRANSPORT, (1, 3)),
        "transport.products": (Part.TRANSPORT, (1, 3)),
        "transport.commuting": (Part.TRANSPORT, (3,)),
        "fixed": (Part.FIXED, (1,)),
        "sinks": (Part.SINKS, (1,)),
        "ccus": (Part.CCUS, (1,)),
    }
)
"""Category → its term and the scopes that it may be of. Purchased power of a vehicle is scope 2, its fuel 1, and 3
where the vehicle is another's; refrigerant that leaks is scope 1; waste treated elsewhere scope 3."""

DEDUCTIONS = frozenset({Part.FIXED, Part.SINKS, Part.CCUS})


@dataclass(frozen=True, slots=True)
class ParkSource:
    """One figure of the inventory, of one category and scope: `tonnes` in tCO2e at 2 places, from 0 up, deductions too.

    `counts` says what it is made from. `above` are meters that lie behind the counted ones, as an enterprise's behind
    the park's main meter: they are in the figure already.
    """

    id: str
    category: str
    scope: int
    tonnes: Decimal
    counts: tuple[Counted, ...]
    above: tuple[Counted, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """The source as JSON-ready members, as a document states it; `above` only where there is something."""
        above = {"above": [str(counted) for counted in self.above]} if self.above else {}
        return {
            "id": self.id,
            "category": self.category,
            "scope": self.scope,
            "emissions": format_decimal(self.tonnes),
            "unit": UNIT,
            "counts": [str(counted) for counted in self.counts],
            **above,
        }


@dataclass(frozen=True, slots=True)
class ParkInventory:
    """A park's emissions in tCO2e at 2 places: by scope, by term and by category, before and after deductions.

    `gross` is scopes 1, 2 and 3 together, `net` less `deductions`. Neither is an obligation, nor the base of one.
    `by_cell` is by category and scope, and `steps` lead from the sources to every other figure.
    """

    sources: tuple[ParkSource, ...]
    by_scope: Mapping[int, Decimal]
    by_part: Mapping[Part, Decimal]
    by_category: Mapping[str, Decimal]
    by_cell: Mapping[tuple[str, int], Decimal]
    deductions: Decimal
    gross: Decimal
    net: Decimal
    steps: tuple[Step, ...]

    def as_dict(self) -> dict[str, object]:
        """The inventory as JSON-ready members, every number a plain decimal string; `net` may be negative."""
        return {
            "use": "inventory and comparison, never an obligation (park guide, formula 3)",
            "use_zh": "仅用于盘查与比较，绝不作为清缴依据（园区指南公式3）",
            "scopes": {f"scope{scope}": format_decimal(tonnes) for scope, tonnes in self.by_scope.items()},
            "parts": {part.value: format_decimal(tonnes) for part, tonnes in self.by_part.items()},
            "categories": {name: format_decimal(tonnes) for name, tonnes in self.by_category.items()},
            "cells": {
                name: {
                    f"scope{scope}": format_decimal(tonnes)
                    for (other, scope), tonnes in self.by_cell.items()
                    if other == name
                }
                for name in self.by_category
            },
            "gross": format_decimal(self.gross),
            "deductions": format_decimal(self.deductions),
            "net": format_decimal(self.net),
            "unit": UNIT,
            "sources": [source.as_dict() for source in self.sources],
            "steps": [step.as_dict() for step in self.steps],
        }


def park_inventory(sources: Sequence[ParkSource]) -> ParkInventory:
    """Add up a park's sources.

    Raises SchemaRefused: `park.empty`, `park.duplicate` (an id twice), `park.category`, `park.scope` (a scope that the
    category cannot be of), `park.tonnes` (negative, or not of 2 places), `park.absurd` (more than a report's line may
    claim of a mass), `park.uncounted` (it names nothing that it is made from), `park.counted_twice` (a meter, stream or
    document in two sources, or twice in one), `park.submeter` (a meter that lies behind one that is counted).
    """
    if not sources:
        raise schema_refusal("park.empty", "sources", "no sources", "at least one source", "园区清单没有任何排放源")
    seen: set[str] = set()
    for at, source in enumerate(sources):
        if source.id in seen:
            raise schema_refusal(
                "park.duplicate", path_of(at, source.id, "id"), source.id, "source ids that differ", "排放源编号重复"
            )
        seen.add(source.id)
        _check_source(at, source)
    check_counted_once(
        [Claim(at, source.id, source.counts, source.above) for at, source in enumerate(sources)],
        twice="park.counted_twice",
        behind="park.submeter",
    )
    return _added_up(sources)


def _added_up(sources: Sequence[ParkSource]) -> ParkInventory:
    cells = {
        (name, scope): _total(f"{name}[{scope}]", [s.tonnes for s in sources if (s.category, s.scope) == (name, scope)])
        for name, (_, scopes) in CATEGORIES.items()
        for scope in scopes
        if any((source.category, source.scope) == (name, scope) for source in sources)
    }
    categories = {name: _category(name, sources, cells) for name in dict.fromkeys(name for name, _ in cells)}
    parts = {
        part: _total(part.value, [step.value for name, step in categories.items() if CATEGORIES[name][0] is part])
        for part in Part
    }
    scopes = {
        scope: _total(
            f"scope{scope}",
            [step.value for (name, of), step in cells.items() if of == scope and CATEGORIES[name][0] not in DEDUCTIONS],
        )
        for scope in (1, 2, 3)
    }
    gross = _total("gross", [step.value for step in scopes.values()])
    deductions = _total("deductions", [step.value for part, step in parts.items() if part in DEDUCTIONS])
    net = _total("net", [gross.value], [deductions.value])
    # What one scope or one category makes up has one name and is one step.
    several = [step for (name, _), step in cells.items() if len([of for of, _ in cells if of == name]) > 1]
    terms = [step for part, step in parts.items() if part.value not in categories]
    return ParkInventory(
        sources=tuple(sources),
        by_scope=_values(scopes),
        by_part=_values(parts),
        by_category=_values(categories),
        by_cell=_values(cells),
        deductions=deductions.value,
        gross=gross.value,
        net=net.value,
        steps=(*several, *categories.values(), *terms, *scopes.values(), gross, deductions, net),
    )


def _category(name: str, sources: Sequence[ParkSource], cells: Mapping[tuple[str, int], Step]) -> Step:
    by_scope = [step.value for (other, _), step in cells.items() if other == name]
    alone = len(by_scope) == 1
    return _total(name, [source.tonnes for source in sources if source.category == name] if alone else by_scope)


def _values(steps: Mapping[_Key, Step]) -> Mapping[_Key, Decimal]:
    return MappingProxyType({key: step.value for key, step in steps.items()})


def _total(symbol: str, added: Iterable[Decimal], taken: Iterable[Decimal] = ()) -> Step:
    step = add(symbol, UNIT, added, taken)
    # Exact already: every source has at most two places.
    return replace(step, value=round_half_up(step.value, EMISSIONS_PLACES))


def _check_source(at: int, source: ParkSource) -> None:
    category = CATEGORIES.get(source.category)
    if category is None:
        raise schema_refusal(
            "park.category",
            path_of(at, source.id, "category"),
            source.category,
            "one of " + ", ".join(CATEGORIES),
            "未知的园区排放类别",
        )
    if source.scope not in category[1]:
        allowed = " or ".join(str(scope) for scope in category[1])
        raise schema_refusal(
            "park.scope",
            path_of(at, source.id, "scope"),
            source.scope,
            f"scope {allowed} for {source.category}",
            "范围与类别不符",
        )
    tonnes, where = source.tonnes, path_of(at, source.id, "emissions")
    if not tonnes.is_finite() or tonnes < 0 or decimal_places(tonnes) > EMISSIONS_PLACES:
        raise schema_refusal(
            "park.tonnes", where, tonnes, "tCO2e from 0 up, at 2 places; deductions too", "排放量须为非负，保留两位小数"
        )
    if tonnes > MASS_LIMIT_T:
        raise schema_refusal("park.absurd", where, tonnes, f"at most {MASS_LIMIT_T} tCO2e", "数值超出合理上限")
    if not source.counts:
        raise schema_refusal(
            "park.uncounted",
            path_of(at, source.id, "counts"),
            "counts nothing",
            "the meters, streams or documents that it is made from",
            "未写明所依据的计量器具、数据流或单据",
        )
