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
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from attestation.accounting.lines import EMISSIONS_PLACES
from attestation.accounting.refusals import schema_refusal
from attestation.decimals import decimal_places, exact_sum, format_decimal, round_half_up


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
class Counted:
    """What a source's figure is made from: a stream of an issuer, or with ``stream`` None everything that the issuer
    (a meter, or a document's or fleet's id) measures."""

    issuer: str
    stream: str | None = None

    def meets(self, other: Counted) -> bool:
        """Whether some reading would be counted by both."""
        return self.issuer == other.issuer and (
            self.stream is None or other.stream is None or self.stream == other.stream
        )

    def __str__(self) -> str:
        return self.issuer if self.stream is None else f"{self.issuer}#{self.stream}"


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


@dataclass(frozen=True, slots=True)
class ParkInventory:
    """A park's emissions in tCO2e at 2 places: by scope, by term and by category, before and after deductions.

    `gross` is scopes 1, 2 and 3 together, `net` less `deductions`. Neither is an obligation, nor the base of one.
    """

    sources: tuple[ParkSource, ...]
    by_scope: Mapping[int, Decimal]
    by_part: Mapping[Part, Decimal]
    by_category: Mapping[str, Decimal]
    deductions: Decimal
    gross: Decimal
    net: Decimal

    def as_dict(self) -> dict[str, object]:
        """The inventory as JSON-ready members, every number a plain decimal string; `net` may be negative."""
        return {
            "use": "inventory and comparison, never an obligation (park guide, formula 3)",
            "scopes": {f"scope{scope}": format_decimal(tonnes) for scope, tonnes in self.by_scope.items()},
            "parts": {part.value: format_decimal(tonnes) for part, tonnes in self.by_part.items()},
            "categories": {name: format_decimal(tonnes) for name, tonnes in self.by_category.items()},
            "gross": format_decimal(self.gross),
            "deductions": format_decimal(self.deductions),
            "net": format_decimal(self.net),
            "unit": "tCO2e",
        }


def park_inventory(sources: Sequence[ParkSource]) -> ParkInventory:
    """Add up a park's sources.

    Raises SchemaRefused: `park.empty`, `park.duplicate` (an id twice), `park.category`, `park.scope` (a scope that the
    category cannot be of), `park.tonnes` (negative, or not of 2 places), `park.uncounted` (it names nothing that it is
    made from), `park.counted_twice` (a meter, stream or document in two sources, or twice in one), `park.submeter` (a
    meter that lies behind one that is counted).
    """
    if not sources:
        raise schema_refusal(
            "park.empty", "park inventory", "no sources", "at least one source", "园区清单没有任何排放源"
        )
    seen: set[str] = set()
    for source in sources:
        if source.id in seen:
            raise schema_refusal(
                "park.duplicate", "park inventory", source.id, "source ids that differ", "排放源编号重复"
            )
        seen.add(source.id)
        _check_source(source)
    _check_counted_once(sources)
    emitted = [source for source in sources if CATEGORIES[source.category][0] not in DEDUCTIONS]
    deducted = [source for source in sources if CATEGORIES[source.category][0] in DEDUCTIONS]
    gross, deductions = _sum(emitted), _sum(deducted)
    return ParkInventory(
        sources=tuple(sources),
        by_scope=MappingProxyType({scope: _sum(s for s in emitted if s.scope == scope) for scope in (1, 2, 3)}),
        by_part=MappingProxyType(
            {part: _sum(s for s in sources if CATEGORIES[s.category][0] is part) for part in Part}
        ),
        by_category=MappingProxyType(
            {
                name: _sum(s for s in sources if s.category == name)
                for name in CATEGORIES
                if any(s.category == name for s in sources)
            }
        ),
        deductions=deductions,
        gross=gross,
        net=exact_sum((gross, -deductions)),
    )


def _sum(sources: Iterable[ParkSource]) -> Decimal:
    # Exact already: every source has at most two places.
    return round_half_up(exact_sum(source.tonnes for source in sources), EMISSIONS_PLACES)


def _check_source(source: ParkSource) -> None:
    where = f"source {source.id}"
    category = CATEGORIES.get(source.category)
    if category is None:
        raise schema_refusal(
            "park.category", where, source.category, "one of " + ", ".join(CATEGORIES), "未知的园区排放类别"
        )
    if source.scope not in category[1]:
        allowed = " or ".join(str(scope) for scope in category[1])
        raise schema_refusal(
            "park.scope", where, source.scope, f"scope {allowed} for {source.category}", "范围与类别不符"
        )
    tonnes = source.tonnes
    if not tonnes.is_finite() or tonnes < 0 or decimal_places(tonnes) > EMISSIONS_PLACES:
        raise schema_refusal(
            "park.tonnes", where, tonnes, "tCO2e from 0 up, at 2 places; deductions too", "排放量须为非负，保留两位小数"
        )
    if not source.counts:
        raise schema_refusal(
            "park.uncounted",
            where,
            "counts nothing",
            "the meters, streams or documents that it is made from",
            "未写明所依据的计量器具、数据流或单据",
        )


def _check_counted_once(sources: Sequence[ParkSource]) -> None:
    by_issuer: dict[str, list[tuple[Counted, str]]] = {}
    for source in sources:
        for counted in source.counts:
            for other, other_id in by_issuer.get(counted.issuer, []):
                if counted.meets(other):
                    raise schema_refusal(
                        "park.counted_twice",
                        f"source {source.id}",
                        counted,
                        f"nothing that source {other_id} counts already ({other})",
                        "同一计量器具、数据流或单据被重复计入",
                    )
            by_issuer.setdefault(counted.issuer, []).append((counted, source.id))
    for source in sources:
        for behind in source.above:
            for other, other_id in by_issuer.get(behind.issuer, []):
                if behind.meets(other):
                    raise schema_refusal(
                        "park.submeter",
                        f"source {other_id}",
                        other,
                        f"no meter behind one that source {source.id} counts",
                        "分表已包含在总表计量之内，不得重复计入",
                    )
