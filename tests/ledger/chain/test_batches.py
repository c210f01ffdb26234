"""Fills that go together: one transaction, each fill by itself; law 6 whatever crashes or is forgotten (DOMAIN 18)."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from attestation.market_messages import Withdrawal
from ledger.chain.finality import Confirmations
from ledger.chain.operations import Kind
from ledger.chain.outbox import State
from ledger.chain.signing import account_address
from ledger.db.chain_models import ChainEventRow, OutboxRow
from ledger.db.exchange import ExchangeRepository

from ..asset_life import QUOTA, Time
from ..market_equal import begin, require_same, told
from ..market_life import BANK, BUY, FIRST_DAY, SELL, A, B, C, D, Market
from .test_relayer_faults import Crash

pytestmark = pytest.mark.chain


@pytest.fixture
def market(world: Any) -> Market:
    return Market(world)


def transactions(world: Any) -> int:
    return int(world.rpc.nonce(account_address(world.relayer_account)))


def opened(world: Any, market: Market, clock: Any = None) -> Any:
    relayer = begin(world, market, clock)
    world.tell(market.open_day(FIRST_DAY))
    world.settle(relayer)
    return relayer


def fills(market: Market, count: int = 4, *, bad: int | None = None) -> list[Any]:
    """Fills of one offer, one after the other, and in the end one of others; of one of them the price is too high."""
    offer = market.order(B, SELL, 5 * count, 5_000)
    made = [
        market.fill(
            market.order(A, BUY, 5, 9_000, counterparty=B),
            offer,
            5,
            6_700 if number == bad else 6_000,
            before=(0, 5 * number),
        )
        for number in range(count - 1)
    ]
    other = market.fill(market.order(C, BUY, 5, 6_000, counterparty=D), market.order(D, SELL, 5, 6_000), 5, 6_000)
    return [*made, other]


def rows(world: Any, ops: list[bytes]) -> list[OutboxRow]:
    with world.database.read() as session:
        fills_told = select(OutboxRow).where(OutboxRow.kind == Kind.SETTLE)
        found = {row.op_id: row for row in session.scalars(fills_told)}
    return [found[op] for op in ops]


def settled(world: Any) -> list[bytes]:
    with world.database.read() as session:
        return [trade.op_id for trade in ExchangeRepository(session).trades(QUOTA, FIRST_DAY)]


def test_fills_that_wait_together_are_one_transaction_in_their_order(world: Any, market: Market) -> None:
    relayer = opened(world, market)
    before = transactions(world)
    ops = [world.tell(fill) for fill in fills(market)]
    report = relayer.step()
    assert (report.sent, report.in_flight) == (4, 1)
    relayer.step()
    assert transactions(world) == before + 1
    assert settled(world) == ops
    assert [row.state for row in rows(world, ops)] == [State.MINED] * 4
    require_same(world, market)


def test_what_comes_between_fills_comes_between_their_batches(world: Any, market: Market) -> None:
    """A move of units out of trading keeps its place between two fills of the same account."""
    relayer = opened(world, market)
    before = transactions(world)
    first, second, third, other = fills(market)
    told_in_order = [first, second, market.move(B, QUOTA, 700, inward=False), third, other]
    for intent in told_in_order:
        world.tell(intent)
    world.settle(relayer)
    assert transactions(world) == before + 3
    require_same(world, market)


def test_orders_that_their_holders_end_hold_up_no_fills_of_other_orders(world: Any, market: Market) -> None:
    """On a busy day somebody ends an order between any two fills: all of both goes in one round."""
    relayer = opened(world, market)
    before = transactions(world)
    made = fills(market, 6)
    ended = [market.order(A, BUY, 5, 5_900 + number, counterparty=B) for number in range(len(made))]
    for fill, order in zip(made, ended, strict=True):
        world.tell(fill)
        world.tell(market.cancel_order(order))
    last = world.tell(market.cancel_order(made[0].sell))
    report = relayer.step()
    assert (report.sent, report.in_flight) == (2 * len(made), 1 + len(made))
    assert world.state(last) is State.PENDING, "its own fills are on their way"
    world.settle(relayer)
    assert transactions(world) == before + 2 + len(made)
    assert {row.state for row in told(world)} == {State.MINED}
    require_same(world, market)


@pytest.mark.parametrize("applied", [True, False], ids=["after-sending", "before-sending"])
def test_a_relayer_killed_between_batch_and_receipt_settles_nothing_twice(
    world: Any, market: Market, applied: bool
) -> None:
    clock = Time(world)
    relayer = opened(world, market, clock)
    relayer.release()
    before = transactions(world)
    ops = [world.tell(fill) for fill in fills(market)]
    rpc = Crash(world.engine.rpc_url, 1, applied=applied)
    dying = world.relayer("dying", rpc=rpc, clock=clock)
    with contextlib.suppress(KeyboardInterrupt):
        dying.step()
    rpc.close()
    stored = {row.tx_hash for row in rows(world, ops)}
    assert len(stored) == 1
    clock.go_on(60)
    world.settle(world.relayer("next", clock=clock))
    assert transactions(world) == before + 1
    assert settled(world) == ops
    assert {row.tx_hash for row in rows(world, ops)} == stored, "the very bytes that were stored"
    require_same(world, market)


def test_a_forgotten_block_brings_the_same_batch_back_once(world: Any, market: Market) -> None:
    relayer = opened(world, market)
    before = world.snapshot()
    ops = [world.tell(fill) for fill in fills(market)]
    world.settle(relayer)
    sent = {row.tx_hash for row in rows(world, ops)}
    world.revert(before)
    world.settle(relayer, rounds=20)
    assert {row.tx_hash for row in rows(world, ops)} == sent
    assert settled(world) == ops
    world.forget_everything()
    world.settle(relayer, rounds=80)
    assert settled(world) == ops
    require_same(world, market)


def test_a_batch_that_a_reorganisation_drops_is_sent_again(world: Any, market: Market) -> None:
    relayer = opened(world, market)
    ops = [world.tell(fill) for fill in fills(market)]
    world.settle(relayer)
    world.reorganise(2)
    world.settle(relayer, rounds=20)
    assert settled(world) == ops
    require_same(world, market)


def test_one_bad_fill_is_refused_by_its_name_and_the_others_stand(make_world: Callable[..., Any], engine: Any) -> None:
    """Nor is another intent of that name, which a holder may choose, taken for done."""
    world = make_world(engine, finality=Confirmations(1))
    market = Market(world)
    relayer = opened(world, market)
    ops = [world.tell(fill) for fill in fills(market, bad=2)]
    # The holder names a withdrawal, which waits for its bank account, as the fill will be named.
    until = market.began + 40 * 86_400
    named = world.tell(market.say(Withdrawal(ops[2], B, 1, BANK, until)))
    for _ in range(10):
        relayer.step()
        world.rpc.request("evm_mine")
    found = rows(world, ops)
    assert [row.state for row in found] == [State.FINAL, State.FINAL, State.REFUSED, State.FINAL]
    assert (found[2].last_error or "").startswith("PriceOutOfBand(")
    with world.database.read() as session:
        refused = session.scalars(select(ChainEventRow.args).where(ChainEventRow.name == "TradeRefused")).all()
        states = {row.kind: row.state for row in session.scalars(select(OutboxRow).where(OutboxRow.op_id == named))}
    assert len(refused) == 1
    assert ops[2].hex() in refused[0]
    assert states["withdraw"] not in {State.MINED, State.FINAL}
    require_same(world, market)


def test_a_batch_asks_for_no_more_gas_than_a_block_has(world: Any, market: Market) -> None:
    relayer = opened(world, market)
    before = transactions(world)
    world.rpc.request("evm_setBlockGasLimit", hex(700_000))
    world.rpc.request("evm_mine")
    ops = [world.tell(fill) for fill in fills(market)]
    world.settle(relayer)
    assert transactions(world) == before + 2
    assert settled(world) == ops


def test_a_lost_batch_goes_out_again_and_a_stuck_one_is_replaced_for_all_of_it(world: Any, market: Market) -> None:
    now = [time.time()]
    relayer = opened(world, market, lambda: now[0])
    world.rpc.request("evm_setAutomine", False)
    ops = [world.tell(fill) for fill in fills(market)]
    relayer.step()
    (first,) = {row.tx_hash for row in rows(world, ops)}
    world.rpc.request("anvil_dropAllTransactions")
    relayer.step()
    assert world.rpc.knows_transaction(first)
    now[0] += 31
    relayer.step()
    (second,) = {row.tx_hash for row in rows(world, ops)}
    assert second != first
    world.rpc.request("evm_mine")
    world.rpc.request("evm_setAutomine", True)
    world.settle(relayer)
    assert settled(world) == ops
    assert world.rpc.receipt(second) is not None
    assert world.rpc.receipt(first) is None


def test_a_batch_that_reverts_as_a_whole_ends_in_fills_of_their_own(
    world: Any, market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fill that takes more gas than its share would undo the batch each time (``TradeUnanswered``)."""
    relayer = opened(world, market)
    monkeypatch.setattr("ledger.chain.manifest.GAS_OF_FILL", 60_000)
    ops = [world.tell(fill) for fill in fills(market)]
    world.settle(relayer, rounds=20)
    assert settled(world) == ops
    assert {row.state for row in told(world)} == {State.MINED}
    assert max(row.attempts for row in rows(world, ops)) > 1
