"""Allocations recomputed from their document, from openings and from registered figures (DOMAIN 23, 24, 26 to 31)."""

from __future__ import annotations

from decimal import Decimal

import pytest
from eth_abi import encode
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from attestation.allocation_parts import allocation_parts, items_hash, part_hashes
from attestation.bodies import Allocation, AllocationShare
from attestation.facts.assets import OwedRecord
from attestation.facts.quotas import BaseYearRecord
from attestation.instants import format_instant
from attestation.judging.allocations import expected_table
from attestation.keys import Algorithm, Kind, Purpose
from quota.allocation import (
    AllocationInput,
    AllocationRules,
    BaseYear,
    GrandfatheringInputs,
    IndustryInputs,
    Method,
    inputs_to_document,
    pre_inputs_to_document,
)

STEEL, TILES = "88.608.5290/steel", "88.608.5291/tiles"
MEANS = {"A": 40_123, "B": 28_004, "C": 18_007, "D": 9_001, "E": 4_999}
WHOLE_PARK = {f"88.608.53{place:02}/{name}": mean for place, (name, mean) in enumerate(MEANS.items())}


def grandfathered(means: dict[str, int], *, cap: int, reserve: int = 0, year: int = 2023, **more) -> dict[str, object]:
    inputs = [
        AllocationInput(
            name,
            Method.GRANDFATHERING,
            GrandfatheringInputs((BaseYear(2021, Decimal(mean)),), Decimal("0.95")),
            **more.get(name, {}),
        )
        for name, mean in means.items()
    ]
    return inputs_to_document(AllocationRules(year, cap, reserve), inputs)


def issued(units, tonnes: int) -> None:
    units.hold(units.signed(units.issue(tonnes)))


def test_a_park_year_to_the_tonne(units, world) -> None:
    """DOMAIN 26, 30: means of 100,134 t, factor 0.95, cap 92,000 t, reserve 2,000 t."""
    for works in WHOLE_PARK:
        purposes = Purpose.STATEMENT | Purpose.ASSET
        units.park.enrol(works, Kind.ENTERPRISE, purposes, parent=world.PARK, algorithm=Algorithm.ES256K)
    issued(units, 92_000)
    body = units.allocation(grandfathered(WHOLE_PARK, cap=92_000, reserve=2_000))
    units.allocate(body)
    assert [row.granted for row in body.table] == [36_062, 25_170, 16_185, 8_090, 4_493]
    assert body.tonnes == 90_000


def test_a_year_is_allocated_ahead_once_and_finally_once(units, world) -> None:
    """DOMAIN 31: what was too much ahead is owed back, what was too little is added; then the year is done."""
    units.obliged(1_000)
    rules = AllocationRules(2024, 2_000, 100)
    units.hold(units.signed(units.issue(2_000, vintage=2024)))
    ahead = units.allocation(pre_inputs_to_document(rules, {STEEL: 1_000}), "pre")
    units.allocate(ahead)
    assert [(row.identifier, row.granted) for row in ahead.table] == [(STEEL, 700)]
    with world.refused("allocation.repeated", 11, "pre of 2024"):
        units.allocate(units.allocation(pre_inputs_to_document(rules, {STEEL: 1_000}), "pre"))
    document = grandfathered({STEEL: 600, TILES: 500}, cap=2_000, reserve=100, year=2024)
    final = units.allocation(document)
    assert [(row.granted, row.owes) for row in final.table] == [(0, 130), (475, 0)]
    units.allocate(final)
    for document_again, round_ in ((document, "final"), (pre_inputs_to_document(rules, {STEEL: 1_000}), "pre")):
        with world.refused("allocation.repeated", 11):
            units.allocate(units.allocation(document_again, round_))


def test_what_was_granted_ahead_to_who_has_no_final_share_is_owed_back(units) -> None:
    """DOMAIN 31."""
    units.obliged(1_000)
    units.hold(units.signed(units.issue(2_000, vintage=2024)))
    units.allocate(units.allocation(pre_inputs_to_document(AllocationRules(2024, 2_000, 0), {STEEL: 1_000}), "pre"))
    final = units.allocation(grandfathered({TILES: 500}, cap=2_000, year=2024))
    assert [(row.identifier, row.granted, row.owes) for row in final.table] == [(STEEL, 0, 700), (TILES, 475, 0)]
    units.allocate(final)


def test_a_final_allocation_may_grant_nothing_and_only_take_back(units) -> None:
    units.obliged(1_000)
    units.hold(units.signed(units.issue(2_000, vintage=2024)))
    units.allocate(units.allocation(pre_inputs_to_document(AllocationRules(2024, 2_000, 0), {STEEL: 1_000}), "pre"))
    units.allocate(units.allocation(grandfathered({STEEL: 100}, cap=2_000, year=2024)))


