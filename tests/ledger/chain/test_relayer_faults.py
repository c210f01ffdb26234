"""Law 6: an intent takes effect exactly once, whatever crashes or is forgotten. Faults are the engine's own."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from ledger.chain.errors import ChainUnavailable, LeaseLost
from ledger.chain.finality import AnvilState, Confirmations
from ledger.chain.outbox import State
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address, current_fee, sign
from ledger.db.chain_models import OutboxRow

pytestmark = pytest.mark.chain


def after(seconds: float) -> Callable[[], float]:
    """A clock that is ahead, so that a dead holder's lease is over."""
    return lambda: time.time() + seconds


class Crash(Rpc):
    """Dies at the n-th sending, before or after the bytes have left: the process would never see the answer."""

    def __init__(self, url: str, at: int, *, applied: bool) -> None:
        super().__init__(url)
        self.left, self.applied = at, applied

    def send_raw(self, raw: bytes) -> None:
        self.left -= 1
        if self.left == 0:
            if self.applied:
                super().send_raw(raw)
            raise KeyboardInterrupt
        super().send_raw(raw)


def check_exactly_once(world: Any, anchors: list[Any], ops: list[bytes]) -> None:
    log = world.evidence_log()
    for intent in anchors:
        assert log.root_at(0, intent.size) == intent.root
        assert world.state_of(intent) is State.MINED
    events = world.projected()["chain_events"]
    assert sum(row[4] in {"Anchored", "Backfilled"} for row in events) == len(anchors)
    assert sum(row[4] == "KeyEnrolled" for row in events) == len(ops)
    assert all(world.state(op) is State.MINED for op in ops)


def test_a_forgotten_role_is_given_again_before_enrolments_are_refused_for_lack_of_it(world: Any) -> None:
    relayer = world.relayer()
    before: list[str] = []

    def remember(step: str) -> None:
        if step == "create EvidenceLog":
            before.append(world.snapshot())

    world.deploy(on_step=remember)
    op = world.enrol(world.enterprise())
    world.settle(relayer)
    world.revert(before[0])
    world.settle(relayer)
    check_exactly_once(world, [], [op])
    assert world.rpc.nonce(account_address(world.relayer_account)) == 1


@pytest.mark.parametrize("applied", [True, False], ids=["after-sending", "before-sending"])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_crash_around_sending_repeats_and_loses_nothing(world: Any, at: int, applied: bool) -> None:
    world.deploy()
    anchors, ops = [world.grow(3), world.grow(4)], [world.enrol(world.enterprise())]
    rpc = Crash(world.engine.rpc_url, at, applied=applied)
    with pytest.raises(KeyboardInterrupt):
        world.relayer("first", rpc=rpc).step()
    rpc.close()
    world.settle(world.relayer("second", clock=after(60)))
    check_exactly_once(world, anchors, ops)
    assert world.rpc.nonce(account_address(world.relayer_account)) == 3


def test_the_signed_bytes_are_durable_before_they_leave(world: Any) -> None:
    class Witness(Rpc):
        def send_raw(self, raw: bytes) -> None:
            with world.database.read() as session:
                stored = session.scalars(select(OutboxRow.raw_tx).where(OutboxRow.state == "sent")).all()
            seen.append(raw in stored)
            super().send_raw(raw)

    world.deploy()
    world.grow(3)
    world.grow(3)
    seen: list[bool] = []
    rpc = Witness(world.engine.rpc_url)
    world.settle(world.relayer(rpc=rpc))
    rpc.close()
    assert seen == [True, True]


def test_failed_but_applied_is_recognised(world: Any) -> None:
    class LostReply(Rpc):
        def send_raw(self, raw: bytes) -> None:
            super().send_raw(raw)
            raise ChainUnavailable("the reply is lost", rule="chain.unavailable")

    world.deploy()
    anchors, ops = [world.grow(3)], [world.enrol(world.enterprise())]
    rpc = LostReply(world.engine.rpc_url)
    relayer = world.relayer(rpc=rpc)
    for _ in range(6):
        try:
            relayer.step()
        except ChainUnavailable:
            continue
    rpc.close()
    check_exactly_once(world, anchors, ops)
    assert world.rpc.nonce(account_address(world.relayer_account)) == 2


