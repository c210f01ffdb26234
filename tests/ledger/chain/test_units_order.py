"""What waits for what among units, obligations, figures and keys, and what is refused for good, on a real chain."""

from __future__ import annotations

from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from sqlalchemy import select

from attestation.asset_messages import AllocationRun
from attestation.assets import CCER
from attestation.identifiers import account_id
from ledger.chain.asset_intents import AllocatePartIntent, AllocationItem
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.db.assets import AssetRepository
from ledger.db.chain_models import OutboxRow

from ..asset_life import CLOSES, DEADLINE, HOLDER, HOLDERS_KEY, OTHER, QUOTA, RESERVE, ROOT, YEAR, Time, Units
from ..registry_life import key

pytestmark = pytest.mark.chain


@pytest.fixture
def units(world: Any) -> Units:
    return Units(world)


def begin(world: Any, units: Units, clock: Time | None = None) -> Any:
    """Everybody is enrolled, the cap is allocated, the year has terms."""
    relayer = world.relayer(clock=clock or Time(world))
    for intent in (*units.everybody(), *units.cases.verifiers()):
        world.enrol(intent)
    for intent in (*units.supplied(), units.terms()):
        world.tell(intent)
    world.settle(relayer, rounds=20)
    return relayer


def rounds(relayer: Any, count: int = 6) -> None:
    for _ in range(count):
        relayer.step()


def states(world: Any, *ops: bytes) -> list[State | None]:
    return [world.state(op) for op in ops]


def error(world: Any, op: bytes) -> str:
    with world.database.read() as session:
        return str(session.scalars(select(OutboxRow.last_error).where(OutboxRow.op_id == op)).one())


def test_a_surrender_waits_for_the_figure_that_waits_for_its_anchor_and_nobody_else_does(
    world: Any, units: Units
) -> None:
    """DOMAIN 2, 44: the obligation is the registered figure; another account's units do not rest on it."""
    relayer = begin(world, units)
    cases = units.cases
    assigned, figure = world.tell(cases.assign()), world.tell(cases.register(400, (3, 7)))
    moved = world.tell(units.cancel(1))
    surrendered, behind = world.tell(units.surrender(300)), world.tell(units.cancel(2))
    other = world.tell(units.transfer(RESERVE, OTHER, 9))
    rounds(relayer)
    assert states(world, assigned, moved, other) == [State.MINED] * 3
    assert states(world, figure, surrendered, behind) == [State.PENDING] * 3
    world.grow(9)
    world.settle(relayer, rounds=20)
    assert states(world, figure, surrendered, behind) == [State.MINED] * 3
    with world.database.read() as session:
        assert AssetRepository(session).position(HOLDER, YEAR).due == 100


def test_an_amendment_comes_after_what_was_surrendered_before_it(world: Any, units: Units) -> None:
    """DOMAIN 2: told first, an amendment down would have the surrender refused that it was logged after."""
    relayer = begin(world, units)
    world.tell(units.cases.determine(400))
    world.settle(relayer)
    # On a chain back at genesis the surrender waits for the release, and the amendment has to wait with it.
    frozen = units.freeze(HOLDER, 400)
    world.tell(frozen)
    world.settle(relayer)
    released, met = units.release(frozen, 400, HOLDER), units.surrender(400)
    ops = [world.tell(intent) for intent in (released, met, units.cases.determine(350, revision=2))]
    world.settle(relayer, rounds=20)
    assert states(world, *ops) == [State.MINED] * 3
    world.forget_everything()
    world.settle(relayer, rounds=40)
    assert states(world, *ops) == [State.MINED] * 3
    with world.database.read() as session:
        position = AssetRepository(session).position(HOLDER, YEAR)
    assert (position.quota, position.excess) == (400, 50)


