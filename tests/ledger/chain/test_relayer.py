"""The relayer on a chain that behaves: what is asked for is on chain once, in order, with few transactions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.workers import Worker
from ganache import Node
from ledger.chain.calls import CallBuilder
from ledger.chain.contracts import IDENTIFIER_REGISTRY, IdentifierRegistry
from ledger.chain.errors import AnchorConflict
from ledger.chain.finality import Confirmations
from ledger.chain.outbox import State
from ledger.chain.rpc import Rpc
from ledger.chain.signing import account_address, current_fee, sign
from ledger.db.log_models import LogState
from ledger.view import integrated_tree

pytestmark = pytest.mark.chain


def send_as_stranger(world: Any, *rows_of: Any) -> None:
    """Anybody may anchor: the stranger sends the very call that the relayer would."""
    deployment = world.deploy()
    with world.database.read() as session:
        builder = CallBuilder(world.rpc, deployment, session, integrated_tree, in_flight_size=0)
        for intent in rows_of:
            call = builder._anchor(intent)
            address = account_address(world.stranger)
            signed = sign(
                world.stranger,
                chain_id=world.engine.chain_id,
                nonce=world.rpc.nonce(address, "pending"),
                fee=current_fee(world.rpc) * 2,
                gas=call.gas,
                to=call.to,
                data=call.data,
            )
            world.rpc.send_raw(signed.raw)


def relayer_transactions(world: Any) -> int:
    return int(world.rpc.nonce(account_address(world.relayer_account)))


def test_anchors_and_enrolments_take_effect_once_each(world: Any) -> None:
    anchors = [world.grow(size) for size in (1, 4, 300)]
    enrolled = world.enrol(world.enterprise())
    world.settle(world.relayer())
    for intent in anchors:
        assert world.evidence_log().root_at(0, intent.size) == intent.root
        assert world.state_of(intent) is State.MINED
    assert world.state(enrolled) is State.MINED
    registry = IdentifierRegistry(world.rpc, world.deploy().addresses[IDENTIFIER_REGISTRY])
    assert registry.op_used(enrolled)
    assert relayer_transactions(world) == 4
    world.relayer().step()
    assert relayer_transactions(world) == 4


def test_many_anchors_are_in_flight_together_and_land_in_one_block(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    world.rpc.request("evm_setAutomine", False)
    anchors = [world.grow(size) for size in (3, 5, 9, 64, 1)]
    assert relayer.step().sent == 5
    assert relayer.step().in_flight == 5
    world.rpc.request("evm_mine")
    relayer.step()
    assert [world.state_of(intent) for intent in anchors] == [State.MINED] * 5
    assert world.evidence_log().head() == anchors[-1]
    assert relayer_transactions(world) == 5


def test_no_more_than_the_allowed_number_is_in_flight(world: Any) -> None:
    relayer = world.relayer(settings={"max_in_flight": 2})
    relayer.step()
    world.rpc.request("evm_setAutomine", False)
    for _ in range(5):
        world.grow(2)
    assert [relayer.step().in_flight for _ in range(2)] == [2, 2]
    world.rpc.request("evm_mine")
    assert relayer.step().in_flight == 2
    assert relayer_transactions(world) == 2


def test_a_round_in_which_nothing_waits_asks_no_contract(world: Any) -> None:
    class Listening(Rpc):
        def call(self, *arguments: Any, **options: Any) -> bytes:
            called.append(arguments)
            return super().call(*arguments, **options)

    called: list[Any] = []
    rpc = Listening(world.engine.rpc_url)
    relayer = world.relayer(rpc=rpc)
    world.grow(3)
    world.settle(relayer)
    called.clear()
    relayer.step()
    assert called == []
    later = world.grow(3)
    relayer.step()
    assert called
    world.settle(relayer)
    assert world.state_of(later) is State.MINED
    rpc.close()


def test_a_device_waits_for_its_enterprise(world: Any) -> None:
    device = world.enterprise("88.608.5288/METER", kind=3, parent="88.608.5288/A")
    world.enrol(device)
    world.enrol(world.enterprise())
    world.settle(world.relayer())
    assert world.state_of(device) is State.MINED


def test_an_anchor_waits_for_enough_cosignatures(world: Any) -> None:
    intent = world.grow(5, cosigned=1)
    relayer = world.relayer()
    relayer.step()
    assert world.state_of(intent) is State.PENDING
    assert world.errors() == ["1 of 2 cosignatures"]
    assert relayer_transactions(world) == 0


def test_an_anchor_sent_by_somebody_else_is_done(world: Any) -> None:
    world.deploy()
    intent = world.grow(5)
    send_as_stranger(world, intent)
    world.settle(world.relayer())
    assert world.state_of(intent) is State.MINED
    assert relayer_transactions(world) == 0


def test_an_anchor_nobody_here_asked_for_becomes_an_intent(world: Any) -> None:
    world.deploy()
    intent = world.grow(5, enqueue=False)
    send_as_stranger(world, intent)
    world.relayer().step()
    assert world.state_of(intent) is State.MINED


def test_a_smaller_size_is_backfilled_where_a_larger_one_came_first(world: Any) -> None:
    world.deploy()
    small, large = world.grow(5), world.grow(6, enqueue=False)
    send_as_stranger(world, large)
    world.settle(world.relayer())
    assert world.evidence_log().root_at(0, small.size) == small.root
    assert world.evidence_log().head() == large
    assert world.state_of(small) is State.MINED


def test_losing_the_race_for_an_anchor_costs_one_revert_and_repeats_nothing(world: Any) -> None:
    relayer = world.relayer()
    relayer.step()
    world.rpc.request("evm_setAutomine", False)
    intent = world.grow(5)
    relayer.step()
    send_as_stranger(world, intent)
    world.rpc.request("evm_mine")
    world.rpc.request("evm_setAutomine", True)
    relayer.step()
    assert world.state_of(intent) is State.MINED
    later = world.grow(5)
    world.settle(relayer)
    assert world.state_of(later) is State.MINED
    assert relayer_transactions(world) == 2


@pytest.mark.parametrize("asked_for", [True, False])
def test_another_root_on_chain_stops_loudly_and_sends_nothing(
    engine: Any, make_world: Callable[..., Any], asked_for: bool
) -> None:
    world, fork = make_world(engine), make_world(engine)
    fork.parameters, fork.cosigners = world.parameters, world.cosigners
    send_as_stranger(fork, fork.grow(5, salt=b"another history"))
    world.grow(5, enqueue=asked_for)
    later = world.grow(1)
    for _ in range(2):
        with pytest.raises(AnchorConflict, match=r"anchor\.root"):
            world.relayer().step()
    assert world.state_of(later) is State.PENDING
    assert relayer_transactions(world) == 0


def test_a_root_on_chain_for_a_size_never_signed_here_stops_loudly(engine: Any, make_world: Callable[..., Any]) -> None:
    world, fork = make_world(engine), make_world(engine)
    fork.parameters, fork.cosigners = world.parameters, world.cosigners
    send_as_stranger(fork, fork.grow(5, salt=b"another history"))
    world.grow(6)
    for _ in range(2):
        with pytest.raises(AnchorConflict, match=r"anchor\.root"):
            world.relayer().step()
    assert relayer_transactions(world) == 0


def test_a_chain_ahead_of_the_log_stops_loudly(world: Any) -> None:
    world.deploy()
    small = world.grow(3)
    send_as_stranger(world, world.grow(5, enqueue=False))
    with world.database.write() as session:
        session.get_one(LogState, 1).tree_size = small.size
    with pytest.raises(AnchorConflict, match=r"anchor\.ahead"):
        world.relayer().step()


def test_the_loop_survives_a_chain_that_is_away_and_stops_when_told(world: Any) -> None:
    intent = world.grow(5)
    stop, tries = threading.Event(), []
    rpc = world.rpc
    real = rpc.chain_id

    def away() -> int:
        tries.append(1)
        if len(tries) < 3:
            return int(rpc.__class__("http://127.0.0.1:9", timeout=0.2).chain_id())
        return int(real())

    rpc.chain_id = away
    relayer, failures = world.relayer(), []

    def one_round() -> bool:
        relayer.step()
        return False

    worker = Worker("relayer", one_round, 0.02, stop, failures.append, relayer.release)
    worker.start()
    try:
        until = time.monotonic() + 20
        while world.state_of(intent) is not State.MINED and time.monotonic() < until:
            time.sleep(0.05)
    finally:
        stop.set()
        ended = worker.join(20)
    assert ended
    assert failures == []
    assert not world.relayer("next").step().idle
    assert world.state_of(intent) is State.MINED
    assert len(tries) >= 3


@pytest.mark.node
def test_the_same_artifacts_and_the_same_relayer_work_on_ganache(
    tmp_path: Path, make_world: Callable[..., Any]
) -> None:
    with Node(tmp_path / "ganache", engine="ganache", chain_id=1337) as engine:
        world = make_world(engine, finality=Confirmations(0))
        anchors = [world.grow(size) for size in (3, 5, 300)]
        enrolled = world.enrol(world.enterprise())
        world.settle(world.relayer())
        assert [world.state_of(intent) for intent in anchors] == [State.FINAL] * 3
        assert world.state(enrolled) is State.FINAL
        # The chain forgets: on this engine too everything comes back.
        before = world.snapshot()
        later = world.grow(4)
        world.settle(world.relayer("two", clock=lambda: time.time() + 60))
        world.revert(before)
        assert world.evidence_log().root_at(0, later.size) is None
        world.settle(world.relayer("three", clock=lambda: time.time() + 120))
        assert world.evidence_log().root_at(0, later.size) == later.root


def test_the_fee_does_not_feed_on_what_was_paid_before(world: Any) -> None:
    """Where only we pay, the node proposes what we paid: sixty writes cost per gas what the first did."""
    address = account_address(world.stranger)
    fees = []
    for nonce in range(world.rpc.nonce(address), world.rpc.nonce(address) + 60):
        fees.append(current_fee(world.rpc))
        signed = sign(world.stranger, chain_id=world.engine.chain_id, nonce=nonce, fee=fees[-1], gas=21_000, to=address)
        world.rpc.send_raw(signed.raw)
        world.rpc.wait_for_receipt(signed.hash, deadline=time.monotonic() + 10)
    assert max(fees) <= 2 * fees[0]
