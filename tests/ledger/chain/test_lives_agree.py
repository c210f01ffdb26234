"""Whatever becomes of keys in the log becomes of them on chain: no order of entries leaves the two apart unsaid."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from sqlalchemy import select

from attestation.encoding import b64url_decode
from attestation.identifiers import account_id
from ledger.chain.outbox import State
from ledger.db.log_models import Entry, IdentifierRow, KeyRow, RecoveryRow

from .registry_lives import Lives

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
        if lives.proposed and lives.dice.random() < 0.2 and lives.veto_on_chain():
            relayer.step()
        if lives.dice.random() < 0.5:
            lives.wait(lives.dice.choice([5, 40, 110]))
        if number >= _ROUNDS and lives.accepted.keys() >= _WAYS:
            break
        assert number < 4 * _ROUNDS, f"the dice never reached {_WAYS - lives.accepted.keys()}"
    lives.wait(110)
    world.settle(relayer, rounds=200)
    assert not world.counts()[State.REFUSED]
    agree(lives)