def test_forgotten_blocks_come_back_with_every_anchored_size(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    before = world.snapshot()
    anchors, ops = [world.grow(3), world.grow(4), world.grow(90)], [world.enrol(world.enterprise())]
    world.settle(relayer)
    world.revert(before)
    assert world.evidence_log().head() == 0
    report = relayer.step()
    assert report.sync is not None
    assert report.sync.reopened == 4
    world.settle(relayer)
    check_exactly_once(world, anchors, ops)


def test_a_chain_back_at_genesis_gets_everything_again_at_the_same_addresses(world: Any) -> None:
    relayer = world.relayer()
    anchors, ops = [world.grow(3), world.grow(4)], [world.enrol(world.enterprise())]
    world.settle(relayer)
    address = world.evidence_log().address
    for _ in range(2):
        world.forget_everything()
        assert world.rpc.code(address) == b""
        world.settle(relayer)
        check_exactly_once(world, anchors, ops)


def test_a_relayer_started_after_the_chain_was_forgotten_does_the_same(world: Any) -> None:
    anchors = [world.grow(3), world.grow(4)]
    world.settle(world.relayer("first"))
    world.forget_everything()
    world.settle(world.relayer("second", clock=after(60)))
    check_exactly_once(world, anchors, [])


def test_a_reorg_that_drops_transactions_rolls_back_and_sends_them_again(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    first = world.grow(3)
    world.settle(relayer)
    second, ops = world.grow(4), [world.enrol(world.enterprise())]
    world.settle(relayer)
    world.reorganise(2)
    report = relayer.step()
    assert report.sync is not None
    assert (report.sync.reopened, report.sync.events) == (2, 0)
    assert world.state_of(first) is State.MINED
    world.settle(relayer)
    check_exactly_once(world, [first, second], ops)


def test_a_backfilled_size_is_anchored_in_order_after_the_chain_forgot_it(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    before = world.snapshot()
    small, large = world.grow(3, enqueue=False), world.grow(4)
    world.settle(relayer)
    with world.database.write() as session:
        from ledger.chain import outbox

        outbox.enqueue_anchor(session, world.deployment_id, small, now=1)
    world.settle(relayer)
    assert world.evidence_log().root_at(0, small.size) == small.root
    world.revert(before)
    world.settle(relayer)
    check_exactly_once(world, [small, large], [])


def test_a_lost_transaction_is_sent_again_and_those_behind_it_follow(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    world.rpc.request("evm_setAutomine", False)
    anchors = [world.grow(3), world.grow(4), world.grow(5)]
    relayer.step()
    with world.database.read() as session:
        lost = session.scalars(select(OutboxRow.tx_hash).order_by(OutboxRow.nonce)).first()
    assert world.rpc.request("anvil_dropTransaction", "0x" + lost.hex()) is not None
    world.rpc.request("evm_setAutomine", True)
    world.settle(relayer)
    check_exactly_once(world, anchors, [])


def test_a_gap_in_the_nonces_is_closed(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    world.rpc.request("evm_setAutomine", False)
    anchors = [world.grow(3), world.grow(4), world.grow(5)]
    relayer.step()
    world.rpc.request("anvil_dropAllTransactions")
    with world.database.write() as session:
        first = session.scalars(select(OutboxRow).order_by(OutboxRow.nonce)).first()
        assert first is not None
        from ledger.chain import outbox

        outbox.release(session, first.id, "lost", now=1)
    report = relayer.step()
    assert report.released == 2
    world.rpc.request("evm_setAutomine", True)
    world.settle(relayer)
    check_exactly_once(world, anchors, [])


def test_a_stuck_transaction_is_replaced_at_the_same_nonce_with_a_higher_fee(world: Any) -> None:
    now = [time.time()]
    relayer = world.relayer(clock=lambda: now[0])
    relayer.step()
    world.rpc.request("evm_setAutomine", False)
    intent = world.grow(3)
    relayer.step()
    with world.database.read() as session:
        before = session.scalars(select(OutboxRow)).one()
    now[0] += 31
    relayer.step()
    with world.database.read() as session:
        later = session.scalars(select(OutboxRow)).one()
    assert (later.nonce, later.state) == (before.nonce, "sent")
    assert int(later.fee) * 100 >= int(before.fee) * 110
    world.rpc.request("evm_mine")
    world.rpc.request("evm_setAutomine", True)
    world.settle(relayer)
    assert world.rpc.receipt(later.tx_hash) is not None
    assert world.rpc.receipt(before.tx_hash) is None
    check_exactly_once(world, [intent], [])


def test_a_chain_that_takes_nothing_is_not_offered_ever_more(world: Any) -> None:
    now = [time.time()]
    relayer = world.relayer(clock=lambda: now[0])
    relayer.step()
    world.rpc.request("evm_setAutomine", False)
    intent = world.grow(3)
    for _ in range(40):
        relayer.step()
        now[0] += 31
    with world.database.read() as session:
        row = session.scalars(select(OutboxRow)).one()
    assert int(row.fee) <= 4 * current_fee(world.rpc)
    world.rpc.request("evm_mine")
    world.rpc.request("evm_setAutomine", True)
    world.settle(relayer)
    check_exactly_once(world, [intent], [])


def test_a_nonce_taken_by_a_foreign_transaction_of_the_same_key_does_not_stop_the_relayer(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    world.rpc.request("evm_setAutomine", False)
    intent = world.grow(3)
    relayer.step()
    signed = sign(
        world.relayer_account,
        chain_id=world.engine.chain_id,
        nonce=0,
        fee=current_fee(world.rpc) * 3,
        gas=21_000,
        to=b"\x09" * 20,
        value=1,
    )
    world.rpc.send_raw(signed.raw)
    world.rpc.request("evm_mine")
    world.rpc.request("evm_setAutomine", True)
    world.settle(relayer)
    check_exactly_once(world, [intent], [])


def test_of_two_relayers_on_one_database_one_is_idle_until_the_other_is_gone(world: Any) -> None:
    now = [time.time()]
    clock = lambda: now[0]  # noqa: E731 - two names for one moving clock
    first, second = world.relayer("first", clock=clock), world.relayer("second", clock=clock)
    intent = world.grow(3)
    assert not first.step().idle
    assert second.step().idle
    now[0] += 31
    assert not second.step().idle
    assert first.step().idle
    check_exactly_once(world, [intent], [])


def test_a_relayer_that_slept_through_its_lease_writes_and_sends_nothing_more(world: Any) -> None:
    now = [time.time()]

    class Sleepy(Rpc):
        """Sleeps between reading the chain and storing what it would send; meanwhile another takes over."""

        armed = False

        def gas_price(self) -> int:
            if self.armed:
                now[0] += 31
                other.step()
                anchored.append(world.rpc.nonce(account_address(world.relayer_account)))
            return super().gas_price()

    anchored: list[int] = []
    rpc = Sleepy(world.engine.rpc_url)
    first = world.relayer("first", rpc=rpc, clock=lambda: now[0])
    other = world.relayer("other", clock=lambda: now[0])
    first.step()
    intent = world.grow(3)
    rpc.armed = True
    with pytest.raises(LeaseLost):
        first.step()
    rpc.close()
    assert anchored == [1]
    assert world.rpc.nonce(account_address(world.relayer_account)) == 1
    world.settle(other)
    check_exactly_once(world, [intent], [])


def test_two_relayers_with_one_key_and_two_databases_repeat_no_effect(
    engine: Any, make_world: Callable[..., Any]
) -> None:
    one, two = make_world(engine), make_world(engine)
    two.parameters, two.cosigners = one.parameters, one.cosigners
    one.deploy()
    pairs = [(one.grow(size), two.grow(size)) for size in (3, 4, 5, 6)]
    op = one.enrol(one.enterprise())
    assert two.enrol(two.enterprise()) == op
    relayers = [one.relayer("a"), two.relayer("b")]
    one.rpc.request("evm_setAutomine", False)
    dice = random.Random(7)
    for _ in range(8):
        dice.choice(relayers).step()
        one.rpc.request("evm_mine")
    one.rpc.request("evm_setAutomine", True)
    for world, relayer in zip((one, two), relayers, strict=True):
        world.settle(relayer)
    check_exactly_once(one, [pair[0] for pair in pairs], [op])
    check_exactly_once(two, [pair[1] for pair in pairs], [op])


def test_refused_is_terminal_only_when_the_refusing_block_is_final(world: Any) -> None:
    world.finality = Confirmations(2)
    orphan = world.enterprise("88.608.5288/METER", kind=3, parent="88.608.5288/NOBODY")
    world.enrol(orphan)
    relayer = world.relayer()
    relayer.step()
    relayer.step()
    assert world.state_of(orphan) is State.PENDING
    assert "DeviceParentInvalid" in world.errors()[0]
    world.rpc.request("anvil_mine", hex(2))
    assert relayer.step().refused == 1
    assert world.state_of(orphan) is State.REFUSED
    assert world.rpc.nonce(account_address(world.relayer_account)) == 0


def test_a_refusal_in_a_block_that_a_reorg_drops_is_forgotten(world: Any) -> None:
    world.finality = Confirmations(2)
    relayer = world.relayer()
    relayer.step()
    before = world.snapshot()
    world.rpc.request("evm_mine")
    meter = world.enterprise("88.608.5288/METER", kind=3, parent="88.608.5288/A")
    world.enrol(meter)
    relayer.step()
    assert "DeviceParentInvalid" in world.errors()[0]
    world.revert(before)
    world.enrol(world.enterprise())
    world.settle(relayer)
    assert world.state_of(meter) in {State.MINED, State.FINAL}


def test_a_refused_intent_does_not_hold_up_the_others(world: Any) -> None:
    relayer = world.relayer(settings={"max_in_flight": 1})
    orphan = world.enterprise("88.608.5288/METER", kind=3, parent="88.608.5288/NOBODY")
    world.enrol(orphan)
    good = [world.enterprise(f"88.608.5288/E{n}") for n in range(3)]
    for intent in good:
        world.enrol(intent)
    for _ in range(8):
        relayer.step()
    assert [world.state_of(intent) for intent in good] == [State.MINED] * 3
    assert world.state_of(orphan) is State.PENDING


def test_final_on_anvil_means_saved_and_is_taken_back_with_the_chain(world: Any) -> None:
    world.finality = AnvilState(world.engine.final_path)
    relayer = world.relayer()
    intent = world.grow(3)
    until = time.monotonic() + 20
    while world.state_of(intent) is not State.FINAL and time.monotonic() < until:
        relayer.step()
        time.sleep(0.1)
    assert world.state_of(intent) is State.FINAL
    world.forget_everything()
    relayer.step()
    assert world.state_of(intent) is State.SENT
    world.settle(relayer)
    assert world.state_of(intent) in {State.MINED, State.FINAL}
    assert world.evidence_log().root_at(0, intent.size) == intent.root
