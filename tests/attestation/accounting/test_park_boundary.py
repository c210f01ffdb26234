"""DOMAIN 35: the park's boundary, scopes apart, nothing twice, and never an obligation."""

from __future__ import annotations

import dataclasses
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attestation.accounting.counted import Counted
from attestation.accounting.park_boundary import CATEGORIES, ParkInventory, ParkSource, Part, park_inventory
from attestation.errors import SchemaRefused

tonnes = st.decimals(min_value=0, max_value=10_000_000, places=2)


def _source(name: str, category: str, scope: int, amount: str, *counts: Counted, **more: object) -> ParkSource:
    return ParkSource(name, category, scope, Decimal(amount), counts or (Counted(f"document:{name}"),), **more)


PARK = (
    _source("main", "energy.electricity", 2, "1000.10"),
    _source("steam", "energy.heat", 2, "200.20"),
    _source("a-fuel", "enterprises.fuel", 1, "3000.30"),
    _source("a-power", "enterprises.electricity", 2, "400.40"),
    _source("a-steam", "enterprises.heat", 2, "22.22"),
    _source("a-ore", "enterprises.materials", 3, "50.05"),
    _source("a-kiln", "enterprises.process", 1, "600.60"),
    _source("a-use", "enterprises.product_use", 3, "70.07"),
    _source("mowers", "public.equipment", 1, "8.08"),
    _source("landfill", "public.waste", 3, "9.09"),
    _source("masts", "infrastructure.base_stations", 2, "10.10"),
    _source("racks", "infrastructure.servers", 2, "11.11"),
    _source("chillers", "infrastructure.cooling", 2, "12.12"),
    _source("shuttle", "transport.in_park", 1, "13.13"),
    _source("trucks", "transport.materials", 3, "14.14"),
    _source("ships", "transport.products", 3, "15.15"),
    _source("cars", "transport.commuting", 3, "16.16"),
    _source("brick", "fixed", 1, "17.17"),
    _source("woods", "sinks", 1, "18.18"),
    _source("well", "ccus", 1, "19.19"),
)


def _refused(rule: str, *sources: ParkSource) -> SchemaRefused:
    with pytest.raises(SchemaRefused) as refused:
        park_inventory(sources)
    assert refused.value.rule == rule
    assert refused.value.message_zh
    return refused.value


def test_formulas_3_to_7_worked_by_hand_domain_35() -> None:
    found = park_inventory(PARK)
    # enterprises 3000.30 + 400.40 + 22.22 + 50.05 + 600.60 + 70.07; transport 13.13 + 14.14 + 15.15 + 16.16
    assert {part: str(value) for part, value in found.by_part.items()} == {
        Part.ENERGY: "1200.30",
        Part.ENTERPRISES: "4143.64",
        Part.PUBLIC: "17.17",
        Part.INFRASTRUCTURE: "33.33",
        Part.TRANSPORT: "58.58",
        Part.FIXED: "17.17",
        Part.SINKS: "18.18",
        Part.CCUS: "19.19",
    }
    # 1: 3000.30 + 600.60 + 8.08 + 13.13; 2: 1200.30 + 400.40 + 22.22 + 33.33; 3: 50.05 + 70.07 + 9.09 + 45.45
    assert {scope: str(value) for scope, value in found.by_scope.items()} == {1: "3622.11", 2: "1656.25", 3: "174.66"}
    assert (str(found.gross), str(found.deductions), str(found.net)) == ("5453.02", "54.54", "5398.48")


def test_every_category_of_the_formulas_has_been_worked() -> None:
    assert {source.category for source in PARK} == set(CATEGORIES)


def test_the_park_total_cannot_become_an_obligation_domain_35() -> None:
    """Neither a member of the inventory nor one of what it prints is an obligation, a base of one, or one number of
    scopes 1 and 2 as a report's totals have them."""
    found = park_inventory(PARK)
    members = {field.name for field in dataclasses.fields(ParkInventory)}
    for name in members | set(found.as_dict()):
        assert "obligation" not in name
    assert not {"scope1", "scope2", "lines", "totals"} & members
    assert "never an obligation" in str(found.as_dict()["use"])


