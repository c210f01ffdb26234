"""The life of keys reaches the registry contract: in the order of the log, once, and again if the chain forgets it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import select

from attestation.keys import Algorithm, PrivateKey
from ledger.chain.contracts import IDENTIFIER_REGISTRY, IdentifierRegistry
from ledger.chain.intents import RegistryIntent
from ledger.chain.outbox import State
from ledger.db.chain_models import ChainCompromiseRow, ChainKeyRow, ChainRecoveryRow
from ledger.db.identities import IdentityRepository
from ledger.receipts.chain_view import KeyOnChain
from ledger.records import recovery_on_chain

from ..registry_life import Life, key

pytestmark = pytest.mark.chain


@pytest.fixture
def life(world: Any) -> Life:
    return Life(world.registry_domain)


def ask(world: Any, *intents: RegistryIntent) -> list[bytes]:
    return [world.enrol(intent) for intent in intents]


def registry(world: Any) -> IdentifierRegistry:
    return IdentifierRegistry(world.rpc, world.deploy().addresses[IDENTIFIER_REGISTRY])


def on_chain(world: Any, held: PrivateKey) -> KeyOnChain:
    found = registry(world).key(held.public.thumbprint)
    assert found is not None
    return found


def known(world: Any, proposed: PrivateKey) -> Any:
    with world.database.read() as session:
        row = IdentityRepository(session).recovery_on_chain(proposed.public.kid_name)
        return None if row is None else recovery_on_chain(row)


def test_a_whole_life_asked_for_at_once_takes_effect_in_the_order_of_the_log(world: Any, life: Life) -> None:
    """Each step stands on the one before: out of order the contract would refuse it."""
    ops = ask(
        world,
        *life.everybody(),
        life.add(key(6), by=key(2)),
        life.rotate(key(2), key(7), by=key(6)),
        life.rotate(key(6), key(8, Algorithm.ED25519), by=key(7)),
        life.rotate(key(8, Algorithm.ED25519), key(9, Algorithm.ES256), by=None),
        life.revoke(key(7)),
        life.compromise(key(9, Algorithm.ES256), 10),
    )
    world.settle(world.relayer(), rounds=30)
    assert {world.state(op) for op in ops} <= {State.MINED, State.FINAL}
    spans = [
        (found.log_index, found.revoked_index, found.invalid_since)
        for found in (
            on_chain(world, held)
            for held in (key(2), key(6), key(7), key(8, Algorithm.ED25519), key(9, Algorithm.ES256))
        )
    ]
    assert spans == [(2, 7, None), (6, 8, None), (7, 10, None), (8, 9, None), (9, 11, 10)]
    with world.database.read() as session:
        rows = {row.thumbprint: row for row in session.scalars(select(ChainKeyRow))}
        flagged = session.scalars(select(ChainCompromiseRow)).one()
    assert len(rows) == 9
    assert rows[key(2).public.thumbprint].revoked_index == 7
    assert (flagged.thumbprint, flagged.invalid_since) == (key(9, Algorithm.ES256).public.thumbprint, 10)


def test_a_key_beside_the_holders_without_the_holders_word_is_refused_on_chain(world: Any, life: Life) -> None:
    ask(world, *life.everybody())
    world.settle(world.relayer())
    stranger = key(66)
    (op,) = ask(world, life.add(stranger, by=stranger))
    relayer = world.relayer()
    for _ in range(3):
        relayer.step()
    assert world.state(op) is State.PENDING
    assert "ConsentInvalid" in (world.errors()[0] or "")
    assert registry(world).key(stranger.public.thumbprint) is None


def test_what_the_contract_refuses_does_not_hold_up_what_came_after(world: Any, life: Life) -> None:
    ask(world, *life.everybody())
    _, good = ask(world, life.add(key(66), by=key(66)), life.add(key(6), by=key(2)))
    relayer = world.relayer()
    for _ in range(8):
        relayer.step()
    assert world.state(good) is State.MINED


def test_a_recovery_waits_for_its_delay_and_holds_up_nobody(world: Any, life: Life) -> None:
    """The log completed it; the chain forgot the proposal and took it anew: its clock began again."""
    ask(world, *life.everybody(), life.propose(key(2), key(8)))
    completion, after = ask(world, life.complete(key(8)), life.add(key(6), by=key(2)))
    relayer = world.relayer(clock=lambda: time.time() - 3_600)
    for _ in range(8):
        relayer.step()
    assert (world.state(completion), world.state(after)) == (State.PENDING, State.MINED)
    assert any("RecoveryNotReady" in (error or "") for error in world.errors())
    assert registry(world).key(key(8).public.thumbprint) is None
    world.pass_time(world.parameters.recovery_delay)
    world.settle(relayer)
    assert world.state(completion) is State.MINED
    assert (on_chain(world, key(8)).log_index, on_chain(world, key(2)).revoked_index) == (7, 7)


def test_while_a_recovery_waits_for_its_delay_keys_are_stopped_but_not_replaced(world: Any, life: Life) -> None:
    """A key replaced out of turn could take its word from something that waits; a stolen one must stop at once."""
    ask(world, *life.everybody(), life.add(key(6), by=key(2)), life.propose(key(2), key(8)))
    completion, rotation = ask(world, life.complete(key(8)), life.rotate(key(6), key(7), by=key(2)))
    stolen, second = ask(world, life.compromise(key(6), 7), life.propose(key(8), key(10)))
    relayer = world.relayer(clock=lambda: time.time() - 3_600)
    for _ in range(8):
        relayer.step()
    assert [world.state(op) for op in (completion, rotation, second)] == [State.PENDING] * 3
    assert world.state(stolen) is State.MINED
    assert on_chain(world, key(6)).invalid_since == 7
    world.pass_time(world.parameters.recovery_delay)
    for _ in range(8):
        relayer.step()
    assert [world.state(op) for op in (completion, second)] == [State.MINED] * 2
    assert (on_chain(world, key(2)).revoked_index, on_chain(world, key(8)).log_index) == (8, 8)
    # What stood on the stopped key is refused, and said.
    assert world.state(rotation) is State.PENDING
    assert any("ConsentInvalid" in (error or "") for error in world.errors())


def test_a_due_recovery_is_sent_though_the_last_block_is_old(world: Any, life: Life) -> None:
    """A quiet chain has no block since; by the relayer's clock the delay is over, and the next block will say so."""
    ask(world, *life.everybody(), life.propose(key(2), key(8)))
    world.settle(world.relayer())
    (completion,) = ask(world, life.complete(key(8)))
    world.rpc.request("evm_increaseTime", world.parameters.recovery_delay)
    world.settle(world.relayer(clock=lambda: time.time() + world.parameters.recovery_delay + 1))
    assert world.state(completion) is State.MINED