def test_a_refusal_by_the_contract_is_final_with_its_reason_and_holds_up_nobody(engine: Any, make_world: Any) -> None:
    """Law 4: one tonne above the cap of offsets; the entry stays, the next surrender goes on."""
    world = make_world(engine, finality=Confirmations(1))
    units = Units(world)
    relayer = begin(world, units)
    world.tell(units.ccer(HOLDER, 25))
    world.tell(units.cases.determine(400))
    world.settle(relayer)
    above = world.tell(units.surrender(21, CCER))
    within = world.tell(units.surrender(20, CCER))
    broke = world.tell(units.transfer(OTHER, HOLDER, 201))
    wrong = world.tell(units.surrender(1, by=key(6)))
    for _ in range(8):
        relayer.step()
        world.rpc.request("evm_mine")
    assert states(world, above, within, broke, wrong) == [State.REFUSED, State.FINAL, State.REFUSED, State.REFUSED]
    assert "OffsetCapExceeded" in error(world, above)
    assert "requested=21" in error(world, above)
    assert "BalanceInsufficient" in error(world, broke)
    assert "available=200" in error(world, broke)
    assert "HolderSignatureInvalid" in error(world, wrong)


def test_what_is_too_early_waits_for_its_time_and_holds_up_nobody(world: Any, units: Units) -> None:
    """DOMAIN 7, 11, 23, 31: collection, assessment, carry-over, lapse and close are refused by no impatience."""
    clock = Time(world)
    relayer = begin(world, units, clock)
    world.tell(units.cases.determine(10))
    world.tell(units.surrender(10))
    emergency = units.freeze_at_once(HOLDER, 3)
    world.tell(emergency)
    world.settle(relayer, rounds=20)
    early = [
        world.tell(intent)
        for intent in (
            units.lapse(emergency),
            units.collect(HOLDER),
            units.assess(HOLDER),
            units.carry_over(1, net_sold=10),
            units.close(HOLDER, OTHER),
        )
    ]
    meanwhile = world.tell(units.cancel(5))
    rounds(relayer)
    assert states(world, *early) == [State.PENDING] * 5
    assert states(world, meanwhile) == [State.MINED]
    with world.database.read() as session:
        assert session.scalars(select(OutboxRow.doubt_number).where(OutboxRow.doubt_number.is_not(None))).all() == []
    for instant, done in ((86_400 + 60, 1), (DEADLINE, 4), (CLOSES, 5)):
        clock.until(units.began + instant)
        rounds(relayer)
        assert states(world, *early[:done]) == [State.MINED] * done
        assert states(world, *early[done:]) == [State.PENDING] * (5 - done)


def test_parts_of_a_run_wait_for_a_reserve_that_was_spent(world: Any, units: Units) -> None:
    """DOMAIN 30: two persons approved the run; its parts are not lost because somebody was faster."""
    relayer = begin(world, units)
    approved, part = units.run(AllocationItem(OTHER, 300))
    ops = [world.tell(approved)]
    world.settle(relayer)
    world.tell(units.transfer(RESERVE, HOLDER, 250))
    world.settle(relayer)
    ops.append(world.tell(part))
    later = world.tell(units.transfer(OTHER, HOLDER, 4))
    rounds(relayer)
    assert states(world, *ops, later) == [State.MINED, State.PENDING, State.MINED]
    assert "BalanceInsufficient" in error(world, ops[1])
    world.tell(units.issue(250))
    world.settle(relayer)
    assert states(world, *ops) == [State.MINED, State.MINED]


def test_the_key_that_signed_a_waiting_surrender_ends_after_it(world: Any, units: Units) -> None:
    """Told first, the end of the key would have the contract refuse what the key said while it was good."""
    relayer = begin(world, units)
    world.tell(units.cases.assign())
    figure, met = world.tell(units.cases.register(400, (3, 7))), world.tell(units.surrender(300))
    life = units.life
    ended = world.enrol(life.rotate(HOLDERS_KEY, key(40), by=HOLDERS_KEY))
    rounds(relayer)
    assert states(world, figure, met, ended) == [State.PENDING] * 3
    world.grow(9)
    world.settle(relayer, rounds=20)
    assert states(world, figure, met, ended) == [State.MINED] * 3
    after = world.tell(units.surrender(1))
    rounds(relayer)
    assert "HolderSignatureInvalid" in error(world, after)
    fresh = world.tell(units.surrender(1, by=key(40)))
    rounds(relayer)
    assert states(world, fresh) == [State.MINED], "the account's units stand by its id, whichever key speaks (STORY 9)"