def test_a_table_that_is_not_what_the_document_gives_is_refused(units, world) -> None:
    issued(units, 2_000)
    document = grandfathered({STEEL: 1_000, TILES: 500}, cap=2_000)
    good = units.allocation(document)
    first, second = good.table
    more = (replace(first, granted=951), replace(second, granted=474))
    with world.refused("allocation.table", 12, "granted 951"):
        units.allocate(units.allocation(document, table=more))
    with world.refused("allocation.table", 12, "no row"):
        units.allocate(units.allocation(document, table=(first,), tonnes=950))
    with world.refused("allocation.root", 12):
        units.allocate(units.allocation(document, input_root="ab" * 32))
    with world.refused("allocation.year", 12):
        units.allocate(units.allocation(document, year=2022, tonnes=0, table=(replace(first, granted=0, owes=1),)))


def test_a_document_that_gives_nothing_is_refused_with_its_own_rule(units, world) -> None:
    """DOMAIN 27: a base year without output; and members that nobody knows."""
    issued(units, 2_000)
    document = grandfathered({STEEL: 1_000}, cap=2_000)
    good = units.allocation(document)
    for broken, value in (
        (document | {"inputs": []}, "allocation.empty"),
        (document | {"note": "x"}, "allocation.document"),
        ({}, "allocation.document"),
        (document | {"kind": "pre-allocation-inputs"}, "allocation.document"),
    ):
        with world.refused("allocation.document", 12, value):
            units.allocate(replace(good, document=broken))


def test_base_years_are_those_of_the_opening(units, world) -> None:
    """DOMAIN 24: what two persons carried in is what everybody counts."""
    issued(units, 2_000)
    units.log.openings_set = {STEEL: {2021: BaseYearRecord(1_001)}}
    document = grandfathered({STEEL: 1_000}, cap=2_000)
    with world.refused("allocation.base_year", 12, "1000 t"):
        units.allocate(units.allocation(document))
    units.allocate(units.allocation(grandfathered({STEEL: 1_001}, cap=2_000)))


def test_figures_are_those_that_the_log_registered(units, world) -> None:
    """DOMAIN 29, 31: emissions of the year, and of the year before for an allocation ahead."""
    units.obliged(1_000)
    issued(units, 2_000)
    works = IndustryInputs("steel", Decimal(999), Decimal(500), "t")
    document = inputs_to_document(AllocationRules(2023, 2_000, 0), [AllocationInput(STEEL, Method.INDUSTRY, works)])
    with world.refused("allocation.emissions", 12, "999 t"):
        units.allocate(units.allocation(document))
    units.hold(units.signed(units.issue(2_000, vintage=2024)))
    rules = AllocationRules(2024, 2_000, 0)
    with world.refused("allocation.emissions", 12, "10 t"):
        units.allocate(units.allocation(pre_inputs_to_document(rules, {TILES: 10}), "pre"))


def test_what_is_owed_of_earlier_years_is_what_the_account_owes(units, world) -> None:
    """DOMAIN 31: it is deducted, and settled with the same allocation."""
    issued(units, 2_000)
    with world.refused("allocation.owed", 12, "30 t"):
        units.allocate(units.allocation(grandfathered({STEEL: 1_000}, cap=2_000, **{STEEL: {"owed": 30}})))
    units.log.debts[STEEL] = OwedRecord(30, 0, 1)
    with world.refused("allocation.owed", 12, "0 t"):
        units.allocate(units.allocation(grandfathered({STEEL: 1_000}, cap=2_000)))
    body = units.allocation(grandfathered({STEEL: 1_000}, cap=2_000, **{STEEL: {"owed": 30}}))
    assert [(row.granted, row.settles) for row in body.table] == [(920, 30)]
    units.allocate(body)


def test_the_cap_is_what_was_issued_and_the_reserve_holds_it(units, world) -> None:
    """DOMAIN 30: allocated = free + reserve = cap."""
    with world.refused("asset.balance", 11, "950 t"):
        units.allocate(units.allocation(grandfathered({STEEL: 1_000}, cap=2_000)))
    issued(units, 1_999)
    with world.refused("allocation.cap", 12, "2000 t"):
        units.allocate(units.allocation(grandfathered({STEEL: 1_000}, cap=2_000)))


