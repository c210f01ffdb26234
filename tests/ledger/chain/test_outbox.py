"""An intent is one row however often it is asked for, in the caller's own transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from ledger.chain import outbox, outbox_batches, outbox_blocks
from ledger.chain.errors import ChainMoved, OutboxConflict
from ledger.chain.intents import AnchorIntent, EnrolIntent, Kind, operation_id
from ledger.chain.ordering import stolen_keys, waiting
from ledger.chain.outbox import State
from ledger.chain.outbox_waiting import pending, what_waits
from ledger.chain.rpc import BlockRef
from ledger.chain.signing import SignedTransaction
from ledger.db.base import Base, Database
from ledger.db.chain_models import OutboxRow

DEPLOYMENT = bytes(range(32))
SIGNED = SignedTransaction(b"raw", bytes(32), 7, 1)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path / 'o.db'}")
    Base.metadata.create_all(made.engine)
    yield made
    made.close()


def anchor(size: int = 5, root: bytes = b"\x01" * 32) -> AnchorIntent:
    return AnchorIntent(0, size, root)


def ask(database: Database, intent: AnchorIntent) -> int:
    with database.write() as session:
        return outbox.enqueue_anchor(session, DEPLOYMENT, intent, now=1)


def state(database: Database, intent: AnchorIntent) -> State | None:
    with database.read() as session:
        return outbox.state_of(session, intent.operation_id(DEPLOYMENT))


def test_the_operation_id_is_the_hash_of_deployment_kind_and_natural_key() -> None:
    key = (3).to_bytes(8, "big") + (9).to_bytes(8, "big")
    expected = hashlib.sha256(DEPLOYMENT + b"anchor" + b"\x00" + key).digest()
    assert AnchorIntent(3, 9, b"\x07" * 32).operation_id(DEPLOYMENT) == expected
    assert operation_id(bytes(32), Kind.ANCHOR, key) != expected
    assert operation_id(DEPLOYMENT, Kind.ENROL, key) != expected
    with pytest.raises(ValueError, match="32 bytes"):
        operation_id(b"short", Kind.ANCHOR, key)


def test_asking_again_is_the_same_row(database: Database) -> None:
    assert ask(database, anchor()) == ask(database, anchor())
    with database.read() as session:
        assert outbox.counts(session)[State.PENDING] == 1


def test_another_root_for_the_same_size_is_a_conflict_and_changes_nothing(database: Database) -> None:
    ask(database, anchor())
    with pytest.raises(OutboxConflict, match=r"outbox\.conflict"):
        ask(database, anchor(root=b"\x02" * 32))
    with database.read() as session:
        (row,) = pending(session, Kind.ANCHOR, limit=9)
    assert "01" * 32 in row.payload


def test_what_the_caller_rolls_back_was_never_asked_for(database: Database) -> None:
    class Failed(Exception):
        pass

    def act() -> None:
        with database.write() as session:
            outbox.enqueue_anchor(session, DEPLOYMENT, anchor(), now=1)
            raise Failed

    with pytest.raises(Failed):
        act()
    assert state(database, anchor()) is None


def test_what_is_in_doubt_is_asked_about_however_much_waits(database: Database) -> None:
    sizes = [ask(database, anchor(size)) for size in range(1, 8)]
    with database.write() as session:
        for row_id in (sizes[1], sizes[6]):
            assert not outbox.doubt(session, row_id, "no", BlockRef(4, bytes(32)), None, now=1)
    with database.read() as session:
        listed = [row.position for row in pending(session, Kind.ANCHOR, limit=3)]
        everything = [row.position for row in pending(session, Kind.ANCHOR, limit=9)]
    # 7 lies beyond what is looked at: what comes before it may not be known.
    assert listed == [1, 3, 4, 2]
    assert everything == [1, 3, 4, 5, 6, 2, 7]


def test_of_a_backlog_it_is_asked_once_which_kinds_it_has(database: Database) -> None:
    """Each kind's own question, of which a look has nine, would read all that waits of the others."""
    rows = [ask(database, anchor(size)) for size in range(1, 4)]
    asked: list[str] = []
    with database.read() as session:
        assert what_waits(session) == ({"anchor"}, set())
        event.listen(session.connection(), "before_cursor_execute", lambda *call: asked.append(call[2]))
        assert [row.position for row in waiting(session, 3)] == [1, 2, 3]
        assert stolen_keys(session, what_waits(session)) == frozenset()
    assert len(asked) == 3, "which kinds, the anchors, and which kinds"
    with database.write() as session:
        assert not outbox.doubt(session, rows[0], "no", BlockRef(4, bytes(32)), None, now=1)
        assert what_waits(session) == ({"anchor"}, {"anchor"})
        outbox_batches.mark_sent(session, rows[1:], b"\x01" * 20, SIGNED, now=2)
        assert what_waits(session) == (set(), {"anchor"})
        assert [row.position for row in pending(session, Kind.ANCHOR, limit=9)] == [1]