@given(st.permutations(PARK))
def test_the_order_of_sources_does_not_matter(shuffled: list[ParkSource]) -> None:
    one, other = park_inventory(PARK), park_inventory(shuffled)
    assert (one.by_scope, one.by_part, one.net) == (other.by_scope, other.by_part, other.net)


@given(st.lists(st.tuples(st.sampled_from(sorted(CATEGORIES)), tonnes), min_size=1, max_size=12))
def test_scopes_add_up_to_the_terms_and_deductions_stay_out_of_scopes(drawn: list[tuple[str, Decimal]]) -> None:
    sources = [
        ParkSource(f"s{n}", category, CATEGORIES[category][1][0], amount, (Counted(f"document:{n}"),))
        for n, (category, amount) in enumerate(drawn)
    ]
    found = park_inventory(sources)
    deducted = sum(found.by_part[part] for part in (Part.FIXED, Part.SINKS, Part.CCUS))
    assert sum(found.by_scope.values()) == found.gross == sum(found.by_part.values()) - deducted
    assert found.net == found.gross - deducted == found.gross - found.deductions
    assert sum(found.by_category.values()) == sum(found.by_part.values())


def test_a_sink_larger_than_the_emissions_gives_a_negative_total_not_a_refusal() -> None:
    found = park_inventory([_source("a", "enterprises.fuel", 1, "1.00"), _source("w", "sinks", 1, "2.50")])
    assert found.as_dict()["net"] == "-1.50"


METER, STREAM = Counted("88.608.5288/METER_1"), Counted("88.608.5288/METER_1", "power")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (METER, METER),
        (STREAM, STREAM),
        (METER, STREAM),
        (STREAM, METER),
        (Counted("document:a"), Counted("document:a")),
    ],
)
def test_what_two_categories_count_is_refused_domain_35(one: Counted, other: Counted) -> None:
    error = _refused(
        "park.counted_twice",
        _source("enterprise", "enterprises.electricity", 2, "1.00", one),
        _source("servers", "infrastructure.servers", 2, "1.00", other),
    )
    assert str(other) in error.message
    assert "enterprise" in error.message


def test_the_same_meter_twice_in_one_source_is_refused() -> None:
    _refused("park.counted_twice", _source("a", "enterprises.electricity", 2, "1.00", METER, STREAM))


def test_two_streams_of_one_meter_are_two_things() -> None:
    found = park_inventory(
        [
            _source("a", "enterprises.electricity", 2, "1.00", STREAM),
            _source("b", "enterprises.heat", 2, "2.00", Counted(METER.issuer, "heat")),
        ]
    )
    assert found.gross == 3


@pytest.mark.parametrize("main_first", [True, False])
def test_a_meter_behind_a_counted_main_meter_is_refused_domain_35(main_first: bool) -> None:
    main = _source("main", "energy.electricity", 2, "9.00", Counted("MAIN"), above=(METER,))
    behind = _source("a", "enterprises.electricity", 2, "1.00", STREAM)
    error = _refused("park.submeter", *((main, behind) if main_first else (behind, main)))
    assert str(STREAM) in error.message
    assert "main" in error.message


@pytest.mark.parametrize(
    ("rule", "sources"),
    [
        ("park.empty", ()),
        ("park.duplicate", (_source("a", "sinks", 1, "1.00"), _source("a", "ccus", 1, "1.00"))),
        ("park.category", (_source("a", "enterprises.magic", 1, "1.00"),)),
        ("park.scope", (_source("a", "enterprises.electricity", 1, "1.00"),)),
        ("park.scope", (_source("a", "transport.commuting", 1, "1.00"),)),
        ("park.scope", (_source("a", "enterprises.fuel", 0, "1.00"),)),
        ("park.tonnes", (_source("a", "enterprises.fuel", 1, "-1.00"),)),
        ("park.tonnes", (_source("a", "sinks", 1, "-1.00"),)),
        ("park.tonnes", (_source("a", "enterprises.fuel", 1, "1.001"),)),
        ("park.tonnes", (_source("a", "enterprises.fuel", 1, "NaN"),)),
        ("park.uncounted", (ParkSource("a", "enterprises.fuel", 1, Decimal(1), ()),)),
    ],
)
def test_malformed_sources_are_refused(rule: str, sources: tuple[ParkSource, ...]) -> None:
    _refused(rule, *sources)