def test_the_holders_veto_on_chain_is_read_and_the_completion_refused(world: Any, life: Life) -> None:
    ask(world, *life.everybody(), life.propose(key(2), key(8)))
    relayer = world.relayer()
    world.settle(relayer)
    before = known(world, key(8))
    assert before is not None
    assert not before.withdrawn
    assert before.ready_at > time.time() + world.parameters.recovery_delay - 60
    snapshot = world.snapshot()
    veto = life.veto(key(8), by=key(2))
    words = (veto[:32], veto[32:])
    contract = registry(world)
    world.send(world.stranger, contract.address, contract.data("vetoRecovery", key(8).public.thumbprint, words))
    relayer.step()
    assert known(world, key(8)).withdrawn
    with world.database.read() as session:
        assert session.scalars(select(ChainRecoveryRow.vetoed_by)).one() == key(2).public.evm_address
    # The log's own veto comes later, and says the same.
    (cancel, completion) = ask(world, life.cancel(key(8)), life.complete(key(8)))
    for _ in range(4):
        relayer.step()
    assert (world.state(cancel), world.state(completion)) == (State.MINED, State.PENDING)
    assert any("RecoveryNotPending" in (error or "") for error in world.errors())
    world.revert(snapshot)
    relayer.step()
    with world.database.read() as session:
        row = session.scalars(select(ChainRecoveryRow)).one()
        assert (row.vetoed_by, row.vetoed_number) == (None, None)


def test_a_chain_that_forgot_everything_hears_it_all_again(world: Any, life: Life) -> None:
    ops = ask(
        world,
        *life.everybody(),
        life.add(key(6), by=key(2)),
        life.compromise(key(6), 6),
        life.propose(key(6), key(8)),
    )
    relayer = world.relayer()
    world.settle(relayer)
    before = [on_chain(world, key(seed)) for seed in (1, 2, 3, 4, 5, 6)]
    world.forget_everything()
    world.settle(relayer, rounds=40)
    assert {world.state(op) for op in ops} <= {State.MINED, State.FINAL}
    assert [on_chain(world, key(seed)) for seed in (1, 2, 3, 4, 5, 6)] == before
    assert on_chain(world, key(2)).account == on_chain(world, key(6)).account
