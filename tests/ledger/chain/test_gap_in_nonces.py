"""A nonce that went missing is filled, however many transactions stand behind it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from ledger.chain import outbox
from ledger.chain.outbox import State
from ledger.db.chain_models import OutboxRow

pytestmark = pytest.mark.chain


def test_more_behind_a_gap_than_a_round_looks_at_go_out_anew(world: Any) -> None:
    """What stays on its way would push every new nonce behind it, and the gap would never close."""
    relayer = world.relayer(settings={"max_in_flight": 2})
    relayer.step()
    before = world.snapshot()
    ops = [world.enrol(world.enterprise(f"88.608.5288/E{number}")) for number in range(7)]
    world.settle(relayer)
    world.revert(before)
    # The first of them had been done by a transaction that is not kept, as one that reverted and was signed anew.
    with world.database.write() as session:
        forgotten = {"raw_tx": None, "tx_hash": None, "nonce": None, "sender": None}
        session.execute(update(OutboxRow).where(OutboxRow.op_id == ops[0]).values(**forgotten))
    world.settle(relayer, rounds=20)
    assert {world.state(op) for op in ops} == {State.MINED}
    with world.database.read() as session:
        assert outbox.counts(session)[State.SENT] == 0