def test_anchors_wait_by_size_and_doubtful_ones_last(database: Database) -> None:
    for size in (9, 3, 6):
        ask(database, anchor(size))
    with database.write() as session:
        row = pending(session, Kind.ANCHOR, limit=1)[0]
        assert not outbox.doubt(session, row.id, "no", BlockRef(4, bytes(32)), None, now=1)
    with database.read() as session:
        assert [row.position for row in pending(session, Kind.ANCHOR, limit=9)] == [6, 9, 3]


def test_states_go_forward_with_the_chain_and_back_with_it(database: Database) -> None:
    row = ask(database, anchor())
    op = anchor().operation_id(DEPLOYMENT)
    with database.write() as session:
        outbox_batches.mark_sent(session, [row], b"\x01" * 20, SIGNED, now=2)
    assert state(database, anchor()) is State.SENT
    with database.write() as session:
        assert outbox.mark_mined(session, op, BlockRef(8, bytes(32)), now=3)
        assert outbox_blocks.mark_final(session, BlockRef(7, bytes(32)), now=3) == 0
        assert outbox_blocks.mark_final(session, BlockRef(8, bytes(32)), now=3) == 1
    assert state(database, anchor()) is State.FINAL
    with database.write() as session:
        outbox_blocks.mark_final(session, None, now=4)
    assert state(database, anchor()) is State.MINED
    with database.write() as session:
        assert outbox_blocks.reopen_above(session, 8, now=5) == 0
        assert outbox_blocks.reopen_above(session, 7, now=5) == 1
    assert state(database, anchor()) is State.SENT
    with database.write() as session:
        outbox.release(session, row, "lost", now=6)
    assert state(database, anchor()) is State.PENDING


def test_an_effect_by_somebody_else_goes_back_to_pending(database: Database) -> None:
    ask(database, anchor())
    with database.write() as session:
        outbox.mark_mined(session, anchor().operation_id(DEPLOYMENT), BlockRef(8, bytes(32)), now=3)
        outbox_blocks.reopen_above(session, 7, now=5)
    assert state(database, anchor()) is State.PENDING


def test_what_took_effect_is_not_signed_again(database: Database) -> None:
    row = ask(database, anchor())
    with database.write() as session:
        outbox.mark_mined(session, anchor().operation_id(DEPLOYMENT), BlockRef(8, bytes(32)), now=3)
    with pytest.raises(ChainMoved), database.write() as session:
        outbox_batches.mark_sent(session, [row], b"\x01" * 20, SIGNED, now=4)


def test_a_refusal_beyond_finality_is_reopened_when_its_block_is_gone(database: Database) -> None:
    row = ask(database, anchor())
    with database.write() as session:
        assert outbox.doubt(session, row, "no", BlockRef(4, bytes(32)), BlockRef(4, bytes(32)), now=1)
    assert state(database, anchor()) is State.REFUSED
    with database.write() as session:
        outbox_blocks.reopen_above(session, 3, now=2)
        kept = session.get_one(OutboxRow, row)
        assert (kept.state, kept.doubt_number) == (State.PENDING, None)


@given(epoch=st.integers(0, 2**63 - 1), size=st.integers(1, 2**63 - 1), root=st.binary(min_size=32, max_size=32))
def test_an_anchor_survives_its_payload(epoch: int, size: int, root: bytes) -> None:
    intent = AnchorIntent(epoch, size, root)
    assert AnchorIntent.from_payload(intent.to_payload()) == intent


@pytest.mark.parametrize("bad", [(0, 0, bytes(32)), (-1, 1, bytes(32)), (0, 2**63, bytes(32)), (0, 1, bytes(31))])
def test_what_is_no_anchor_is_refused(bad: tuple[Any, ...]) -> None:
    with pytest.raises(ValueError, match="not an anchor"):
        AnchorIntent(*bad)


def test_an_enrolment_survives_its_payload_and_is_known_by_identifier_and_key() -> None:
    intent = EnrolIntent("88.608.5288/A", 2, None, "group", 1, 3, b"\x01" * 32, b"\x02" * 32, 9)
    assert EnrolIntent.from_payload(intent.to_payload()) == intent
    again = EnrolIntent("88.608.5288/A", 2, None, "group", 1, 3, b"\x01" * 32, b"\x03" * 32, 10)
    other = EnrolIntent("88.608.5288/A", 2, None, "group", 1, 3, b"\x04" * 32, b"\x02" * 32, 9)
    assert again.operation_id(DEPLOYMENT) == intent.operation_id(DEPLOYMENT) != other.operation_id(DEPLOYMENT)
