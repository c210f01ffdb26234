"""Whatever becomes of keys in the log becomes of them on chain: no order of entries leaves the two apart unsaid."""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select

from attestation.encoding import b64url_decode
from attestation.identifiers import account_id
from ledger.chain.contracts import IDENTIFIER_REGISTRY
from ledger.chain.outbox import State
from ledger.chain.rpc import Rpc
from ledger.db.chain_models import ChainEventRow
from ledger.db.identities import IdentityRepository
from ledger.db.log_models import Entry, IdentifierRow, KeyRow, RecoveryRow
from ledger.projection import Projection

from .registry_lives import WORKS, Lives

pytestmark = pytest.mark.chain
_ROUNDS = 25
_WAYS = {"enrol", "add", "rotate", "revoke", "compromise", "propose", "veto", "complete"}
_PENDING, _WITHDRAWN, _COMPLETED = 1, 2, 3
_KINDS = ("none", "park", "enterprise", "device", "verifier", "regulator", "person")


def agree(lives: Lives) -> None:
    """Accounts, keys and recoveries of the log's tables, and what the contract says of each."""
    contract = lives.registry()
    with lives.world.database.read() as session:
        leaves = {entry.index: entry.leaf_hash for entry in session.scalars(select(Entry))}
        for account in session.scalars(select(IdentifierRow)):
            (found,) = contract.view("identifierOf", account_id(account.identifier))
            parent = bytes(32) if account.parent is None else account_id(account.parent)
            assert (_KINDS[found[0]], bytes(found[1])) == (account.kind, parent)
        for row in session.scalars(select(KeyRow)):
            key = contract.key(b64url_decode(row.thumbprint))
            assert key is not None, row.thumbprint
            assert (key.account, key.leaf_hash) == (account_id(row.identifier), leaves[row.activated_index])
            positions = (row.activated_index, row.revoked_index, row.compromised_since)
            assert (key.log_index, key.revoked_index, key.invalid_since) == positions, row.thumbprint
        for recovery in session.scalars(select(RecoveryRow)):
            state = contract.view("recoveryOf", b64url_decode(recovery.thumbprint))[0][6]
            # A veto that only the contract heard leaves the log's proposal open, and never completed.
            heard = {_PENDING, _WITHDRAWN} if _state(recovery) == _PENDING else {_state(recovery)}
            assert state in heard, recovery.thumbprint


def _state(row: RecoveryRow) -> int:
    if row.completed_index is not None:
        return _COMPLETED
    return _PENDING if row.vetoed_index is None else _WITHDRAWN


@pytest.mark.parametrize("seed", [16, 19])
def test_log_and_contract_agree_after_random_lives(world: Any, seed: int) -> None:
    lives = Lives(world, seed)
    relayer = world.relayer(clock=lives.now, settings={"max_in_flight": lives.dice.choice([1, 3, 64])})
    world.settle(relayer, rounds=60)
    for number in itertools.count(1):
        for _ in range(lives.dice.randint(1, 3)):
            lives.submit([lives.line() for _ in range(lives.dice.randint(1, 4))])
        for _ in range(lives.dice.randint(0, 6)):
            relayer.step()
        if lives.proposed and lives.dice.random() < 0.2:
            lives.veto_on_chain()
        if lives.dice.random() < 0.5:
            lives.wait(lives.dice.choice([5, 40, 110]))
        if number >= _ROUNDS and lives.accepted.keys() >= _WAYS:
            break
        assert number < 4 * _ROUNDS, f"the dice never reached {_WAYS - lives.accepted.keys()}"
    lives.wait(110)
    world.settle(relayer, rounds=200)
    assert not world.counts()[State.REFUSED]
    agree(lives)


class Dying(Rpc):
    """A process that ends at its ``fuse``-th request, before the node hears of it or after."""

    def __init__(self, url: str, fuse: int, *, heard: bool) -> None:
        super().__init__(url)
        self._fuse, self._heard = fuse, heard

    def request(self, method: str, *params: Any) -> Any:
        self._fuse -= 1
        if self._fuse == 0 and not self._heard:
            raise KeyboardInterrupt
        answer = super().request(method, *params)
        if self._fuse == 0:
            raise KeyboardInterrupt
        return answer


def test_log_and_contract_agree_wherever_the_relayer_dies(world: Any) -> None:
    """Rounds that end between any two requests, each followed by a relayer that knows the database alone."""
    lives, deaths = Lives(world, 12), 0
    world.settle(world.relayer(clock=lives.now), rounds=60)
    for _ in range(30):
        lives.submit([lives.line() for _ in range(lives.dice.randint(1, 4))])
        for _ in range(lives.dice.randint(1, 3)):
            fuse, heard = lives.dice.randint(1, 40), lives.dice.random() < 0.5
            with contextlib.closing(Dying(world.rpc.url, fuse, heard=heard)) as dying:
                try:
                    world.relayer(clock=lives.now, rpc=dying).step()
                except KeyboardInterrupt:
                    deaths += 1
        if lives.dice.random() < 0.5:
            lives.wait(lives.dice.choice([5, 40, 110]))
    lives.wait(110)
    world.settle(world.relayer(clock=lives.now), rounds=200)
    assert deaths > 10
    assert not world.counts()[State.REFUSED]
    agree(lives)
    with world.database.read() as session:
        events = session.scalars(select(ChainEventRow).where(ChainEventRow.contract == IDENTIFIER_REGISTRY)).all()
    twice = {said: times for said, times in Counter((event.name, event.args) for event in events).items() if times > 1}
    assert (twice, bool(events)) == ({}, True)


def test_a_veto_that_nobody_read_is_not_passed_over(world: Any) -> None:
    """The relayer stood still until after the delay: what was said on chain meanwhile is read first."""
    lives = Lives(world, 5)
    relayer = world.relayer(clock=lives.now)
    lives.submit([("propose", lives.propose(WORKS))])
    world.settle(relayer, rounds=60)
    lives.wait(90)
    assert lives.veto_on_chain()
    lives.wait(60)
    lives.submit([("complete", lives.complete())])
    assert lives.rules == {"recovery.early": 1}
    relayer.step()
    lives.submit([("complete", lives.complete())])
    assert lives.rules == {"recovery.early": 1, "recovery.state": 1}
    agree(lives)


def test_what_is_read_anew_says_nothing_of_vetoes_until_it_is_whole(world: Any) -> None:
    lives = Lives(world, 6)
    relayer = world.relayer(clock=lives.now)
    lives.submit([("propose", lives.propose(WORKS))])
    world.settle(relayer, rounds=60)
    lives.wait(150)
    relayer.step()
    with world.database.read() as session:
        assert IdentityRepository(session).chain_read_at() >= int(lives.now()) - 5
    Projection(world.database, world.rpc, world.deploy(), world.finality).drop()
    lives.submit([("complete", lives.complete())])
    relayer.step()
    lives.submit([("complete", lives.complete())])
    assert (lives.rules, lives.accepted["complete"]) == ({"recovery.not_on_chain": 1}, 1)
