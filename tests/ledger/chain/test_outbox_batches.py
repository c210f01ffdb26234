"""One signed transaction of several intents is stored once, and is theirs together."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.chain import outbox, outbox_batches
from ledger.chain.errors import ChainMoved
from ledger.chain.intents import AnchorIntent
from ledger.chain.outbox import State
from ledger.chain.rpc import BlockRef
from ledger.chain.signing import SignedTransaction
from ledger.db.base import Base, Database
from ledger.db.batch_models import SentBatchRow
from ledger.db.chain_models import OutboxRow

SENDER = b"\x01" * 20


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'o.db'}")
    Base.metadata.create_all(made.engine)
    yield made
    made.close()


def ask(database: Database, count: int) -> list[int]:
    intents = [AnchorIntent(0, size, b"\x01" * 32) for size in range(1, count + 1)]
    with database.write() as session:
        return [outbox.enqueue_anchor(session, bytes(32), intent, now=1) for intent in intents]


def signed(nonce: int) -> SignedTransaction:
    return SignedTransaction(b"bytes %d" % nonce, bytes([nonce]) * 32, nonce, 5)


def keep(database: Database, ids: list[int], nonce: int) -> None:
    with database.write() as session:
        outbox_batches.mark_sent(session, ids, SENDER, signed(nonce), now=2)


def rows(database: Database) -> list[OutboxRow]:
    with database.read() as session:
        return list(session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_the_bytes_are_there_once_and_found_for_each(database: Database) -> None:
    ids = ask(database, 4)
    keep(database, ids[:3], 7)
    keep(database, ids[3:], 8)
    with database.read() as session:
        assert list(session.scalars(select(SentBatchRow.raw_tx))) == [b"bytes 7"]
        found = outbox_batches.sent(session, transactions=9)
        assert outbox_batches.raw_transactions(session, found) == {signed(n).hash: signed(n).raw for n in (7, 8)}
    assert [(row.state, row.nonce, row.attempts) for row in found] == [("sent", n, 1) for n in (7, 7, 7, 8)]


def test_so_many_transactions_are_looked_at_with_all_that_they_carry(database: Database) -> None:
    ids = ask(database, 6)
    for nonce, some in ((3, ids[4:]), (1, ids[:2]), (2, ids[2:4])):
        keep(database, some, nonce)
    with database.read() as session:
        assert [row.nonce for row in outbox_batches.sent(session, transactions=2)] == [1, 1, 2, 2]
        assert outbox_batches.sent(session, transactions=0) == []


def test_nothing_is_kept_where_one_of_them_does_not_wait_any_more(database: Database) -> None:
    ids = ask(database, 3)
    with database.write() as session:
        taken = session.get_one(OutboxRow, ids[1])
        outbox.mark_mined(session, taken.op_id, BlockRef(1, bytes(32)), now=1)
    with pytest.raises(ChainMoved, match=rf"row {ids[1]}"):
        keep(database, ids, 7)
    assert [row.state for row in rows(database)] == [State.PENDING, State.MINED, State.PENDING]
    with database.read() as session:
        assert session.scalars(select(SentBatchRow)).all() == []


def test_one_is_given_up_by_itself(database: Database) -> None:
    """What a batch did not settle is signed anew; what it did stays its own, and comes back with the same bytes."""
    ids = ask(database, 3)
    keep(database, ids, 7)
    with database.write() as session:
        outbox.release(session, ids[0], "without effect", now=3)
    first, *others = rows(database)
    assert (first.state, first.raw_tx, first.tx_hash) == (State.PENDING, None, None)
    assert [(row.state, row.tx_hash) for row in others] == [(State.SENT, signed(7).hash)] * 2
    with database.read() as session:
        assert outbox_batches.raw_transactions(session, others) == {signed(7).hash: b"bytes 7"}


def test_what_was_in_doubt_is_not_any_more_when_it_is_sent(database: Database) -> None:
    ids = ask(database, 2)
    with database.write() as session:
        outbox.doubt(session, ids[0], "refused", BlockRef(5, bytes(32)), None, now=1)
    keep(database, ids, 7)
    assert [row.doubt_number for row in rows(database)] == [None, None]


def test_given_up_and_signed_to_the_same_bytes_again_they_are_sent_again(database: Database) -> None:
    """A batch of which nothing was settled is given up; the chain forgets its block and what it was refused for: the
    same fills at the same nonce for the same fee."""
    ids = ask(database, 2)
    keep(database, ids, 7)
    with database.write() as session:
        for number in ids:
            outbox.release(session, number, "without effect", now=3)
    keep(database, ids, 7)
    with database.read() as session:
        found = outbox_batches.sent(session, transactions=1)
        assert [(row.id, row.attempts) for row in found] == [(number, 2) for number in ids]
        assert outbox_batches.raw_transactions(session, found) == {signed(7).hash: b"bytes 7"}
        assert len(session.scalars(select(SentBatchRow)).all()) == 1