def test_a_stolen_key_is_ended_at_once_and_what_it_signed_is_refused(engine: Any, make_world: Any) -> None:
    world = make_world(engine, finality=Confirmations(1))
    units = Units(world)
    relayer = begin(world, units)
    world.tell(units.cases.assign())
    figure, met = world.tell(units.cases.register(400, (3, 7))), world.tell(units.surrender(300))
    stolen = world.enrol(units.life.compromise(HOLDERS_KEY, units.life.index))
    rounds(relayer)
    assert states(world, stolen)[0] in {State.MINED, State.FINAL}
    world.grow(9)
    for _ in range(10):
        relayer.step()
        world.rpc.request("evm_mine")
    assert states(world, figure, met) == [State.FINAL, State.REFUSED]
    with world.database.read() as session:
        assert AssetRepository(session).balance(HOLDER, QUOTA).registry == 500


def test_what_is_on_its_way_is_known_by_account(world: Any, units: Units) -> None:
    world.deploy()
    intents = (
        *(units.surrender(300), units.surrender(4, CCER), units.transfer(HOLDER, OTHER, 5), units.freeze(HOLDER, 6)),
        *(units.transfer(HOLDER, OTHER, 7, freeze=b"\x01" * 32), units.transfer(OTHER, HOLDER, 50), units.give_back(8)),
    )
    for intent in intents:
        world.tell(intent)
    with world.database.read() as session:
        rows = AssetRepository(session)
        assert rows.pending_out(HOLDER, QUOTA) == 300 + 5 + 6 + 8
        assert rows.pending_out(HOLDER, CCER) == 4
        assert rows.pending_out(OTHER, QUOTA) == 50
        assert list(rows.on_its_way(HOLDER)) == list(intents)
        assert len(list(rows.on_its_way(OTHER))) == 3


def test_a_charge_of_more_than_63_bits_is_read_as_it_is(world: Any, units: Units) -> None:
    """DOMAIN 7: a price that two persons mistyped must not stop the reader of the chain."""
    clock = Time(world)
    relayer = begin(world, units, clock)
    world.tell(units.price(8 * 10**15))
    world.tell(units.cases.determine(300))
    world.settle(relayer)
    clock.until(units.began + DEADLINE)
    world.tell(units.assess(HOLDER))
    world.settle(relayer)
    with world.database.read() as session:
        assert AssetRepository(session).position(HOLDER, YEAR).charge_fen == 300 * 8 * 10**15 * 5 > 2**63


def test_a_full_part_of_a_run_and_a_full_close_fit_into_their_gas(world: Any, units: Units) -> None:
    """64 accounts, each with a first balance and a first debt: the dearest rows that there are (DOMAIN 31)."""
    clock = Time(world)
    relayer = begin(world, units, clock)
    names = [f"88.608.5288/E{number}" for number in range(64)]
    for name in names:
        world.enrol(world.enterprise(name))
    accounts = sorted(account_id(name) for name in names)
    rows = tuple(AllocationItem(account, 3, owes=2) for account in accounts)
    part_hash = keccak(encode(["(bytes32,uint64,uint64,uint64)[]"], [[row.as_tuple() for row in rows]]))
    items_hash = keccak(encode(["bytes32[]"], [[part_hash]]))
    run = AllocationRun(units.op(), RESERVE, YEAR, 192, items_hash, ROOT, units.began + DEADLINE)
    world.tell(units.signed(run))
    part = world.tell(AllocatePartIntent(*units.life.entry(), run.op_id, (part_hash,), 0, rows))
    world.settle(relayer, rounds=20)
    clock.until(units.began + CLOSES)
    closed = world.tell(units.close(*accounts))
    world.settle(relayer)
    with world.database.read() as session:
        found = session.scalars(select(OutboxRow).where(OutboxRow.op_id.in_((part, closed)))).all()
        assert [(row.state, row.attempts) for row in found] == [(State.MINED, 1)] * 2
        units_held = AssetRepository(session)
        assert {units_held.balance(account, QUOTA).registry for account in accounts} == {0}
        assert {units_held.owed(account).tonnes for account in accounts} == {2}


def test_the_first_surrender_of_an_account_and_year_costs_at_most_180000_gas(world: Any, units: Units) -> None:
    """The whole transaction, as the relayer sends it."""
    relayer = begin(world, units)
    world.tell(units.cases.determine(400))
    world.settle(relayer)
    first = world.tell(units.surrender(300))
    world.settle(relayer)
    with world.database.read() as session:
        tx = session.scalars(select(OutboxRow.tx_hash).where(OutboxRow.op_id == first)).one()
    assert world.rpc.receipt(tx).gas_used <= 180_000
