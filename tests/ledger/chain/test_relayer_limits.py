"""What is bounded, and what a sender without money does: no round grows with what was sent before."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import event, select

from ledger import projection
from ledger.chain import outbox, outbox_blocks
from ledger.chain.deploy import Funding, top_up
from ledger.chain.outbox import State
from ledger.chain.rpc import BlockRef, Rpc
from ledger.chain.signing import account_address, current_fee
from ledger.db.chain_models import OutboxRow

from .test_relayer import send_as_stranger
from .test_relayer_faults import check_exactly_once

pytestmark = pytest.mark.chain

GWEI = 10**9


def base_fee(world: Any, wei: int) -> None:
    world.rpc.request("anvil_setNextBlockBaseFeePerGas", hex(wei))
    world.rpc.request("evm_mine")


def balance(world: Any, wei: int) -> None:
    world.rpc.request("anvil_setBalance", "0x" + account_address(world.relayer_account).hex(), hex(wei))


def row(world: Any) -> OutboxRow:
    with world.database.read() as session:
        return session.scalars(select(OutboxRow)).one()


def outbox_rows(world: Any) -> Sequence[OutboxRow]:
    with world.database.read() as session:
        return session.scalars(select(OutboxRow)).all()


def test_a_lost_transaction_that_once_offered_more_than_there_is_goes_out_for_the_fee_of_today(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    world.rpc.request("evm_setAutomine", False)
    base_fee(world, 1000 * GWEI)
    intent = world.grow(3)
    relayer.step()
    dear = row(world)
    world.rpc.request("anvil_dropAllTransactions")
    base_fee(world, GWEI)
    balance(world, 300_000 * 20 * GWEI)
    report = relayer.step()
    cheap = row(world)
    assert int(dear.fee or 0) >= 1250 * GWEI
    assert int(cheap.fee or 0) == current_fee(world.rpc) < 20 * GWEI
    assert (cheap.nonce, report.starved) == (dear.nonce, False)
    world.rpc.request("evm_mine")
    world.rpc.request("evm_setAutomine", True)
    world.settle(relayer)
    check_exactly_once(world, [intent], [])


def test_a_sender_that_ran_out_of_money_on_its_way_is_topped_up_and_goes_on(world: Any) -> None:
    asked: list[int] = []

    def pay() -> None:
        asked.append(world.rpc.balance(account_address(world.relayer_account)))
        funding = Funding(world.stranger)
        top_up(world.rpc, funding, world.engine.chain_id, account_address(world.relayer_account))

    relayer = world.relayer(top_up=pay)
    relayer.step()
    balance(world, 1)
    intent = world.grow(3)
    report = relayer.step()
    assert (report.starved, asked) == (True, [1])
    assert world.state_of(intent) is State.SENT
    world.settle(relayer)
    assert asked == [1]
    check_exactly_once(world, [intent], [])


def test_without_anybody_who_pays_the_intent_says_what_is_missing_and_waits(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    balance(world, 1)
    world.grow(3)
    assert relayer.step().starved
    assert relayer.step().starved
    assert "nsufficient funds" in (row(world).last_error or "")
    assert row(world).attempts == 1


def test_after_a_reset_no_round_handles_more_than_may_be_in_flight(world: Any) -> None:
    relayer = world.relayer(settings={"max_in_flight": 2})
    anchors, ops = [world.grow(size) for size in (3, 4, 5, 6, 7)], [world.enrol(world.enterprise())]
    world.settle(relayer)
    world.forget_everything()
    reports = world.settle(relayer, rounds=20)
    assert max(report.in_flight for report in reports) == 2
    check_exactly_once(world, anchors, ops)


@pytest.mark.parametrize("at_once", [1, 2, 3])
def test_what_a_chain_forgot_is_taken_back_a_few_effects_at_a_time(
    world: Any, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    relayer = world.relayer()
    anchors, ops = [world.grow(size) for size in (3, 4, 5, 6)], [world.enrol(world.enterprise())]
    world.settle(relayer)
    before = world.projected()
    # A block is taken back whole; a chain may put several transactions into one.
    largest_block = max(Counter(row.block_number for row in outbox_rows(world)).values())
    world.forget_everything()
    monkeypatch.setattr(projection, "EFFECTS_PER_UNDO", at_once)
    taken: list[int] = []
    undo = outbox_blocks.reopen_above

    def counted(*arguments: Any, **named: Any) -> int:
        taken.append(undo(*arguments, **named))
        if len(taken) == 2:
            raise ConnectionError("the process ends here")
        return taken[-1]

    monkeypatch.setattr(outbox_blocks, "reopen_above", counted)
    with pytest.raises(ConnectionError):
        relayer.step()
    report = relayer.step()
    assert report.sync is not None
    # The second one was rolled back with its transaction, and done again.
    assert sum(taken) - taken[1] == 5
    assert max(taken) <= max(at_once, largest_block)
    world.settle(relayer)
    check_exactly_once(world, anchors, ops)
    assert {name: len(rows) for name, rows in world.projected().items()} == {n: len(r) for n, r in before.items()}


def test_a_doubt_ends_when_the_contract_is_no_longer_asked(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    intent = world.grow(3, cosigned=1)
    with world.database.write() as session:
        outbox.doubt(
            session, session.scalars(select(OutboxRow.id)).one(), "refused", BlockRef(1, bytes(32)), None, now=1
        )
    relayer.step()
    assert (row(world).doubt_number, row(world).last_error) == (None, "1 of 2 cosignatures")
    assert world.state_of(intent) is State.PENDING


def test_an_anchor_that_comes_while_the_round_begins_is_not_ahead_of_the_log(world: Any) -> None:
    class Busy(Rpc):
        """The log grows and is anchored by somebody else at the very moment the head is asked for."""

        armed = False

        def call(self, to: bytes, data: bytes, **options: Any) -> bytes:
            if self.armed and data == world.evidence_log().data("head"):
                self.armed = False
                send_as_stranger(world, world.grow(4))
            return super().call(to, data, **options)

    rpc = Busy(world.engine.rpc_url)
    relayer = world.relayer(rpc=rpc)
    relayer.step()
    world.grow(3)
    world.settle(relayer)
    world.grow(2)
    rpc.armed = True
    relayer.step()
    assert not rpc.armed
    rpc.close()
    world.settle(world.relayer("next", clock=lambda: time.time() + 60))


def test_a_released_lease_lets_the_next_relayer_work_at_once(world: Any) -> None:
    first, second = world.relayer("first"), world.relayer("second")
    first.step()
    assert second.step().idle
    first.release()
    assert not second.step().idle


def test_final_rows_are_left_alone_by_every_later_round(world: Any) -> None:
    statements: list[tuple[str, Any]] = []

    def keep(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith("UPDATE outbox"):
            statements.append((statement, parameters))

    event.listen(world.database.engine, "before_cursor_execute", keep)
    with world.database.write() as session:
        outbox_blocks.mark_final(session, BlockRef(5, bytes(32)), now=1)
        outbox_blocks.reopen_above(session, 5, now=1)
    assert len(statements) == 4
    with world.database.engine.connect() as connection:
        for statement, parameters in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            assert all("USING" in line[-1] and "SCAN" not in line[-1] for line in plan), plan


def test_what_waits_is_not_judged_while_more_is_on_its_way_than_a_round_looks_at(world: Any) -> None:
    """It may rest on that: alone, as far as the round knows, it would be refused for good."""
    relayer = world.relayer(settings={"max_in_flight": 2})
    ops = [world.enrol(world.enterprise(f"88.608.5288/E{number}")) for number in range(6)]
    world.settle(relayer)
    world.forget_everything()
    relayer.step()
    # The first two were handed over. Of the next two the second is given up, and leaves room for another.
    with world.database.write() as session:
        there = select(OutboxRow).where(OutboxRow.state == State.SENT).order_by(OutboxRow.nonce)
        flying = session.scalars(there).all()
        flying[3].sender = bytes(20)
    late = world.enrol(world.enterprise("88.608.5288/E9"))
    report = relayer.step()
    assert len(flying) == 6
    assert (report.released, report.sent) == (1, 0)
    assert world.state(late) is State.PENDING
    world.settle(relayer, rounds=20)
    assert {world.state(op) for op in (*ops, late)} == {State.MINED}