def test_accounts_are_enterprises_and_the_reserve_is_the_park(units, world) -> None:
    issued(units, 2_000)
    document = grandfathered({STEEL: 1_000}, cap=2_000)
    with world.refused("account.kind", 11):
        units.allocate(units.allocation(document, reserve=STEEL))
    with world.refused("account.unknown", 11):
        units.allocate(units.allocation(grandfathered({"88.608.5399/nobody": 1_000}, cap=2_000)))
    with world.refused("account.kind", 11):
        units.allocate(units.allocation(grandfathered({world.PARK: 1_000}, cap=2_000)))


@pytest.mark.parametrize(
    ("changed", "rule", "step"),
    [
        ({"op_id": "00" * 32}, "operation.form", 9),
        ({"year": 1989}, "body.integer", 9),
        ({"round": "third"}, "body.choice", 9),
        ({"input_root": "AB" * 32}, "bytes32.format", 9),
        ({"tonnes": 951}, "allocation.sum", 9),
        ({"table": ()}, "allocation.order", 9),
        ({"return_due": "never"}, "instant.format", 9),
        ({"return_due": "2024-01-01T00:00:00Z"}, "allocation.return_due", 10),
    ],
)
def test_an_allocation_has_a_form(units, world, changed: dict[str, object], rule: str, step: int) -> None:
    issued(units, 2_000)
    good = units.allocation(grandfathered({STEEL: 1_000}, cap=2_000))
    with world.refused(rule, step):
        units.allocate(replace(good, **changed))


def test_rows_stand_in_order_each_once_and_something_happens(units, world) -> None:
    issued(units, 2_000)
    good = units.allocation(grandfathered({STEEL: 1_000, TILES: 500}, cap=2_000))
    for table in (good.table[::-1], (good.table[0], good.table[0])):
        with world.refused("allocation.order", 9):
            units.allocate(replace(good, table=table, tonnes=sum(row.granted for row in table)))
    nothing = tuple(replace(row, granted=0) for row in good.table)
    with world.refused("allocation.nothing", 9):
        units.allocate(replace(good, table=nothing, tonnes=0))


def test_two_persons_of_two_bodies_sign_exactly_this_table(units, world) -> None:
    """DOMAIN 23."""
    issued(units, 2_000)
    document = grandfathered({STEEL: 1_000, TILES: 500}, cap=2_000)
    good = units.allocation(document)
    officer = good.approvals[0]
    with world.refused("approval.count", 9):
        units.allocate(replace(good, approvals=(officer,)))
    with world.refused("approval.same_person", 12):
        units.allocate(replace(good, approvals=(officer, officer)))
    with world.refused("approval.signature", 12):
        units.allocate(replace(good, return_due=format_instant(units.log.now + 40 * 86_400)))
    with world.refused("purpose.registrar", 8):
        units.allocate(good, iss=STEEL)
    units.allocate(good)
    with world.refused("operation.used", 11, good.op_id):
        units.allocate(good)


names = st.integers(0, 999).map(lambda number: f"88.608.{number:04}/works")
rows = st.dictionaries(names, st.tuples(*[st.integers(0, 2**53 - 1)] * 3), min_size=1, max_size=140)


@given(rows)
@settings(max_examples=25, deadline=None)
def test_parts_hash_as_the_contract_hashes_them(table: dict[str, tuple[int, int, int]]) -> None:
    """At most 64 items each, accounts ascending through all of them; eth_abi is the oracle."""
    shares = tuple(
        AllocationShare(identifier=name, granted=granted, owes=owes, settles=settles)
        for name, (granted, owes, settles) in sorted(table.items())
    )
    body = Allocation(
        op_id="01" * 32, year=2023, round="final", reserve="88.608.1/park", document={}, input_root="02" * 32,
        table=shares, tonnes=0, return_due="2024-01-01T00:00:00Z", approvals=(),
    )  # fmt: skip
    parts = allocation_parts(body)
    told = [item for part in parts for item in part]
    assert told == sorted(told)
    assert len(told) == sum(any(numbers) for numbers in table.values())
    assert all(1 <= len(part) <= 64 for part in parts)
    hashes = part_hashes(parts)
    for part, hashed in zip(parts, hashes, strict=True):
        assert hashed == keccak(encode(["(bytes32,uint64,uint64,uint64)[]"], [part]))
    assert items_hash(hashes) == keccak(encode(["bytes32[]"], [list(hashes)]))


def test_a_round_ahead_knows_no_earlier_grants(units) -> None:
    document = pre_inputs_to_document(AllocationRules(2024, 2_000, 0), {STEEL: 1_000})
    figure = units.log.recompute_allocation("pre", document)
    (row,) = expected_table(figure, "pre", {STEEL: 5})
    assert (row.granted, row.owes, row.settles) == (700, 0, 0)
