"""Entries about units, in the tables: judged as a log in memory judges them, kept, asked of the contracts, replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from attestation.bodies import CancelUnits
from attestation.errors import AttestationError
from ledger.chain.asset_intents import SignedIntent, asset_intent
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.db.asset_operation_models import AssetOperationRow
from ledger.db.chain_models import OutboxRow
from ledger.subjects import about
from tests.ledger.mirrored import Mirror, unitwork

STEEL, TILES = unitwork.STEEL, unitwork.TILES


@pytest.fixture
def mirror(tmp_path: Path) -> Iterator[Mirror]:
    made = Mirror(tmp_path)
    yield made
    made.database.close()


def refused(rule: str, call: Any, *arguments: Any) -> None:
    """Both logs refuse, and say the same."""
    with pytest.raises(AttestationError) as caught:
        call(*arguments)
    assert caught.value.rule == rule


def wishes(mirror: Mirror) -> list[tuple[str, int, bytes]]:
    """What the contracts of units are asked for: kind, entry, operation."""
    with mirror.database.read() as session:
        query = select(OutboxRow.kind, OutboxRow.position, OutboxRow.op_id).order_by(OutboxRow.id)
        return [(kind, index, op_id) for kind, index, op_id in session.execute(query) if kind in set(Kind)]


def test_a_year_of_orders_and_intents(mirror: Mirror) -> None:
    units = mirror.units()
    hold, settle, say, signed = units.hold, units.settle, units.say, units.signed
    hold(signed(units.issue(5_000)))
    hold(signed(units.carry_in(1_000)))
    hold(signed(units.carry_in(50, asset="quota-2024")))
    hold(signed(units.offsets(1, 100)))
    emergency, taken, lapsing = units.freeze(10, approvals=None), signed(units.freeze(20)), units.freeze(30)
    hold(emergency)
    hold(units.confirm(emergency))
    hold(taken)
    hold(signed(units.release(taken, 5)))
    hold(signed(units.transfer(10, freeze=taken.op_id, cause="enforcement")))
    lapsing = units.freeze(30, approvals=None)
    hold(lapsing)
    refused("freeze.left", hold, signed(units.release(taken, 6)))
    mirror.compare_units(emergency.op_id, taken.op_id, lapsing.op_id, "ab" * 32)
    mirror.memory.now += unitwork.DAY
    hold(units.lapse(lapsing))
    hold(signed(units.of_units(CancelUnits, 40)))
    hold(signed(units.transfer(7)))
    hold(signed(units.suspend(TILES)))
    refused("account.suspended", hold, signed(units.transfer(1, sender=TILES, receiver=STEEL)))
    refused("asset.balance", hold, signed(units.freeze(5_000)))
    refused("owed.none", hold, units.collect())
    refused("offset.serials", hold, signed(units.offsets(100, 101, cancellation="OTHER")))
    refused("offset.cancellation", hold, signed(units.offsets(101, 102)))
    refused("carry_in.repeated", hold, signed(units.carry_in(1)))
    units.obliged(200)
    say(units.surrender(10, asset="ccer"))
    refused("surrender.offset_cap", say, units.surrender(1, asset="ccer"))
    say(units.surrender(190))
    refused("surrender.exceeds", say, units.surrender(1))
    say(units.cancel_own(3))
    settle(signed(units.price()))
    units.obliged(180)
    settle(units.credit())
    refused("credit.none", settle, units.credit())
    mirror.compare_units(emergency.op_id, taken.op_id, lapsing.op_id)
    mirror.memory.now = unitwork.DEADLINE
    say(units.carry_over(9))
    refused("carry_over.exceeds", say, units.carry_over(1))
    refused("assess.early", settle, units.assess())
    mirror.memory.now = unitwork.CARRY_UNTIL
    settle(units.close(STEEL, TILES))
    mirror.compare_units(emergency.op_id, taken.op_id, lapsing.op_id)
    assert mirror.replay_faults() == []


def test_what_is_asked_of_the_contracts_is_what_was_signed(mirror: Mirror) -> None:
    """The operation that people signed is the operation of the outbox."""
    units = mirror.units()
    order = units.signed(units.carry_in(100))
    units.hold(order)
    emergency = units.freeze(5, approvals=None)
    units.hold(emergency)
    confirmed = units.hold(units.confirm(emergency))
    units.obliged(50)
    word = units.surrender(50)
    said = units.say(word)
    found = [row for row in wishes(mirror) if row[0] not in {"enrol", "determine", "add"}]
    kinds = [kind for kind, _, _ in found]
    assert kinds == ["carry-in", "freeze-at-once", "confirm-freeze", "terms", "surrender"]
    operations = {op_id.hex(): index for _, index, op_id in found}
    assert {order.op_id, emergency.op_id, word.op_id} <= set(operations)
    with mirror.database.read() as session:
        rows = {row.position: row for row in session.scalars(select(OutboxRow))}
        at = next(e.index for e in mirror.memory.entries if e.statement.statement_id == said.statement_id)
        intent = asset_intent(Kind(rows[at].kind), json.loads(rows[at].payload))
        assert isinstance(intent, SignedIntent)
        assert intent.message.as_tuple()[2:5] == (2023, 0x10000 + 2023, 50)
        assert intent.leaf_hash == said.leaf_hash
        assert len(intent.signatures) == 1
        at = next(e.index for e in mirror.memory.entries if e.statement.statement_id == confirmed.statement_id)
        intent = asset_intent(Kind(rows[at].kind), json.loads(rows[at].payload))
        assert isinstance(intent, SignedIntent)
        assert intent.confirms
        assert intent.message.op_id.hex() == emergency.op_id
        assert about(session, "holding", at) == (STEEL,)
        assert about(session, "holding", 0) == ()


def test_what_the_contract_finally_refused_took_nothing(mirror: Mirror) -> None:
    """An operation that was refused stays used; what it would have moved, frozen or entered is free again."""
    units = mirror.units()
    units.hold(units.signed(units.carry_in(100)))
    steps = (units.signed(units.freeze(100)), units.signed(units.offsets(1, 10)), units.signed(units.suspend()))
    for order in steps:
        units.hold(order)
        index = mirror.memory.next_index - 1
        mirror.compare_units(order.op_id)
        with mirror.database.write() as session:
            row = update(OutboxRow).where(OutboxRow.position == index)
            session.execute(row.values(state=State.REFUSED.value, doubt_number=9, doubt_hash=bytes(32)))
        mirror.memory.refused |= {index}
        mirror.compare_units(order.op_id)
        refused("operation.used", units.hold, order)
    for order in (units.freeze(100), units.offsets(1, 10), units.suspend()):
        units.hold(units.signed(order))
    assert mirror.replay_faults() == []


def test_ccer_that_is_not_eligible_is_refused_by_the_dated_rules(mirror: Mirror) -> None:
    """DOMAIN 4, as `quota.offsets` has it."""
    units = mirror.units()
    early = unitwork.Monitoring(start="2020-09-22", end="2021-09-21")
    for changed, fault in (
        (
            {"monitoring": early, "project_start": "2019-01-01"},
            ("offset.reductions: 2020-09-22", "after 2020-09-22", "晚于 2020-09-22"),
        ),
        (
            {"project_start": "2012-11-08"},
            ("offset.project_start: 2012-11-08", "after 2012-11-08", "晚于 2012-11-08"),
        ),
        ({"cancelled": "2027-01-01"}, ("offset.order: 2027-01-01", "2024-05-01 or earlier", "不晚于 2024-05-01")),
    ):
        mirror.memory.ineligible["ZX-2024-0001"] = fault
        refused("offset.ineligible", units.hold, units.signed(units.offsets(1, 10, **changed)))
    mirror.memory.ineligible.clear()
    units.hold(units.signed(units.offsets(1, 10)))


def test_a_row_that_no_entry_establishes_is_found(mirror: Mirror) -> None:
    units = mirror.units()
    units.hold(units.signed(units.carry_in(100)))
    with mirror.database.write() as session:
        session.execute(update(AssetOperationRow).values(tonnes=101))
    (fault,) = mirror.replay_faults()
    assert (fault.table, fault.column) == ("asset_operations", "tonnes")
