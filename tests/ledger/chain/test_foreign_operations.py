"""An operation id that a holder chooses takes the place of nothing that is asked of other contracts.

What the registrar asks for has ids that anybody can compute beforehand (docs/design.md §5): the next head's anchor, a
tie, the end of a key. A holder's `op_id` is whatever it signs.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from sqlalchemy import select

from attestation.asset_messages import Cancel, CancelByOrder
from attestation.assets import quota_of
from attestation.identifiers import account_id
from ledger.chain import outbox
from ledger.chain.asset_intents import SignedIntent
from ledger.chain.emission_intents import TieIntent
from ledger.chain.errors import OutboxConflict
from ledger.chain.finality import Confirmations
from ledger.chain.intents import AnchorIntent, EnrolIntent, Kind
from ledger.chain.outbox import State
from ledger.chain.rpc import BlockRef
from ledger.db.base import Database
from ledger.db.chain_models import OutboxRow
from ledger.db.log_models import LogState
from ledger.db.migrate import configuration, upgrade

from ..chained_units import STEEL, TILES, YEAR, Chained

DEPLOYMENT = bytes(range(32))
ANCHOR = AnchorIntent(0, 5, bytes([1] * 32))
TIE = TieIntent(leaf_hash=bytes([2] * 32), log_index=3, a=STEEL, b=TILES)
KEY = EnrolIntent(
    identifier=STEEL, kind=2, parent=None, group=None, algorithm=1, purposes=2, public_key=bytes([5] * 32),
    leaf_hash=bytes([6] * 32), log_index=1,
)  # fmt: skip
WORD = bytes(63) + b"\x01"


def own(op_id: bytes) -> SignedIntent:
    message = Cancel(op_id, account_id(STEEL), quota_of(YEAR), 1, 2_000_000_000)
    return SignedIntent(bytes([9] * 32), 9, message, (WORD,))


def ordered(op_id: bytes) -> SignedIntent:
    message = CancelByOrder(op_id, account_id(STEEL), quota_of(YEAR), 1, bytes([7] * 32))
    return SignedIntent(bytes([8] * 32), 10, message, (WORD, WORD))


def squat(database: Database, op_id: bytes) -> None:
    with database.write() as session:
        outbox.enqueue_asset(session, DEPLOYMENT, own(op_id), now=1)


def told(database: Database, op_id: bytes) -> dict[str, str]:
    with database.read() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.op_id == op_id))
        return {row.kind: row.state for row in rows}


def test_what_a_holder_calls_its_operation_keeps_no_anchor_tie_or_key_from_the_chain(database: Database) -> None:
    for intent in (ANCHOR, TIE, KEY):
        squat(database, intent.operation_id(DEPLOYMENT))
    with database.write() as session:
        outbox.enqueue_anchor(session, DEPLOYMENT, ANCHOR, now=2)
        outbox.enqueue_emission(session, DEPLOYMENT, TIE, now=2)
        outbox.enqueue_key(session, DEPLOYMENT, KEY, now=2)
    for intent, kind in ((ANCHOR, Kind.ANCHOR), (TIE, Kind.TIE), (KEY, Kind.ENROL)):
        both = dict.fromkeys((Kind.CANCEL_UNITS.value, kind.value), State.PENDING.value)
        assert told(database, intent.operation_id(DEPLOYMENT)) == both


def test_an_effect_is_that_of_the_contract_which_tells_it(database: Database) -> None:
    op_id = ANCHOR.operation_id(DEPLOYMENT)
    squat(database, op_id)
    with database.write() as session:
        outbox.enqueue_anchor(session, DEPLOYMENT, ANCHOR, now=2)
        assert outbox.mark_mined(session, op_id, BlockRef(7, bytes(32)), now=3, kinds=(Kind.ANCHOR,))
    assert told(database, op_id) == {Kind.CANCEL_UNITS.value: State.PENDING.value, Kind.ANCHOR.value: State.MINED.value}


def test_about_units_an_operation_is_one_whatever_it_does(database: Database) -> None:
    """The log refuses the second (``operation.used``); what reaches the outbox all the same is a fault."""
    op_id = bytes([3] * 32)
    squat(database, op_id)
    with pytest.raises(OutboxConflict, match="already stands for something else"), database.write() as session:
        outbox.enqueue_asset(session, DEPLOYMENT, ordered(op_id), now=2)
    assert told(database, op_id) == {Kind.CANCEL_UNITS.value: State.PENDING.value}


def test_what_the_release_before_asked_for_is_asked_for_still(database: Database) -> None:
    with database.write() as session:
        outbox.enqueue_anchor(session, DEPLOYMENT, ANCHOR, now=2)
        outbox.enqueue_key(session, DEPLOYMENT, KEY, now=2)
    query = select(*OutboxRow.__table__.columns).order_by(OutboxRow.id)
    with database.read() as session:
        before = session.execute(query).all()
    command.downgrade(configuration(database), "0020")
    upgrade(database)
    with database.read() as session:
        assert session.execute(query).all() == before != []


@pytest.mark.chain
def test_the_next_head_is_anchored_whatever_holders_call_their_operations(
    make_world: Callable[..., Any], engine: Any
) -> None:
    """A unit's owner could else end the anchoring of everybody's evidence, at the price of a tonne."""
    chained = Chained(make_world(engine, finality=Confirmations(1))).opened()
    chained.settle()
    with chained.world.database.read() as session:
        size = session.get_one(LogState, 1).next_index + 1
    anchor = AnchorIntent(0, size, bytes(32)).operation_id(chained.world.deployment_id)
    chained.units.say(chained.units.cancel_own(7, op_id=anchor.hex()))
    assert chained.memory.next_index == size
    chained.settle()
    assert told(chained.world.database, anchor) == {
        Kind.CANCEL_UNITS.value: State.FINAL.value,
        Kind.ANCHOR.value: State.FINAL.value,
    }
    assert chained.holds(STEEL, quota_of(YEAR)) == (1_993, 0, 0)
